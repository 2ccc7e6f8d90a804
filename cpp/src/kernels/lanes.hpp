#pragma once

// Sums and maxima along a row. 16 virtual lanes take the columns in turn and are folded by halves, on every
// instruction set and for both element types, so that the bits are the same.

#include "simd/vector.hpp"

namespace localgrad {
namespace {

constexpr int kVirtualLanes = 16;

/// The virtual lanes of one sum, in as many vectors as they take.
template <class S>
struct VirtualLanes {
  static constexpr int kParts = kVirtualLanes / S::kLanes;
  typename S::V part[kParts] = {};

  /// Adds term(c), the numbers of columns c..c+kLanes-1, for c in 0..width-1; lanes after width count as 0.
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
  /// Folded until one vector is left.
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

/// The first `left` numbers at p, all that a vector takes if there are so many.
template <class S>
LOCALGRAD_INLINE typename S::V load_first(const typename S::T* p, Index left) {
  return left < S::kLanes ? S::load_partial(p, left) : S::load(p);
}

/// The rest of the folding, to one number.
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

/// The same for kLanes sums at once, each folded to one vector: transposed, their last foldings are additions
/// of vectors.
template <class S>
LOCALGRAD_INLINE typename S::V fold_all(typename S::V (&sums)[S::kLanes]) {
  transpose<S>(sums);
#pragma GCC unroll 4
  for (int half = S::kLanes / 2; half > 0; half /= 2)
#pragma GCC unroll 8
    for (int i = 0; i < half; ++i) sums[i] = sums[i] + sums[i + half];
  return sums[0];
}

/// The largest of n > 0 numbers. A NaN may be passed over; the cost, which reads every number, shows it.
template <class S>
LOCALGRAD_INLINE typename S::T row_max(Index n, const typename S::T* x) {
  auto most = x[0];
  for (Index i = 1; i < n; ++i)
    if (!(x[i] <= most)) most = x[i];
  return most;
}

}  // namespace
}  // namespace localgrad
