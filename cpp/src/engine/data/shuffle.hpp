#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "kernels/dispatch.hpp"
#include "kernels/random.hpp"
#include "model/purpose.hpp"

namespace localgrad {

/// High 64 bits of a * b. For a random word a, they are a random number below b.
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

/// Writes a permutation of 0..n-1 that depends only on (seed, purpose, which, draw): the Fisher-Yates
/// shuffle from the end, with two words per block of random numbers. n rows take n / 2 blocks, so that draws
/// of up to 2^32 rows use different blocks.
inline void permute(std::uint64_t seed, Purpose purpose, std::uint64_t which, std::uint32_t draw,
                    std::vector<std::uint32_t>& order) {
  std::iota(order.begin(), order.end(), std::uint32_t{0});
  constexpr std::size_t words_a_call = 2 * kRandomBlocks;
  std::uint64_t words[words_a_call];
  std::size_t word = 0;
  for (std::size_t t = order.size(); t-- > 1; ++word) {
    if (word % words_a_call == 0)
      kernels<float>().random_words(seed, static_cast<std::uint32_t>(purpose),
                                    static_cast<std::uint32_t>(which), (std::uint64_t{draw} << 32) + word / 2,
                                    words);
    std::swap(order[t], order[multiply_high(words[word % words_a_call], t + 1)]);
  }
}

/// Writes the order of the rows in an epoch, which depends on (seed, epoch). Rows are not shuffled if
/// `shuffle` is false or all rows are in one mini-batch, where the order has no effect.
inline void epoch_order(std::uint64_t seed, std::uint64_t epoch, std::size_t batch_size, bool shuffle,
                        std::vector<std::uint32_t>& order) {
  if (shuffle && order.size() > batch_size)
    permute(seed, Purpose::shuffle, epoch, 0, order);
  else
    std::iota(order.begin(), order.end(), std::uint32_t{0});
}

/// Draws rows for an epoch with replacement, row i with a probability proportional to chances[i] >= 0, whose
/// sum must be above 0. It depends on (seed, epoch).
inline void importance_order(std::uint64_t seed, std::uint64_t epoch, const std::vector<double>& chances,
                             std::vector<std::uint32_t>& order) {
  std::vector<double> until(chances.size());
  std::partial_sum(chances.begin(), chances.end(), until.begin());
  for (std::size_t t = 0; t < order.size(); ++t) {
    const auto words = random_words(seed, Purpose::importance, static_cast<std::uint32_t>(epoch), t / 2);
    const double u = static_cast<double>(words[t % 2] >> 11) * 0x1p-53 * until.back();
    const auto row = std::upper_bound(until.begin(), until.end() - 1, u) - until.begin();
    order[t] = static_cast<std::uint32_t>(row);
  }
}

}  // namespace localgrad
