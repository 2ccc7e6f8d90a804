#include <doctest/doctest.h>

#include <algorithm>
#include <cfenv>
#include <cmath>
#include <random>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "localgrad/network.hpp"

using namespace localgrad;

namespace {

template <class T>
std::vector<T> parameters(const Network<T>& net) {
  return {net.parameters(), net.parameters() + net.num_parameters()};
}

}  // namespace

TEST_CASE_TEMPLATE("initial parameters are drawn from the caller's random numbers", T, float, double) {
  Options options;
  options.activation = {"relu", "tanh"};
  options.init_gain = {1, 2, 0.5};
  options.learn_input_scale = true;
  Network<T> net({300, 200, 100, 7}, options), other({300, 200, 100, 7}, options);
  const auto seeded = parameters(net);
  net.input_scales()[3] = 5;
  net.biases(0)[3] = 5;
  net.set_epochs(3);
  std::mt19937_64 generator(7), same(7);
  net.initialize(std::ref(generator));
  other.initialize([&] { return same(); });
  CHECK(parameters(net) == parameters(other));
  CHECK(generator() == same());
  CHECK(parameters(net) != seeded);
  CHECK(net.epochs() == 3);
  CHECK(net.input_scales()[3] == 1);
  CHECK(net.biases(0)[3] == 0);
  other.initialize(std::ref(generator));  // the next numbers of the same generator
  CHECK(parameters(net) != parameters(other));

  // Moments of N(0, std^2), within about 5 standard errors: mean 0, variance std^2, kurtosis 3. A first layer
  // of relu is initialized by xavier.
  const double std[] = {std::sqrt(2.0 / 500), 2 * std::sqrt(2.0 / 300), 0.5 * std::sqrt(2.0 / 107)};
  for (std::size_t i = 0; i < 3; ++i) {
    const std::size_t n = net.sizes()[i] * net.sizes()[i + 1];
    double mean = 0, variance = 0, fourth = 0;
    for (std::size_t k = 0; k < n; ++k) {
      const double z = static_cast<double>(net.weights(i)[k]) / std[i];
      mean += z, variance += z * z, fourth += z * z * z * z;
    }
    const double count = static_cast<double>(n), error = 5 / std::sqrt(count);
    CHECK(std::fabs(mean / count) < error);
    CHECK(std::fabs(variance / count - 1) < error * std::sqrt(2.0));
    CHECK(std::fabs(fourth / count - 3) < error * std::sqrt(96.0));
  }
}

TEST_CASE("extreme random numbers give finite parameters") {
  for (const std::uint64_t bits : {std::uint64_t{0}, ~std::uint64_t{0}}) {
    Network<float> net({3, 4, 2});
    net.initialize([&] { return bits; });
    for (const float p : parameters(net)) CHECK(std::isfinite(p));
  }
}

TEST_CASE("an error while drawing initial parameters leaves them unchanged") {
  Network<float> net({30, 20, 2});
  const auto before = parameters(net);
  int left = 100;
  CHECK_THROWS_WITH(net.initialize([&]() -> std::uint64_t {
    if (--left == 0) throw std::runtime_error("no entropy");
    return 0;
  }),
                    "no entropy");
  CHECK_THROWS_WITH_AS(net.initialize(nullptr), "bits must be a function, got an empty one",
                       std::invalid_argument);
  CHECK(parameters(net) == before);
  Options zeros;
  zeros.init = "zeros";
  Network<float> flat({3, 2}, zeros);
  flat.weights(0)[1] = 3;
  flat.initialize([]() -> std::uint64_t { throw std::runtime_error("not needed"); });
  CHECK(parameters(flat) == std::vector<float>(8));
}

TEST_CASE("the source of random numbers runs in the caller's floating-point mode") {
  Network<float> net({3, 2});
  std::mt19937_64 generator(7), same(7);
  net.initialize(std::ref(same));
  const auto expected = parameters(net);
  std::fesetround(FE_UPWARD);
  int mode = 0;
  net.initialize([&] {
    mode = std::fegetround();
    return generator();
  });
  std::fesetround(FE_TONEAREST);
  CHECK(mode == FE_UPWARD);
  CHECK(parameters(net) == expected);
}
