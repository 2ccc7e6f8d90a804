#pragma once

// Sums over many rows. If n numbers of the same sign are added one after another, the sum may be wrong by
// n/4 units in the last place: in float, by 1 % for a million numbers. Longer sums are therefore split into
// blocks, whose sums are added in a binary tree, with an error of half a unit per level. The split only
// depends on n.

#include "simd/vector.hpp"

namespace localgrad {
namespace {

/// Number of rows of a block, which are added one after another: the error is at most 256/4 units, 7.6e-6 in
/// float. Small mini-batches are one block.
constexpr Index kBlockRows = 256;
/// Levels of a tree of up to 2^27 leaves: at most 2^32 rows, in pieces of 126 or 256.
constexpr int kTreeLevels = 28;

/// Adds leaf `index` to the tree, which has `waiting` sums to be merged. merge(i) adds sum i + 1 to sum i,
/// which has the same size. Returns the new number of waiting sums.
template <class Merge>
LOCALGRAD_INLINE int add_leaf(Index index, int waiting, const Merge& merge) {
  for (; index & 1; index >>= 1) merge(--waiting);
  return waiting + 1;
}

/// Merges all waiting sums into sum 0.
template <class Merge>
LOCALGRAD_INLINE void merge_all(int waiting, const Merge& merge) {
  for (int i = waiting - 2; i >= 0; --i) merge(i);
}

/// Returns the sum of leaf(0) .. leaf(count - 1), count > 0.
template <class S, class Leaf>
LOCALGRAD_INLINE typename S::V sum_of_leaves(Index count, const Leaf& leaf) {
  if (count == 1) return leaf(0);
  typename S::V sums[kTreeLevels];
  const auto merge = [&](int i) { sums[i] = sums[i] + sums[i + 1]; };
  int waiting = 0;
  for (Index l = 0; l < count; ++l) {
    sums[waiting] = leaf(l);
    waiting = add_leaf(l, waiting, merge);
  }
  merge_all(waiting, merge);
  return sums[0];
}

/// Returns the sum of the squares of term(0) .. term(n - 1).
template <class S, class Term>
LOCALGRAD_INLINE typename S::V sum_of_squares(Index n, const Term& term) {
  return sum_of_leaves<S>(n > 0 ? (n + kBlockRows - 1) / kBlockRows : 1, [&](Index block) {
    const Index end = n - block * kBlockRows < kBlockRows ? n : (block + 1) * kBlockRows;
    auto sum = S::broadcast(0);
    for (Index k = block * kBlockRows; k < end; ++k) {
      const auto one = term(k);
      sum = S::fma(one, one, sum);
    }
    return sum;
  });
}

}  // namespace
}  // namespace localgrad
