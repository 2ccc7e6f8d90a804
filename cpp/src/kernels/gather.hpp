#pragma once

// Copies the caller's numbers, of any type and layout, and converts and checks them at the same time.

#include "kernels/args.hpp"
#include "simd/vector.hpp"

namespace localgrad {
namespace {

/// A boolean as a byte: any value other than 0 is true, while a C++ bool may only be 0 or 1.
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

/// Copies n numbers, `apart` bytes from each other and possibly unaligned, converted to T and multiplied by
/// `scale` if kScaled. Returns false if a result is not finite. Only infinities and NaNs have all bits of
/// the exponent set: adding 1 to it carries into the sign bit.
template <class T, class Source, bool kScaled>
LOCALGRAD_INLINE bool copy_numbers(const char* from, Index apart, T* __restrict dst, Index n, T scale) {
  using E = Exponent<T>;
  typename E::Bits bad = 0;
  for (Index i = 0; i < n; ++i) {
    Source number;
    __builtin_memcpy(&number, from + i * apart, sizeof number);
    T x = static_cast<T>(number);
    if constexpr (kScaled) x *= scale;
    typename E::Bits bits;  // stored as bits too; storing x itself would load it twice if Source is T
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

/// The same for rows of adjacent numbers.
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
  auto good = S::broadcast_bits(-1);  // its sign bit stays set if no exponent has all bits set
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

/// The same without conversion: whole vectors, and a partial one at the end of a row.
template <class S>
bool gather_same(const GatherArgs<typename S::T>& g) {
  using T = typename S::T;
  if (reinterpret_cast<std::uintptr_t>(g.source) % sizeof(T) || g.row_bytes % Index{sizeof(T)})
    return gather<T, T>(g);
  return g.scale == T(1) ? gather_vectors<S, false>(g) : gather_vectors<S, true>(g);
}

}  // namespace
}  // namespace localgrad
