#pragma once

#include "functions/costs.hpp"
#include "kernels/args.hpp"
#include "kernels/lanes.hpp"

namespace localgrad {
namespace {

template <class S>
LOCALGRAD_INLINE void store_row(typename S::T* row, Index c, Index width, typename S::V v) {
  if (width - c >= S::kLanes)
    S::store(row + c, v);
  else
    S::store_partial(row + c, v, width - c);
}

/// delta = grad c * phi'(z), unit by unit (D1); for a fused pair phi' cancels and leaves a - y.
template <class S, class Cost, class Output>
LOCALGRAD_INLINE typename S::T unit_row(Index width, const typename S::T* z, const typename S::T* a,
                                        const typename S::T* y, typename S::T* delta) {
  RowSum<S> cost;
  cost.add(width, [&](Index c) {
    const auto zc = S::load(z + c), ac = S::load(a + c), yc = S::load(y + c);
    if constexpr (Cost::template kFused<Output>) {
      store_row<S>(delta, c, width, ac - yc);
      return Cost::template term_of_z<S>(zc, yc);
    } else {
      const auto slope = Cost::template gradient<S, Output>(ac, yc);
      store_row<S>(delta, c, width, slope * Output::template derivative<S>(zc, ac));
      return Cost::template term<S>(ac, yc);
    }
  });
  return cost.total();
}

/// Softmax: (D1) is the product with the transposed Jacobian, delta_j = a_j (g_j - sum_k g_k a_k), g = grad c.
template <class S, class Cost>
LOCALGRAD_INLINE typename S::T softmax_row(Index width, const typename S::T* a, const typename S::T* y,
                                           typename S::T* delta) {
  RowSum<S> cost, inner;
  cost.add(width, [&](Index c) { return Cost::template term<S>(S::load(a + c), S::load(y + c)); });
  inner.add(width, [&](Index c) {
    const auto ac = S::load(a + c);
    return Cost::template gradient<S, Softmax>(ac, S::load(y + c)) * ac;
  });
  const auto mean = S::broadcast(inner.total());
  for (Index c = 0; c < width; c += S::kLanes) {
    const auto ac = S::load(a + c);
    const auto slope = Cost::template gradient<S, Softmax>(ac, S::load(y + c));
    store_row<S>(delta, c, width, ac * (slope - mean));
  }
  return cost.total();
}

/// Softmax with cross-entropy: c = sum_k y_k (log sum_j e^z_j - z_k), and the Jacobian collapses (D1) to a sum(y) - y. The
/// largest a is e^0 over the sum of softmax, so that log sum_j e^z_j = max z - log max a costs one logarithm.
template <class S>
LOCALGRAD_INLINE typename S::T softmax_cross_entropy_row(Index width, const typename S::T* z,
                                                         const typename S::T* a, const typename S::T* y,
                                                         typename S::T* delta) {
  const auto log_sum = S::broadcast(row_max<S>(width, z)) - log<S>(S::broadcast(row_max<S>(width, a)));
  RowSum<S> cost, mass;
  cost.add(width, [&](Index c) { return S::load(y + c) * (log_sum - S::load(z + c)); });
  mass.add(width, [&](Index c) { return S::load(y + c); });
  const auto total = S::broadcast(mass.total());
  for (Index c = 0; c < width; c += S::kLanes)
    store_row<S>(delta, c, width, S::load(a + c) * total - S::load(y + c));
  return cost.total();
}

/// (D1) and (C) of every row.
template <class S, class Cost, class Output>
void output(const OutputArgs<typename S::T>& o) {
  for (Index r = 0; r < o.rows; ++r) {
    const auto *z = o.z + r * o.stride, *a = o.a + r * o.stride, *y = o.y + r * o.y_stride;
    auto* delta = o.delta + r * o.delta_stride;
    if constexpr (!kSame<Output, Softmax>)
      o.cost[r] = unit_row<S, Cost, Output>(o.width, z, a, y, delta);
    else if constexpr (kSame<Cost, CrossEntropy>)
      o.cost[r] = softmax_cross_entropy_row<S>(o.width, z, a, y, delta);
    else
      o.cost[r] = softmax_row<S, Cost>(o.width, a, y, delta);
  }
}

}  // namespace
}  // namespace localgrad
