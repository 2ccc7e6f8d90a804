#pragma once

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "kernels/dispatch.hpp"
#include "kernels/random.hpp"
#include "model/philox.hpp"

namespace localgrad {

/// The high 64 bits of a * b: a random word times n, shifted down, is a number below n.
inline std::uint64_t multiply_high(std::uint64_t a, std::uint64_t b) {
#if defined(__SIZEOF_INT128__)
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>(static_cast<Wide>(a) * b >> 64);
#else
  const std::uint64_t a0 = a & 0xffffffffu, a1 = a >> 32, b0 = b & 0xffffffffu, b1 = b >> 32;
  const std::uint64_t middle = a1 * b0 + (a0 * b0 >> 32), cross = a0 * b1 + (middle & 0xffffffffu);
  return a1 * b1 + (middle >> 32) + (cross >> 32);
#endif
}

/// Writes a permutation of 0..n-1 that depends on (seed, epoch) alone: the shuffle of Fisher and Yates from the back, two
/// draws from each block of random numbers.
inline void shuffle_rows(std::uint64_t seed, std::uint64_t epoch, std::vector<std::uint32_t>& order) {
  std::iota(order.begin(), order.end(), std::uint32_t{0});
  constexpr std::size_t draws = 2 * kRandomBlocks;
  std::uint64_t words[draws];
  std::size_t draw = 0;
  for (std::size_t t = order.size(); t-- > 1; ++draw) {
    if (draw % draws == 0)
      kernels<float>().random_words(seed, static_cast<std::uint32_t>(Purpose::shuffle),
                                    static_cast<std::uint32_t>(epoch), draw / 2, words);
    std::swap(order[t], order[multiply_high(words[draw % draws], t + 1)]);
  }
}

}  // namespace localgrad
