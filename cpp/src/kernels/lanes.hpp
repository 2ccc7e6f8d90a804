#pragma once

// Sums and maxima along a row. 16 virtual lanes take the columns in turn and are folded by halves, on every
// instruction set and for both element types, so that the bits are the same.

#include "simd/vector.hpp"

namespace localgrad {
namespace {

constexpr int kVirtualLanes = 16;

template <class S>
class RowSum {
 public:
  LOCALGRAD_INLINE RowSum() {
#pragma GCC unroll 8
    for (int i = 0; i < kParts; ++i) part_[i] = S::broadcast(0);
  }
  /// Adds term(c, columns c..c+kLanes-1) for c in 0..width-1; lanes behind width count as 0.
  template <class Term>
  LOCALGRAD_INLINE void add(Index width, const Term& term) {
    for (Index c = 0; c < width; c += kVirtualLanes)
#pragma GCC unroll 8
      for (int i = 0; i < kParts; ++i) {
        const Index left = width - c - i * S::kLanes;
        if (left <= 0) break;
        auto v = term(c + i * S::kLanes);
        if (left < S::kLanes) v = S::select(S::first(left), v, S::broadcast(0));
        part_[i] = part_[i] + v;
      }
  }
  LOCALGRAD_INLINE typename S::T total() const {
    typename S::T lane[kVirtualLanes];
#pragma GCC unroll 8
    for (int i = 0; i < kParts; ++i) S::store(lane + i * S::kLanes, part_[i]);
#pragma GCC unroll 4
    for (int half = kVirtualLanes / 2; half > 0; half /= 2)
#pragma GCC unroll 8
      for (int i = 0; i < half; ++i) lane[i] += lane[i + half];
    return lane[0];
  }

 private:
  static constexpr int kParts = kVirtualLanes / S::kLanes;
  typename S::V part_[kParts];
};

/// The largest of n > 0 numbers. A not-a-number may be passed over; the cost, which reads every number, shows it.
template <class S>
LOCALGRAD_INLINE typename S::T row_max(Index n, const typename S::T* x) {
  auto most = x[0];
  for (Index i = 1; i < n; ++i)
    if (!(x[i] <= most)) most = x[i];
  return most;
}

}  // namespace
}  // namespace localgrad
