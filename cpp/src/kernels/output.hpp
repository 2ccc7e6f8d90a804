#pragma once

#include "functions/costs.hpp"
#include "kernels/args.hpp"
#include "kernels/epilogues.hpp"
#include "kernels/lanes.hpp"

namespace localgrad {
namespace {

/// Computes the term of (C) of one unit and its delta: by (D1), or only dc/da if the cost has Form::apart.
template <class S, class Cost, class Output>
LOCALGRAD_INLINE typename S::V unit_terms(typename S::V z, typename S::V a, typename S::V y, typename S::V p,
                                          typename S::V phi, typename S::V& delta) {
  constexpr Form form = Cost::template kForm<Output>;
  if constexpr (form == Form::pair) {
    return Cost::template pair<Output>(z, a, y, p, delta);
  } else {
    delta = Cost::template gradient<Output>(a, y, p);
    if constexpr (form == Form::joint) delta = delta * Output::derivative(z, a, phi);
    return Cost::term(a, y, p);
  }
}

template <class S, class Cost, class Output>
LOCALGRAD_INLINE typename S::V unit_row(const OutputArgs<typename S::T>& o, const typename S::T* z,
                                        const typename S::T* a, const typename S::T* y,
                                        typename S::T* delta) {
  const Index width = o.width;
  const auto* parameters = o.parameters;
  const auto phi = S::broadcast(o.phi);
  VirtualLanes<S> cost;
  cost.add(width, [&](Index c) {
    typename S::V d;
    const auto term = unit_terms<S, Cost, Output>(S::load(z + c), S::load(a + c), S::load(y + c),
                                                  S::load(parameters + c), phi, d);
    store_first<S>(delta + c, d, width - c);
    return term;
  });
  return cost.one();
}

/// A cost with Form::row, see costs.hpp.
template <class S, class Cost, class Output>
struct WholeRow;

/// Softmax with cross-entropy: c = sum_k y_k (log sum_j e^z_j - z_k). With the Jacobian of softmax, (D1)
/// simplifies to delta = a sum(y) - y.
///
/// The largest a is e^0 divided by the sum of softmax, so that log sum_j e^z_j = max z - log max a takes only
/// one logarithm. max z - z_k is computed first, because large logits would absorb the other term. It is
/// halved, so that it cannot overflow and its product with 0 is 0.
template <class S>
struct WholeRow<S, CrossEntropy<S>, Softmax<S>> {
  using T = typename S::T;
  static LOCALGRAD_INLINE typename S::V cost(Index width, const T* z, const T* a, const T* y, T* delta) {
    const auto half = S::broadcast(T(0.5)), most = half * S::broadcast(row_max<S>(width, z));
    const auto log_most = half * log<S>(S::broadcast(row_max<S>(width, a)));
    VirtualLanes<S> cost, mass;
    cost.add(width, [&](Index c) {
      const auto y_c = S::load(y + c);
      return (y_c + y_c) * ((most - half * S::load(z + c)) - log_most);
    });
    mass.add(width, [&](Index c) { return S::load(y + c); });
    const auto total = S::broadcast(fold<S>(mass.one()));
    for (Index c = 0; c < width; c += S::kLanes)
      store_first<S>(delta + c, S::load(a + c) * total - S::load(y + c), width - c);
    return cost.one();
  }
  static LOCALGRAD_INLINE void gradient(Index width, const T* a, const T* y, T* out) {
    for (Index c = 0; c < width; c += S::kLanes) {
      const auto ac = load_first<S>(a + c, width - c), yc = load_first<S>(y + c, width - c);
      store_first<S>(out + c, CrossEntropy<S>::template gradient<Softmax<S>>(ac, yc, yc), width - c);
    }
  }
};

/// Means in the first half of a row and log variances in the second; a row of y contains the targets twice.
/// phi' is 1.
template <class S>
struct WholeRow<S, GaussianNll<S>, Identity<S>> {
  using T = typename S::T;
  static LOCALGRAD_INLINE typename S::V cost(Index width, const T*, const T* a, const T* y, T* delta) {
    VirtualLanes<S> cost;
    cost.add(width / 2, [&](Index c) { return term(c, width / 2, a, y, delta); });
    return cost.one();
  }
  static LOCALGRAD_INLINE void gradient(Index width, const T* a, const T* y, T* out) {
    for (Index c = 0; c < width / 2; c += S::kLanes) term(c, width / 2, a, y, out);
  }

 private:
  static LOCALGRAD_INLINE typename S::V term(Index c, Index targets, const T* a, const T* y, T* slopes) {
    const Index left = targets - c;
    typename S::V of_mu, of_s;
    const auto cost = GaussianNll<S>::term(load_first<S>(a + c, left), load_first<S>(a + targets + c, left),
                                           load_first<S>(y + c, left), of_mu, of_s);
    store_first<S>(slopes + c, of_mu, left);
    store_first<S>(slopes + targets + c, of_s, left);
    return cost;
  }
};

/// Adds up the lanes of the costs of kLanes rows.
template <class S>
__attribute__((noinline)) void total_of(typename S::V (&sums)[S::kLanes], Index count, double* cost) {
  typename S::T total[S::kLanes];
  S::store(total, fold_all<S>(sums));
  for (Index i = 0; i < count; ++i) cost[i] = total[i];
}

/// Calls row(r), which returns the cost of row r in the lanes of a sum, for all rows, and adds up the lanes
/// of kLanes rows at a time.
template <class S, class Row>
LOCALGRAD_INLINE void total_costs(Index rows, double* cost, const Row& row) {
  for (Index first = 0; first < rows; first += S::kLanes) {
    const Index count = rows - first < S::kLanes ? rows - first : S::kLanes;
    typename S::V sums[S::kLanes] = {};
    for (Index i = 0; i < count; ++i) sums[i] = row(first + i);
    total_of<S>(sums, count, cost + first);
  }
}

/// The same for rows of one or two units without padding (see narrow.hpp): a vector contains several rows.
template <class S, class Cost, class Output>
LOCALGRAD_INLINE void output_flat(const OutputArgs<typename S::T>& o) {
  const Index n = o.rows * o.width;
  typename S::T p[S::kLanes], term[S::kLanes];
  for (Index c = 0; c < S::kLanes; ++c) p[c] = o.parameters[c & (o.width - 1)];  // rows have one or two units
  const auto phi = S::broadcast(o.phi), parameter = S::load(p);
  for (Index i = 0; i < n; i += S::kLanes) {
    typename S::V delta;
    const Index count = n - i < S::kLanes ? n - i : S::kLanes;
    const auto load = [&](const typename S::T* from) { return load_first<S>(from + i, count); };
    S::store(term, unit_terms<S, Cost, Output>(load(o.z), load(o.a), load(o.y), parameter, phi, delta));
    store_first<S>(o.delta + i, delta, count);
    for (Index c = 0; c < count; c += o.width) {
      auto sum = term[c];
      for (Index j = 1; j < o.width; ++j) sum += term[c + j];
      o.cost[(i + c) / o.width] = sum;
    }
  }
}

/// Computes (C) and delta of every row; for a cost with Form::apart, delta is only dc/da.
template <class S, class Cost, class Output>
void output(const OutputArgs<typename S::T>& o) {
  constexpr bool whole_row = Cost::template kForm<Output> == Form::row;
  if constexpr (!whole_row)
    if (o.stride == o.width) return output_flat<S, Cost, Output>(o);
  total_costs<S>(o.rows, o.cost, [&](Index r) {
    const auto *z = o.z + r * o.stride, *a = o.a + r * o.stride, *y = o.y + r * o.stride;
    auto* delta = o.delta + r * o.stride;
    if constexpr (whole_row)
      return WholeRow<S, Cost, Output>::cost(o.width, z, a, y, delta);
    else
      return unit_row<S, Cost, Output>(o, z, a, y, delta);
  });
}

/// delta_j = a_j (g_j - sum_k g_k a_k), with g = dc/da in delta: the product with the transposed Jacobian of
/// softmax.
template <class S>
LOCALGRAD_INLINE void softmax_local_gradient(Index width, const typename S::T* a, typename S::T* delta) {
  VirtualLanes<S> inner;
  inner.add(width, [&](Index c) { return S::load(delta + c) * S::load(a + c); });
  const auto mean = S::broadcast(fold<S>(inner.one()));
  for (Index c = 0; c < width; c += S::kLanes)
    store_first<S>(delta + c, S::load(a + c) * (S::load(delta + c) - mean), width - c);
}

/// Multiplies delta by the second factor of (D1), phi'.
template <class S, class Output>
void output_delta(const OutputArgs<typename S::T>& o) {
  if constexpr (kSame<Output, Softmax<S>>) {
    for (Index r = 0; r < o.rows; ++r)
      softmax_local_gradient<S>(o.width, o.a + r * o.stride, o.delta + r * o.stride);
  } else {
    const auto phi = S::broadcast(o.phi);
    const bool flat = o.stride == o.width;
    const Index rows = flat ? 1 : o.rows, width = flat ? o.rows * o.width : o.width;
    for (Index r = 0; r < rows; ++r)
      for (Index c = 0; c < width; c += S::kLanes) {
        const Index at = r * o.stride + c, left = width - c;
        const auto load = [&](const typename S::T* from) { return load_first<S>(from + at, left); };
        const auto slope = Output::derivative(load(Output::kNeedsZ ? o.z : o.a), load(o.a), phi);
        store_first<S>(o.delta + at, load(o.delta) * slope, left);
      }
  }
}

}  // namespace
}  // namespace localgrad
