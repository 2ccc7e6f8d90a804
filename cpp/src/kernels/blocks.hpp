#pragma once

// (G1) and (G2) over many rows: tiles of sums over blocks of rows, which pairwise.hpp adds up.

#include "kernels/epilogues.hpp"
#include "kernels/pairwise.hpp"

namespace localgrad {
namespace {

template <class S>
void leave_tile(const void*, const TileView<S>&) {}

/// All rows of C as `tiles` has them, each tile in as many pieces of the depth as there are blocks: `epilogue` is given their sum. A tile
/// at a time, so that what is waiting in the tree is a few tiles, however large C is.
template <class S, ReadA kRead, class Epilogue>
__attribute__((noinline)) void multiply_in_blocks(const Product<typename S::T>& p, const Epilogue& epilogue) {
  using Numbers = BufferTile<S>;
  alignas(64) typename S::T sums[kTreeLevels][Numbers::kNumbers];
  const Index most = S::rows(static_cast<int>(p.vectors)), count = (p.rows + most - 1) / most;
  for (Index t = 0, row = 0, height; t < count; ++t, row += height) {
    height = (p.rows - row + count - t - 1) / (count - t);
    const auto each_vector = [&](const auto& f) {
      for (Index i = 0; i < height; ++i)
        for (Index j = 0; j < p.vectors; ++j) f(i, j, (i * S::kPanelVectors + j) * S::kLanes);
    };
    const auto merge = [&](int s) {
      each_vector([&](Index, Index, Index at) {
        S::store(sums[s] + at, S::load(sums[s] + at) + S::load(sums[s + 1] + at));
      });
    };
    auto block = p;
    block.rows = height;
    block.a += kRead == ReadA::transposed ? row : row * p.a_stride;
    int waiting = 0;
    for (Index b = 0, left = p.depth; left > 0; ++b, left -= kBlockRows) {
      block.depth = left < kBlockRows ? left : kBlockRows;
      multiply<S, kRead>(block, Numbers{sums[waiting], &leave_tile<S>, nullptr});
      block.a += kBlockRows * (kRead == ReadA::transposed ? p.a_stride : 1);
      block.b += kBlockRows * p.b_stride;
      waiting = add_leaf(b, waiting, merge);
    }
    merge_all(waiting, merge);
    const auto here = epilogue.from_row(row);
    each_vector([&](Index i, Index j, Index at) {
      here(static_cast<int>(i), static_cast<int>(j), S::load(sums[0] + at));
    });
    epilogue.done(row, height);
  }
}

}  // namespace
}  // namespace localgrad
