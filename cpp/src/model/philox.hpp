#pragma once

#include <array>
#include <cstdint>

namespace localgrad {

/// Philox4x32-10 (Salmon et al., Parallel random numbers: as easy as 1, 2, 3, 2011): a keyed permutation of 128-bit
/// counters. Every random number is a function of (seed, where it is used), so there is no state to save and no
/// dependence on threads.
class Philox {
 public:
  using Block = std::array<std::uint32_t, 4>;

  explicit Philox(std::uint64_t seed)
      : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)} {}

  Block operator()(Block counter) const {
    std::uint32_t k0 = key_[0], k1 = key_[1];
    for (int round = 0; round < 10; ++round) {
      const std::uint64_t p0 = std::uint64_t{0xD2511F53} * counter[0],
                          p1 = std::uint64_t{0xCD9E8D57} * counter[2];
      counter = {static_cast<std::uint32_t>(p1 >> 32) ^ counter[1] ^ k0, static_cast<std::uint32_t>(p1),
                 static_cast<std::uint32_t>(p0 >> 32) ^ counter[3] ^ k1, static_cast<std::uint32_t>(p0)};
      k0 += 0x9E3779B9;
      k1 += 0xBB67AE85;
    }
    return counter;
  }

 private:
  std::array<std::uint32_t, 2> key_;
};

/// What a random number is for: the last word of its counter. The word before it is the layer or the epoch.
enum class Purpose : std::uint32_t { initialise = 0, shuffle = 1 };

/// Block `index` of the stream (purpose, which) as two 64-bit words.
inline std::array<std::uint64_t, 2> random_words(const Philox& philox, Purpose purpose, std::uint32_t which,
                                                 std::uint64_t index) {
  const auto r = philox({static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32), which,
                         static_cast<std::uint32_t>(purpose)});
  return {r[0] | std::uint64_t{r[1]} << 32, r[2] | std::uint64_t{r[3]} << 32};
}

}  // namespace localgrad
