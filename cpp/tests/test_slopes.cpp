// Training on values and slopes: a Trainer's steps and the arguments that it refuses.

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "localgrad/localgrad.hpp"

namespace {

using namespace localgrad;

struct Data {
  std::vector<float> x, y, slopes;
  explicit Data(std::size_t n) : x(3 * n), y(2 * n), slopes(6 * n) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i * 2654435761u % 64) / 32 - 1;
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = static_cast<float>(i * 40503u % 16) / 16;
    for (std::size_t i = 0; i < slopes.size(); ++i) slopes[i] = static_cast<float>(i * 40503u % 32) / 16 - 1;
  }
  Rows rows() const { return Rows(x.data(), x.size() / 3, 3); }
  Targets targets() const {
    Targets y_and_slopes(Rows(y.data(), y.size() / 2, 2));
    y_and_slopes.slopes = Rows(slopes.data(), slopes.size() / 6, 6);
    return y_and_slopes;
  }
};

template <class T>
Network<T> network(const Options& given = {}) {
  Options options = given;
  options.activation = {"tanh"};
  options.seed = 5;
  return Network<T>({3, 4, 2}, options);
}

TrainerOptions with_slopes(double weight = 0.5) {
  TrainerOptions options;
  options.n_threads = 1;
  options.slope_weight = weight;
  return options;
}

std::string message(const TrainerOptions& given, const Options& options = {}) {
  auto net = network<float>(options);
  try {
    Trainer<float>(net, SGD{}, 4, given);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

TEST_CASE("the cost of a step compares values and slopes") {
  const Data data(8);
  auto net = network<double>();
  double expected = evaluate(net, data.rows(), Targets(Rows(data.y.data(), 8, 2))).cost;
  std::vector<double> all(48);
  jacobian(net, data.rows(), all.data());
  for (std::size_t i = 0; i < all.size(); ++i)
    expected += 0.5 * 0.5 * std::pow(all[i] - static_cast<double>(data.slopes[i]), 2) / 8;
  Trainer<double> trainer(net, SGD{}, 8, with_slopes());
  CHECK(trainer.step(data.rows(), data.targets()) == doctest::Approx(expected).epsilon(1e-12));
}

TEST_CASE("steps on slopes online have the bits of ordinary ones") {
  const Data data(8);
  auto net = network<float>(), other = network<float>();
  Trainer<float> ordinary(net, SGD{}, 8, with_slopes());
  TrainerOptions options = with_slopes();
  options.online = true;
  Trainer<float> online(other, SGD{}, 8, options);
  for (int step = 0; step < 3; ++step) {
    ordinary.step(data.rows(), data.targets());
    REQUIRE(online.try_step(data.rows(), data.targets()) == Status::ok);
  }
  REQUIRE(online.sync() == Status::ok);
  for (std::size_t p = 0; p < net.num_parameters(); ++p) CHECK(net.parameters()[p] == other.parameters()[p]);
}

TEST_CASE("a Trainer with slopes works in the memory of the caller") {
  const Data data(8);
  auto net = network<float>(), other = network<float>();
  Trainer<float> on_heap(net, SGD{}, 4, with_slopes());
  TrainerOptions options = with_slopes();
  std::vector<char> memory(Trainer<float>::bytes(other, SGD{}, 4, options));
  options.workspace = {memory.data(), memory.size()};
  Trainer<float> in_place(other, SGD{}, 4, options);
  on_heap.epoch(data.rows(), data.targets());
  in_place.epoch(data.rows(), data.targets());
  for (std::size_t p = 0; p < net.num_parameters(); ++p) CHECK(net.parameters()[p] == other.parameters()[p]);
}

TEST_CASE("online steps on one example have the bits of ordinary ones") {
  const Data data(8);
  auto net = network<float>(), other = network<float>();
  TrainerOptions options = with_slopes();
  Trainer<float> ordinary(net, SGD{}, 1, options);
  options.online = true;
  Trainer<float> online(other, SGD{}, 1, options);
  for (std::size_t row = 0; row < 8; ++row) {
    Targets y(Rows(data.y.data() + 2 * row, 1, 2));
    y.slopes = Rows(data.slopes.data() + 6 * row, 1, 6);
    ordinary.step(Rows(data.x.data() + 3 * row, 1, 3), y);
    REQUIRE(online.try_step(Rows(data.x.data() + 3 * row, 1, 3), y) == Status::ok);
  }
  REQUIRE(online.sync() == Status::ok);
  for (std::size_t p = 0; p < net.num_parameters(); ++p) CHECK(net.parameters()[p] == other.parameters()[p]);
}

TEST_CASE("the memory for slopes does not grow with the square of the number of inputs") {
  const Network<float> wide({200, 2, 1});
  CHECK(Trainer<float>::bytes(wide, SGD{}, 16, with_slopes()) < 16 * 200 * 200 * sizeof(float));
}

TEST_CASE("settings that do not go together with slopes are refused") {
  CHECK(message(with_slopes(-1)) == "slope_weight must be finite and at least 0, got -1");
  Options options;
  options.output = "softmax";
  options.cost = "cross_entropy";
  CHECK(message(with_slopes(), options) ==
        "slope_weight requires an output that works unit by unit, got 'softmax'");
  options = {};
  options.cost = "gaussian_nll";
  CHECK(message(with_slopes(), options) ==
        "slope_weight requires a cost with one output per target, got 'gaussian_nll'");
  options = {};
  options.input_noise = 0.1;
  CHECK(message(with_slopes(), options) == "slope_weight does not support dropout and noise");
  TrainerOptions privately = with_slopes();
  privately.privacy.clip_per_example = 1;
  CHECK(message(privately) == "slope_weight does not support clip_per_example");
}

TEST_CASE("slopes are given exactly to a Trainer that fits them") {
  const Data data(8);
  auto net = network<float>();
  Trainer<float> plain(net, SGD{}, 8), fits(net, SGD{}, 8, with_slopes());
  Targets y = data.targets();
  CHECK_THROWS_WITH_AS(plain.step(data.rows(), y), "slopes must not be set without slope_weight",
                       std::invalid_argument);
  y.slopes = Rows(data.slopes.data(), 8, 5);
  CHECK_THROWS_WITH_AS(fits.step(data.rows(), y), "slopes must have shape (8, 6), got (8, 5)",
                       std::invalid_argument);
  const std::int32_t starts[9] = {}, column = 0;
  y.slopes = Rows::csr(data.slopes.data(), &column, 0, starts, 8, 6);
  CHECK_THROWS_WITH_AS(fits.step(data.rows(), y), "slopes must be dense, got a sparse matrix",
                       std::invalid_argument);
  y.slopes = {};
  CHECK_THROWS_WITH_AS(fits.step(data.rows(), y), "slopes must be set for a Trainer with slope_weight",
                       std::invalid_argument);
}

TEST_CASE("a slope that is not finite is refused, and nothing changes") {
  Data data(8);
  data.slopes[20] = std::numeric_limits<float>::quiet_NaN();
  auto net = network<float>();
  const std::vector<float> before(net.parameters(), net.parameters() + net.num_parameters());
  Trainer<float> trainer(net, SGD{}, 4, with_slopes());
  CHECK_THROWS_WITH_AS(trainer.epoch(data.rows(), data.targets()),
                       "slopes must be finite as float32, got nan at row 3, column 2", BadExample);
  CHECK(std::vector<float>(net.parameters(), net.parameters() + net.num_parameters()) == before);
}

}  // namespace
