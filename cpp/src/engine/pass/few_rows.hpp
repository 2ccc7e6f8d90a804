#pragma once

#include "kernels/args.hpp"
#include "localgrad/network.hpp"

namespace localgrad {

/// (F) for one row at a time, from the network's own buffer and on the stack: nothing is allocated or packed,
/// which for a row or two would take longer than the sums.
template <class T>
class FewRows {
 public:
  static constexpr Index kMost = 4;  ///< rows from which tiles of several rows pay

  /// Whether the widths of the network fit the buffers.
  static bool fits(const Network<T>& network);

  FewRows(const Network<T>& network, const Kernels<T>& kernels) : network_(network), kernels_(kernels) {}

  T* x() { return buffers_[0]; }  ///< where the row is to be put
  const T* forward();             ///< a^L of the row in x(), which it overwrites

 private:
  static constexpr Index kNumbers = 2048;  ///< of a buffer
  const Network<T>& network_;
  const Kernels<T>& kernels_;
  alignas(64) T buffers_[2][kNumbers];
};

extern template class FewRows<float>;
extern template class FewRows<double>;

}  // namespace localgrad
