#pragma once

// Copying the caller's numbers, whatever their type and layout, and converting and checking them on the way.

#include "kernels/args.hpp"
#include "simd/vector.hpp"

namespace localgrad {
namespace {

/// A boolean as its byte: any but 0 is true, while a bool of C++ may be nothing but 0 and 1.
struct Boolean {
  std::uint8_t byte;
  template <class T>
  LOCALGRAD_INLINE explicit operator T() const {
    return static_cast<T>(byte != 0);
  }
};

template <class Source>
constexpr bool kMayBeBad = false;  // every integer is finite as a float
template <>
constexpr bool kMayBeBad<float> = true;
template <>
constexpr bool kMayBeBad<double> = true;

template <class T>
struct Exponent;
template <>
struct Exponent<float> {
  using Bits = std::uint32_t;
  static constexpr Bits kAll = 0x7f800000u, kLowest = 0x00800000u, kOverflow = 0x80000000u;
};
template <>
struct Exponent<double> {
  using Bits = std::uint64_t;
  static constexpr Bits kAll = 0x7ff0000000000000u, kLowest = 0x0010000000000000u,
                        kOverflow = 0x8000000000000000u;
};

/// Copies n numbers `apart` bytes from each other, aligned or not, and multiplies them by `scale` if kScaled;
/// false if one of the results is not finite as a T. Only infinities and NaNs have all bits of the exponent
/// set: one more carries into the sign.
template <class T, class Source, bool kScaled>
LOCALGRAD_INLINE bool copy_numbers(const char* from, Index apart, T* __restrict dst, Index n, T scale) {
  using E = Exponent<T>;
  typename E::Bits bad = 0;
  for (Index i = 0; i < n; ++i) {
    Source number;
    __builtin_memcpy(&number, from + i * apart, sizeof number);
    T x = static_cast<T>(number);
    if constexpr (kScaled) x *= scale;
    typename E::Bits
        bits;  // stored and checked as bits: for Source = T as a number too it would be loaded twice
    __builtin_memcpy(&bits, &x, sizeof bits);
    __builtin_memcpy(dst + i, &bits, sizeof bits);
    if constexpr (kScaled || kMayBeBad<Source>) bad |= (bits & E::kAll) + E::kLowest;
  }
  return (bad & E::kOverflow) == 0;
}

template <class T, class Source, bool kScaled>
bool gather_numbers(const GatherArgs<T>& g) {
  bool good = true;
  for (Index r = 0; r < g.rows; ++r)
    good &= copy_numbers<T, Source, kScaled>(g.row(r), sizeof(Source), g.out + r * g.out_stride, g.width,
                                             g.scale);
  return good;
}

/// The same of adjacent numbers, row by row.
template <class T, class Source>
bool gather(const GatherArgs<T>& g) {
  return g.scale == T(1) ? gather_numbers<T, Source, false>(g) : gather_numbers<T, Source, true>(g);
}

template <class S, bool kScaled>
bool gather_vectors(const GatherArgs<typename S::T>& g) {
  using T = typename S::T;
  using E = Exponent<T>;
  const auto scale = S::broadcast(g.scale);
  const auto scaled = [&](auto v) {
    if constexpr (kScaled) return v * scale;
    return v;
  };
  const auto exponent = S::broadcast_bits(static_cast<typename S::Integer>(E::kAll));
  auto good = S::broadcast_bits(-1);  // its sign bit survives where no exponent had all bits set
  for (Index r = 0; r < g.rows; ++r) {
    const auto* from = reinterpret_cast<const T*>(g.row(r));
    T* out = g.out + r * g.out_stride;
    Index c = 0;
    for (; c + S::kLanes <= g.width; c += S::kLanes) {
      const auto v = scaled(S::load(from + c));
      good &= (S::bits(v) & exponent) - exponent;
      S::store(out + c, v);
    }
    if (c < g.width) {
      const auto v = scaled(S::load_partial(from + c, g.width - c));
      good &= (S::bits(v) & exponent) - exponent;
      S::store_partial(out + c, v, g.width - c);
    }
  }
  typename E::Bits all = E::kOverflow, lane[S::kLanes];
  __builtin_memcpy(lane, &good, sizeof good);
  for (const auto bits : lane) all &= bits;
  return all != 0;
}

/// The same where nothing is to be converted: whole vectors, the last one in part.
template <class S>
bool gather_same(const GatherArgs<typename S::T>& g) {
  using T = typename S::T;
  if (reinterpret_cast<std::uintptr_t>(g.source) % sizeof(T) || g.row_bytes % Index{sizeof(T)})
    return gather<T, T>(g);
  return g.scale == T(1) ? gather_vectors<S, false>(g) : gather_vectors<S, true>(g);
}

}  // namespace
}  // namespace localgrad
