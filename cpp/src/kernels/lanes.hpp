#pragma once

// Sums and maxima along a row. Columns are distributed over 16 virtual lanes, which are then added by
// halves. This is the same for all instruction sets and both element types, so that the results are the
// same, bit for bit.

#include "simd/vector.hpp"

namespace localgrad {
namespace {

constexpr int kVirtualLanes = 16;

/// The virtual lanes of one sum, in as many vectors as needed.
template <class S>
struct VirtualLanes {
  static constexpr int kParts = kVirtualLanes / S::kLanes;
  typename S::V part[kParts] = {};

  /// Adds term(c), the numbers of columns c..c+kLanes-1, for all columns c < width. Lanes after `width`
  /// count as 0.
  template <class Term>
  LOCALGRAD_INLINE void add(Index width, const Term& term) {
    for (Index c = 0; c < width; c += kVirtualLanes)
      for (int i = 0; i < kParts; ++i) {
        const Index left = width - c - i * S::kLanes;
        if (left <= 0) break;
        auto v = term(c + i * S::kLanes);
        if (left < S::kLanes) v = S::select(S::first(left), v, S::broadcast(0));
        part[i] = part[i] + v;
      }
  }
  /// Adds halves until one vector is left.
  LOCALGRAD_INLINE typename S::V one() const {
    typename S::V v[kParts];
#pragma GCC unroll 8
    for (int i = 0; i < kParts; ++i) v[i] = part[i];
#pragma GCC unroll 4
    for (int half = kParts / 2; half > 0; half /= 2)
#pragma GCC unroll 8
      for (int i = 0; i < half; ++i) v[i] = v[i] + v[i + half];
    return v[0];
  }
};

/// Loads the first `left` numbers at p, or a whole vector if there are enough.
template <class S>
LOCALGRAD_INLINE typename S::V load_first(const typename S::T* p, Index left) {
  return left < S::kLanes ? S::load_partial(p, left) : S::load(p);
}

/// Adds the lanes of a vector by halves.
template <class S>
LOCALGRAD_INLINE typename S::T fold(typename S::V v) {
  typename S::T lane[S::kLanes];
  S::store(lane, v);
#pragma GCC unroll 4
  for (int half = S::kLanes / 2; half > 0; half /= 2)
#pragma GCC unroll 8
    for (int i = 0; i < half; ++i) lane[i] += lane[i + half];
  return lane[0];
}

/// The same for kLanes vectors at once: after transposing them, the additions are those of whole vectors.
template <class S>
LOCALGRAD_INLINE typename S::V fold_all(typename S::V (&sums)[S::kLanes]) {
  transpose<S>(sums);
#pragma GCC unroll 4
  for (int half = S::kLanes / 2; half > 0; half /= 2)
#pragma GCC unroll 8
    for (int i = 0; i < half; ++i) sums[i] = sums[i] + sums[i + half];
  return sums[0];
}

/// Largest of n > 0 numbers. NaN may be ignored; the cost, which depends on every number, reveals it.
template <class S>
LOCALGRAD_INLINE typename S::T row_max(Index n, const typename S::T* x) {
  auto most = x[0];
  for (Index i = 1; i < n; ++i)
    if (!(x[i] <= most)) most = x[i];
  return most;
}

}  // namespace
}  // namespace localgrad
