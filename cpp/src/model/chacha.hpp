#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "localgrad/privacy.hpp"

namespace localgrad {

/// What a block of ChaCha20 is used for: the second word of its counter.
enum class SecretPurpose : std::uint32_t {
  noise = 0,     ///< keys of the noise; the block is the layer
  sampling = 1,  ///< which rows a mini-batch has
};

/// Returns a block of 16 random words of ChaCha20 (RFC 8439). The last four words of its state are the block,
/// the purpose, and the step; with those of a counter and a nonce, it is the function of the RFC.
inline std::array<std::uint32_t, 16> chacha(const NoiseKey& key, std::uint32_t block, std::uint32_t purpose,
                                            std::uint64_t step) {
  std::array<std::uint32_t, 16> start{0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
  for (std::size_t i = 0; i < 8; ++i) start[4 + i] = static_cast<std::uint32_t>(key[i / 2] >> (i % 2 * 32));
  start[12] = block;
  start[13] = purpose;
  start[14] = static_cast<std::uint32_t>(step);
  start[15] = static_cast<std::uint32_t>(step >> 32);
  auto v = start;
  const auto turn = [](std::uint32_t x, int by) { return x << by | x >> (32 - by); };
  const auto quarter = [&](std::size_t a, std::size_t b, std::size_t c, std::size_t d) {
    v[d] = turn(v[d] ^ (v[a] += v[b]), 16);
    v[b] = turn(v[b] ^ (v[c] += v[d]), 12);
    v[d] = turn(v[d] ^ (v[a] += v[b]), 8);
    v[b] = turn(v[b] ^ (v[c] += v[d]), 7);
  };
  for (int round = 0; round < 10; ++round) {
    for (std::size_t i = 0; i < 4; ++i) quarter(i, 4 + i, 8 + i, 12 + i);
    for (std::size_t i = 0; i < 4; ++i) quarter(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
  }
  for (std::size_t i = 0; i < 16; ++i) v[i] += start[i];
  return v;
}

}  // namespace localgrad
