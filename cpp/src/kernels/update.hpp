#pragma once

#include "functions/updates.hpp"
#include "kernels/args.hpp"
#include "kernels/tile.hpp"
#include "kernels/transpose.hpp"

namespace localgrad {
namespace {

/// Epilogue that writes the mean gradient.
template <class S>
struct StoreGradient {
  StoreTile<S> out;
  typename S::V one_over_batch;
  LOCALGRAD_INLINE StoreGradient from_row(Index row) const { return {out.from_row(row), one_over_batch}; }
  LOCALGRAD_INLINE void operator()(int i, int j, typename S::V sum) const { out(i, j, sum * one_over_batch); }
};

/// Epilogue that updates w, whose panel is padded to whole vectors: the gradient is never written.
template <class S, class Rule>
struct UpdateTile {
  typename S::T* w;
  typename S::T* state[kMaxStates];
  Index stride;
  typename S::V one_over_batch;
  const Rule& rule;
  LOCALGRAD_INLINE UpdateTile from_row(Index row) const {
    UpdateTile next = *this;
    next.w += row * stride;
    for (int s = 0; s < Rule::kStates; ++s) next.state[s] += row * stride;
    return next;
  }
  LOCALGRAD_INLINE void operator()(int i, int j, typename S::V sum) const {
    const Index at = i * stride + j * S::kLanes;
    typename S::V kept[kMaxStates];
    for (int s = 0; s < Rule::kStates; ++s) kept[s] = S::load(state[s] + at);
    S::store(w + at, rule.apply(S::load(w + at), sum * one_over_batch, kept));
    for (int s = 0; s < Rule::kStates; ++s) S::store(state[s] + at, kept[s]);
  }
};

/// (G1), (G2): one product with a_prev read transposed, its column of ones giving the row of biases.
template <class S, class Epilogue>
LOCALGRAD_INLINE void accumulate(const GradientArgs<typename S::T>& g, const Panel<typename S::T>& w,
                                 const Epilogue& epilogue) {
  multiply<S, ReadA::transposed>(w.vectors, g.k_end - g.k_begin, g.batch, g.a_prev + g.k_begin,
                                 g.a_prev_stride, g.delta + w.column, g.delta_stride, epilogue);
}

template <class S>
void gradient(const GradientArgs<typename S::T>& g) {
  const auto w = panel_of(g.w, g.panel, S::kLanes);
  const StoreTile<S> out{w.data + g.k_begin * w.stride, w.stride, w.width};
  accumulate<S>(g, w, StoreGradient<S>{out, S::broadcast(g.one_over_batch)});
}

template <class S, class Rule>
void update(const UpdateArgs<typename S::T>& u) {
  const auto& g = u.gradient;
  const auto w = panel_of(g.w, g.panel, S::kLanes);
  const Rule rule(u.settings);
  UpdateTile<S, Rule> epilogue{
      w.data + g.k_begin * w.stride, {}, w.stride, S::broadcast(g.one_over_batch), rule};
  for (int s = 0; s < Rule::kStates; ++s)
    epilogue.state[s] = u.state[s] + (w.data - g.w.data) + g.k_begin * w.stride;
  accumulate<S>(g, w, epilogue);
  if (u.w_transposed.data) transpose_panel<S>(g.w, g.panel, g.k_begin, g.k_end, u.w_transposed);
}

}  // namespace
}  // namespace localgrad
