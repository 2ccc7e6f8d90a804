#pragma once

// The time that the order of the sums takes at least: every product of a sum waits for the one before, and a
// layer for the one before. The sums of all units of a layer can be computed at the same time, so that one
// vector of them is computed here, without reading weights.

#include "functions/math.hpp"
#if defined(__AVX2__) && defined(__FMA__)
#include "simd/avx2.hpp"
#else
#include "simd/portable.hpp"
#endif

namespace bench {

#if defined(__AVX2__) && defined(__FMA__)
using Simd = localgrad::Avx2<float>;
#else
using Simd = localgrad::Portable<float>;
#endif

/// `length` multiply-adds, one after another.
template <int length>
inline Simd::V chain(Simd::V sum) {
  const auto w = Simd::broadcast(0.999f);
#pragma GCC unroll 4
  for (int k = 0; k < length; ++k) sum = Simd::fma(sum, w, w);
  return sum;
}

/// Three layers with the activation tanh in the first two.
template <int in, int hidden>
inline void order_of_sums(const float* x, float* y) {
  const auto first = localgrad::tanh<Simd>(chain<in>(Simd::broadcast(x[0])));
  const auto second = localgrad::tanh<Simd>(chain<hidden>(first));
  y[0] = chain<hidden>(second)[0];
}

}  // namespace bench
