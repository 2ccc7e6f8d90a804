#pragma once

#include "functions/philox.hpp"

namespace localgrad {

constexpr int kRandomBlocks =
    32;  ///< that a call draws: enough to fill AVX-512's vectors, twice as fast as one by one

namespace {

/// Blocks first .. first + kRandomBlocks - 1 of the stream (purpose, which), two words each. Integers are the same everywhere;
/// vectors narrower than AVX-512's are no faster than the wide multiplication of plain registers.
template <class S>
void random_words(std::uint64_t seed, std::uint32_t purpose, std::uint32_t which, std::uint64_t first,
                  std::uint64_t* words) {
  if constexpr (sizeof(typename S::V) == 64)
    random_blocks<kRandomBlocks>(seed, purpose, which, first, words);
  else
    for (int i = 0; i < kRandomBlocks; ++i)
      random_blocks<1>(seed, purpose, which, first + static_cast<std::uint64_t>(i), words + 2 * i);
}

}  // namespace
}  // namespace localgrad
