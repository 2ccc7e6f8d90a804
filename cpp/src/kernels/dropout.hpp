#pragma once

// Dropout and noise. The random numbers only depend on the seed, the epoch, the layer, the position of the
// example in the epoch and the unit, so that any thread can draw any of them.

#include "functions/normal.hpp"
#include "kernels/args.hpp"
#include "kernels/random.hpp"

namespace localgrad {
namespace {

/// Intersection of the columns of a run of blocks with the requested columns.
template <class T>
LOCALGRAD_INLINE void clip_columns(const RandomArgs<T>& a, Index column, Index columns, Index& begin,
                                   Index& end) {
  begin = column < a.column_begin ? a.column_begin : column;
  end = column + columns < a.column_end ? column + columns : a.column_end;
}

/// Inverted dropout (Srivastava et al. 2014): each number is dropped or multiplied by 1/(1 - rate), which
/// preserves the mean. A unit uses 16 random bits: unit u uses number u % 8 of its block.
template <class S>
void dropout(const RandomArgs<typename S::T>& a) {
  using T = typename S::T;
  each_random_block<S, 8>(a, [&](const std::uint64_t* words, Index row, Index column, int count) {
    typedef std::uint16_t Half __attribute__((may_alias));
    Index begin, end;
    clip_columns(a, column, 8 * count, begin, end);
    const Half* number =
        reinterpret_cast<const Half*>(words) + (begin - column);  // low halves first: little-endian
    const T* source = a.from + row * a.from_stride + begin;
    T* to = a.to + row * a.to_stride + begin;
    T kept[8 * kRandomBlocks];
    T* mask = a.mask ? a.mask + row * a.mask_stride + begin : kept;
    const Index n = end - begin;
    const T scale = a.scale;
    const auto threshold = static_cast<std::uint16_t>(a.threshold);
#if defined(__clang__)
#pragma clang loop vectorize(assume_safety)
#else
#pragma GCC ivdep
#endif
    for (Index c = 0; c < n; ++c) {
      const T factor = number[c] < threshold ? T(0) : scale;
      mask[c] = factor;
      to[c] = source[c] * factor;
    }
  });
}

/// Adds normal numbers with standard deviation `scale`: unit u uses the number u % 4 of the four of its
/// block.
template <class S>
void noise(const RandomArgs<typename S::T>& a) {
  using T = typename S::T;
  each_random_block<S, 4>(a, [&](const std::uint64_t* words, Index row, Index column, int count) {
    T numbers[4 * kRandomBlocks];
    T u1[2 * kRandomBlocks] = {}, u2[2 * kRandomBlocks] = {};
    constexpr double unit = 1.0 / 4294967296.0;
    for (int i = 0; i < 2 * count; ++i) {  // a word gives two uniform numbers
      u1[i] = static_cast<T>((static_cast<double>(static_cast<std::uint32_t>(words[i])) + 1) * unit);
      u2[i] = static_cast<T>(static_cast<double>(static_cast<std::uint32_t>(words[i] >> 32)) * unit);
    }
    for (int i = 0; i < 2 * count; i += S::kLanes) {
      T even[S::kLanes], odd[S::kLanes];
      typename S::V cosine, sine;
      normal_pair<S>(S::load(u1 + i), S::load(u2 + i), cosine, sine);
      S::store(even, cosine);
      S::store(odd, sine);
      for (int lane = 0; lane < S::kLanes; ++lane) {
        numbers[2 * (i + lane)] = even[lane];
        numbers[2 * (i + lane) + 1] = odd[lane];
      }
    }
    Index begin, end;
    clip_columns(a, column, 4 * count, begin, end);
    const T* source = a.from + row * a.from_stride;
    T* to = a.to + row * a.to_stride;
    for (Index c = begin; c < end; ++c) to[c] = source[c] + a.scale * numbers[c - column];
  });
}

}  // namespace
}  // namespace localgrad
