#include "engine/data/poisson.hpp"

#include <cmath>

#include "model/chacha.hpp"

namespace localgrad {
namespace {

/// Random numbers in (0, 1] of one step: eight of 53 bits from each block.
class StepNumbers {
 public:
  StepNumbers(const NoiseKey& key, std::uint64_t step) : key_(key), step_(step) {}
  double operator()() {
    if (next_ % 8 == 0)
      words_ = chacha(key_, next_ / 8, static_cast<std::uint32_t>(SecretPurpose::sampling), step_);
    const std::size_t at = next_++ % 8 * 2;
    const std::uint64_t bits = words_[at] | std::uint64_t{words_[at + 1]} << 32;
    return static_cast<double>((bits >> 11) + 1) * 0x1p-53;
  }

 private:
  const NoiseKey& key_;
  std::uint64_t step_;
  std::uint32_t next_ = 0;
  std::array<std::uint32_t, 16> words_{};
};

}  // namespace

std::size_t poisson_room(std::size_t expected) {
  const double mean = static_cast<double>(expected);
  return expected + static_cast<std::size_t>(10 * std::sqrt(mean)) + 30;
}

/// The gaps between the rows of a sample have a geometric distribution, so that a sample takes about as many
/// random numbers as it has rows.
void draw_poisson(const NoiseKey& key, std::uint64_t first, std::size_t steps, std::size_t n,
                  std::size_t expected, std::vector<std::uint32_t>& order,
                  std::vector<std::size_t>& offsets) {
  const std::size_t most = poisson_room(expected);
  const double count = static_cast<double>(n);
  const double log_out = std::log1p(-static_cast<double>(expected) / count);  // of leaving out one row
  order.clear();
  offsets.assign(1, 0);
  for (std::size_t s = 0; s < steps; ++s) {
    StepNumbers numbers(key, first + s);
    double row = -1;
    while (order.size() - offsets.back() < most) {
      row += 1 + (expected < n ? std::floor(std::log(numbers()) / log_out) : 0);
      if (row >= count) break;
      order.push_back(static_cast<std::uint32_t>(row));
    }
    offsets.push_back(order.size());
  }
}

}  // namespace localgrad
