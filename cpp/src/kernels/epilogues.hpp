#pragma once

// Epilogues of the micro-kernel: a tile of C is stored in memory, or kept in L1 for a function that
// processes it.

#include "kernels/tile.hpp"

namespace localgrad {
namespace {

/// Stores the first `width` numbers of v, which may be all, some or none.
template <class S>
LOCALGRAD_INLINE void store_first(typename S::T* p, typename S::V v, Index width) {
  if (width >= S::kLanes)
    S::store(p, v);
  else if (width > 0)
    S::store_partial(p, v, width);
}

/// Epilogue that writes scale times C to memory. Of the last vector, only the columns below `width` are
/// written.
template <class S>
struct StoreTile {
  typename S::T* c;
  Index stride, width;
  typename S::V scale;
  LOCALGRAD_INLINE StoreTile from_row(Index row) const { return {c + row * stride, stride, width, scale}; }
  LOCALGRAD_INLINE void operator()(int i, int j, typename S::V v) const {
    store_first<S>(c + i * stride + j * S::kLanes, scale * v, width - j * S::kLanes);
  }
  LOCALGRAD_INLINE void done(Index, Index) const {}
};

/// A tile stored by BufferTile, as passed to a Finish.
template <class S>
struct TileView {
  const typename S::T* numbers;
  Index row, rows;  ///< first row in C, number of rows
  Index step;       ///< distance between rows of the tile, in numbers

  /// Writes f(i, vector of column j) to `out`, whose rows are `stride` elements apart, for all rows i: the
  /// first `width` numbers of each vector, or all. The loop only reads local variables, because a vector
  /// store may alias everything else.
  template <class F>
  LOCALGRAD_INLINE void map(Index j, typename S::T* out, Index stride, Index width, const F& f) const {
    const auto* from = numbers + j * S::kLanes;
    const Index n = rows, apart = step;
    if (width >= S::kLanes)
      for (Index i = 0; i < n; ++i, from += apart, out += stride) S::store(out, f(i, S::load(from)));
    else
      for (Index i = 0; i < n; ++i, from += apart, out += stride)
        S::store_partial(out, f(i, S::load(from)), width);
  }
};

/// Epilogue that stores the tile in L1 and calls a function for it. If phi were part of the epilogue,
/// registers would spill, because the accumulators use all of them, and every activation would need separate
/// micro-kernels for each tile size.
template <class S, int kVectors = S::kPanelVectors>
struct BufferTile {
  using Finish = void (*)(const void* context, const TileView<S>& tile);
  typename S::T* numbers;  ///< kNumbers elements, aligned
  Finish finish;
  const void* context;
  static constexpr int kNumbers = S::rows(1) * S::kPanelVectors * S::kLanes;
  LOCALGRAD_INLINE BufferTile from_row(Index) const { return *this; }
  LOCALGRAD_INLINE void operator()(int i, int j, typename S::V v) const {
    S::store(numbers + (i * kVectors + j) * S::kLanes, v);
  }
  LOCALGRAD_INLINE void done(Index row, Index rows) const {
    finish(context, {numbers, row, rows, kVectors * S::kLanes});
  }
};

}  // namespace
}  // namespace localgrad
