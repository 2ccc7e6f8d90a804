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

/// From row k of a panel on.
template <class S, class Rule>
LOCALGRAD_INLINE Updated<S, Rule> updated(const UpdateArgs<typename S::T>& u, const Panel<typename S::T>& w,
                                          Index k, const Rule& rule) {
  Updated<S, Rule> result{w.data + k * w.stride, {}, rule};
  for (int s = 0; s < Rule::kStates; ++s) result.state[s] = u.state[s] + (result.w - u.gradient.w.data);
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

/// (G1), (G2) of rows begin..end-1 of a panel: one product with the left factor read transposed.
template <class S, class Epilogue>
LOCALGRAD_INLINE void accumulate(const GradientArgs<typename S::T>& g, const Panel<typename S::T>& w,
                                 Index begin, Index end, const Epilogue& epilogue) {
  multiply<S, ReadA::transposed>({end - begin, w.vectors, g.batch, g.left + begin, g.left_stride,
                                  g.right + w.column, g.right_stride, g.prefetch},
                                 epilogue);
}

template <class S>
void gradient(const GradientArgs<typename S::T>& g) {
  for (Index p = g.panel_begin; p < g.panel_end; ++p) {
    const auto w = panel_of(g.w, p, S::kLanes);
    accumulate<S>(g, w, g.k_begin, g.k_end,
                  StoreTile<S>{w.data + g.k_begin * w.stride, w.stride, w.width, S::broadcast(g.scale)});
  }
}

/// Rows of a panel that are transposed while they are in L1: whole tiles and whole vectors on every path.
constexpr Index kTransposedRows = 96;

/// Calls f(panel, begin, end) for rows begin..end-1 of each panel, in blocks that are transposed as soon as f has them.
template <class S, class F>
LOCALGRAD_INLINE void each_block(const UpdateArgs<typename S::T>& u, const F& f) {
  const auto& g = u.gradient;
  const bool transposes = u.w_transposed.data;
  for (Index p = g.panel_begin; p < g.panel_end; ++p) {
    const auto w = panel_of(g.w, p, S::kLanes);
    for (Index begin = g.k_begin, end; begin < g.k_end; begin = end) {
      end = transposes && g.k_end - begin > kTransposedRows ? begin + kTransposedRows : g.k_end;
      f(w, begin, end);
      if (transposes) transpose_panel<S>(g.w, p, begin, end, u.w_transposed);
    }
  }
}

template <class S, class Rule>
void update(const UpdateArgs<typename S::T>& u) {
  const Rule rule(u.settings, u.gradient.scale);
  each_block<S>(u, [&](const Panel<typename S::T>& w, Index begin, Index end) {
    accumulate<S>(u.gradient, w, begin, end, UpdateTile<S, Rule>{updated<S>(u, w, begin, rule), w.stride, 0});
  });
}

/// The same update from sums that stand in memory, laid out as w, in parts that are added up in order.
template <class S, class Rule>
void apply_update(const UpdateArgs<typename S::T>& u, const SumsInParts<typename S::T>& sums) {
  const Rule rule(u.settings, u.gradient.scale);
  each_block<S>(u, [&](const Panel<typename S::T>& w, Index begin, Index end) {
    const auto parameters = updated<S>(u, w, begin, rule);
    const auto* from = sums.data + (parameters.w - u.gradient.w.data);
    for (Index k = 0; k < end - begin; ++k)
      for (Index v = 0; v < w.vectors; ++v) {
        const Index at = k * w.stride + v * S::kLanes;
        auto sum = S::load(from + at);
        for (Index part = 1; part < sums.parts; ++part) sum = sum + S::load(from + part * sums.stride + at);
        parameters(at, sum);
      }
  });
}

}  // namespace
}  // namespace localgrad
