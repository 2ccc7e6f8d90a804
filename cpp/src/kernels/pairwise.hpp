#pragma once

// Sums over very many rows. Added one after another, n numbers of one sign may be off by n/4 units in the
// last place, in float 1 % for a million. So a longer sum is cut into blocks, whose sums are added as the
// leaves of a binary tree, at half a unit for each level. The cuts depend on n alone.

#include "simd/vector.hpp"

namespace localgrad {
namespace {

/// Rows of a block, added one after another: at most 256/4 units, 7.6e-6 in float. Small mini-batches are one
/// block.
constexpr Index kBlockRows = 256;
/// Of up to 2^27 leaves: 2^32 rows, the most there are, in pieces of 126 or 256.
constexpr int kTreeLevels = 28;

/// Puts the sum of leaf `index`, which follows the `waiting` sums of earlier ones, in its place: merge(i)
/// adds sum i + 1 to sum i, for every two of the same size. Returns how many are waiting then.
template <class Merge>
LOCALGRAD_INLINE int add_leaf(Index index, int waiting, const Merge& merge) {
  for (; index & 1; index >>= 1) merge(--waiting);
  return waiting + 1;
}

/// Merges all that are waiting into sum 0.
template <class Merge>
LOCALGRAD_INLINE void merge_all(int waiting, const Merge& merge) {
  for (int i = waiting - 2; i >= 0; --i) merge(i);
}

/// The sum of leaf(0) .. leaf(count - 1), count > 0.
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

/// The sum of the squares of term(0) .. term(n - 1).
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
