#pragma once

#include "engine/curvature/second_derivatives.hpp"
#include "localgrad/curvature.hpp"
#include "model/buffer.hpp"
#include "model/network_functions.hpp"

namespace localgrad {

/// One example at the output layer: z, a in the units of the targets, and its target, which may be followed
/// by other numbers; and memory for three rows of size() numbers.
template <class T>
struct OutputRow {
  const T *z, *a, *y;
  T* scratch;
};

/// The second derivatives of the cost of an example with respect to z of the output layer.
template <class T>
class OutputCurvature {
 public:
  /// Throws std::invalid_argument for a custom cost.
  OutputCurvature(const Network<T>& network, const Kernels<T>& kernels, Curvature matrix);

  /// Size of a row of scratch memory.
  Index size() const { return size_; }
  /// Replaces t by the product of the matrix and t.
  void multiply(const OutputRow<T>& row, T* t) const;
  /// For gauss_newton: writes row k of a matrix F with F^T F = B, in terms of z.
  void factor(const OutputRow<T>& row, Index k, T* f) const;

 private:
  void chain(T* t) const {
    if (standards_) standards_->chain(t);
  }
  void prepare(const OutputRow<T>& row) const;
  void multiply_pairs(const OutputRow<T>& row, T* t) const;
  void multiply_apart(const OutputRow<T>& row, T* t) const;
  void multiply_softmax(const OutputRow<T>& row, T* t) const;
  T* slopes(const OutputRow<T>& row) const { return row.scratch; }              ///< phi'
  T* seconds(const OutputRow<T>& row) const { return row.scratch + size_; }     ///< c''
  T* firsts(const OutputRow<T>& row) const { return row.scratch + 2 * size_; }  ///< c'

  const Kernels<T>& kernels_;
  const bool hessian_;
  const Cost cost_;
  const Activation output_;
  const CurvedIn curved_in_;
  const Index width_, size_;
  const T phi_;
  Buffer<T> parameters_;
  std::shared_ptr<const Standards<T>> standards_;
};

#define LOCALGRAD_FOR(T) extern template class OutputCurvature<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
