#pragma once

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "model/philox.hpp"

namespace localgrad {

/// The high 64 bits of a * b: a random word times n, shifted down, is a number below n.
inline std::uint64_t multiply_high(std::uint64_t a, std::uint64_t b) {
  const std::uint64_t a0 = a & 0xffffffffu, a1 = a >> 32, b0 = b & 0xffffffffu, b1 = b >> 32;
  const std::uint64_t middle = a1 * b0 + (a0 * b0 >> 32), cross = a0 * b1 + (middle & 0xffffffffu);
  return a1 * b1 + (middle >> 32) + (cross >> 32);
}

/// Writes a permutation of 0..n-1 that depends on (seed, epoch) alone: the shuffle of Fisher and Yates from the back, two
/// draws from each block of random numbers.
inline void shuffle_rows(std::uint64_t seed, std::uint64_t epoch, std::vector<std::uint32_t>& order) {
  const Philox philox(seed);
  std::iota(order.begin(), order.end(), std::uint32_t{0});
  std::uint64_t draw = 0;
  std::array<std::uint64_t, 2> words{};
  for (std::size_t t = order.size(); t-- > 1; ++draw) {
    if (draw % 2 == 0)
      words = random_words(philox, Purpose::shuffle, static_cast<std::uint32_t>(epoch), draw / 2);
    std::swap(order[t], order[multiply_high(words[draw % 2], t + 1)]);
  }
}

}  // namespace localgrad
