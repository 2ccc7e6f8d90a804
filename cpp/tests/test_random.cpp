#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "engine/shuffle.hpp"
#include "localgrad/network.hpp"

using namespace localgrad;

TEST_CASE("Philox gives the published vectors") {
  // Random123, kat_vectors, philox4x32 10.
  CHECK(Philox(0)({0, 0, 0, 0}) == Philox::Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(Philox(~std::uint64_t{0})({~0u, ~0u, ~0u, ~0u}) ==
        Philox::Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(Philox(0x299f31d0a4093822)({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}) ==
        Philox::Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("the high half of a product") {
  CHECK(multiply_high(~std::uint64_t{0}, ~std::uint64_t{0}) == ~std::uint64_t{0} - 1);
  CHECK(multiply_high(std::uint64_t{1} << 63, 10) == 5);
  CHECK(multiply_high(0x123456789abcdef0, 0xfedcba9876543210) == 0x121fa00ad77d7422);
}

TEST_CASE("a shuffle is a permutation that depends on seed and epoch") {
  std::vector<std::uint32_t> a(1000), b(1000), c(1000);
  shuffle_rows(1, 0, a);
  shuffle_rows(1, 1, b);
  shuffle_rows(1, 0, c);
  CHECK(a == c);
  CHECK(a != b);
  std::sort(c.begin(), c.end());
  for (std::uint32_t i = 0; i < 1000; ++i) REQUIRE(c[i] == i);
}

TEST_CASE("initial parameters have the variances they should") {
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
  CHECK(variance("auto", "relu") == doctest::Approx(2.0 / 300).epsilon(0.03));
  CHECK(variance("auto", "sigmoid") == doctest::Approx(2.0 / 500).epsilon(0.03));
  CHECK(variance("zeros", "relu") == 0);
}
