// Limits of counts, and numbers that training cannot use.

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <vector>

#include "files/network_file.hpp"
#include "io/safetensors.hpp"
#include "localgrad/localgrad.hpp"

using namespace localgrad;

namespace {

const float kX[] = {1, 2, 3, 4, 5, 6}, kY[] = {1, 0, 1};

Rows x() { return {kX, 3, 2}; }
Targets y() { return Rows(kY, 3, 1); }

template <class T>
Network<T> read_back(const Network<T>& network) {
  const FileParts<T> parts(network);
  return read_network<T>(io::Archive(io::serialize(parts.tensors, parts.metadata)));
}

}  // namespace

TEST_CASE("the number of epochs of a network is limited") {
  Network<float> network({2, 1});
  for (const std::uint64_t epochs : {kMostCounted + 1, std::numeric_limits<std::uint64_t>::max()})
    CHECK_THROWS_WITH_AS(network.set_epochs(epochs),
                         ("epochs must be at most 9007199254740992, got " + std::to_string(epochs)).c_str(),
                         std::invalid_argument);
  CHECK(network.epochs() == 0);
  network.set_epochs(kMostCounted - 1);
  CHECK(read_back(network).epochs() == kMostCounted - 1);
  Trainer<float> trainer(network, SGD{}, 2);
  trainer.epoch(x(), y());
  CHECK(network.epochs() == kMostCounted);
  CHECK(read_back(network).epochs() == kMostCounted);
  const std::vector<float> before(network.parameters(), network.parameters() + 3);
  const std::uint32_t order[] = {0, 1};
  CHECK_THROWS_AS(trainer.epoch(x(), y()), std::invalid_argument);
  CHECK_THROWS_AS(trainer.part(x(), y(), order, 2), std::invalid_argument);
  CHECK(std::vector<float>(network.parameters(), network.parameters() + 3) == before);
}

TEST_CASE_TEMPLATE("parameters of a file must be finite", T, float, double) {
  using Limits = std::numeric_limits<T>;
  for (const T bad : {Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity()}) {
    const std::string text = std::isnan(bad) ? "nan" : bad > 0 ? "inf" : "-inf";
    Network<T> network({3, 4, 2});
    network.weights(0)[1 * 4 + 3] = bad;  // w_jk of j = 3, k = 1
    CHECK_THROWS_WITH_AS(read_back(network), ("weights.0 must be finite, got " + text + " at [3, 1]").c_str(),
                         std::invalid_argument);
    Network<T> other({3, 4, 2});
    other.biases(1)[1] = bad;
    CHECK_THROWS_WITH_AS(read_back(other), ("biases.1 must be finite, got " + text + " at [1]").c_str(),
                         std::invalid_argument);
  }
  Network<T> extreme({3, 4, 2});
  for (std::size_t i = 0; i < extreme.num_parameters(); ++i)
    extreme.parameters()[i] = i % 3 == 0   ? Limits::max()
                              : i % 3 == 1 ? Limits::lowest()
                                           : Limits::denorm_min();
  CHECK(read_back(extreme).parameters()[4] == Limits::lowest());
}

TEST_CASE("mean squares and step sizes of an optimizer's state must not be negative") {
  Network<float> network({2, 1});
  Trainer<float> trainer(network, Adam{}, 2);
  trainer.epoch(x(), y());
  TrainerState<float> state = trainer.state();
  state.arrays[0][2] = -1;  // a mean of gradients, which may be negative
  trainer.set_state(state);
  state.arrays[1][2] = -1e-30f;
  CHECK_THROWS_WITH_AS(trainer.set_state(state), "arrays[1][2] must be finite and at least 0, got -1e-30",
                       std::invalid_argument);
  state.arrays[1][2] = -0.0f;
  trainer.set_state(state);
  state.t = kMostCounted + 1;
  CHECK_THROWS_AS(trainer.set_state(state), std::invalid_argument);
}
