// Differentially private training: the generator of the secret, Poisson samples, and the arguments of a
// Trainer.

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/data/poisson.hpp"
#include "localgrad/localgrad.hpp"
#include "model/chacha.hpp"

namespace {

using namespace localgrad;

const NoiseKey kKey = {1, 2, 3, 4};

struct Data {
  std::vector<float> x, y;
  explicit Data(std::size_t n) : x(3 * n), y(2 * n) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i * 2654435761u % 64) / 32 - 1;
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = static_cast<float>(i * 40503u % 16) / 16;
  }
  Rows rows() const { return Rows(x.data(), x.size() / 3, 3); }
  Targets targets() const { return Targets(Rows(y.data(), y.size() / 2, 2)); }
};

Network<float> network() {
  Options options;
  options.activation = {"tanh"};
  options.seed = 5;
  return Network<float>({3, 4, 2}, options);
}

TrainerOptions private_options(bool poisson, int n_threads = 1) {
  TrainerOptions options;
  options.n_threads = n_threads;
  options.privacy = {0.5, 1.5, kKey, poisson};
  return options;
}

std::vector<float> parameters_of(const Network<float>& net) {
  return {net.parameters(), net.parameters() + net.num_parameters()};
}

std::string message(const TrainerOptions& options) {
  auto net = network();
  try {
    Trainer<float>(net, SGD{}, 4, options);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("a block of ChaCha20 is that of RFC 8439") {
  // Section 2.3.2: key 00 01 .. 1f, counter 1, nonce 00 00 00 09 00 00 00 4a 00 00 00 00.
  const NoiseKey key = {0x0706050403020100, 0x0f0e0d0c0b0a0908, 0x1716151413121110, 0x1f1e1d1c1b1a1918};
  const auto words = chacha(key, 1, 0x09000000, 0x4a000000);
  CHECK(words[0] == 0xe4e7f110);
  CHECK(words[1] == 0x15593bd1);
  CHECK(words[15] == 0x4e3c50a2);
}

TEST_CASE("Poisson samples are ascending, of the expected size, and the same in one call or several") {
  std::vector<std::uint32_t> order, part;
  std::vector<std::size_t> offsets, of_part;
  draw_poisson(kKey, 0, 1000, 500, 20, order, offsets);
  REQUIRE(offsets.size() == 1001);
  double squares = 0;
  for (std::size_t s = 0; s < 1000; ++s) {
    for (std::size_t i = offsets[s] + 1; i < offsets[s + 1]; ++i) REQUIRE(order[i - 1] < order[i]);
    const double more = static_cast<double>(offsets[s + 1] - offsets[s]) - 20;
    squares += more * more;
  }
  CHECK(std::abs(static_cast<double>(order.size()) / 1000 - 20) < 4 * std::sqrt(19.2 / 1000));
  CHECK(std::abs(squares / 1000 / 19.2 - 1) < 0.2);
  draw_poisson(kKey, 700, 300, 500, 20, part, of_part);
  CHECK(std::vector<std::uint32_t>(order.begin() + static_cast<std::ptrdiff_t>(offsets[700]), order.end()) ==
        part);
  draw_poisson(kKey, 0, 2, 5, 5, order, offsets);
  CHECK(order == std::vector<std::uint32_t>{0, 1, 2, 3, 4, 0, 1, 2, 3, 4});
}

TEST_CASE("settings of private training that are invalid are refused") {
  TrainerOptions options;
  options.privacy.noise_multiplier = 1;
  CHECK(message(options) == "noise_multiplier requires clip_per_example");
  options.privacy = {};
  options.privacy.poisson = true;
  CHECK(message(options) == "poisson requires clip_per_example");
  options.privacy.clip_per_example = -1;
  CHECK(message(options) == "clip_per_example must be finite and at least 0, got -1");
  options.privacy.clip_per_example = 1;
  options.weighted = true;
  CHECK(message(options) == "clip_per_example does not support sample weights");
  options.weighted = false;
  options.privacy.clip_per_example = 1e38;
  CHECK(message(options).find("clip_per_example times the number of rows and the noise") == 0);
}

TEST_CASE("an epoch of Poisson samples is the same in one call or several, with any number of threads") {
  const Data data(50);
  auto net = network();
  Trainer<float> trainer(net, SGD{0.1, 0.5}, 8, private_options(true));
  for (int epoch = 0; epoch < 2; ++epoch) trainer.epoch(data.rows(), data.targets());
  for (const int threads : {1, 2, 3}) {
    auto other = network();
    Trainer<float> in_parts(other, SGD{0.1, 0.5}, 8, private_options(true, threads));
    for (int epoch = 0; epoch < 2; ++epoch) {
      for (const std::size_t steps : {2u, 1u, 4u})
        in_parts.draw(data.rows(), data.targets(), nullptr, 50, steps);
      CHECK(in_parts.position() == 50);
      in_parts.end_epoch();
    }
    CHECK(parameters_of(other) == parameters_of(net));
  }
}

TEST_CASE("a Trainer resumes with the noise of the next steps") {
  const Data data(24);
  for (const bool poisson : {false, true}) {
    auto net = network(), other = network();
    Trainer<float> whole(net, SGD{}, 8, private_options(poisson)),
        first(other, SGD{}, 8, private_options(poisson)), second(other, SGD{}, 8, private_options(poisson));
    for (int epoch = 0; epoch < 2; ++epoch) whole.epoch(data.rows(), data.targets());
    first.epoch(data.rows(), data.targets());
    second.set_state(first.state());
    second.epoch(data.rows(), data.targets());
    CHECK(parameters_of(other) == parameters_of(net));
  }
}

TEST_CASE("draw is for Poisson sampling only, and other calls are not") {
  const Data data(24);
  auto net = network();
  Trainer<float> shuffled(net, SGD{}, 8, private_options(false));
  CHECK_THROWS_WITH_AS(shuffled.draw(data.rows(), data.targets(), nullptr, 24, 1),
                       "draw requires Poisson sampling (Privacy::poisson)", std::invalid_argument);
  Trainer<float> sampled(net, SGD{}, 8, private_options(true));
  CHECK_THROWS_WITH_AS(sampled.draw(data.rows(), data.targets(), nullptr, 24, 4),
                       "steps must be at least 1 and at most 3, got 4", std::invalid_argument);
  const std::vector<std::uint32_t> order = {0, 1};
  CHECK_THROWS_WITH_AS(sampled.part(data.rows(), data.targets(), order.data(), 2),
                       "part does not support Poisson sampling; call draw() or epoch()",
                       std::invalid_argument);
  CHECK(sampled.try_step(data.rows(), data.targets()) == Status::invalid_argument);
  CHECK_THROWS_WITH_AS(sampled.draw(data.rows(), data.targets(), order.data(), 2, 1),
                       "n must be at least 8 (batch_size), got 2", std::invalid_argument);
}

TEST_CASE("steps of private training online have the bits of ordinary ones") {
  const Data data(8);
  auto net = network(), other = network();
  Trainer<float> ordinary(net, SGD{}, 8, private_options(false));
  TrainerOptions options = private_options(false);
  options.online = true;
  Trainer<float> online(other, SGD{}, 8, options);
  for (int step = 0; step < 3; ++step) {
    ordinary.step(data.rows(), data.targets());
    REQUIRE(online.try_step(data.rows(), data.targets()) == Status::ok);
  }
  REQUIRE(online.sync() == Status::ok);
  CHECK(parameters_of(other) == parameters_of(net));
}

}  // namespace
