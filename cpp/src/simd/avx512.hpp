#pragma once

#include <immintrin.h>

#include "simd/vector.hpp"

namespace localgrad {
namespace {

/// Tile sizes: the 32 registers hold 24 accumulators, the vectors of B and a broadcast element of A. Tiles
/// of 8x3 and 12x2 reach 100 % of the FMA peak from cache. A single column of vectors needs 14 rows to hide
/// the latency of the FMA.
struct Avx512Tiles {
  static constexpr int kPanelVectors = 3;
  static constexpr int rows(int vectors) { return vectors == 1 ? 14 : vectors == 2 ? 12 : 8; }
  static constexpr bool kFused = true;
};

// With a full mask, max, min and sqrt compile to the unmasked instructions. The unmasked intrinsics cause
// GCC 12 to warn of uninitialized reads.
template <class T>
struct Avx512;

template <>
struct Avx512<float> : Vector<float, 64>, Avx512Tiles {
  static LOCALGRAD_INLINE V fma(V a, V b, V c) { return _mm512_fmadd_ps(a, b, c); }
  static LOCALGRAD_INLINE V fnma(V a, V b, V c) { return _mm512_fnmadd_ps(a, b, c); }
  static LOCALGRAD_INLINE V max(V a, V b) { return _mm512_maskz_max_ps(0xffff, a, b); }
  static LOCALGRAD_INLINE V min(V a, V b) { return _mm512_maskz_min_ps(0xffff, a, b); }
  static LOCALGRAD_INLINE V sqrt(V v) { return _mm512_maskz_sqrt_ps(0xffff, v); }
  static LOCALGRAD_INLINE Words multiply_halves(Words a, Words b) {
    return reinterpret_cast<Words>(
        _mm512_maskz_mul_epu32(0xff, reinterpret_cast<__m512i>(a), reinterpret_cast<__m512i>(b)));
  }
  static LOCALGRAD_INLINE V load_apart(const float* p, Index apart) {
    const auto low = _mm512_castps128_ps512(_mm_loadu_ps(p));
    const auto half = _mm512_maskz_insertf32x4(0xffff, low, _mm_loadu_ps(p + apart), 1);
    const auto most = _mm512_maskz_insertf32x4(0xffff, half, _mm_loadu_ps(p + 2 * apart), 2);
    return _mm512_maskz_insertf32x4(0xffff, most, _mm_loadu_ps(p + 3 * apart), 3);
  }
  static LOCALGRAD_INLINE V load_partial(const float* p, Index n) {
    return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << n) - 1), p);
  }
  static LOCALGRAD_INLINE void store_partial(float* p, V v, Index n) {
    _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << n) - 1), v);
  }
};

template <>
struct Avx512<double> : Vector<double, 64>, Avx512Tiles {
  static LOCALGRAD_INLINE V fma(V a, V b, V c) { return _mm512_fmadd_pd(a, b, c); }
  static LOCALGRAD_INLINE V fnma(V a, V b, V c) { return _mm512_fnmadd_pd(a, b, c); }
  static LOCALGRAD_INLINE V max(V a, V b) { return _mm512_maskz_max_pd(0xff, a, b); }
  static LOCALGRAD_INLINE V min(V a, V b) { return _mm512_maskz_min_pd(0xff, a, b); }
  static LOCALGRAD_INLINE V sqrt(V v) { return _mm512_maskz_sqrt_pd(0xff, v); }
  static LOCALGRAD_INLINE Words multiply_halves(Words a, Words b) {
    return Avx512<float>::multiply_halves(a, b);
  }
  static LOCALGRAD_INLINE V load_apart(const double* p, Index apart) {
    return reinterpret_cast<V>(Avx512<float>::load_apart(reinterpret_cast<const float*>(p), 2 * apart));
  }
  static LOCALGRAD_INLINE V load_partial(const double* p, Index n) {
    return _mm512_maskz_loadu_pd(static_cast<__mmask8>((1u << n) - 1), p);
  }
  static LOCALGRAD_INLINE void store_partial(double* p, V v, Index n) {
    _mm512_mask_storeu_pd(p, static_cast<__mmask8>((1u << n) - 1), v);
  }
};

}  // namespace
}  // namespace localgrad
