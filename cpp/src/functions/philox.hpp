#pragma once

#include <cstdint>

#include "simd/vector.hpp"

namespace localgrad {
namespace {

/// Philox4x32-10 (Salmon et al., Parallel random numbers: as easy as 1, 2, 3, 2011) of n counters at once.
/// Word w of counter i is in the low half of c[w][i], on input and on output. 64-bit elements suit the
/// multiplications, which read their low halves.
template <int n>
LOCALGRAD_INLINE void philox(std::uint64_t seed, std::uint64_t (&c)[4][n]) {
  auto k0 = static_cast<std::uint32_t>(seed), k1 = static_cast<std::uint32_t>(seed >> 32);
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < n; ++i) {
      const std::uint64_t p0 = std::uint64_t{0xD2511F53} * static_cast<std::uint32_t>(c[0][i]);
      const std::uint64_t p1 = std::uint64_t{0xCD9E8D57} * static_cast<std::uint32_t>(c[2][i]);
      c[0][i] = (p1 >> 32) ^ c[1][i] ^ k0;
      c[2][i] = (p0 >> 32) ^ c[3][i] ^ k1;
      c[1][i] = static_cast<std::uint32_t>(p1);
      c[3][i] = static_cast<std::uint32_t>(p0);
    }
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
}

/// The same with vectors, one counter per lane. Word w is in the low half of the lane of c[w]; the high half
/// is unspecified. n vectors are processed together to hide the latency of the multiplications.
template <class S, int n>
LOCALGRAD_INLINE void philox_vectors(std::uint64_t seed, typename S::Words (&c)[4][n]) {
  using Words = typename S::Words;
  auto k0 = static_cast<std::uint32_t>(seed), k1 = static_cast<std::uint32_t>(seed >> 32);
  const Words m0 = std::uint64_t{0xD2511F53} - Words{}, m1 = std::uint64_t{0xCD9E8D57} - Words{};
  for (int round = 0; round < 10; ++round) {
#pragma GCC unroll 8
    for (int i = 0; i < n; ++i) {
      const Words p0 = S::multiply_halves(m0, c[0][i]), p1 = S::multiply_halves(m1, c[2][i]);
      c[0][i] = (p1 >> 32) ^ c[1][i] ^ k0;
      c[2][i] = (p0 >> 32) ^ c[3][i] ^ k1;
      c[1][i] = p1;
      c[3][i] = p0;
    }
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
}

/// Sets counter i to block `block` of the stream (purpose, which).
template <int n>
LOCALGRAD_INLINE void set_counter(std::uint64_t (&c)[4][n], int i, std::uint64_t block, std::uint32_t which,
                                  std::uint32_t purpose) {
  c[0][i] = static_cast<std::uint32_t>(block);
  c[1][i] = block >> 32;
  c[2][i] = which;
  c[3][i] = purpose;
}

/// Writes blocks first .. first + n - 1 of the stream (purpose, which) to `words`, two 64-bit words per
/// block.
template <int n>
LOCALGRAD_INLINE void random_blocks(std::uint64_t seed, std::uint32_t purpose, std::uint32_t which,
                                    std::uint64_t first, std::uint64_t* words) {
  std::uint64_t c[4][n];
  for (int i = 0; i < n; ++i) set_counter(c, i, first + static_cast<std::uint64_t>(i), which, purpose);
  philox<n>(seed, c);
  for (int i = 0; i < n; ++i) {
    words[2 * i] = c[0][i] | c[1][i] << 32;
    words[2 * i + 1] = c[2][i] | c[3][i] << 32;
  }
}

}  // namespace
}  // namespace localgrad
