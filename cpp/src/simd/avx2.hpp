#pragma once

#include <immintrin.h>

#include "simd/vector.hpp"

namespace localgrad {
namespace {

/// Tile sizes: the 16 registers hold 12 accumulators, two vectors of B and a broadcast element of A.
struct Avx2Tiles {
  static constexpr int kPanelVectors = 2;
  static constexpr int rows(int vectors) { return vectors == 1 ? 12 : 6; }
  static constexpr bool kFused = true;
};

template <class T>
struct Avx2;

template <>
struct Avx2<float> : Vector<float, 32>, Avx2Tiles {
  static LOCALGRAD_INLINE V fma(V a, V b, V c) { return _mm256_fmadd_ps(a, b, c); }
  static LOCALGRAD_INLINE V fnma(V a, V b, V c) { return _mm256_fnmadd_ps(a, b, c); }
  static LOCALGRAD_INLINE V max(V a, V b) { return _mm256_max_ps(a, b); }
  static LOCALGRAD_INLINE V min(V a, V b) { return _mm256_min_ps(a, b); }
  static LOCALGRAD_INLINE V sqrt(V v) { return _mm256_sqrt_ps(v); }
  static LOCALGRAD_INLINE Words multiply_halves(Words a, Words b) {
    return reinterpret_cast<Words>(
        _mm256_mul_epu32(reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(b)));
  }
  static LOCALGRAD_INLINE V load_apart(const float* p, Index apart) {
    return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(p)), _mm_loadu_ps(p + apart), 1);
  }
  static LOCALGRAD_INLINE V load_partial(const float* p, Index n) {
    return _mm256_maskload_ps(p, reinterpret_cast<__m256i>(first(n)));
  }
  static LOCALGRAD_INLINE void store_partial(float* p, V v, Index n) {
    _mm256_maskstore_ps(p, reinterpret_cast<__m256i>(first(n)), v);
  }
};

template <>
struct Avx2<double> : Vector<double, 32>, Avx2Tiles {
  static LOCALGRAD_INLINE V fma(V a, V b, V c) { return _mm256_fmadd_pd(a, b, c); }
  static LOCALGRAD_INLINE V fnma(V a, V b, V c) { return _mm256_fnmadd_pd(a, b, c); }
  static LOCALGRAD_INLINE V max(V a, V b) { return _mm256_max_pd(a, b); }
  static LOCALGRAD_INLINE V min(V a, V b) { return _mm256_min_pd(a, b); }
  static LOCALGRAD_INLINE V sqrt(V v) { return _mm256_sqrt_pd(v); }
  static LOCALGRAD_INLINE Words multiply_halves(Words a, Words b) {
    return Avx2<float>::multiply_halves(a, b);
  }
  static LOCALGRAD_INLINE V load_apart(const double* p, Index apart) {
    return _mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_loadu_pd(p)), _mm_loadu_pd(p + apart), 1);
  }
  static LOCALGRAD_INLINE V load_partial(const double* p, Index n) {
    return _mm256_maskload_pd(p, reinterpret_cast<__m256i>(first(n)));
  }
  static LOCALGRAD_INLINE void store_partial(double* p, V v, Index n) {
    _mm256_maskstore_pd(p, reinterpret_cast<__m256i>(first(n)), v);
  }
};

}  // namespace
}  // namespace localgrad
