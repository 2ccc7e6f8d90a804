#pragma once

// Several vectors as one. The operations of functions/ on a Wide are those of its parts, one part after
// another, so that the latency of an operation on one part is hidden by the same operation on the others.

#include "simd/vector.hpp"

namespace localgrad {
namespace {

/// n values of type V with the operators of vectors; M is the type of the result of a comparison.
template <class V, class M, int n>
struct Parts {
  V part[n];

#define LOCALGRAD_PARTS(Result, name, expression)                                    \
  friend LOCALGRAD_INLINE Result name(const Parts& a, const Parts& b) {              \
    Result result;                                                                   \
    _Pragma("GCC unroll 4") for (int i = 0; i < n; ++i) result.part[i] = expression; \
    return result;                                                                   \
  }
  LOCALGRAD_PARTS(Parts, operator+, a.part[i] + b.part[i])
  LOCALGRAD_PARTS(Parts, operator-, a.part[i] - b.part[i])
  LOCALGRAD_PARTS(Parts, operator*, a.part[i] * b.part[i])
  LOCALGRAD_PARTS(Parts, operator/, a.part[i] / b.part[i])
  LOCALGRAD_PARTS(Parts, operator&, a.part[i] & b.part[i])
  LOCALGRAD_PARTS(Parts, operator|, a.part[i] | b.part[i])
  using Mask = Parts<M, M, n>;
  LOCALGRAD_PARTS(Mask, operator>, a.part[i] > b.part[i])
#undef LOCALGRAD_PARTS
  LOCALGRAD_INLINE Parts operator-() const {
    return each([](V v) { return -v; });
  }
  LOCALGRAD_INLINE Parts operator~() const {
    return each([](V v) { return ~v; });
  }
  LOCALGRAD_INLINE Parts operator<<(int by) const {
    return each([by](V v) { return v << by; });
  }
  LOCALGRAD_INLINE Parts operator>>(int by) const {
    return each([by](V v) { return v >> by; });
  }

 private:
  template <class F>
  LOCALGRAD_INLINE Parts each(const F& f) const {
    Parts result;
#pragma GCC unroll 4
    for (int i = 0; i < n; ++i) result.part[i] = f(part[i]);
    return result;
  }
};

/// The vector type of n vectors of S, for the functions of functions/.
template <class S, int n>
struct Wide {
  using T = typename S::T;
  using Integer = typename S::Integer;
  using I = Parts<typename S::I, typename S::I, n>;
  using V = Parts<typename S::V, typename S::I, n>;
  static constexpr int kLanes = n * S::kLanes;

  static LOCALGRAD_INLINE V load(const T* p) {
    return make<V>([&](int i) { return S::load(p + i * S::kLanes); });
  }
  static LOCALGRAD_INLINE void store(T* p, const V& v) {
#pragma GCC unroll 4
    for (int i = 0; i < n; ++i) S::store(p + i * S::kLanes, v.part[i]);
  }
  static LOCALGRAD_INLINE V broadcast(T x) {
    return make<V>([&](int) { return S::broadcast(x); });
  }
  static LOCALGRAD_INLINE I broadcast_bits(Integer x) {
    return make<I>([&](int) { return S::broadcast_bits(x); });
  }
  static LOCALGRAD_INLINE I bits(const V& v) {
    return make<I>([&](int i) { return S::bits(v.part[i]); });
  }
  static LOCALGRAD_INLINE V from_bits(const I& v) {
    return make<V>([&](int i) { return S::from_bits(v.part[i]); });
  }
  static LOCALGRAD_INLINE V select(const I& mask, const V& a, const V& b) {
    return make<V>([&](int i) { return S::select(mask.part[i], a.part[i], b.part[i]); });
  }
  static LOCALGRAD_INLINE V abs(const V& v) {
    return make<V>([&](int i) { return S::abs(v.part[i]); });
  }
  static LOCALGRAD_INLINE V max(const V& a, const V& b) {
    return make<V>([&](int i) { return S::max(a.part[i], b.part[i]); });
  }
  static LOCALGRAD_INLINE V min(const V& a, const V& b) {
    return make<V>([&](int i) { return S::min(a.part[i], b.part[i]); });
  }
  static LOCALGRAD_INLINE V fma(const V& a, const V& b, const V& c) {
    return make<V>([&](int i) { return S::fma(a.part[i], b.part[i], c.part[i]); });
  }

 private:
  template <class Result, class F>
  static LOCALGRAD_INLINE Result make(const F& f) {
    Result result;
#pragma GCC unroll 4
    for (int i = 0; i < n; ++i) result.part[i] = f(i);
    return result;
  }
};

}  // namespace
}  // namespace localgrad
