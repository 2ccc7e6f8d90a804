#pragma once

#include "functions/updates.hpp"
#include "kernels/args.hpp"
#include "kernels/epilogues.hpp"
#include "kernels/transpose.hpp"

namespace localgrad {
namespace {

/// w and the optimiser's state from one place of a panel on, which is padded to whole vectors.
template <class S, class Rule>
struct Updated {
  typename S::T* w;
  typename S::T* state[kMaxStates];
  const Rule& rule;
  LOCALGRAD_INLINE void operator()(Index at, typename S::V sum) const {
    typename S::V kept[kMaxStates];
    for (int s = 0; s < Rule::kStates; ++s) kept[s] = S::load(state[s] + at);
    S::store(w + at, rule.apply(S::load(w + at), sum, kept));
    for (int s = 0; s < Rule::kStates; ++s) S::store(state[s] + at, kept[s]);
  }
};

template <class S, class Rule>
LOCALGRAD_INLINE Updated<S, Rule> updated(const UpdateArgs<typename S::T>& u, const Panel<typename S::T>& w,
                                          const Rule& rule) {
  const auto& g = u.gradient;
  Updated<S, Rule> result{w.data + g.k_begin * w.stride, {}, rule};
  for (int s = 0; s < Rule::kStates; ++s) result.state[s] = u.state[s] + (result.w - g.w.data);
  return result;
}

/// Epilogue that updates w: the gradient is never written.
template <class S, class Rule>
struct UpdateTile {
  Updated<S, Rule> parameters;
  Index stride, row;
  LOCALGRAD_INLINE UpdateTile from_row(Index from) const { return {parameters, stride, from}; }
  LOCALGRAD_INLINE void operator()(int i, int j, typename S::V sum) const {
    parameters((row + i) * stride + j * S::kLanes, sum);
  }
  LOCALGRAD_INLINE void done(Index, Index) const {}
};

/// (G1), (G2): one product with the left factor read transposed.
template <class S, class Epilogue>
LOCALGRAD_INLINE void accumulate(const GradientArgs<typename S::T>& g, const Panel<typename S::T>& w,
                                 const Epilogue& epilogue) {
  multiply<S, ReadA::transposed>({g.k_end - g.k_begin, w.vectors, g.batch, g.left + g.k_begin, g.left_stride,
                                  g.right + w.column, g.right_stride, g.prefetch},
                                 epilogue);
}

template <class S>
void gradient(const GradientArgs<typename S::T>& g) {
  const auto w = panel_of(g.w, g.panel, S::kLanes);
  accumulate<S>(g, w, StoreTile<S>{w.data + g.k_begin * w.stride, w.stride, w.width, S::broadcast(g.scale)});
}

template <class S, class Rule>
void update(const UpdateArgs<typename S::T>& u) {
  const auto& g = u.gradient;
  const auto w = panel_of(g.w, g.panel, S::kLanes);
  const Rule rule(u.settings, g.scale);
  accumulate<S>(g, w, UpdateTile<S, Rule>{updated<S>(u, w, rule), w.stride, 0});
  if (u.w_transposed.data) transpose_panel<S>(g.w, g.panel, g.k_begin, g.k_end, u.w_transposed);
}

/// The same update from sums that stand in memory, laid out as w, in parts that are added up in order.
template <class S, class Rule>
void apply_update(const UpdateArgs<typename S::T>& u, const SumsInParts<typename S::T>& sums) {
  const auto& g = u.gradient;
  const auto w = panel_of(g.w, g.panel, S::kLanes);
  const Rule rule(u.settings, g.scale);
  const auto parameters = updated<S>(u, w, rule);
  const auto* from = sums.data + (parameters.w - g.w.data);
  for (Index k = 0; k < g.k_end - g.k_begin; ++k)
    for (Index v = 0; v < w.vectors; ++v) {
      const Index at = k * w.stride + v * S::kLanes;
      auto sum = S::load(from + at);
      for (Index part = 1; part < sums.parts; ++part) sum = sum + S::load(from + part * sums.stride + at);
      parameters(at, sum);
    }
  if (u.w_transposed.data) transpose_panel<S>(g.w, g.panel, g.k_begin, g.k_end, u.w_transposed);
}

}  // namespace
}  // namespace localgrad
