#pragma once

#include <array>
#include <cstdint>

#include "functions/philox.hpp"

namespace localgrad {

/// What a random number is used for: the last word of its counter. The word before it is the layer or the
/// epoch.
///
/// Every random number is a function of the seed and of its use. No generator state needs to be saved, and
/// results do not depend on the number of threads.
enum class Purpose : std::uint32_t {
  initialize = 0,
  shuffle = 1,
  dropout = 2,
  noise = 3,
  split = 4,        ///< which rows are held out for validation
  buffer = 5,       ///< the order within a shuffle buffer
  importance = 6,   ///< which rows are drawn by importance sampling
  eigenvector = 7,  ///< the first vector of the Lanczos method
};

/// Purpose of the random numbers for dropout of activations l, with separate streams for each l.
inline std::uint32_t dropout_purpose(std::uint32_t l) {
  return static_cast<std::uint32_t>(Purpose::dropout) + 256 * l;
}

/// Returns block `index` of the stream (purpose, which) as two 64-bit words.
inline std::array<std::uint64_t, 2> random_words(std::uint64_t seed, Purpose purpose, std::uint32_t which,
                                                 std::uint64_t index) {
  std::array<std::uint64_t, 2> words{};
  random_blocks<1>(seed, static_cast<std::uint32_t>(purpose), which, index, words.data());
  return words;
}

}  // namespace localgrad
