#pragma once

#include "functions/philox.hpp"
#include "kernels/args.hpp"

namespace localgrad {

/// Number of blocks per call: enough to fill the vectors of AVX-512, which is twice as fast as one block at
/// a time.
constexpr int kRandomBlocks = 32;

namespace {

/// Applies Philox to the kRandomBlocks counters in c, one word in 64 bits each. Writes two 64-bit words per
/// counter.
template <class S>
LOCALGRAD_INLINE void philox_blocks(std::uint64_t seed, const std::uint64_t (&c)[4][kRandomBlocks],
                                    std::uint64_t* words) {
  using Words = typename S::Words;
  constexpr int lanes = static_cast<int>(sizeof(Words) / 8), n = 4, together = n * lanes;
  static_assert(kRandomBlocks % together == 0, "blocks must fill the vectors");
  for (int first = 0; first < kRandomBlocks; first += together) {
    Words v[4][n];
#pragma GCC unroll 4
    for (int w = 0; w < 4; ++w)
#pragma GCC unroll 4
      for (int i = 0; i < n; ++i) __builtin_memcpy(&v[w][i], c[w] + first + i * lanes, sizeof(Words));
    philox_vectors<S, n>(seed, v);
    std::uint64_t low[together], high[together];
    constexpr std::uint64_t half = 0xffffffffu;
#pragma GCC unroll 4
    for (int i = 0; i < n; ++i) {
      const Words a = (v[0][i] & half) | v[1][i] << 32, b = (v[2][i] & half) | v[3][i] << 32;
      __builtin_memcpy(low + i * lanes, &a, sizeof a);
      __builtin_memcpy(high + i * lanes, &b, sizeof b);
    }
    for (int i = 0; i < together; ++i) {
      words[2 * (first + i)] = low[i];
      words[2 * (first + i) + 1] = high[i];
    }
  }
}

/// Writes blocks first .. first + kRandomBlocks - 1 of the stream (purpose, which), two words per block.
template <class S>
void random_words(std::uint64_t seed, std::uint32_t purpose, std::uint32_t which, std::uint64_t first,
                  std::uint64_t* words) {
  std::uint64_t c[4][kRandomBlocks];
  for (int i = 0; i < kRandomBlocks; ++i)
    set_counter(c, i, first + static_cast<std::uint64_t>(i), which, purpose);
  philox_blocks<S>(seed, c, words);
}

/// Draws one block for every kUnits columns of every row and calls use(words, row, column, count) for each
/// run of `count` blocks of a row, with two words per block. The first block of the run belongs to the
/// columns from `column` on. Row r has blocks = ceil(width / kUnits) blocks of the stream (purpose, epoch),
/// beginning with number (position + r) * blocks.
template <class S, int kUnits, class Use>
LOCALGRAD_INLINE void each_random_block(const RandomArgs<typename S::T>& a, const Use& use) {
  struct Run {  // adjacent blocks of a row
    Index row, block;
    int from, count;
  };
  const Index blocks = ceil_div(a.width, kUnits), begin = a.column_begin / kUnits,
              end = ceil_div(a.column_end, kUnits);
  std::uint64_t c[4][kRandomBlocks] = {}, words[2 * kRandomBlocks];
  for (int i = 0; i < kRandomBlocks; ++i) {
    c[2][i] = a.epoch;
    c[3][i] = a.purpose;
  }
  Run runs[kRandomBlocks];
  Index row = 0, block = begin;
  while (row < a.rows) {
    int n = 0, count = 0;
    for (; n < kRandomBlocks && row < a.rows; ++count) {
      const Index left = end - block, room = kRandomBlocks - n;
      const Run run{row, block, n, static_cast<int>(left < room ? left : room)};
      const std::uint64_t first =
          (a.position + static_cast<std::uint64_t>(row)) * static_cast<std::uint64_t>(blocks) +
          static_cast<std::uint64_t>(block);
      for (int i = 0; i < run.count; ++i) {
        const std::uint64_t number = first + static_cast<std::uint64_t>(i);
        c[0][n + i] = static_cast<std::uint32_t>(number);
        c[1][n + i] = number >> 32;
      }
      runs[count] = run;
      n += run.count;
      block += run.count;
      if (block == end) {
        block = begin;
        ++row;
      }
    }
    philox_blocks<S>(a.seed, c, words);
    for (int i = 0; i < count; ++i)
      use(words + 2 * runs[i].from, runs[i].row, runs[i].block * kUnits, runs[i].count);
  }
}

}  // namespace
}  // namespace localgrad
