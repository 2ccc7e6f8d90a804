#pragma once

#include "functions/updates.hpp"
#include "kernels/args.hpp"
#include "kernels/blocks.hpp"
#include "kernels/epilogues.hpp"
#include "kernels/slope.hpp"
#include "kernels/transpose.hpp"

namespace localgrad {
namespace {

/// Applies a rule to some rows of a panel, from row k_begin on, one vector of columns at a time. kOne: the
/// sums are those of one example, and their factor is 1.
template <class S, class UpdateRule, bool kPlain, bool kOne = false>
struct Step {
  using T = typename S::T;
  using V = typename S::V;
  using Rule = UpdateRule;
  Panel<T> w;  // data points to row k_begin
  T* state[kMaxStates];
  Slope<S, kPlain> slope;
  typename Rule::template Numbers<V> numbers;
  V scale;  // factor of a sum
  Index k_begin;

  LOCALGRAD_INLINE Step(const UpdateArgs<T>& u, const Panel<T>& panel, Index k)
      : w(panel),
        slope(u),
        numbers(broadcast<S, Rule>(u.numbers, kPlain ? u.gradient.scale : T(1))),
        scale(S::broadcast(kPlain ? u.gradient.scale : T(1))),
        k_begin(k) {
    w.data += k * w.stride;
    for (int s = 0; s < Rule::kStates; ++s) state[s] = u.state[s] + (w.data - u.gradient.w.data);
  }
  /// Prefetches the data of the next tile: a rule that waits for square roots leaves the memory idle.
  LOCALGRAD_INLINE void fetch(Index k, Index v) const {
    const Index at = k * w.stride + v * S::kLanes;
    __builtin_prefetch(w.data + at, 1);
    for (int s = 0; s < Rule::kStates; ++s) __builtin_prefetch(state[s] + at, 1);
  }
  /// Updates one vector; k is counted from k_begin.
  LOCALGRAD_INLINE void operator()(Index k, Index v, V sum) const {
    const Index at = k * w.stride + v * S::kLanes;
    V kept[kMaxStates];
    load_state(at, kept);
    const auto old = S::load(w.data + at);
    const Where place = where(k, v);
    const auto next =
        Rule::template apply<S>(numbers, slope.decayed(old, place), slope_of(sum, old, place), kept);
    S::store(w.data + at, next);
    store_state(at, kept);
  }
  /// The same in two parts, for a rule with kInTwoParts.
  LOCALGRAD_INLINE V begin(Index k, Index v, V sum) const {
    const Index at = k * w.stride + v * S::kLanes;
    V kept[kMaxStates];
    load_state(at, kept);
    const auto rest =
        Rule::template begin<S>(numbers, slope_of(sum, S::load(w.data + at), where(k, v)), kept);
    store_state(at, kept);
    return rest;
  }
  LOCALGRAD_INLINE void end(Index k, Index v, V rest) const {
    const Index at = k * w.stride + v * S::kLanes;
    V kept[kMaxStates];
    load_state(at, kept);
    const auto old = slope.decayed(S::load(w.data + at), where(k, v));
    S::store(w.data + at, Rule::template end<S>(numbers, old, kept, rest));
  }

 private:
  LOCALGRAD_INLINE Where where(Index k, Index v) const { return {k_begin + k, w.column + v * S::kLanes}; }
  LOCALGRAD_INLINE V slope_of(V sum, V old, const Where& place) const {
    const auto descended = slope.of(sum, old, place);
    return Rule::kLinear || kOne ? descended : scale * descended;
  }
  LOCALGRAD_INLINE void load_state(Index at, V* kept) const {
    for (int s = 0; s < Rule::kStates; ++s) kept[s] = S::load(state[s] + at);
  }
  LOCALGRAD_INLINE void store_state(Index at, const V* kept) const {
    for (int s = 0; s < Rule::kStates; ++s) S::store(state[s] + at, kept[s]);
  }
};

/// Updates `vectors` vectors of rows begin..end-1 of a step: of row k with the sums row(k)(v).
template <class S, class Step, class Row>
LOCALGRAD_INLINE void update_rows(const Step& step, Index begin, Index end, Index vectors, const Row& row) {
  if constexpr (!Step::Rule::kInTwoParts) {
    for (Index k = begin; k < end; ++k) {
      const auto sum = row(k);
      for (Index v = 0; v < vectors; ++v) step(k, v, sum(v));
    }
  } else {
    constexpr Index most = 32;  // vectors whose first part precedes their second
    alignas(64) typename S::T rest[most * S::kLanes];
    const Index height = vectors < most ? most / vectors : 1, width = vectors < most ? vectors : most;
    for (Index k = begin; k < end; k += height)
      for (Index v = 0; v < vectors; v += width) {
        const Index k_end = k + height < end ? k + height : end;
        const Index v_end = v + width < vectors ? v + width : vectors;
        auto* at = rest;
        for (Index i = k; i < k_end; ++i) {
          const auto sum = row(i);
          for (Index j = v; j < v_end; ++j, at += S::kLanes) S::store(at, step.begin(i, j, sum(j)));
        }
        at = rest;
        for (Index i = k; i < k_end; ++i)
          for (Index j = v; j < v_end; ++j, at += S::kLanes) step.end(i, j, S::load(at));
      }
  }
}

/// Epilogue for a rule with kInRegisters: the gradient is never written to memory. The step is a copy,
/// because a store may alias anything else.
template <class S, class Rule>
struct UpdateTile {
  Step<S, Rule, true> step;
  Index row;
  LOCALGRAD_INLINE UpdateTile from_row(Index from) const { return {step, from}; }
  LOCALGRAD_INLINE void operator()(int i, int j, typename S::V sum) const { step(row + i, j, sum); }
  LOCALGRAD_INLINE void done(Index, Index) const {}
};

/// The update for all other rules, from a tile in L1.
template <class S, class Step>
void update_tile(const void* context, const TileView<S>& tile) {
  const Step step = *static_cast<const Step*>(context);
  const Index first = tile.row, end = tile.row + tile.rows, vectors = step.w.vectors;
  const auto* from = tile.numbers;
  for (Index k = end; k < end + tile.rows; ++k)
    for (Index v = 0; v < vectors; ++v) step.fetch(k, v);
  update_rows<S>(step, first, end, vectors, [=](Index k) {
    const auto* sums = from + (k - first) * S::kPanelVectors * S::kLanes;
    return [=](Index v) { return S::load(sums + v * S::kLanes); };
  });
}

/// (G1), (G2) of rows begin..end-1 of a panel: one product with the left factor read transposed; for many
/// rows, one product per block.
template <class S, class Epilogue>
LOCALGRAD_INLINE void accumulate(const GradientArgs<typename S::T>& g, const Panel<typename S::T>& w,
                                 Index begin, Index end, const Epilogue& epilogue) {
  const Product<typename S::T> product{end - begin,   w.vectors,          g.batch,        g.left + begin,
                                       g.left_stride, g.right + w.column, g.right_stride, g.prefetch};
  if (g.batch > kBlockRows) return multiply_in_blocks<S, ReadA::transposed>(product, epilogue);
  multiply<S, ReadA::transposed>(product, epilogue);
}

template <class S>
void gradient(const GradientArgs<typename S::T>& g) {
  for (Index p = g.panel_begin; p < g.panel_end; ++p) {
    const auto w = panel_of(g.w, p, S::kLanes);
    accumulate<S>(g, w, g.k_begin, g.k_end,
                  StoreTile<S>{w.data + g.k_begin * w.stride, w.stride, w.width, S::broadcast(g.scale)});
  }
}

/// Number of rows of a panel that are transposed while they are in L1: whole tiles and whole vectors for
/// every instruction set.
constexpr Index kTransposedRows = 96;

/// Calls f(panel, begin, end) for rows begin..end-1 of each panel, in blocks of at most `most` rows that are
/// transposed right after the call.
template <class S, class F>
LOCALGRAD_INLINE void each_block(const UpdateArgs<typename S::T>& u, Index most, const F& f) {
  const auto& g = u.gradient;
  const bool transposes = u.w_transposed.data;
  for (Index p = g.panel_begin; p < g.panel_end; ++p) {
    const auto w = panel_of(g.w, p, S::kLanes);
    for (Index begin = g.k_begin, end; begin < g.k_end; begin = end) {
      end = transposes && g.k_end - begin > most ? begin + most : g.k_end;
      f(w, begin, end);
      if (transposes) transpose_panel<S>(g.w, p, begin, end, u.w_transposed);
    }
  }
}

/// Number of rows that are transposed together in the update for one example: whole vectors.
constexpr Index kRowsOfOne = 32;

/// The update for one example: its gradient is the outer product of a_prev and delta, and there is nothing to
/// add up.
template <class S, class Rule, bool kPlain>
__attribute__((noinline)) void update_one(UpdateArgs<typename S::T> u) {
  auto& g = u.gradient;
  const bool whole = g.w.row_stride && g.panel_begin == 0 && g.panel_end == g.w.panels;
  if (whole) g.w.panels = g.panel_end = 1;  // rows from end to end
  each_block<S>(u, kRowsOfOne, [&](const Panel<typename S::T>& w, Index begin, Index end) {
    const Step<S, Rule, kPlain, true> step(u, w, begin);
    const auto *left = g.left + begin, *right = g.right + w.column;
    update_rows<S>(step, 0, end - begin, w.vectors, [=](Index k) {
      const auto factor = S::broadcast(left[k]);
      return [=](Index v) { return S::fma(factor, S::load(right + v * S::kLanes), S::broadcast(0)); };
    });
  });
}

template <class S, class Rule, bool kPlain>
void update_as(const UpdateArgs<typename S::T>& u) {
  using OneStep = Step<S, Rule, kPlain>;
  if (u.gradient.batch == 1 && (!kPlain || u.gradient.scale == 1)) return update_one<S, Rule, kPlain>(u);
  alignas(64) typename S::T numbers[BufferTile<S>::kNumbers];
  each_block<S>(u, kTransposedRows, [&](const Panel<typename S::T>& w, Index begin, Index end) {
    const OneStep step(u, w, begin);
    if constexpr (kPlain && Rule::kInRegisters)
      accumulate<S>(u.gradient, w, begin, end, UpdateTile<S, Rule>{step, 0});
    else
      accumulate<S>(u.gradient, w, begin, end, BufferTile<S>{numbers, &update_tile<S, OneStep>, &step});
  });
}

template <class S, class Rule>
void update(const UpdateArgs<typename S::T>& u) {
  u.plain ? update_as<S, Rule, true>(u) : update_as<S, Rule, false>(u);
}

/// The same update, from sums in memory with the layout of w, in parts that are added in order.
template <class S, class Rule, bool kPlain>
void apply_update_as(const UpdateArgs<typename S::T>& u, const SumsInParts<typename S::T>& sums) {
  each_block<S>(u, kTransposedRows, [&](const Panel<typename S::T>& w, Index begin, Index end) {
    const Step<S, Rule, kPlain> step(u, w, begin);
    const auto* from = sums.data + (step.w.data - u.gradient.w.data);
    // Rows without gaps are updated like a single one, whose loops are longer.
    const bool single = kPlain && step.w.stride == w.vectors * S::kLanes;
    const Index rows = single ? 1 : end - begin, vectors = single ? (end - begin) * w.vectors : w.vectors;
    update_rows<S>(step, 0, rows, vectors, [=](Index k) {
      const auto* first = from + k * step.w.stride;
      return [=](Index v) { return total<S>(sums, first + v * S::kLanes); };
    });
  });
}

template <class S, class Rule>
void apply_update(const UpdateArgs<typename S::T>& u, const SumsInParts<typename S::T>& sums) {
  u.plain ? apply_update_as<S, Rule, true>(u, sums) : apply_update_as<S, Rule, false>(u, sums);
}

}  // namespace
}  // namespace localgrad
