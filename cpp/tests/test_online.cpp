// try_step, online training, workspaces, and Trainers whose network moves.

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "localgrad/localgrad.hpp"
#include "optimizers.hpp"

namespace {

using namespace localgrad;

template <class T>
std::vector<T> parameters(const Network<T>& net) {
  return {net.parameters(), net.parameters() + net.num_parameters()};
}

/// n examples of numbers in [-1, 1).
template <class T>
struct Examples {
  std::vector<T> x, y;
  std::size_t inputs, outputs;
  Examples(const Network<T>& net, std::size_t n) : inputs(net.sizes().front()), outputs(net.target_width()) {
    for (std::size_t i = 0; i < n * inputs; ++i) x.push_back(number(i * 2654435761u));
    for (std::size_t i = 0; i < n * outputs; ++i) y.push_back(number(i * 40503u));
  }
  static T number(std::size_t i) { return static_cast<T>(i % 4096) / 2048 - 1; }
  MatrixView<const T> rows(std::size_t first, std::size_t n) const { return {&x[first * inputs], n, inputs}; }
  MatrixView<const T> targets(std::size_t first, std::size_t n) const {
    return {&y[first * outputs], n, outputs};
  }
};

TrainerOptions online(Regularization regularization = {}) {
  TrainerOptions options;
  options.regularization = std::move(regularization);
  options.online = true;
  return options;
}

/// Trains two copies of a network, one of them online, and compares them.
template <class T>
void compare(const Network<T>& net, const Optimizer& optimizer, std::size_t batch,
             const Regularization& regularization = {}) {
  Network<T> a = net, b = net;
  Trainer<T> plain(a, optimizer, batch, 1, regularization),
      ahead(b, optimizer, batch, online(regularization));
  const Examples<T> data(net, 8 * batch);
  for (std::size_t s = 0; s < 24; ++s) {
    const std::size_t n = s % 5 == 4 ? (batch + 1) / 2 : batch, first = s % 8 * batch;
    const double wanted = plain.step(data.rows(first, n), data.targets(first, n));
    double cost = 0;
    REQUIRE(ahead.try_step(data.rows(first, n), data.targets(first, n), &cost) == Status::ok);
    REQUIRE(cost == wanted);
    if (s == 9) REQUIRE(ahead.sync() == Status::ok);
    if (s == 15) {
      plain.end_epoch();
      ahead.end_epoch();
    }
  }
  CHECK(ahead.position() == plain.position());
  REQUIRE(ahead.sync() == Status::ok);
  CHECK(parameters(a) == parameters(b));
  CHECK(plain.state().arrays == ahead.state().arrays);
  CHECK(plain.state().t == ahead.state().t);
}

/// A network and a Trainer of it, as a member of another object.
struct Learner {
  Network<float> net{{3, 8, 2}};
  Trainer<float> trainer{net, Adam{}, 4, online()};
};

}  // namespace

TEST_CASE_TEMPLATE("online training is bit-identical to step()", T, float, double) {
  for (const std::vector<std::size_t>& sizes :
       std::vector<std::vector<std::size_t>>{{5, 1}, {3, 40, 2}, {32, 64, 64, 8}, {11, 9, 8, 7, 60}})
    for (const std::size_t batch : {1u, 2u, 7u, 32u})
      for (const bool scales : {false, true}) {
        CAPTURE(batch);
        Options options;
        options.activation.assign(sizes.size() - 2, "tanh");
        options.learn_input_scale = scales;
        if (sizes.size() > 2) options.dropout.assign(sizes.size() - 2, scales ? 0.25 : 0.0);
        options.input_noise = scales ? 0.1 : 0;
        options.standardize = false;
        compare(Network<T>(sizes, options), Adam{}, batch);
      }
  const Network<T> net({13, 20, 9});
  for (const auto& optimizer : every_optimizer())
    for (const std::size_t batch : {1u, 6u}) compare(net, optimizer, batch);
  compare(net, SGD{0.01, 0.9}, 1200);                          // in chunks
  for (const char* activation : {"gelu", "relu", "softsign"})  // with and without z
    for (const char* output : {"identity", "gelu", "softmax"}) {
      Options options;
      options.activation = {activation};
      options.output = output;
      options.cost = "mse";
      compare(Network<T>({5, 70, 9, 4}, options), Adam{}, 1);
    }
}

TEST_CASE_TEMPLATE("online training with regularization is bit-identical to step()", T, float, double) {
  const Network<T> net({13, 20, 1}), wide({13, 20, 5});
  Regularization clipped, bounded, apart, frozen;
  clipped.clip_norm = 0.01;
  clipped.l2 = {0.1};
  bounded.max_norm = 0.5;
  apart.bias_lr_factor = {2, 0.5};
  apart.l1 = {0.01};
  frozen.weight_lr_factor = {0, 1};
  frozen.bias_lr_factor = {0, 1};
  for (const auto& regularization : {clipped, bounded, apart, frozen})
    for (const std::size_t batch : {1u, 6u}) {
      compare(net, Adam{}, batch, regularization);
      compare(wide, SGD{0.01, 0.9}, batch, regularization);
    }
}

TEST_CASE("try_step without online training changes the network at once") {
  Network<float> a({3, 8, 2}), b = a;
  const Examples<float> data(a, 4);
  Trainer<float> plain(a, Adam{}, 4, 1), tried(b, Adam{}, 4, 1);
  double cost = 0;
  const double wanted = plain.step(data.rows(0, 4), data.targets(0, 4));
  CHECK(tried.try_step(data.rows(0, 4), data.targets(0, 4), &cost) == Status::ok);
  CHECK(cost == wanted);
  CHECK(parameters(a) == parameters(b));
  CHECK(tried.sync() == Status::ok);
  CHECK(tried.position() == 4);
}

TEST_CASE("a step that fails changes nothing") {
  for (const bool ahead : {false, true}) {
    CAPTURE(ahead);
    Network<float> net({3, 8, 2});
    TrainerOptions options;
    options.online = ahead;
    Trainer<float> trainer(net, Adam{}, 4, options);
    Examples<float> data(net, 5);
    REQUIRE(trainer.try_step(data.rows(0, 4), data.targets(0, 4)) == Status::ok);
    REQUIRE(trainer.sync() == Status::ok);
    const auto before = parameters(net);
    const auto state = trainer.state();
    double cost = 7;
    CHECK(trainer.try_step(data.rows(0, 5), data.targets(0, 5), &cost) == Status::invalid_argument);
    CHECK(trainer.try_step(data.rows(0, 4), data.targets(0, 3), &cost) == Status::invalid_argument);
    CHECK(trainer.try_step(MatrixView<const float>(data.x.data(), 2, 4), data.targets(0, 2)) ==
          Status::invalid_argument);
    const int labels[] = {0, 1, 2, 1};
    CHECK(trainer.try_step(data.rows(0, 4), Targets(labels, 4)) == Status::bad_example);
    data.x[4] = std::numeric_limits<float>::quiet_NaN();
    CHECK(trainer.try_step(data.rows(0, 4), data.targets(0, 4), &cost) == Status::bad_example);
    data.x[4] = 0;
    data.y[3] = std::numeric_limits<float>::infinity();
    CHECK(trainer.try_step(data.rows(0, 4), data.targets(0, 4), &cost) == Status::bad_example);
    data.y[3] = 3e38f;  // its square overflows
    CHECK(trainer.try_step(data.rows(0, 4), data.targets(0, 4), &cost) == Status::not_finite);
    CHECK(cost == 7);
    CHECK(trainer.step_costs().empty());
    CHECK(trainer.sync() == Status::ok);
    CHECK(parameters(net) == before);
    CHECK(trainer.state().arrays == state.arrays);
    CHECK(trainer.state().t == state.t);
    CHECK(trainer.position() == 4);
  }
}

TEST_CASE("labels, sample weights and other types in online training") {
  Options options;
  options.output = "softmax";
  Network<float> a({3, 8, 2}, options), b = a;
  const double x[] = {0.1, 0.2, 0.3, -0.5, 0.5, 1};
  const std::uint8_t labels[] = {1, 0};
  const float weights[] = {0.5f, 2};
  Targets targets(labels, 2);
  targets.weights = Rows(weights, 2, 1);
  TrainerOptions weighted = online();
  weighted.weighted = true;
  Trainer<float> plain(a, Adam{}, 2, 1, {}, true), ahead(b, Adam{}, 2, weighted);
  for (int s = 0; s < 3; ++s) {
    plain.step(Rows(x, 2, 3), targets);
    REQUIRE(ahead.try_step(Rows(x, 2, 3), targets) == Status::ok);
  }
  CHECK(ahead.try_step(Rows(x, 2, 3), Targets(labels, 2)) == Status::invalid_argument);
  ahead.sync();
  CHECK(parameters(a) == parameters(b));
}

TEST_CASE("undo returns to the last sync") {
  Network<float> net({3, 8, 2});
  const Examples<float> data(net, 4);
  Trainer<float> trainer(net, Adam{}, 4, online());
  const auto steps = [&](int n) {
    for (int s = 0; s < n; ++s) REQUIRE(trainer.try_step(data.rows(0, 4), data.targets(0, 4)) == Status::ok);
  };
  trainer.undo();  // nothing to discard
  steps(3);
  REQUIRE(trainer.sync() == Status::ok);
  const auto synced = parameters(net);
  const auto state = trainer.state();
  steps(5);
  CHECK(parameters(net) == synced);  // the network changes in sync() alone
  trainer.undo();
  CHECK(parameters(net) == synced);
  CHECK(trainer.state().arrays == state.arrays);
  CHECK(trainer.state().t == state.t);
  CHECK(trainer.position() == 12);
  steps(2);
  trainer.sync();
  Network<float> other({3, 8, 2});
  std::memcpy(other.parameters(), synced.data(), synced.size() * sizeof(float));
  Trainer<float> again(other, Adam{}, 4);
  again.set_state(state);
  for (int s = 0; s < 2; ++s) again.step(data.rows(0, 4), data.targets(0, 4));
  CHECK(parameters(net) == parameters(other));
}

TEST_CASE("parameters that overflow in online training are found by sync") {
  Options tanh;
  tanh.activation = {"tanh"};
  Network<float> net({1, 4, 1}, tanh);
  Trainer<float> trainer(net, SGD{1e30}, 1, online());
  const auto before = parameters(net);
  const float x = 1, y = 1e10f;
  Status status = Status::ok;
  for (int s = 0; s < 5 && status == Status::ok; ++s)
    status = trainer.try_step(MatrixView(&x, 1, 1), MatrixView(&y, 1, 1));
  CHECK(trainer.sync() == Status::not_finite);
  CHECK(parameters(net) == before);
  CHECK_THROWS_AS(trainer.step(Rows(&x, 1, 1), Rows(&y, 1, 1)), NonFiniteCost);
  CHECK_THROWS_AS(trainer.state(), NonFiniteCost);
  trainer.undo();
  CHECK(trainer.sync() == Status::ok);
  CHECK(trainer.state().t == 0);
  CHECK(parameters(net) == before);
}

TEST_CASE("other calls and the destructor end online training") {
  Network<float> a({3, 8, 2}), b = a;
  const Examples<float> data(a, 12);
  const auto rows = data.rows(0, 12);
  const auto targets = data.targets(0, 12);
  Trainer<float> plain(a, Adam{}, 4, 1);
  {
    Trainer<float> ahead(b, Adam{}, 4, online());
    for (int round = 0; round < 2; ++round) {
      plain.step(data.rows(0, 4), data.targets(0, 4));
      REQUIRE(ahead.try_step(data.rows(0, 4), data.targets(0, 4)) == Status::ok);
      plain.epoch(rows, targets);
      ahead.epoch(rows, targets);
      CHECK(parameters(a) == parameters(b));
      b.parameters()[0] = a.parameters()[0] = 0.5f;  // read by the next step
    }
    plain.step(data.rows(4, 4), data.targets(4, 4));
    REQUIRE(ahead.try_step(data.rows(4, 4), data.targets(4, 4)) == Status::ok);
    CHECK(parameters(a) != parameters(b));
  }
  CHECK(parameters(a) == parameters(b));
}

TEST_CASE("the end of an epoch and new schedules end online training") {
  Network<float> net({3, 8, 2});
  const Examples<float> data(net, 1);
  Trainer<float> trainer(net, Adam{}, 1, online());
  for (const bool schedules : {false, true}) {
    const auto before = parameters(net);
    REQUIRE(trainer.try_step(data.rows(0, 1), data.targets(0, 1)) == Status::ok);
    CHECK(parameters(net) == before);
    schedules ? trainer.set_schedule([](std::size_t) { return 0.5; }) : trainer.end_epoch();
    const auto after = parameters(net);
    CHECK(after != before);
    trainer.undo();
    CHECK(parameters(net) == after);
    CHECK(net.epochs() == 1);
  }
}

TEST_CASE("a moved-from Trainer or Gradients refuses its calls") {
  Network<float> net({3, 8, 2});
  const Examples<float> data(net, 1);
  Trainer<float> trainer(net, Adam{}, 1, online());
  Gradients<float> gradients(net, 1);
  std::vector<float> gradient(net.num_parameters());
  CHECK(gradients.forward_backward(data.rows(0, 1), data.targets(0, 1), nullptr) == Status::invalid_argument);
  const Trainer<float> kept = std::move(trainer);
  const Gradients<float> other = std::move(gradients);
  CHECK(trainer.try_step(data.rows(0, 1), data.targets(0, 1)) == Status::invalid_argument);
  CHECK(trainer.sync() == Status::invalid_argument);
  trainer.undo();
  CHECK(gradients.forward_backward(data.rows(0, 1), data.targets(0, 1), gradient.data()) ==
        Status::invalid_argument);
}

TEST_CASE("online training uses one thread") {
  Network<float> net({3, 8, 2});
  TrainerOptions options = online();
  options.n_threads = 2;
  CHECK_THROWS_WITH_AS(Trainer<float>(net, Adam{}, 4, options),
                       "n_threads must be 0 or 1 for online training, got 2", std::invalid_argument);
}

TEST_CASE_TEMPLATE("a Trainer takes its buffers from a workspace", T, float, double) {
  Options custom, usual;
  custom.cost = "custom";
  const auto square = [](std::size_t n, std::size_t width, const T* a, const T* y, double* cost,
                         T* gradient) {
    for (std::size_t i = 0; i < n; ++i) cost[i] = 1;
    for (std::size_t i = 0; i < n * width; ++i) gradient[i] = a[i] - y[i];
  };
  for (const std::size_t batch : {1u, 32u, 600u})
    for (const bool own_cost : {false, true}) {
      Network<T> a({7, 12, 3}, own_cost ? custom : usual);
      if (own_cost) a.set_cost_function(square);
      Network<T> b = a;
      TrainerOptions options = online();
      options.regularization.clip_norm = 1;
      const std::size_t bytes = Trainer<T>::bytes(a, Adam{}, batch, options);
      std::vector<char> memory(bytes + 64);
      Trainer<T> plain(a, Adam{}, batch, 1, options.regularization);
      for (std::size_t offset : {0u, 1u, 37u}) {
        options.workspace = {memory.data() + offset, bytes};
        Trainer<T> trainer(b, Adam{}, batch, options);
        const Examples<T> data(a, batch);
        if (offset > 0) continue;
        plain.step(data.rows(0, batch), data.targets(0, batch));
        CHECK(trainer.try_step(data.rows(0, batch), data.targets(0, batch)) == Status::ok);
      }
      CHECK(parameters(a) == parameters(b));
      options.workspace.bytes = bytes / 2;
      const std::string message = "workspace must have at least " + std::to_string(bytes) + " bytes, got " +
                                  std::to_string(bytes / 2);
      CHECK_THROWS_WITH_AS(Trainer<T>(b, Adam{}, batch, options), message.c_str(), std::invalid_argument);
    }
}

TEST_CASE("a Trainer follows its network") {
  const Network<float> fresh({3, 8, 2});
  const Examples<float> data(fresh, 4);
  const auto train = [&](Trainer<float>& trainer) {
    CHECK(trainer.try_step(data.rows(0, 4), data.targets(0, 4)) == Status::ok);
    trainer.epoch(data.rows(0, 4), data.targets(0, 4));
  };
  std::vector<Learner> learners(1);
  train(learners[0].trainer);
  for (int i = 0; i < 5; ++i) {
    learners.emplace_back();  // moves the others
    for (auto& learner : learners) train(learner.trainer);
  }
  for (auto& learner : learners) CHECK(parameters(learner.net) != parameters(fresh));
  CHECK(parameters(learners[4].net) == [&] {
    Learner other;
    for (int i = 0; i < 2; ++i) train(other.trainer);
    return parameters(other.net);
  }());

  Learner a, b;
  std::swap(a.net, b.net);  // each Trainer follows the network that it trained
  const auto of_b = parameters(b.net), of_a = parameters(a.net);
  train(a.trainer);
  CHECK(parameters(b.net) != of_b);
  CHECK(parameters(a.net) == of_a);

  Network<float> target({3, 8, 2}), source({3, 8, 2});
  Trainer<float> of_target(target, Adam{}, 4), of_source(source, Adam{}, 4);
  target = std::move(source);  // both train `target` now
  Network<float> moved = std::move(target);
  const auto before = parameters(moved);
  of_source.step(data.rows(0, 4), data.targets(0, 4));
  const auto between = parameters(moved);
  CHECK(between != before);
  of_target.step(data.rows(0, 4), data.targets(0, 4));
  CHECK(parameters(moved) != between);
}

TEST_CASE("a Trainer notices that its network has been destroyed or replaced") {
  const Network<float> fresh({3, 8, 2});
  const Examples<float> data(fresh, 4);
  auto net = std::make_unique<Network<float>>(fresh);
  Trainer<float> trainer(*net, Adam{}, 4, online());
  REQUIRE(trainer.try_step(data.rows(0, 4), data.targets(0, 4)) == Status::ok);
  *net = Network<float>({3, 9, 2});
  CHECK(trainer.sync() == Status::invalid_argument);
  CHECK_THROWS_AS(trainer.step(data.rows(0, 4), data.targets(0, 4)), std::invalid_argument);
  net.reset();
  CHECK(trainer.try_step(data.rows(0, 4), data.targets(0, 4)) == Status::invalid_argument);
  CHECK(trainer.sync() == Status::invalid_argument);
  CHECK_THROWS_WITH_AS(trainer.state(), "network must not be destroyed before its Trainer is used",
                       std::invalid_argument);
}

TEST_CASE_TEMPLATE("forward_backward is bit-identical to backprop", T, float, double) {
  for (const std::vector<std::size_t>& sizes :
       std::vector<std::vector<std::size_t>>{{5, 1}, {3, 40, 2}, {32, 64, 64, 8}, {11, 9, 8, 7, 60}})
    for (const bool scales : {false, true}) {
      Options options;
      options.activation.assign(sizes.size() - 2, "gelu");
      options.learn_input_scale = scales;
      options.input_scale = 0.5;
      options.input_noise = 0.5;  // not applied
      Network<T> net(sizes, options);
      if (scales) net.input_scales()[1] = 3;
      const Examples<T> data(net, 300);
      Gradients<T> gradients(net, 300);
      std::vector<T> gradient(net.num_parameters()), slope(300 * sizes[0]);
      for (const std::size_t n : {1u, 3u, 32u, 300u}) {
        const auto trace = backprop(net, data.rows(0, n), data.targets(0, n), 1);
        double cost = 0;
        REQUIRE(gradients.forward_backward(data.rows(0, n), data.targets(0, n), gradient.data(), &cost,
                                           slope.data()) == Status::ok);
        CHECK(cost == trace.cost);
        CHECK(gradient == trace.gradient);
      }
      if (sizeof(T) == 4) continue;
      const T h = T(1e-6);  // central differences
      for (std::size_t k = 0; k < sizes[0]; ++k) {
        std::vector<T> x(data.x.begin(), data.x.begin() + static_cast<std::ptrdiff_t>(sizes[0]));
        const auto cost = [&](T shift) {
          x[k] = data.x[k] + shift;
          return evaluate(net, Rows(x.data(), 1, sizes[0]), data.targets(0, 1)).cost;
        };
        CHECK(slope[k] == doctest::Approx((cost(h) - cost(-h)) / (2 * h)).epsilon(1e-5));
      }
      net.parameters()[0] += 1;  // read by the next call
      REQUIRE(gradients.forward_backward(data.rows(0, 3), data.targets(0, 3), gradient.data()) == Status::ok);
      CHECK(gradient == backprop(net, data.rows(0, 3), data.targets(0, 3), 1).gradient);
    }
}

TEST_CASE("forward_backward with sample weights, standardization and a custom cost") {
  Options options;
  options.standardize = true;
  Network<double> net({3, 8, 2}, options);
  const Examples<double> data(net, 6);
  standardize(net, data.rows(0, 6), data.targets(0, 6));
  Gradients<double> gradients(net, 6);
  std::vector<double> gradient(net.num_parameters()), slope(18);
  const double weights[] = {1, 2, 0, 0.5, 1, 3};
  Targets targets = data.targets(0, 6);
  targets.weights = Rows(weights, 6, 1);
  double cost = 0;
  REQUIRE(gradients.forward_backward(data.rows(0, 6), targets, gradient.data(), &cost, slope.data()) ==
          Status::ok);
  const auto trace = backprop(net, data.rows(0, 6), targets, 1);
  CHECK(cost == trace.cost);
  CHECK(gradient == trace.gradient);
  auto x = data.x;
  const auto at = [&](double shift) {
    x[4] = data.x[4] + shift;
    return evaluate(net, Rows(&x[3], 1, 3), data.targets(1, 1)).cost;
  };
  CHECK(slope[4] == doctest::Approx((at(1e-6) - at(-1e-6)) / 2e-6).epsilon(1e-5));

  Options custom;
  custom.cost = "custom";
  Network<float> own({3, 8, 2}, custom);
  bool fails = false;
  own.set_cost_function(
      [&](std::size_t n, std::size_t width, const float* a, const float* y, double* c, float* g) {
        if (fails) throw std::runtime_error("no");
        for (std::size_t i = 0; i < n; ++i) c[i] = 1;
        for (std::size_t i = 0; i < n * width; ++i) g[i] = a[i] - y[i];
      });
  const Examples<float> examples(own, 6);
  Gradients<float> of_own(own, 6);
  std::vector<float> g(own.num_parameters());
  REQUIRE(of_own.forward_backward(examples.rows(0, 6), examples.targets(0, 6), g.data()) == Status::ok);
  CHECK(g == backprop(own, examples.rows(0, 6), examples.targets(0, 6), 1).gradient);
  fails = true;
  CHECK(of_own.forward_backward(examples.rows(0, 6), examples.targets(0, 6), g.data()) == Status::failed);
}

TEST_CASE("errors and workspace of Gradients") {
  Network<float> net({3, 8, 2});
  Examples<float> data(net, 6);
  const std::size_t bytes = Gradients<float>::bytes(net, 6);
  std::vector<char> memory(bytes);
  Gradients<float> gradients(net, 6, {memory.data(), bytes});
  std::vector<float> g(net.num_parameters());
  const auto run = [&](std::size_t n) {
    return gradients.forward_backward(data.rows(0, n), data.targets(0, n), g.data());
  };
  CHECK(run(6) == Status::ok);
  CHECK_THROWS_AS(Gradients<float>(net, 6, {memory.data(), bytes / 2}), std::invalid_argument);
  CHECK_THROWS_WITH_AS(Gradients<float>(net, 0), "max_rows must be at least 1, got 0", std::invalid_argument);
  CHECK(run(0) == Status::invalid_argument);
  data.x[3] = std::numeric_limits<float>::infinity();
  CHECK(run(2) == Status::bad_example);
  CHECK(run(1) == Status::ok);
  data.y[0] = 3e38f;
  CHECK(run(1) == Status::not_finite);
  Network<float> moved = std::move(net);
  data.y[0] = 0;
  CHECK(run(1) == Status::ok);
  moved = Network<float>({3, 9, 2});
  CHECK(run(1) == Status::invalid_argument);
}
