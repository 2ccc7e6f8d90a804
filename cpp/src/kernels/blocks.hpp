#pragma once

// (G1) and (G2) over many rows: tiles are summed over blocks of rows, and these sums are added in the order
// of pairwise.hpp.

#include "kernels/epilogues.hpp"
#include "kernels/pairwise.hpp"

namespace localgrad {
namespace {

/// Epilogue that stores a tile as consecutive vectors.
template <class S>
struct LeaveTile {
  typename S::T* numbers;
  int vectors;
  static constexpr int most() {
    int most = 0;
    for (int v = 1; v <= S::kPanelVectors; ++v) most = S::rows(v) * v > most ? S::rows(v) * v : most;
    return most;
  }
  static constexpr int kNumbers = most() * S::kLanes;
  LOCALGRAD_INLINE LeaveTile from_row(Index) const { return *this; }
  LOCALGRAD_INLINE void operator()(int i, int j, typename S::V v) const {
    S::store(numbers + (i * vectors + j) * S::kLanes, v);
  }
  LOCALGRAD_INLINE void done(Index, Index) const {}
};

/// Computes one tile of C over some blocks of the depth and writes it to `sums`. The left subtree has the
/// largest power of 2 of blocks, as in add_leaf. There is one tile on the stack per level of the tree: the
/// stack of a thread may be small, and a million rows have 12 levels.
template <class S, ReadA kRead>
__attribute__((noinline)) void sum_blocks(Product<typename S::T> p, Index blocks, typename S::T* sums) {
  if (blocks == 1) return multiply<S, kRead>(p, LeaveTile<S>{sums, static_cast<int>(p.vectors)});
  Index left = 1;
  while (2 * left < blocks) left *= 2;
  alignas(64) typename S::T right[LeaveTile<S>::kNumbers];
  auto half = p;
  half.depth = left * kBlockRows;
  sum_blocks<S, kRead>(half, left, sums);
  half.a += half.depth * (kRead == ReadA::transposed ? p.a_stride : 1);
  half.b += half.depth * p.b_stride;
  half.depth = p.depth - half.depth;
  sum_blocks<S, kRead>(half, blocks - left, right);
  for (Index at = 0; at < p.rows * p.vectors * S::kLanes; at += S::kLanes)
    S::store(sums + at, S::load(sums + at) + S::load(right + at));
}

/// Computes all rows of C in the tiles of `tiles`, each tile in one piece per block of the depth, and passes
/// their sum to `epilogue`.
template <class S, ReadA kRead, class Epilogue>
__attribute__((noinline)) void multiply_in_blocks(const Product<typename S::T>& p, const Epilogue& epilogue) {
  alignas(64) typename S::T sums[LeaveTile<S>::kNumbers];
  const Index most = S::rows(static_cast<int>(p.vectors)), count = (p.rows + most - 1) / most;
  const Index blocks = (p.depth + kBlockRows - 1) / kBlockRows;
  for (Index t = 0, row = 0, height; t < count; ++t, row += height) {
    height = (p.rows - row + count - t - 1) / (count - t);
    auto tile = p;
    tile.rows = height;
    tile.a += kRead == ReadA::transposed ? row : row * p.a_stride;
    sum_blocks<S, kRead>(tile, blocks, sums);
    const auto here = epilogue.from_row(row);
    const auto* from = sums;
    for (Index i = 0; i < height; ++i)
      for (Index j = 0; j < p.vectors; ++j, from += S::kLanes)
        here(static_cast<int>(i), static_cast<int>(j), S::load(from));
    epilogue.done(row, height);
  }
}

}  // namespace
}  // namespace localgrad
