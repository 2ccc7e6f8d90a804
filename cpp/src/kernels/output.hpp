#pragma once

#include "functions/costs.hpp"
#include "kernels/args.hpp"
#include "kernels/epilogues.hpp"
#include "kernels/lanes.hpp"

namespace localgrad {
namespace {

/// delta = grad c * phi'(z), unit by unit (D1); for a fused pair phi' cancels and leaves a - y. Returns the terms of (C).
template <class S, class Cost, class Output>
LOCALGRAD_INLINE typename S::V unit_terms(typename S::V z, typename S::V a, typename S::V y,
                                          typename S::V& delta) {
  if constexpr (Cost::template kFused<Output>) {
    delta = a - y;
    return Cost::template term_of_z<S>(z, y);
  } else {
    delta = Cost::template gradient<S, Output>(a, y) * Output::template derivative<S>(z, a);
    return Cost::template term<S>(a, y);
  }
}

template <class S, class Cost, class Output>
LOCALGRAD_INLINE typename S::V unit_row(Index width, const typename S::T* z, const typename S::T* a,
                                        const typename S::T* y, typename S::T* delta) {
  VirtualLanes<S> cost;
  cost.add(width, [&](Index c) {
    typename S::V d;
    const auto term = unit_terms<S, Cost, Output>(S::load(z + c), S::load(a + c), S::load(y + c), d);
    store_first<S>(delta + c, d, width - c);
    return term;
  });
  return cost.one();
}

/// Softmax: (D1) is the product with the transposed Jacobian, delta_j = a_j (g_j - sum_k g_k a_k), g = grad c.
template <class S, class Cost>
LOCALGRAD_INLINE typename S::V softmax_row(Index width, const typename S::T* a, const typename S::T* y,
                                           typename S::T* delta) {
  VirtualLanes<S> cost, inner;
  cost.add(width, [&](Index c) { return Cost::template term<S>(S::load(a + c), S::load(y + c)); });
  inner.add(width, [&](Index c) {
    const auto ac = S::load(a + c);
    return Cost::template gradient<S, Softmax>(ac, S::load(y + c)) * ac;
  });
  const auto mean = S::broadcast(fold<S>(inner.one()));
  for (Index c = 0; c < width; c += S::kLanes) {
    const auto ac = S::load(a + c);
    const auto slope = Cost::template gradient<S, Softmax>(ac, S::load(y + c));
    store_first<S>(delta + c, ac * (slope - mean), width - c);
  }
  return cost.one();
}

/// Softmax with cross-entropy: c = sum_k y_k (log sum_j e^z_j - z_k), and the Jacobian collapses (D1) to a sum(y) - y. The
/// largest a is e^0 over the sum of softmax, so that log sum_j e^z_j = max z - log max a costs one logarithm.
template <class S>
LOCALGRAD_INLINE typename S::V softmax_cross_entropy_row(Index width, const typename S::T* z,
                                                         const typename S::T* a, const typename S::T* y,
                                                         typename S::T* delta) {
  const auto log_sum = S::broadcast(row_max<S>(width, z)) - log<S>(S::broadcast(row_max<S>(width, a)));
  VirtualLanes<S> cost, mass;
  cost.add(width, [&](Index c) { return S::load(y + c) * (log_sum - S::load(z + c)); });
  mass.add(width, [&](Index c) { return S::load(y + c); });
  const auto total = S::broadcast(fold<S>(mass.one()));
  for (Index c = 0; c < width; c += S::kLanes)
    store_first<S>(delta + c, S::load(a + c) * total - S::load(y + c), width - c);
  return cost.one();
}

/// Calls row(r), which gives the cost of row r as the lanes of a sum, for all rows, and totals kLanes of them at a time.
template <class S, class Row>
LOCALGRAD_INLINE void total_costs(Index rows, double* cost, const Row& row) {
  for (Index first = 0; first < rows; first += S::kLanes) {
    const Index count = rows - first < S::kLanes ? rows - first : S::kLanes;
    typename S::V sums[S::kLanes];
    typename S::T total[S::kLanes];
    for (Index i = 0; i < S::kLanes; ++i) sums[i] = i < count ? row(first + i) : S::broadcast(0);
    S::store(total, fold_all<S>(sums));
    for (Index i = 0; i < count; ++i) cost[first + i] = total[i];
  }
}

/// (D1) and (C) where kLanes holds whole rows, one behind the other (see narrow.hpp): lanes are rows and units alike.
template <class S, class Cost, class Output>
LOCALGRAD_INLINE void output_flat(const OutputArgs<typename S::T>& o) {
  const Index n = o.rows * o.width;
  for (Index i = 0; i < n; i += S::kLanes) {
    typename S::T term[S::kLanes], z[S::kLanes], a[S::kLanes], y[S::kLanes];
    typename S::V delta;
    const Index count = n - i < S::kLanes ? n - i : S::kLanes;
    for (Index c = 0; c < S::kLanes; ++c) {
      const Index from = i + (c < count ? c : 0);
      z[c] = o.z[from];
      a[c] = o.a[from];
      y[c] = o.y[from];
    }
    S::store(term, unit_terms<S, Cost, Output>(S::load(z), S::load(a), S::load(y), delta));
    for (Index c = 0; c < count; ++c) o.delta[i + c] = delta[c];
    for (Index c = 0; c < count; c += o.width) {
      auto sum = term[c];
      for (Index j = 1; j < o.width; ++j) sum += term[c + j];
      o.cost[(i + c) / o.width] = sum;
    }
  }
}

/// (D1) and (C) of every row.
template <class S, class Cost, class Output>
void output(const OutputArgs<typename S::T>& o) {
  if constexpr (!kSame<Output, Softmax>)
    if (o.stride == o.width) return output_flat<S, Cost, Output>(o);
  total_costs<S>(o.rows, o.cost, [&](Index r) {
    const auto *z = o.z + r * o.stride, *a = o.a + r * o.stride, *y = o.y + r * o.stride;
    auto* delta = o.delta + r * o.stride;
    if constexpr (!kSame<Output, Softmax>)
      return unit_row<S, Cost, Output>(o.width, z, a, y, delta);
    else if constexpr (kSame<Cost, CrossEntropy>)
      return softmax_cross_entropy_row<S>(o.width, z, a, y, delta);
    else
      return softmax_row<S, Cost>(o.width, a, y, delta);
  });
}

}  // namespace
}  // namespace localgrad
