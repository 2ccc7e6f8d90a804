#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "localgrad/privacy.hpp"

namespace localgrad {

/// Number of rows for which a Poisson sample of `expected` rows on average has room. More rows are drawn with
/// a probability below 1e-18 (Bernstein's inequality); the last ones would be left out.
std::size_t poisson_room(std::size_t expected);

/// Draws the mini-batches of steps first .. first + steps - 1, each of 0..n-1 with the probability expected/n
/// in each of them, from the key. Mini-batch s consists of order[offsets[s] .. offsets[s + 1] - 1].
void draw_poisson(const NoiseKey& key, std::uint64_t first, std::size_t steps, std::size_t n,
                  std::size_t expected, std::vector<std::uint32_t>& order, std::vector<std::size_t>& offsets);

}  // namespace localgrad
