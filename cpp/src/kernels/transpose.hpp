#pragma once

#include "kernels/args.hpp"

namespace localgrad {
namespace {

/// Calls f(c, column c) for the columns of kLanes x kLanes numbers, or of rows x columns if these are
/// smaller: missing numbers of a column are 0.
template <class S, class F>
LOCALGRAD_INLINE void each_column(const typename S::T* from, Index stride, Index rows, Index columns,
                                  const F& f) {
  if (rows >= S::kLanes && columns >= S::kLanes) {
    // Loading parts of several rows leaves nothing to exchange between them.
#pragma GCC unroll 8
    for (int c = 0; c < S::kLanes; c += kPart<S>) {
      typename S::V block[kPart<S>];
#pragma GCC unroll 4
      for (int i = 0; i < kPart<S>; ++i) block[i] = S::load_apart(from + i * stride + c, kPart<S> * stride);
      transpose_parts<S>(block);
#pragma GCC unroll 4
      for (int i = 0; i < kPart<S>; ++i) f(c + i, block[i]);
    }
    return;
  }
  typename S::V block[S::kLanes];
#pragma GCC unroll 16
  for (int i = 0; i < S::kLanes; ++i) block[i] = i < rows ? S::load(from + i * stride) : S::broadcast(0);
  transpose<S>(block);
#pragma GCC unroll 16
  for (int i = 0; i < S::kLanes; ++i)
    if (i < columns) f(i, block[i]);
}

/// Writes rows k_begin..k_end-1 of one panel of w to its transpose, kLanes x kLanes numbers at a time. The
/// transpose has one row per column of w and no biases. k_begin must be a multiple of kLanes.
template <class S>
void transpose_panel(const PanelMatrix<typename S::T>& w, Index panel, Index k_begin, Index k_end,
                     const PanelMatrix<typename S::T>& transposed) {
  constexpr Index lanes = S::kLanes;
  const auto from = panel_of(w, panel, lanes);
  if (k_end > transposed.cols) k_end = transposed.cols;
  if (k_begin >= k_end) return;
  Index k = k_begin;
  for (Index p = panel_with(transposed, k / lanes, lanes); k < k_end; ++p) {
    const auto to = panel_of(transposed, p, lanes);
    const Index last = to.column + to.vectors * lanes, end = last < k_end ? last : k_end;
    for (; k < end; k += lanes)
      for (Index j = 0; j < from.width; j += lanes) {
        auto* const first = to.data + (from.column + j) * to.stride + (k - to.column);
        each_column<S>(from.data + k * from.stride + j, from.stride, k_end - k, from.width - j,
                       [=](Index c, typename S::V column) { S::store(first + c * to.stride, column); });
      }
  }
}

}  // namespace
}  // namespace localgrad
