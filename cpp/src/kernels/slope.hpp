#pragma once

// The gradient that an update rule uses, from the sum over a mini-batch: mean, penalties and clipping. Also
// norms: of gradients, for clipping, and of weights, for max_norm.

#include <limits>

#include "functions/updates.hpp"
#include "kernels/args.hpp"
#include "kernels/pairwise.hpp"
#include "kernels/transpose.hpp"

namespace localgrad {
namespace {

/// Position of a vector in w.
struct Where {
  Index row, column;
};

/// Sum over all parts at position `from`.
template <class S>
LOCALGRAD_INLINE typename S::V total(const SumsInParts<typename S::T>& sums, const typename S::T* from) {
  return sum_of_leaves<S>(sums.parts, [&](Index part) { return S::load(from + part * sums.stride); });
}

/// kPlain: neither penalties nor clipping; the rule includes the factor 1/b.
template <class S, bool kPlain>
struct Slope {
  LOCALGRAD_INLINE explicit Slope(const UpdateArgs<typename S::T>&) {}
  LOCALGRAD_INLINE typename S::V of(typename S::V sum, typename S::V, const Where&) const { return sum; }
  LOCALGRAD_INLINE typename S::V decayed(typename S::V w, const Where&) const { return w; }
};

template <class S>
struct Slope<S, false> {
  using T = typename S::T;
  using V = typename S::V;
  T mean, clip, shrink, shrink_more;
  Penalty<T> weights, biases;
  Index bias_row, bias_column;

  LOCALGRAD_INLINE explicit Slope(const UpdateArgs<T>& u)
      : mean(u.gradient.scale),
        clip(u.clip),
        shrink(u.shrink),
        shrink_more(u.shrink_more),
        weights(u.weights),
        biases(u.biases),
        bias_row(u.bias_row),
        bias_column(u.bias_column) {}

  /// Returns g, from the sum of the gradients of the examples.
  LOCALGRAD_INLINE V of(V sum, V w, const Where& place) const {
    auto g = S::broadcast(mean) * sum;
    g = S::fma(choose(weights.l2, biases.l2, place), w, g);
    g = S::fma(choose(weights.l1, biases.l1, place), sign<S>(w), g);
    g = S::min(S::broadcast(clip), S::max(S::broadcast(-clip), g));
    return S::broadcast(shrink_more) * (S::broadcast(shrink) * g);
  }
  /// Returns w after weight decay.
  LOCALGRAD_INLINE V decayed(V w, const Where& place) const {
    return choose(weights.keep, biases.keep, place) * w;
  }

 private:
  LOCALGRAD_INLINE V choose(T of_weights, T of_biases, const Where& place) const {
    if (place.row == bias_row) return S::broadcast(of_biases);
    const Index lane = bias_column - place.column;
    if (lane < 0 || lane >= S::kLanes) return S::broadcast(of_weights);
    const auto until = S::first(lane + 1) & ~S::first(lane);
    return S::select(until, S::broadcast(of_biases), S::broadcast(of_weights));
  }
};

/// Writes the sums of g^2 over rows k_begin..k_end-1 of some panels, for each column, in the order of k, to
/// `squares`, which must have room for whole vectors.
template <class S>
void gradient_squares(const UpdateArgs<typename S::T>& u, const SumsInParts<typename S::T>& sums,
                      typename S::T* squares) {
  const auto& g = u.gradient;
  const Slope<S, false> slope(u);
  for (Index p = g.panel_begin; p < g.panel_end; ++p) {
    const auto w = panel_of(g.w, p, S::kLanes);
    const auto* from = sums.data + (w.data - g.w.data);
    for (Index v = 0; v < w.vectors; ++v) {
      auto sum = S::broadcast(0);
      for (Index k = g.k_begin; k < g.k_end; ++k) {
        const Index at = k * w.stride + v * S::kLanes;
        const auto one =
            slope.of(total<S>(sums, from + at), S::load(w.data + at), {k, w.column + v * S::kLanes});
        sum = S::fma(one, one, sum);
      }
      S::store(squares + w.column + v * S::kLanes, sum);
    }
  }
}

/// How the vector term(0) .. term(n - 1) is scaled to a norm of at most `most`: multiplied by `factor`, or,
/// if `split`, by three factors one after another, none of whose products is out of range. They are needed
/// if squares overflow, if they underflow and the bound is as small, or if `factor` would be subnormal.
template <class S>
struct Bound {
  typename S::V factor, before, after;
  bool split;
  LOCALGRAD_INLINE typename S::V of(typename S::V w) const {
    return split ? after * (factor * (before * w)) : factor * w;
  }
};

template <class S, class Term>
LOCALGRAD_INLINE Bound<S> bound_of(Index n, typename S::T most, const Term& term) {
  using Squares = SquareRange<typename S::T>;
  const auto one = S::broadcast(1), limit = S::broadcast(most);
  auto sum = sum_of_squares<S>(n, term);
  auto scale = S::select(sum > S::broadcast(Squares::kMost), S::broadcast(Squares::kDown), one);
  if (most * most < Squares::kLeast)
    scale = S::select(sum < S::broadcast(Squares::kLeast), S::broadcast(Squares::kUp), scale);
  if (S::any(scale != one)) sum = sum_of_squares<S>(n, [&](Index k) { return scale * term(k); });
  const auto norm = S::sqrt(sum);
  const auto longer = norm > limit * scale;
  const auto far = (scale != one) | (limit / norm < S::broadcast(std::numeric_limits<typename S::T>::min()));
  return {S::select(longer, S::select(far, one, limit) / norm, one), S::select(longer, scale, one),
          S::select(longer & far, limit, one), S::any(far)};
}

/// Scales the incoming weights of each unit of a panel down to a Euclidean norm of at most `most`, without
/// biases, and writes the transposed copy.
template <class S>
void bound_norms(const BoundArgs<typename S::T>& b, Index panel) {
  if (b.bias_column >= 0) {  // narrow.hpp: a unit is a row across all panels, and there are one or two units
    for (Index j = panel; j < b.w.rows; j += b.w.panels) {
      auto* w = b.w.data + j * b.w.row_stride;
      const auto load = [&](Index k) { return S::broadcast(w[k]); };
      const auto bound = bound_of<S>(b.bias_column, b.most, load);
      for (Index k = 0; k < b.bias_column; ++k) w[k] = bound.of(load(k))[0];
    }
    return;
  }
  const auto w = panel_of(b.w, panel, S::kLanes);
  for (Index v = 0; v < w.vectors; ++v) {
    auto* column = w.data + v * S::kLanes;
    const auto load = [&](Index k) { return S::load(column + k * w.stride); };
    const auto bound = bound_of<S>(b.bias_row, b.most, load);
    for (Index k = 0; k < b.bias_row; ++k) S::store(column + k * w.stride, bound.of(load(k)));
  }
  if (b.w_transposed.data) transpose_panel<S>(b.w, panel, 0, b.w.rows, b.w_transposed);
}

}  // namespace
}  // namespace localgrad
