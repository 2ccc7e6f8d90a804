#pragma once

#include "kernels/args.hpp"
#include "localgrad/network.hpp"

namespace localgrad {

/// (F) for one row at a time, with weights in the network's own buffer and activations on the stack. Nothing
/// is allocated or packed, which would take longer than computing one or two rows.
template <class T>
class FewRows {
 public:
  static constexpr Index kMost = 4;  ///< from this number of rows on, tiles of several rows are faster

  /// Whether the layers of the network fit into the buffers.
  static bool fits(const Network<T>& network);

  FewRows(const Network<T>& network, const Kernels<T>& kernels) : network_(network), kernels_(kernels) {}

  T* x() { return buffers_[0]; }  ///< the row, to be written by the caller
  const T* forward();             ///< computes and returns a^L of the row in x(), which is overwritten

 private:
  static constexpr Index kNumbers = 2048;  ///< size of a buffer
  const Network<T>& network_;
  const Kernels<T>& kernels_;
  alignas(64) T buffers_[2][kNumbers];
};

#define LOCALGRAD_FOR(T) extern template class FewRows<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
