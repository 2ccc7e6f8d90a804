#pragma once

#include <utility>
#include <vector>

#include "engine/jacobian/output_derivatives.hpp"
#include "engine/pass/layer_call.hpp"
#include "model/buffer.hpp"

namespace localgrad {

/// Derivatives of combinations of the outputs of one example with respect to its inputs: (D2) for all
/// combinations at once, as a product of the layers' matrices with the weights in the network's own buffer.
/// For a few examples it is faster than a Pass, which packs the weights. Results are the same, bit for bit.
template <class T>
class LayerProduct {
 public:
  /// Creates buffers for `columns` combinations.
  LayerProduct(const OutputDerivatives<T>& of, Index columns);

  /// Computes (F) of a row of x. Returns false if a number is not finite.
  bool forward(const Rows& x, std::size_t row);
  /// Memory for the derivatives of one combination with respect to a^L, m_L numbers.
  T* seed() { return seed_; }
  /// Sets combination c of the example to that of seed(), whose contents are changed.
  void set(Index c);
  /// Sets each combination to one output. There must be m_L columns.
  void set_units();
  /// Computes the derivatives with respect to x of all combinations, to be read by copy_inputs().
  void pull_back();
  void copy_inputs(Index c, T* out) const;

 private:
  struct Layer {
    LayerCall<T> call;
    T *a, *z;  // a^l is followed by a 1 and zeros; z is replaced by phi'(z) in hidden layers
  };
  Index width(std::size_t l) const { return static_cast<Index>(network_.sizes()[l]); }

  const OutputDerivatives<T>& of_;
  const Network<T>& network_;
  const Kernels<T>& kernels_;
  const Index columns_, stride_;
  Buffer<T> numbers_;
  std::vector<Layer> layers_;
  T *x_, *seed_;
  T *from_, *to_;  // one row per unit: its derivatives, one for each combination
};

#define LOCALGRAD_FOR(T) extern template class LayerProduct<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
