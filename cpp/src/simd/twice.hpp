#pragma once

// Two vectors as one. The operations of functions/ on them alternate between the two, so that each hides some
// of the latency of the other.

#include "simd/vector.hpp"

namespace localgrad {
namespace {

/// Two values of type V with the operators of vectors. M is the type of the result of a comparison. GCC keeps
/// two members in registers, but not an array of two.
template <class V, class M>
struct Two {
  V low, high;

#define LOCALGRAD_TWO(op)                                               \
  friend LOCALGRAD_INLINE Two operator op(const Two& a, const Two& b) { \
    return {a.low op b.low, a.high op b.high};                          \
  }
  LOCALGRAD_TWO(+)
  LOCALGRAD_TWO(-)
  LOCALGRAD_TWO(*)
  LOCALGRAD_TWO(/)
  LOCALGRAD_TWO(&)
  LOCALGRAD_TWO(|)
#undef LOCALGRAD_TWO
  friend LOCALGRAD_INLINE Two<M, M> operator>(const Two& a, const Two& b) {
    return {a.low > b.low, a.high > b.high};
  }
  friend LOCALGRAD_INLINE Two<M, M> operator<(const Two& a, const Two& b) { return b > a; }
  LOCALGRAD_INLINE Two operator-() const { return {-low, -high}; }
  LOCALGRAD_INLINE Two operator<<(int by) const { return {low << by, high << by}; }
};

/// The vector type of two vectors of S, for the functions of functions/.
template <class S>
struct Twice {
  using T = typename S::T;
  using Integer = typename S::Integer;
  using I = Two<typename S::I, typename S::I>;
  using V = Two<typename S::V, typename S::I>;
  static constexpr int kLanes = 2 * S::kLanes;

  static LOCALGRAD_INLINE V load(const T* p) { return {S::load(p), S::load(p + S::kLanes)}; }
  static LOCALGRAD_INLINE void store(T* p, const V& v) {
    S::store(p, v.low);
    S::store(p + S::kLanes, v.high);
  }
  static LOCALGRAD_INLINE V broadcast(T x) { return {S::broadcast(x), S::broadcast(x)}; }
  static LOCALGRAD_INLINE I broadcast_bits(Integer x) { return {S::broadcast_bits(x), S::broadcast_bits(x)}; }
  static LOCALGRAD_INLINE I bits(const V& v) { return {S::bits(v.low), S::bits(v.high)}; }
  static LOCALGRAD_INLINE V from_bits(const I& i) { return {S::from_bits(i.low), S::from_bits(i.high)}; }
  static LOCALGRAD_INLINE V abs(const V& v) { return {S::abs(v.low), S::abs(v.high)}; }
  static LOCALGRAD_INLINE V max(const V& a, const V& b) {
    return {S::max(a.low, b.low), S::max(a.high, b.high)};
  }
  static LOCALGRAD_INLINE V min(const V& a, const V& b) {
    return {S::min(a.low, b.low), S::min(a.high, b.high)};
  }
  static LOCALGRAD_INLINE V select(const I& mask, const V& a, const V& b) {
    return {S::select(mask.low, a.low, b.low), S::select(mask.high, a.high, b.high)};
  }
  static LOCALGRAD_INLINE V fma(const V& a, const V& b, const V& c) {
    return {S::fma(a.low, b.low, c.low), S::fma(a.high, b.high, c.high)};
  }
  static LOCALGRAD_INLINE V fnma(const V& a, const V& b, const V& c) {
    return {S::fnma(a.low, b.low, c.low), S::fnma(a.high, b.high, c.high)};
  }
  static LOCALGRAD_INLINE V sqrt(const V& v) { return {S::sqrt(v.low), S::sqrt(v.high)}; }
};

}  // namespace
}  // namespace localgrad
