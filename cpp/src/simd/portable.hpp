#pragma once

#include "simd/vector.hpp"

#if defined(__aarch64__)
#include <arm_neon.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace localgrad {
namespace {

/// 16-byte vectors by compiler extensions: SSE2 on x86, NEON on ARM. Tile sizes as for AVX2, which also has
/// 16 registers.
struct PortableTiles {
  static constexpr int kPanelVectors = 2;
  static constexpr int rows(int vectors) { return vectors == 1 ? 12 : 6; }
#if defined(__aarch64__)
  static constexpr bool kFused = true;
#else
  static constexpr bool kFused = false;
#endif
};

LOCALGRAD_INLINE Vector<float, 16>::V multiply_add(Vector<float, 16>::V a, Vector<float, 16>::V b,
                                                   Vector<float, 16>::V c) {
#if defined(__aarch64__)
  return vfmaq_f32(c, a, b);
#else
  return a * b + c;
#endif
}

LOCALGRAD_INLINE Vector<double, 16>::V multiply_add(Vector<double, 16>::V a, Vector<double, 16>::V b,
                                                    Vector<double, 16>::V c) {
#if defined(__aarch64__)
  return vfmaq_f64(c, a, b);
#else
  return a * b + c;
#endif
}

// Correctly rounded square roots: by an instruction, or the compiler's function, which IEEE 754 requires to
// give the same result.
LOCALGRAD_INLINE Vector<float, 16>::V square_root(Vector<float, 16>::V v) {
#if defined(__aarch64__)
  return vsqrtq_f32(v);
#elif defined(__SSE2__)
  return _mm_sqrt_ps(v);
#else
  for (int i = 0; i < 4; ++i) v[i] = __builtin_sqrtf(v[i]);
  return v;
#endif
}

LOCALGRAD_INLINE Vector<double, 16>::V square_root(Vector<double, 16>::V v) {
#if defined(__aarch64__)
  return vsqrtq_f64(v);
#elif defined(__SSE2__)
  return _mm_sqrt_pd(v);
#else
  for (int i = 0; i < 2; ++i) v[i] = __builtin_sqrt(v[i]);
  return v;
#endif
}

template <class Number>
struct Portable : Vector<Number, 16>, PortableTiles {
  using typename Vector<Number, 16>::V;
  static LOCALGRAD_INLINE V fma(V a, V b, V c) { return multiply_add(a, b, c); }
  static LOCALGRAD_INLINE V fnma(V a, V b, V c) { return fma(-a, b, c); }
  static LOCALGRAD_INLINE V sqrt(V v) { return square_root(v); }
  using typename Vector<Number, 16>::Words;
  static LOCALGRAD_INLINE Words multiply_halves(Words a, Words b) {
    constexpr std::uint64_t half = 0xffffffffu;
    return (a & half) * (b & half);
  }
  static LOCALGRAD_INLINE V load_partial(const Number* p, Index n) {
    V v{};
    for (Index i = 0; i < n; ++i) v[i] = p[i];
    return v;
  }
  static LOCALGRAD_INLINE void store_partial(Number* p, V v, Index n) {
    for (Index i = 0; i < n; ++i) p[i] = v[i];
  }
};

}  // namespace
}  // namespace localgrad
