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

/// What is done with numbers as they are read.
enum class Read { plain, scaled, standardized };

/// Whether every Source is exact as a T.
template <class T, class Source>
constexpr bool kExact = sizeof(T) == 8 || sizeof(Source) < 4;
template <>
constexpr bool kExact<float, float> = true;

/// Standardizes a number of column c. The result depends only on its value: the same number as a float, a
/// double or an integer gives the same bits.
template <class T, class Source>
LOCALGRAD_INLINE T standardize(Source number, const Shift<T>& shift, Index c) {
  const T x = static_cast<T>(number), near = ((x - shift.high[c]) - shift.low[c]) * shift.factor[c];
  if constexpr (kExact<T, Source>) {
    return near;
  } else {
    const double exact = static_cast<double>(number);
    const T rounded = static_cast<T>((exact - shift.mean[c]) * shift.inverse[c]);
    typename Exponent<T>::Bits a, b;  // for `? :`, compilers generate a branch, which prevents vectors
    __builtin_memcpy(&a, &near, sizeof a);
    __builtin_memcpy(&b, &rounded, sizeof b);
    const decltype(a) mask = -static_cast<decltype(a)>(static_cast<double>(x) == exact);
    a = (a & mask) | (b & ~mask);
    T selected;
    __builtin_memcpy(&selected, &a, sizeof selected);
    return selected;
  }
}

/// Copies n numbers, `apart` bytes from each other and possibly unaligned, converted to T and read as
/// `reading` specifies. Returns false if a result is not finite. Only infinities and NaNs have all bits of
/// the exponent set: adding 1 to it carries into the sign bit.
template <class T, class Source, Read kRead>
LOCALGRAD_INLINE bool copy_numbers(const char* from, Index apart, T* __restrict dst, Index n,
                                   const Reading<T>& reading) {
  using E = Exponent<T>;
  const Shift<T> shift = kRead == Read::standardized ? *reading.shift : Shift<T>{};
  const T scale = reading.scale;
  typename E::Bits bad = 0;
  for (Index i = 0; i < n; ++i) {
    Source number;
    __builtin_memcpy(&number, from + i * apart, sizeof number);
    T x;
    if constexpr (kRead == Read::standardized)
      x = standardize<T>(number, shift, i);
    else
      x = static_cast<T>(number);
    if constexpr (kRead == Read::scaled) x *= scale;
    typename E::Bits bits;  // stored as bits too; storing x itself would load it twice if Source is T
    __builtin_memcpy(&bits, &x, sizeof bits);
    __builtin_memcpy(dst + i, &bits, sizeof bits);
    if constexpr (kRead != Read::plain || kMayBeBad<Source>) bad |= (bits & E::kAll) + E::kLowest;
  }
  return (bad & E::kOverflow) == 0;
}

/// Calls f with the kind of reading, as a type.
template <Read kRead>
struct ReadAs {
  static constexpr Read value = kRead;
};
template <class T, class F>
LOCALGRAD_INLINE bool with_reading(const Reading<T>& reading, const F& f) {
  if (reading.shift) return f(ReadAs<Read::standardized>{});
  return reading.scale == T(1) ? f(ReadAs<Read::plain>{}) : f(ReadAs<Read::scaled>{});
}

/// Copies rows of adjacent numbers.
template <class T, class Source>
bool gather(const GatherArgs<T>& g) {
  const Reading<T> reading(g.scale, g.shift);
  return with_reading(reading, [&](auto read) {
    bool good = true;
    for (Index r = 0; r < g.rows; ++r)
      good &= copy_numbers<T, Source, decltype(read)::value>(g.row(r), sizeof(Source),
                                                             g.out + r * g.out_stride, g.width, reading);
    return good;
  });
}

/// Copies kRows rows from row r on without conversion: whole vectors, and a partial one at the end of a row.
/// Clears the sign bits of lanes of `good` in which an exponent has all bits set. Several rows at a time read
/// the arrays of a Shift once.
template <class S, Read kRead, int kRows>
LOCALGRAD_INLINE void gather_vectors(const GatherArgs<typename S::T>& g, Index r, typename S::I& good) {
  using T = typename S::T;
  const Shift<T> shift = kRead == Read::standardized ? *g.shift : Shift<T>{};
  const auto scale = S::broadcast(g.scale);
  const auto exponent = S::broadcast_bits(static_cast<typename S::Integer>(Exponent<T>::kAll));
  const T* from[kRows];
  T* out = g.out + r * g.out_stride;
  for (int i = 0; i < kRows; ++i) from[i] = reinterpret_cast<const T*>(g.row(r + i));
  const auto column = [&](Index c, const auto& load, const auto& store) {
    typename S::V high, low, factor;
    if constexpr (kRead == Read::standardized) {
      high = S::load(shift.high + c);
      low = S::load(shift.low + c);
      factor = S::load(shift.factor + c);
    }
    for (int i = 0; i < kRows; ++i) {
      auto v = load(from[i] + c);
      if constexpr (kRead == Read::standardized) v = ((v - high) - low) * factor;
      if constexpr (kRead == Read::scaled) v = v * scale;
      good &= (S::bits(v) & exponent) - exponent;
      store(out + i * g.out_stride + c, v);
    }
  };
  Index c = 0;
  for (; c + S::kLanes <= g.width; c += S::kLanes)
    column(
        c, [](const T* p) { return S::load(p); }, [](T* p, typename S::V v) { S::store(p, v); });
  const Index left = g.width - c;
  if (left > 0)
    column(
        c, [left](const T* p) { return S::load_partial(p, left); },
        [left](T* p, typename S::V v) { S::store_partial(p, v, left); });
}

/// The same without conversion, for whole vectors.
template <class S>
bool gather_same(const GatherArgs<typename S::T>& g) {
  using T = typename S::T;
  if (reinterpret_cast<std::uintptr_t>(g.source) % sizeof(T) || g.row_bytes % Index{sizeof(T)})
    return gather<T, T>(g);
  return with_reading(Reading<T>(g.scale, g.shift), [&](auto read) {
    constexpr Read kRead = decltype(read)::value;
    constexpr int kRows = kRead == Read::standardized ? 2 : 1;
    auto good = S::broadcast_bits(-1);  // its sign bits stay set if no exponent has all bits set
    Index r = 0;
    for (; r + kRows <= g.rows; r += kRows) gather_vectors<S, kRead, kRows>(g, r, good);
    if (r < g.rows) gather_vectors<S, kRead, 1>(g, r, good);
    typename Exponent<T>::Bits all = Exponent<T>::kOverflow, lane[S::kLanes];
    __builtin_memcpy(lane, &good, sizeof good);
    for (const auto bits : lane) all &= bits;
    return all != 0;
  });
}

}  // namespace
}  // namespace localgrad
