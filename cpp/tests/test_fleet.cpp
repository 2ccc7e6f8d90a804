// Fleets: each member is trained to the same bits as by its own Trainer.

#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "example_pool.hpp"
#include "localgrad/localgrad.hpp"

using namespace localgrad;

namespace {

constexpr std::size_t kRows = 203, kMembers = 7;

struct Data {
  std::vector<float> x = std::vector<float>(kRows * 5), y = std::vector<float>(kRows * 2);
  std::vector<std::uint32_t> rows;  // of the odd members
  Data() {
    for (std::size_t i = 0; i < x.size(); ++i)
      x[i] = static_cast<float>(std::sin(0.37 * static_cast<double>(i)));
    for (std::size_t i = 0; i < y.size(); ++i)
      y[i] = static_cast<float>(std::cos(0.11 * static_cast<double>(i)));
    for (std::uint32_t r = 0; r < kRows; r += 3) rows.push_back(r);
  }
  Rows inputs() const { return {x.data(), kRows, 5}; }
  Targets targets() const { return Rows(y.data(), kRows, 2); }
};

std::vector<Network<float>> networks() {
  std::vector<Network<float>> nets;
  for (std::size_t k = 0; k < kMembers; ++k) {
    Options options;
    options.seed = k;
    options.dropout = {0.2};
    nets.emplace_back(std::vector<std::size_t>{5, 16, 2}, options);
  }
  return nets;
}

std::vector<Trainer<float>> trainers_of(std::vector<Network<float>>& nets) {
  std::vector<Trainer<float>> trainers;
  trainers.reserve(nets.size());
  for (std::size_t k = 0; k < nets.size(); ++k)
    trainers.emplace_back(nets[k], Adam{1e-3 * static_cast<double>(k + 1)}, 16, 1);
  return trainers;
}

std::vector<FleetMember<float>> fleet_of(std::vector<Trainer<float>>& trainers, const Data& data,
                                         std::size_t epochs) {
  std::vector<FleetMember<float>> fleet(trainers.size());
  for (std::size_t k = 0; k < fleet.size(); ++k) {
    fleet[k].trainer = &trainers[k];
    fleet[k].x = data.inputs();
    fleet[k].y = data.targets();
    fleet[k].epochs = epochs + k;
    if (k % 2 == 0) continue;
    fleet[k].rows = data.rows.data();
    fleet[k].n = data.rows.size();
  }
  return fleet;
}

std::vector<float> parameters(const Network<float>& net) {
  return {net.parameters(), net.parameters() + net.num_parameters()};
}

}  // namespace

TEST_CASE("each member has the bits of its own trainer, for any number of threads") {
  const Data data;
  auto alone = networks();
  auto trainers = trainers_of(alone);
  std::vector<std::vector<double>> costs(kMembers);
  for (std::size_t k = 0; k < kMembers; ++k)
    for (std::size_t epoch = 0; epoch < 9 + k; ++epoch)
      costs[k].push_back(
          k % 2 ? trainers[k].epoch(data.inputs(), data.targets(), data.rows.data(), data.rows.size())
                : trainers[k].epoch(data.inputs(), data.targets()));
  for (const int threads : {0, 1, 2, 3, 20}) {
    auto nets = networks();
    auto own = trainers_of(nets);
    auto fleet = fleet_of(own, data, 9);
    FleetOptions options;
    options.n_threads = threads;
    train_fleet(fleet, options);
    for (std::size_t k = 0; k < kMembers; ++k) {
      CAPTURE(threads);
      CAPTURE(k);
      CHECK(fleet[k].costs == costs[k]);
      CHECK(parameters(nets[k]) == parameters(alone[k]));
      CHECK(nets[k].epochs() == 9 + k);
    }
  }
}

TEST_CASE("an epoch of some rows has the bits of an epoch of data with only these rows") {
  const Data data;
  auto nets = networks();
  auto trainers = trainers_of(nets);
  std::vector<float> x, y;
  for (const auto row : data.rows) {
    x.insert(x.end(), data.x.begin() + row * 5, data.x.begin() + row * 5 + 5);
    y.insert(y.end(), data.y.begin() + row * 2, data.y.begin() + row * 2 + 2);
  }
  Network<float> other = nets[0];
  Trainer<float> trainer(other, Adam{1e-3}, 16, 1);
  for (int epoch = 0; epoch < 3; ++epoch)
    CHECK(trainers[0].epoch(data.inputs(), data.targets(), data.rows.data(), data.rows.size()) ==
          trainer.epoch({x.data(), data.rows.size(), 5}, Rows(y.data(), data.rows.size(), 2)));
  CHECK(parameters(nets[0]) == parameters(other));

  const std::uint32_t outside = kRows;
  CHECK_THROWS_WITH_AS(trainer.epoch(data.inputs(), data.targets(), &outside, 1),
                       "rows[0] must be below 203, the rows of x, got 203", std::invalid_argument);
  CHECK_THROWS_WITH_AS(trainer.epoch(data.inputs(), data.targets(), &outside, 0),
                       "rows must have at least 1 row, got 0", std::invalid_argument);
}

TEST_CASE("an exception ends only the training of its member") {
  const Data data;
  for (const int threads : {1, 3}) {
    auto nets = networks();
    auto trainers = trainers_of(nets);
    auto fleet = fleet_of(trainers, data, 4);
    const std::uint32_t outside = kRows;
    fleet[3].rows = &outside;
    fleet[3].n = 1;
    trainers[2].set_schedule([](std::size_t step) { return step < 13 ? 1.0 : 1e30; });
    FleetOptions options;
    options.n_threads = threads;
    CHECK_THROWS_AS(train_fleet(fleet, options), NonFiniteCost);
    for (std::size_t k = 0; k < kMembers; ++k) {
      CHECK((fleet[k].failure != nullptr) == (k == 2 || k == 3));
      CHECK(nets[k].epochs() == (k == 2 ? 1 : k == 3 ? 0 : 4 + k));
      CHECK(fleet[k].costs.size() == nets[k].epochs());
    }
    CHECK_THROWS_AS(std::rethrow_exception(fleet[3].failure), std::invalid_argument);
  }
}

TEST_CASE("a fatal exception stops all members") {
  const Data data;
  auto nets = networks();
  auto trainers = trainers_of(nets);
  auto fleet = fleet_of(trainers, data, 1000000);
  trainers[2].set_schedule([](std::size_t step) { return step < 13 ? 1.0 : 1e30; });
  FleetOptions options;
  options.n_threads = 2;
  options.is_fatal = [](const std::exception_ptr& error) { return error != nullptr; };
  CHECK_THROWS_AS(train_fleet(fleet, options), NonFiniteCost);
  for (std::size_t k = 0; k < kMembers; ++k) CHECK((fleet[k].failure != nullptr) == (k == 2));
}

TEST_CASE("the interrupt function stops all members at the end of a mini-batch") {
  const Data data;
  for (const int threads : {1, 2}) {
    auto nets = networks();
    auto trainers = trainers_of(nets);
    auto fleet = fleet_of(trainers, data, 1000000);
    FleetOptions options;
    options.n_threads = threads;
    int calls = 0;
    options.interrupt = [&] { return ++calls == 3; };
    CHECK_THROWS_AS(train_fleet(fleet, options), Interrupted);
    CHECK(calls == 3);
    for (std::size_t k = 0; k < kMembers; ++k) {
      CHECK(fleet[k].failure == nullptr);
      CHECK(fleet[k].costs.size() == nets[k].epochs());
      CHECK(trainers[k].position() % 16 == 0);
    }
  }
}

TEST_CASE("a fleet on the threads of a host has the same bits") {
  const Data data;
  auto alone = networks(), nets = networks();
  auto first = trainers_of(alone), second = trainers_of(nets);
  auto expected = fleet_of(first, data, 5), fleet = fleet_of(second, data, 5);
  train_fleet(expected, {true, 1, {}, {}});
  Pool pool(2);
  set_executor(
      [](void* context, int n, ExecutorTask task, void* argument) {
        static_cast<Pool*>(context)->parallel_for(n, [&](int index) { task(argument, index); });
      },
      &pool);
  train_fleet(fleet, {true, 3, {}, {}});
  set_executor(nullptr);
  for (std::size_t k = 0; k < kMembers; ++k) CHECK(parameters(nets[k]) == parameters(alone[k]));
}

TEST_CASE("trainers of a fleet must exist and differ") {
  const Data data;
  auto nets = networks();
  auto trainers = trainers_of(nets);
  auto fleet = fleet_of(trainers, data, 1);
  fleet[4].trainer = &trainers[5];
  CHECK_THROWS_WITH_AS(train_fleet(fleet),
                       "trainer must be a different one for each member, got the same for two members",
                       std::invalid_argument);
  fleet[4].trainer = nullptr;
  CHECK_THROWS_WITH_AS(train_fleet(fleet), "trainer must be set for each member, got null for member 4",
                       std::invalid_argument);
  CHECK_THROWS_AS(train_fleet(fleet, {true, -1, {}, {}}), std::invalid_argument);
  for (const auto& net : nets) CHECK(net.epochs() == 0);
  std::vector<FleetMember<float>> empty;
  train_fleet(empty);
}
