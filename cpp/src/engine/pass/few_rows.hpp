#pragma once

#include "kernels/args.hpp"
#include "localgrad/network.hpp"

namespace localgrad {

/// (F) for a few rows, with weights in the network's own buffer and activations on the stack. Nothing is
/// allocated, and only the weights of narrow.hpp are packed: packing takes longer than computing a few rows.
template <class T>
class FewRows {
 public:
  /// Whether the activations of this number of rows fit into the buffers.
  static bool fits(const Network<T>& network, Index rows);

  FewRows(const Network<T>& network, const Kernels<T>& kernels);

  /// Row r, to be written by the caller.
  T* x(Index r) { return buffers_[0] + r * stride_; }
  /// Computes a^L of the rows in x(), which are overwritten.
  void forward(Index rows);
  /// a^L of row r.
  T* a(Index r) { return result_ + r * result_stride_; }

 private:
  static constexpr Index kNumbers = 2048;  // size of a buffer
  static Index stride_of(const Network<T>& network);
  const Network<T>& network_;
  const Kernels<T>& kernels_;
  Index stride_, result_stride_ = 0;
  T* result_ = nullptr;
  alignas(64) T buffers_[2][kNumbers];
};

extern template class FewRows<float>;
extern template class FewRows<double>;

}  // namespace localgrad
