#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "engine/data/shuffle.hpp"
#include "localgrad/network.hpp"

using namespace localgrad;

namespace {

using Block = std::array<std::uint64_t, 4>;

/// Computes two counters at once and returns one.
Block philox_of(std::uint64_t seed, Block counter) {
  std::uint64_t c[4][2] = {};
  for (std::size_t w = 0; w < 4; ++w) c[w][1] = counter[w];
  philox<2>(seed, c);
  return {c[0][1], c[1][1], c[2][1], c[3][1]};
}

}  // namespace

TEST_CASE("Philox reproduces the published test vectors") {
  // Random123, kat_vectors, philox4x32 10.
  constexpr std::uint64_t ones = 0xffffffff;
  CHECK(philox_of(0, {0, 0, 0, 0}) == Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox_of(~std::uint64_t{0}, {ones, ones, ones, ones}) ==
        Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox_of(0x299f31d0a4093822, {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}) ==
        Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("many blocks are the same as blocks drawn one by one") {
  const std::uint64_t first = 0xfffffff0;  // the counter carries
  std::uint64_t words[2 * kRandomBlocks];
  kernels<float>().random_words(7, 1, 3, first, words);
  for (std::size_t i = 0; i < kRandomBlocks; ++i) {
    const auto block = random_words(7, Purpose::shuffle, 3, first + i);
    CHECK(words[2 * i] == block[0]);
    CHECK(words[2 * i + 1] == block[1]);
  }
}

TEST_CASE("multiply_high returns the high half of a product") {
  CHECK(multiply_high(~std::uint64_t{0}, ~std::uint64_t{0}) == ~std::uint64_t{0} - 1);
  CHECK(multiply_high(std::uint64_t{1} << 63, 10) == 5);
  CHECK(multiply_high(0x123456789abcdef0, 0xfedcba9876543210) == 0x121fa00ad77d7422);
}

TEST_CASE("a shuffle is a permutation that depends on the epoch") {
  std::vector<std::uint32_t> a(1000), b(1000), c(1000);
  epoch_order(1, 0, 1, true, a);
  epoch_order(1, 1, 1, true, b);
  epoch_order(1, 0, 1, true, c);
  CHECK(a == c);
  CHECK(a != b);
  std::sort(c.begin(), c.end());
  for (std::uint32_t i = 0; i < 1000; ++i) REQUIRE(c[i] == i);
}

TEST_CASE("each purpose, epoch and draw has a different permutation, which never changes") {
  struct Draw {
    Purpose purpose;
    std::uint64_t which;
    std::uint32_t draw;
    std::vector<std::uint32_t> first;
  };
  std::set<std::vector<std::uint32_t>> all;
  for (const Draw& one :
       {Draw{Purpose::shuffle, 0, 0, {764, 633, 370}}, Draw{Purpose::shuffle, 1, 0, {277, 452, 294}},
        Draw{Purpose::split, 0, 0, {690, 235, 17}}, Draw{Purpose::buffer, 0, 0, {769, 739, 579}},
        Draw{Purpose::buffer, 0, 1, {695, 582, 794}}, Draw{Purpose::buffer, 1, 0, {772, 485, 860}},
        Draw{Purpose::buffer, 0, 0xffffffff, {807, 127, 512}}}) {
    std::vector<std::uint32_t> order(1000);
    permute(7, one.purpose, one.which, one.draw, order);
    CHECK(std::vector<std::uint32_t>(order.begin(), order.begin() + 3) == one.first);
    CHECK(all.insert(order).second);
    std::sort(order.begin(), order.end());
    for (std::uint32_t i = 0; i < 1000; ++i) REQUIRE(order[i] == i);
  }
}

TEST_CASE("initial parameters have the expected variances") {
  const auto variance = [](const char* init, const char* activation) {
    Options options;
    options.init = init;
    options.activation = {activation};
    Network<double> net({300, 200, 10}, options);
    double sum = 0;
    for (int i = 0; i < 300 * 200; ++i) sum += net.weights(0)[i] * net.weights(0)[i];
    return sum / (300 * 200);
  };
  CHECK(variance("he", "tanh") == doctest::Approx(2.0 / 300).epsilon(0.03));
  CHECK(variance("xavier", "relu") == doctest::Approx(2.0 / 500).epsilon(0.03));
  CHECK(variance("normal", "tanh") == doctest::Approx(1.0).epsilon(0.03));
  CHECK(variance("auto", "relu") == variance("xavier", "relu"));
  CHECK(variance("auto", "leaky_relu") == variance("xavier", "relu"));
  CHECK(variance("auto", "elu") == variance("he", "relu"));
  CHECK(variance("auto", "sigmoid") == doctest::Approx(2.0 / 500).epsilon(0.03));
  CHECK(variance("zeros", "relu") == 0);
}
