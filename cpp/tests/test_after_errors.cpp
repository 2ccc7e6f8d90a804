// The state of a Trainer after an epoch that ended early, and further training from that state.

#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "engine/data/shuffle.hpp"
#include "localgrad/error.hpp"
#include "localgrad/trainer.hpp"
#include "optimizers.hpp"

namespace {

using namespace localgrad;

template <class T>
std::vector<T> parameters(const Network<T>& net) {
  return {net.parameters(), net.parameters() + net.num_parameters()};
}

/// 60 rows of 3 inputs and one target.
struct Examples {
  std::vector<float> x, y;
  Examples() {
    for (int i = 0; i < 180; ++i) x.push_back(static_cast<float>(std::sin(1.7 * i)));
    for (int i = 0; i < 60; ++i) y.push_back(static_cast<float>(std::cos(0.9 * i)));
  }
  Rows rows() const { return Rows(x.data(), 60, 3); }
  Targets targets() const { return Rows(y.data(), 60, 1); }
};

template <class T>
Network<T> custom_network() {
  Options options;
  options.cost = "custom";
  options.dropout = {0.3};
  options.input_noise = 0.1;
  return Network<T>({3, 20, 1}, options);
}

/// Half the squared error. Calls before(number of this call, from 0) first, which returns a number that is
/// added to the costs.
template <class T, class Before>
CostFunction<T> square_error(Before before) {
  return [before, call = std::size_t{0}](std::size_t n, std::size_t width, const T* a, const T* y,
                                         double* cost, T* gradient) mutable {
    const double more = before(call++);
    for (std::size_t r = 0; r < n; ++r) cost[r] = more;
    for (std::size_t i = 0; i < n * width; ++i) {
      gradient[i] = a[i] - y[i];
      cost[i / width] += 0.5 * static_cast<double>(gradient[i]) * static_cast<double>(gradient[i]);
    }
  };
}
template <class T>
CostFunction<T> square_error() {
  return square_error<T>([](std::size_t) { return 0.0; });
}

/// Trains on the first mini-batches, of 4 rows, of the next epoch.
template <class T>
void train_beginning(const Examples& data, Trainer<T>& trainer, const Network<T>& net,
                     std::size_t mini_batches) {
  std::vector<std::uint32_t> order(60);
  epoch_order(net.options().seed, net.epochs(), 1, true, order);
  trainer.part(data.rows(), data.targets(), order.data(), 4 * mini_batches);
}

/// Whether two trainers of equal networks continue in the same way.
template <class T>
bool continue_alike(const Examples& data, Network<T>& a, Trainer<T>& of_a, Network<T>& b, Trainer<T>& of_b) {
  a.set_cost_function(square_error<T>());
  b.set_cost_function(square_error<T>());
  const bool equal = parameters(a) == parameters(b);
  of_a.epoch(data.rows(), data.targets());
  of_b.epoch(data.rows(), data.targets());
  return equal && parameters(a) == parameters(b);
}

}  // namespace

TEST_CASE_TEMPLATE("a custom cost that throws ends the epoch after a mini-batch", T, float, double) {
  const Examples data;
  for (const Optimizer& optimizer : {Optimizer(Adam{}), Optimizer(NAdam{}), Optimizer(SGD{0.1, 0.9})})
    for (const int threads : {1, 2, 3}) {
      Regularization norms;
      norms.clip_norm = 0.1;
      norms.max_norm = 1;
      auto net = custom_network<T>(), twin = net;
      net.set_cost_function(square_error<T>([](std::size_t call) {
        if (call == 7) throw std::runtime_error("seven");
        return 0.0;
      }));
      twin.set_cost_function(square_error<T>());
      Trainer<T> trainer(net, optimizer, 4, threads, norms), undisturbed(twin, optimizer, 4, 1, norms);
      CHECK_THROWS_WITH(trainer.epoch(data.rows(), data.targets()), "seven");
      CHECK(net.epochs() == 0);
      CHECK(trainer.step_costs().size() == 7);
      train_beginning(data, undisturbed, twin, 7);
      CHECK(continue_alike(data, net, trainer, twin, undisturbed));
    }
}

TEST_CASE("an epoch that diverges counts each completed mini-batch once, also for the schedule") {
  const Examples data;
  Options options;
  options.activation = {"relu"};
  Network<float> net({3, 8, 1}, options);
  Trainer<float> trainer(net, SGD{0.1}, 1, 1);
  std::vector<std::size_t> asked;
  trainer.set_schedule([&](std::size_t step) {
    asked.push_back(step);
    return 50.0;
  });
  std::string message;
  std::size_t batch = 0;
  try {
    trainer.epoch(data.rows(), data.targets());
  } catch (const NonFiniteCost& e) {
    message = e.what();
    batch = e.batch();
  }
  REQUIRE(batch > 2);
  CHECK(trainer.step_costs().size() == batch - 1);
  CHECK(message.find("learning rate 5 ") != std::string::npos);
  asked.clear();
  CHECK_THROWS_AS(trainer.epoch(data.rows(), data.targets(), true), NonFiniteCost);
  REQUIRE(!asked.empty());
  CHECK(asked[0] > 0);
  CHECK(asked[0] < batch);
}

TEST_CASE("an interrupted repetition of a diverged epoch leaves the state after a mini-batch") {
  const Examples data;
  for (const bool interrupted : {true, false}) {
    auto net = custom_network<double>(), twin = net;
    std::size_t repeated = 0;
    net.set_cost_function(square_error<double>([&](std::size_t call) {
      if (call <= 10) return call == 10 ? std::numeric_limits<double>::infinity() : 0.0;
      if (interrupted) std::this_thread::sleep_for(std::chrono::milliseconds(25));
      if (!interrupted && call == 14) throw std::runtime_error("fourteen");
      ++repeated;
      return 0.0;
    }));
    twin.set_cost_function(square_error<double>());
    Trainer<double> trainer(net, Adam{}, 4, 1), undisturbed(twin, Adam{}, 4, 1);
    trainer.set_interrupt([&] { return repeated >= 3; });
    if (interrupted)
      CHECK_THROWS_AS(trainer.epoch(data.rows(), data.targets()), Interrupted);
    else
      CHECK_THROWS_WITH(trainer.epoch(data.rows(), data.targets()), "fourteen");
    REQUIRE(repeated >= 3);
    REQUIRE(repeated < 10);
    trainer.set_interrupt(nullptr);
    train_beginning(data, undisturbed, twin, repeated);
    CHECK(continue_alike(data, net, trainer, twin, undisturbed));
  }
}

TEST_CASE_TEMPLATE("no update rule hides a gradient that is NaN", T, float, double) {
  const Examples data;
  for (const auto& optimizer : every_optimizer())
    for (const double clip : {0.0, 0.1}) {
      Regularization clipping;
      clipping.clip_value = clipping.clip_norm = clip;
      Options options;
      options.cost = "custom";
      Network<T> net({3, 4, 1}, options);
      net.set_cost_function(
          [](std::size_t n, std::size_t width, const T*, const T*, double* cost, T* gradient) {
            std::fill_n(cost, n, 1.0);
            std::fill_n(gradient, n * width, std::numeric_limits<T>::quiet_NaN());
          });
      const auto before = parameters(net);
      Trainer<T> trainer(net, optimizer, 60, 1, clipping);
      CHECK_THROWS_AS(trainer.epoch(data.rows(), data.targets()), NonFiniteCost);
      CHECK(parameters(net) == before);
    }
}

TEST_CASE("a trainer rejects a network with other dropout or noise, or without its custom cost") {
  const Examples data;
  const auto refuses = [&](auto change) {
    auto net = custom_network<float>();
    net.set_cost_function(square_error<float>());
    Trainer<float> trainer(net, SGD{}, 4);
    auto other = net;
    net = other;
    trainer.epoch(data.rows(), data.targets());
    change(net);
    const auto before = parameters(net);
    CHECK_THROWS_AS(trainer.epoch(data.rows(), data.targets()), std::invalid_argument);
    CHECK(parameters(net) == before);
  };
  const auto with = [](auto set) {
    return [set](Network<float>& net) {
      Options options = net.options();
      set(options);
      net = Network<float>(net.sizes(), options);
      net.set_cost_function(square_error<float>());
    };
  };
  refuses(with([](Options& o) { o.dropout = {0.0}; }));
  refuses(with([](Options& o) { o.input_dropout = 0.5; }));
  refuses(with([](Options& o) { o.input_noise = 0.2; }));
  refuses([](Network<float>& net) { net.set_cost_function(nullptr); });
}

TEST_CASE("settings that overflow float32 are rejected or have the same effect as in float64") {
  const Examples data;
  const auto refused = [](Regularization r) {
    Network<float> net({3, 4, 1});
    Network<double> wide({3, 4, 1});
    CHECK_NOTHROW(Trainer<double>(wide, SGD{}, 4, 1, r));
    CHECK_THROWS_AS(Trainer<float>(net, SGD{}, 4, 1, r), std::invalid_argument);
  };
  Regularization l1, l2;
  l1.l1 = l2.l2 = {1e39};
  refused(l1);
  refused(l2);
  Regularization weights, biases;
  weights.weight_lr_factor = {1, 1e39};
  biases.bias_lr_factor = {1e39};
  refused(weights);
  refused(biases);
  const auto refused_options = [](Options options) {
    CHECK_NOTHROW(Network<double>({3, 4, 1}, options));
    CHECK_THROWS_AS(Network<float>({3, 4, 1}, options), std::invalid_argument);
  };
  Options noisy, steep, curved, wide;
  noisy.input_noise = 1e39;
  steep.activation = {"leaky_relu(1e39)"};
  curved.output = "elu(1e39)";
  wide.cost = "huber(1e39)";
  for (const auto& options : {noisy, steep, curved, wide}) refused_options(options);
  for (const Optimizer& optimizer :
       {Optimizer(Adam{1e-3, 0.9, 0.999, 1e300}), Optimizer(RMSprop{1e-2, 0.99, 1e300})}) {
    Network<float> net({3, 4, 1});
    const auto before = parameters(net);
    Trainer<float>(net, optimizer, 4).epoch(data.rows(), data.targets());
    for (std::size_t p = 0; p < before.size(); ++p)
      CHECK(std::fabs(net.parameters()[p] - before[p]) < 1e-30f);
  }
}
