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
/// class and adds fma, fnma (c - a b, rounded once), sqrt, multiply_halves (64-bit products of the low
/// halves of 64-bit lanes), load_partial, store_partial and the tile sizes of the micro-kernel. It also
/// adds max and min if there are instructions for them, because the compiler generates two instructions for
/// a comparison and a selection.
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
  /// 16 bytes each from p, p + apart, p + 2 apart ..
  static LOCALGRAD_INLINE V load_apart(const T* p, Index apart) {
    V v;
    for (int i = 0; i < kBytes / 16; ++i)
      __builtin_memcpy(reinterpret_cast<char*>(&v) + 16 * i, p + i * apart, 16);
    return v;
  }
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
template <class S, class Pick, int... kLane>
LOCALGRAD_INLINE typename S::V pick_lanes(typename S::V a, typename S::V b, Lanes<kLane...>) {
  return __builtin_shufflevector(a, b, Pick::of(kLane)...);
}
#else
template <class S, class Pick, int... kLane>
LOCALGRAD_INLINE typename S::V pick_lanes(typename S::V a, typename S::V b, Lanes<kLane...>) {
  return __builtin_shuffle(a, b, typename S::I{Pick::of(kLane)...});
}
#endif

/// A vector of the lanes Pick::of(0), Pick::of(1), .. of a, followed by b. The ones below are single
/// instructions.
template <class S, class Pick>
LOCALGRAD_INLINE typename S::V pick(typename S::V a, typename S::V b) {
  return pick_lanes<S, Pick>(a, b, typename CountLanes<S::kLanes>::Type{});
}

/// Interleaves the lower or upper halves of each 16 bytes of a and b, in groups of kGroup lanes.
template <class S, int kGroup, bool kUpper>
struct Interleave {
  static constexpr int of(int lane) {
    constexpr int part = 16 / static_cast<int>(sizeof(typename S::T));
    const int group = lane % part / kGroup, from = group / 2 + (kUpper ? part / kGroup / 2 : 0);
    return lane - lane % part + from * kGroup + lane % kGroup + (group % 2) * S::kLanes;
  }
};

/// Exchanges the upper half of each 2 kGroup lanes of a and the lower half of those of b; returns a or b.
template <class S, int kGroup, bool kOfB>
struct Exchange {
  static constexpr int of(int lane) {
    const bool upper = lane & kGroup;
    return lane + (upper ? S::kLanes - (kOfB ? 0 : kGroup) : (kOfB ? kGroup : 0));
  }
};

template <class S, int kGroup>
LOCALGRAD_INLINE void exchange(typename S::V (&rows)[S::kLanes]) {
  if constexpr (kGroup < S::kLanes) {
#pragma GCC unroll 16
    for (int i = 0; i < S::kLanes; ++i) {
      if (i & kGroup) continue;
      const auto a = rows[i], b = rows[i + kGroup];
      rows[i] = pick<S, Exchange<S, kGroup, false>>(a, b);
      rows[i + kGroup] = pick<S, Exchange<S, kGroup, true>>(a, b);
    }
    exchange<S, 2 * kGroup>(rows);
  }
}

/// Numbers in 16 bytes.
template <class S>
constexpr int kPart = 16 / static_cast<int>(sizeof(typename S::T));

/// Transposes the squares of kPart x kPart numbers that kPart vectors consist of.
template <class S>
LOCALGRAD_INLINE void transpose_parts(typename S::V* rows) {
  static_assert(kPart<S> == 2 || kPart<S> == 4, "numbers have 4 or 8 bytes");
  const auto a = pick<S, Interleave<S, 1, false>>(rows[0], rows[1]);
  const auto b = pick<S, Interleave<S, 1, true>>(rows[0], rows[1]);
  if constexpr (kPart<S> == 2) {
    rows[0] = a;
    rows[1] = b;
  } else {
    const auto c = pick<S, Interleave<S, 1, false>>(rows[2], rows[3]);
    const auto d = pick<S, Interleave<S, 1, true>>(rows[2], rows[3]);
    rows[0] = pick<S, Interleave<S, 2, false>>(a, c);
    rows[1] = pick<S, Interleave<S, 2, true>>(a, c);
    rows[2] = pick<S, Interleave<S, 2, false>>(b, d);
    rows[3] = pick<S, Interleave<S, 2, true>>(b, d);
  }
}

/// Transposes a matrix of kLanes x kLanes numbers in registers: first its squares of 16 bytes, then squares
/// of squares.
template <class S>
LOCALGRAD_INLINE void transpose(typename S::V (&rows)[S::kLanes]) {
#pragma GCC unroll 8
  for (int i = 0; i < S::kLanes; i += kPart<S>) transpose_parts<S>(rows + i);
  exchange<S, kPart<S>>(rows);
}

}  // namespace
}  // namespace localgrad
