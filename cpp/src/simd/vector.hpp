#pragma once

// The common part of the vector types of all instruction sets, written with the compiler's vector
// extensions. A V has kLanes numbers, an I as many integers of the same size; + - * / & | ^ << and
// comparisons work lane by lane.
//
// Everything is in an anonymous namespace and always inlined. Otherwise the linker could keep a copy of an
// inline function that was compiled for AVX-512 and use it for all callers.

#include <cfloat>
#include <cstddef>
#include <cstdint>

#define LOCALGRAD_INLINE __attribute__((always_inline)) inline

namespace localgrad {

static_assert(FLT_EVAL_METHOD == 0 || FLT_EVAL_METHOD == 16,
              "numbers must be rounded to their own type after every operation: for x86 of 32 bits -msse2 "
              "-mfpmath=sse");

using Index = std::ptrdiff_t;

namespace {

template <class T>
struct IntegerOf;
template <>
struct IntegerOf<float> {
  using Type = std::int32_t;
};
template <>
struct IntegerOf<double> {
  using Type = std::int64_t;
};

template <int... kLane>
struct Lanes {};
template <int n, int... kLane>
struct CountLanes : CountLanes<n - 1, n - 1, kLane...> {};
template <int... kLane>
struct CountLanes<0, kLane...> {
  using Type = Lanes<kLane...>;  // Lanes<0, 1, .., n-1>
};

/// Operations that need no special instruction. The vector type of an instruction set derives from this
/// class and adds fma, sqrt, multiply_halves (64-bit products of the low halves of 64-bit lanes),
/// load_partial, store_partial and the tile sizes of the micro-kernel. It also adds max and min if there are
/// instructions for them, because the compiler generates two instructions for a comparison and a selection.
template <class Number, int kBytes>
struct Vector {
  using T = Number;
  using Integer = typename IntegerOf<T>::Type;
  static constexpr int kLanes = kBytes / static_cast<int>(sizeof(T));
  typedef T V __attribute__((vector_size(kBytes)));
  typedef Integer I __attribute__((vector_size(kBytes)));
  typedef std::uint64_t Words __attribute__((vector_size(kBytes)));
  typedef T Unaligned __attribute__((vector_size(kBytes), aligned(sizeof(T)), may_alias));

  static LOCALGRAD_INLINE V load(const T* p) { return *reinterpret_cast<const Unaligned*>(p); }
  static LOCALGRAD_INLINE void store(T* p, V v) { *reinterpret_cast<Unaligned*>(p) = v; }
  static LOCALGRAD_INLINE V broadcast(T x) { return x - V{}; }
  static LOCALGRAD_INLINE I broadcast_bits(Integer x) { return x - I{}; }
  static LOCALGRAD_INLINE I bits(V v) { return reinterpret_cast<I>(v); }
  static LOCALGRAD_INLINE V from_bits(I i) { return reinterpret_cast<V>(i); }

  /// mask ? a : b, lane by lane; a mask is the result of a comparison.
  static LOCALGRAD_INLINE V select(I mask, V a, V b) { return mask ? a : b; }
  /// Whether any lane of a mask is set.
  static LOCALGRAD_INLINE bool any(I mask) {
    Integer lane[kLanes], set = 0;
    __builtin_memcpy(lane, &mask, sizeof lane);
    for (const Integer one : lane) set |= one;
    return set != 0;
  }
  static LOCALGRAD_INLINE V abs(V v) { return from_bits(bits(v) & ~bits(broadcast(T(-0.0)))); }
  /// Magnitude of `magnitude` with the sign of `sign`.
  static LOCALGRAD_INLINE V copysign(V magnitude, V sign) {
    const I bit = bits(broadcast(T(-0.0)));
    return from_bits((bits(magnitude) & ~bit) | (bits(sign) & bit));
  }
  /// Larger and smaller number; b if either is NaN or both are zeros, like x86's maxps and minps.
  static LOCALGRAD_INLINE V max(V a, V b) { return select(a > b, a, b); }
  static LOCALGRAD_INLINE V min(V a, V b) { return select(a < b, a, b); }
  /// A mask with lanes 0..n-1 set.
  static LOCALGRAD_INLINE I first(Index n) {
    return count(typename CountLanes<kLanes>::Type{}) < broadcast_bits(static_cast<Integer>(n));
  }

 private:
  template <int... kLane>
  static LOCALGRAD_INLINE I count(Lanes<kLane...>) {
    return I{kLane...};
  }
};

#if defined(__clang__)
template <class S, int kHigh, int... kLane>
LOCALGRAD_INLINE typename S::V interleave_lanes(typename S::V a, typename S::V b, Lanes<kLane...>) {
  constexpr int n = S::kLanes;
  return __builtin_shufflevector(a, b, (kHigh * n / 2 + kLane / 2 + (kLane % 2) * n)...);
}
#else
template <class S, int kHigh, int... kLane>
LOCALGRAD_INLINE typename S::V interleave_lanes(typename S::V a, typename S::V b, Lanes<kLane...>) {
  constexpr int n = S::kLanes;
  return __builtin_shuffle(a, b, typename S::I{(kHigh * n / 2 + kLane / 2 + (kLane % 2) * n)...});
}
#endif

/// Interleaves the lower (kHigh = 0) or upper halves of a and b: a0 b0 a1 b1 ..
template <class S, int kHigh>
LOCALGRAD_INLINE typename S::V interleave(typename S::V a, typename S::V b) {
  return interleave_lanes<S, kHigh>(a, b, typename CountLanes<S::kLanes>::Type{});
}

/// Transposes a matrix of kLanes x kLanes numbers in registers: in each of log2(kLanes) rounds, row i is
/// interleaved with row i + kLanes/2.
template <class S>
LOCALGRAD_INLINE void transpose(typename S::V (&rows)[S::kLanes]) {
  constexpr int half = S::kLanes / 2;
#pragma GCC unroll 4
  for (int width = 1; width < S::kLanes; width *= 2) {
    typename S::V next[S::kLanes];
#pragma GCC unroll 8
    for (int i = 0; i < half; ++i) {
      next[2 * i] = interleave<S, 0>(rows[i], rows[i + half]);
      next[2 * i + 1] = interleave<S, 1>(rows[i], rows[i + half]);
    }
#pragma GCC unroll 16
    for (int i = 0; i < S::kLanes; ++i) rows[i] = next[i];
  }
}

}  // namespace
}  // namespace localgrad
