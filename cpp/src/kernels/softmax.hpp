#pragma once

#include "functions/costs.hpp"
#include "kernels/lanes.hpp"

namespace localgrad {
namespace {

/// Computes a_j = e^(z_j - max z) / sum_k e^(z_k - max z) of one row, in place. The shift prevents overflow
/// and does not change a.
template <class S>
LOCALGRAD_INLINE void softmax(Index width, typename S::T* a) {
  const auto most = S::broadcast(row_max<S>(width, a));
  VirtualLanes<S> sum;
  sum.add(width, [&](Index c) {
    const auto e = exp_of_negative<S>(S::load(a + c) - most);
    const Index left = width - c;
    if (left >= S::kLanes)
      S::store(a + c, e);
    else
      S::store_partial(a + c, e, left);
    return e;
  });
  const auto total = S::broadcast(fold<S>(sum.one()));
  for (Index c = 0; c < width; c += S::kLanes) {
    const auto value = S::load(a + c) / total;
    if (width - c >= S::kLanes)
      S::store(a + c, value);
    else
      S::store_partial(a + c, value, width - c);
  }
}

}  // namespace
}  // namespace localgrad
