// Epochs in several parts, the state of a Trainer, and recorded outputs.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>
#include <limits>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "engine/data/shuffle.hpp"
#include "localgrad/error.hpp"
#include "localgrad/plan.hpp"
#include "localgrad/predict.hpp"
#include "localgrad/trainer.hpp"
#include "optimizers.hpp"

namespace {

using namespace localgrad;

const std::vector<Optimizer> kOptimizers = every_optimizer();

/// One network for each way to divide a step; the last one has an output layer that is stored transposed.
struct Shape {
  std::vector<std::size_t> sizes;
  std::size_t batch, rows;
  const char *output, *split;
};
const Shape kShapes[] = {{{200, 120, 3}, 4, 46, "softmax", "units"},
                         {{300, 130, 70, 1}, 3, 31, "sigmoid", "units"},
                         {{7, 33, 17}, 13, 100, "identity", "rows"},
                         {{4, 8, 10, 3}, 700, 1900, "softmax", "chunks"},
                         {{5, 9, 2}, 8, 60, "sigmoid", "rows"}};

/// Whether networks of a shape have label smoothing.
bool smooths(const Shape& shape) { return std::strcmp(shape.output, "identity") != 0; }

/// The parts of an `epoch`.
template <class T>
struct Case {
  Network<T> network;
  std::vector<float> x, y, weights;
  std::vector<std::uint32_t> order;
  std::size_t batch;

  Case(const Shape& shape, bool random, bool weighted)
      : network(make(shape, random)), order(shape.rows), batch(shape.batch) {
    const std::size_t n = shape.rows, in = shape.sizes.front(), out = shape.sizes.back();
    for (std::size_t i = 0; i < n * in; ++i) x.push_back(static_cast<float>((i * 37) % 101) / 101 - 0.5f);
    for (std::size_t i = 0; i < n * out; ++i) y.push_back(static_cast<float>((i * 29) % 97) / 97);
    for (std::size_t i = 0; weighted && i < n; ++i) weights.push_back(static_cast<float>(i % 5) / 2);
    epoch_order(network.options().seed, network.epochs(), 1, true, order);
  }
  static Network<T> make(const Shape& shape, bool random) {
    Options options;
    options.activation = {"tanh"};
    options.output = shape.output;
    options.cost = smooths(shape) ? "cross_entropy(0.2)" : "mse";
    options.seed = 3;
    if (random) {
      options.dropout = {0.3};
      options.input_dropout = 0.1;
      options.input_noise = 0.1;
    }
    Network<T> network(shape.sizes, options);
    network.set_epochs(5);
    return network;
  }
  Rows rows() const { return Rows(x.data(), order.size(), network.sizes().front()); }
  Targets targets() const {
    Targets targets(Rows(y.data(), order.size(), network.sizes().back()));
    if (!weights.empty()) targets.weights = Rows(weights.data(), order.size(), 1);
    return targets;
  }
  /// Trains on rows first .. first + n - 1 of the epoch; adds the sum of their costs to `sum`.
  void part(Trainer<T>& trainer, std::size_t first, std::size_t n, double& sum) const {
    n = std::min(n, order.size() - first);
    CHECK(trainer.position() == first);
    const double mean = trainer.part(rows(), targets(), order.data() + first, n);
    CHECK(mean * static_cast<double>(n) == doctest::Approx(trainer.cost_sum()).epsilon(1e-14));
    CHECK(trainer.step_costs().size() == (n - 1) / batch + 1);
    sum = trainer.cost_sum(sum);
    CHECK(trainer.position() == first + n);
  }
};

template <class T>
bool same_bytes(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}
template <class T>
bool same_bytes(const Network<T>& a, const Network<T>& b) {
  return std::memcmp(a.parameters(), b.parameters(), a.num_parameters() * sizeof(T)) == 0;
}
template <class T>
bool same_bytes(const TrainerState<T>& a, const TrainerState<T>& b) {
  bool same =
      a.rule == b.rule && a.t == b.t && a.mu_product == b.mu_product && a.arrays.size() == b.arrays.size();
  for (std::size_t s = 0; same && s < a.arrays.size(); ++s) same = same_bytes(a.arrays[s], b.arrays[s]);
  return same;
}

}  // namespace

TEST_CASE_TEMPLATE("an epoch in parts by several trainers gives the same bits as one call", T, float,
                   double) {
  std::size_t number = 0;
  for (const Shape& shape : kShapes)
    for (const Optimizer& optimizer : kOptimizers) {
      ++number;
      CAPTURE(number);
      const bool random = number % 3 != 0, weighted = number % 4 == 1;
      Regularization regularization;
      if (number % 5 == 2 && std::strcmp(shape.split, "units") != 0) regularization.clip_norm = 0.1;
      if (number % 3 == 1) {
        regularization.l2 = {1e-2};
        regularization.weight_decay = {0.1};
      }
      Case<T> whole(shape, random, weighted), pieces(shape, random, weighted);
      CHECK(plan(whole.network, optimizer, shape.batch, 2, regularization).split == std::string(shape.split));
      const auto make = [&](Network<T>& network, int threads) {
        return std::make_unique<Trainer<T>>(network, optimizer, shape.batch, threads, regularization,
                                            weighted);
      };
      const bool smooth = smooths(shape);
      // The schedules of mini-batches from `before` on.
      const auto schedules = [&](std::size_t before) {
        const auto falling = [before](double by) -> Schedules::Factor {
          return [=](std::size_t step) { return 1 / (1 + by * static_cast<double>(before + step)); };
        };
        Schedules all{falling(0.1)};
        if (random) all.dropout = falling(0.2);
        if (number % 3 == 1) all.weight_decay = falling(0.3);
        if (smooth) all.label_smoothing = falling(0.4);
        return all;
      };
      const auto once = make(whole.network, 1);
      once->set_schedules(schedules(0));
      const double cost = once->epoch(whole.rows(), whole.targets());
      CHECK(once->position() == 0);

      std::vector<std::uint32_t> threads{1, 2, 3};
      auto trainer = make(pieces.network, 2);
      double sum = 0;
      std::size_t steps = 0;
      for (std::size_t first = 0, turn = 0; first < shape.rows; ++turn) {
        // A new network and a new trainer for each part, with only the state of the previous ones.
        const TrainerState<T> state = trainer->state();
        CHECK(state.t == steps);
        CHECK(state.position == first);
        Case<T> copy = pieces;
        trainer = make(copy.network, static_cast<int>(threads[turn % 3]));
        trainer->set_state(state);
        CHECK(same_bytes(trainer->state(), state));
        trainer->set_schedules(schedules(steps));
        const std::size_t n = shape.batch * (turn % 3 == 0 ? 1 : 2);
        copy.part(*trainer, first, n, sum);
        first = trainer->position();
        steps = (first - 1) / shape.batch + 1;
        pieces.network = copy.network;
        auto again = make(pieces.network, 1);  // the copy is destroyed
        again->set_state(trainer->state());
        *trainer = std::move(*again);
      }
      trainer->end_epoch();
      CHECK(trainer->position() == 0);
      CHECK(pieces.network.epochs() == 6);
      CHECK(same_bytes(pieces.network, whole.network));
      CHECK(same_bytes(trainer->state(), once->state()));
      CHECK(sum / static_cast<double>(shape.rows) == cost);

      // Continues with whole epochs.
      trainer->epoch(pieces.rows(), pieces.targets());
      once->set_schedule(nullptr);
      once->epoch(whole.rows(), whole.targets());
      CHECK(same_bytes(pieces.network, whole.network));
    }
}

TEST_CASE_TEMPLATE("a step is a part of one mini-batch", T, float, double) {
  Case<T> a(kShapes[2], true, false), b = a;
  Trainer<T> parts(a.network, Adam{}, 13, 1), steps(b.network, Adam{}, 13, 1);
  for (std::uint32_t first = 0; first < 39; first += 13) {
    std::vector<std::uint32_t> order(13);
    std::iota(order.begin(), order.end(), first);
    const double cost = parts.part(a.rows(), a.targets(), order.data(), 13);
    CHECK(cost == steps.step(Rows(b.x.data() + first * 7, 13, 7), Rows(b.y.data() + first * 17, 13, 17)));
    CHECK(steps.position() == first + 13);
    CHECK(same_bytes(a.network, b.network));
  }
  steps.epoch(b.rows(), b.targets());  // from its beginning, regardless of the steps
  CHECK(steps.position() == 0);
}

TEST_CASE_TEMPLATE("the state is in the order of the parameters", T, float, double) {
  for (const Shape& shape : kShapes) {
    Case<T> one(shape, false, false);
    Trainer<T> trainer(one.network, SGD{0.5, 0.5}, shape.batch, 2);
    const std::vector<T> before(one.network.parameters(),
                                one.network.parameters() + one.network.num_parameters());
    trainer.part(one.rows(), one.targets(), one.order.data(), shape.batch);
    const TrainerState<T> state = trainer.state();
    REQUIRE(state.arrays.size() == 1);
    REQUIRE(state.arrays[0].size() == before.size());
    for (std::size_t p = 0; p < before.size(); ++p)  // the velocity is the first gradient
      REQUIRE(one.network.parameters()[p] ==
              doctest::Approx(before[p] - T(0.5) * state.arrays[0][p]).epsilon(1e-5));
  }
}

TEST_CASE_TEMPLATE("the outputs of each mini-batch before its update are recorded", T, float, double) {
  for (const Shape& shape : kShapes)
    for (const int threads : {1, 2, 3}) {
      CAPTURE(shape.sizes[0]);
      CAPTURE(threads);
      Case<T> one(shape, false, false), other = one;
      const std::size_t n = shape.rows, width = shape.sizes.back();
      const T guard = 77;
      std::vector<T> out(n * width + 2, guard), expected(n * width), now(n * width);
      Trainer<T> trainer(one.network, SGD{0.1, 0.9}, shape.batch, threads);
      Trainer<T> steps(other.network, SGD{0.1, 0.9}, shape.batch, 1);
      trainer.record_outputs(out.data() + 1);
      trainer.epoch(one.rows(), one.targets());
      for (std::size_t first = 0; first < n; first += shape.batch) {
        const std::size_t count = std::min(shape.batch, n - first);
        predict(other.network, other.rows(), now.data());
        for (std::size_t i = first; i < first + count; ++i)
          std::copy_n(now.data() + other.order[i] * width, width, expected.data() + other.order[i] * width);
        steps.part(other.rows(), other.targets(), other.order.data() + first, count);
      }
      CHECK(out.front() == guard);
      CHECK(out.back() == guard);
      CHECK(same_bytes(std::vector<T>(out.begin() + 1, out.end() - 1), expected));
      // A part writes only its rows, and nothing after recording is disabled.
      std::fill(out.begin(), out.end(), guard);
      trainer.part(one.rows(), one.targets(), one.order.data(), 1);
      const std::size_t row = one.order[0];
      for (std::size_t e = 0; e < n * width; ++e) REQUIRE((out[e + 1] != guard) == (e / width == row));
      trainer.record_outputs(nullptr);
      std::fill(out.begin(), out.end(), guard);
      trainer.part(one.rows(), one.targets(), one.order.data(), 1);
      CHECK(std::count(out.begin(), out.end(), guard) == static_cast<std::ptrdiff_t>(out.size()));
    }
}

TEST_CASE_TEMPLATE("outputs are recorded with a custom cost", T, float, double) {
  Options options;
  options.cost = "custom";
  Network<T> net({3, 5, 2}, options);
  net.set_cost_function([](std::size_t n, std::size_t width, const T*, const T*, double* cost, T* gradient) {
    std::fill_n(cost, n, 1.0);
    std::fill_n(gradient, n * width, T(1));
  });
  std::vector<float> x(30), y(20);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i) / 30;
  std::vector<T> out(20), expected(20);
  predict(net, Rows(x.data(), 10, 3), expected.data());
  Trainer<T> trainer(net, SGD{0.1}, 10, 2);
  trainer.record_outputs(out.data());
  trainer.epoch(Rows(x.data(), 10, 3), Rows(y.data(), 10, 2));
  CHECK(same_bytes(out, expected));
}

TEST_CASE_TEMPLATE("a rejected part changes nothing", T, float, double) {
  Case<T> one(kShapes[2], true, false);
  Trainer<T> trainer(one.network, NAdam{}, 13, 2);
  double sum = 0;
  one.part(trainer, 0, 26, sum);
  const Network<T> before = one.network;
  const TrainerState<T> state = trainer.state();
  const auto unchanged = [&] {
    return same_bytes(one.network, before) && same_bytes(trainer.state(), state) && trainer.position() == 26;
  };
  CHECK_THROWS_WITH(trainer.part(one.rows(), one.targets(), one.order.data(), 0),
                    "order must have at least 1 row, got 0");
  const std::uint32_t beyond[] = {0, 99, 100};
  CHECK_THROWS_WITH(trainer.part(one.rows(), one.targets(), beyond, 3),
                    "order[2] must be below 100, the rows of x, got 100");
  CHECK(trainer.cost_sum(7) == 7);
  CHECK_THROWS_AS(trainer.part(Rows(one.x.data(), 100, 6), one.targets(), beyond, 2), std::invalid_argument);
  CHECK(unchanged());
  one.x[one.order[40] * 7] = std::numeric_limits<float>::infinity();  // in the second mini-batch of the part
  CHECK_THROWS_AS(trainer.part(one.rows(), one.targets(), one.order.data() + 26, 39), std::invalid_argument);
  CHECK(trainer.cost_sum(7) == 7);
  CHECK(unchanged());
  one.x[one.order[40] * 7] = 0;
  one.part(trainer, 26, 39, sum);
}

TEST_CASE("a state that does not match is rejected and changes nothing") {
  Case<float> one(kShapes[2], false, false);
  Trainer<float> trainer(one.network, Adam{}, 13, 1);
  trainer.part(one.rows(), one.targets(), one.order.data(), 13);
  const TrainerState<float> good = trainer.state();
  const auto message = [&](auto change) {
    TrainerState<float> state = good;
    state.t = 9;
    state.arrays[0][0] = 5;
    change(state);
    std::string text;
    try {
      trainer.set_state(state);
    } catch (const std::invalid_argument& e) {
      text = e.what();
    }
    CHECK(same_bytes(trainer.state(), good));
    return text;
  };
  CHECK(message([](auto& s) { s.arrays.pop_back(); }) ==
        "arrays must have 2 elements for this optimizer, got 1");
  CHECK(message([](auto& s) { s.arrays.emplace_back(842); }) ==
        "arrays must have 2 elements for this optimizer, got 3");
  CHECK(message([](auto& s) { s.arrays[1].pop_back(); }) == "arrays[1] must have 842 numbers, got 841");
  CHECK(message([](auto& s) { s.arrays[1][841] = std::numeric_limits<float>::quiet_NaN(); }) ==
        "arrays[1][841] must be finite and at least 0, got nan");
  CHECK(message([](auto& s) { s.rule = "nadam"; }) == "rule must be 'adam' for this optimizer, got 'nadam'");
  CHECK(message([](auto& s) { s.t = std::uint64_t{1} << 63; }) ==
        "t must be at most 9007199254740992, got 9223372036854775808");
  CHECK(message([](auto& s) { s.position = ~std::uint64_t{0}; }) ==
        "position must be at most 9007199254740992, got 18446744073709551615");
  if (sizeof(std::size_t) == 4)
    CHECK(message([](auto& s) { s.position = std::uint64_t{1} << 32; }) ==
          "position must fit std::size_t on this machine, got 4294967296");
  CHECK(message([](auto& s) { s.mu_product = -0.5; }) ==
        "mu_product must be at least 0 and at most 1, got -0.5");
  CHECK(message([](auto& s) { s.mu_product = std::nan(""); }) ==
        "mu_product must be at least 0 and at most 1, got nan");
  one.network = Network<float>({7, 34, 17});
  CHECK_THROWS_AS(trainer.state(), std::invalid_argument);
  CHECK_THROWS_AS(trainer.set_state(good), std::invalid_argument);
}

TEST_CASE("states have the names that are used in files") {
  const std::pair<Optimizer, const char*> named[] = {
      {SGD{}, "sgd"},
      {SGD{0.1, 0.9, true}, "momentum"},
      {Adam{}, "adam"},
      {Adam{1e-3, 0.9, 0.999, 1e-8, true}, "amsgrad"},
      {AdamW{}, "adam"},
      {NAdam{}, "nadam"},
      {RMSprop{}, "rmsprop"},
      {RMSprop{1e-3, 0.9, 1e-8, 0.9, false}, "rmsprop_momentum"},
      {RMSprop{1e-3, 0.9, 1e-8, 0, true}, "rmsprop_centered"},
      {RMSprop{1e-3, 0.9, 1e-8, 0.9, true}, "rmsprop_centered_momentum"},
      {Adagrad{}, "adagrad"},
      {Rprop{}, "rprop"},
      {Lion{}, "lion"}};
  Case<float> one(kShapes[2], false, false);
  for (const auto& [optimizer, name] : named)
    CHECK(Trainer<float>(one.network, optimizer, 13, 1).state().rule == name);
}

TEST_CASE("a state can only be used by rules of the same name") {
  Case<float> one(kShapes[2], false, false);
  for (std::size_t from = 0; from < kOptimizers.size(); ++from) {
    const auto state = Trainer<float>(one.network, kOptimizers[from], 13, 1).state();
    for (std::size_t to = 0; to < kOptimizers.size(); ++to) {
      Trainer<float> trainer(one.network, kOptimizers[to], 13, 1);
      const std::string own = trainer.state().rule;
      if (state.rule == own)
        CHECK_NOTHROW(trainer.set_state(state));
      else
        CHECK_THROWS_WITH(
            trainer.set_state(state),
            ("rule must be '" + own + "' for this optimizer, got '" + state.rule + "'").c_str());
    }
  }
}

TEST_CASE("step_costs has the costs of the completed mini-batches of the last call") {
  Case<float> one(kShapes[4], false, false);
  Trainer<float> trainer(one.network, SGD{0.1}, 8, 1);
  const auto costs_after = [&](const auto& call) {
    trainer.part(one.rows(), one.targets(), one.order.data(), 16);
    CHECK(trainer.step_costs().size() == 2);
    CHECK_THROWS_AS(call(), std::invalid_argument);
    CHECK(trainer.cost_sum(3) == 3);
    return trainer.step_costs().size();
  };
  const std::uint32_t beyond = 60;
  CHECK(costs_after([&] { trainer.part(one.rows(), one.targets(), one.order.data(), 0); }) == 0);
  CHECK(costs_after([&] { trainer.part(one.rows(), one.targets(), &beyond, 1); }) == 0);
  CHECK(costs_after([&] { trainer.step(one.rows(), one.targets()); }) == 0);
  CHECK(costs_after([&] { trainer.epoch(Rows(one.x.data(), 60, 4), one.targets()); }) == 0);
  one.x[40 * 5] = std::numeric_limits<float>::infinity();
  CHECK(costs_after([&] { trainer.epoch(one.rows(), one.targets(), false); }) == 0);
}

TEST_CASE("step_costs ends where the parameters became infinite") {
  Options options;
  options.output = "sigmoid";
  options.cost = "mse";
  options.init = "zeros";
  Network<float> net({1, 1}, options);
  Trainer<float> trainer(net, SGD{1e38, 0.999}, 1, 1);
  const std::vector<float> ones(300, 1);
  CHECK_THROWS_AS(trainer.epoch(Rows(ones.data(), 300, 1), Targets(Rows(ones.data(), 300, 1))),
                  NonFiniteCost);
  CHECK(trainer.position() > 0);
  CHECK(trainer.position() < 300);
  CHECK(trainer.step_costs().size() == trainer.position());
  CHECK(trainer.state().t == trainer.position());
}

TEST_CASE("position and costs show where a part ended, and the error has the mini-batch of the epoch") {
  Case<float> one(kShapes[4], false, false);
  Trainer<float> trainer(one.network, SGD{0.1}, 8, 1);
  trainer.part(one.rows(), one.targets(), one.order.data(), 16);
  trainer.set_schedule([](std::size_t step) { return step < 2 ? 1.0 : 1e300; });
  std::string message;
  std::size_t batch = 0;
  try {
    trainer.part(one.rows(), one.targets(), one.order.data() + 16, 44);
  } catch (const NonFiniteCost& e) {
    message = e.what();
    batch = e.batch();
  }
  CHECK(message.find("epoch 6, mini-batch " + std::to_string(batch) + ": ") == 0);
  CHECK(message.find("learning rate 1e+299") != std::string::npos);
  CHECK(batch >= 5);  // two before the part, two valid ones in it
  CHECK(batch <= 6);
  CHECK(trainer.position() == 32);
  CHECK(one.network.epochs() == 5);
  double sum = 0;
  for (std::size_t s = 0; s < 2; ++s) sum += trainer.step_costs()[s] * 8;
  CHECK(trainer.cost_sum() == sum);
}

TEST_CASE("schedules require a setting to vary, and rates stay below 1") {
  const auto one = [](std::size_t) { return 1.0; };
  const auto message = [](auto&& call) -> std::string {
    try {
      call();
    } catch (const std::invalid_argument& e) {
      return e.what();
    }
    return "";
  };
  Case<float> plain(kShapes[2], false, false), rich(kShapes[4], true, false);
  Trainer<float> trainer(plain.network, SGD{0.1}, 13, 1), all(rich.network, AdamW{}, 8, 1);
  const auto refused = [&](const Schedules& s) { return message([&] { trainer.set_schedules(s); }); };
  CHECK(refused({{}, one}) == "the schedule of dropout requires a network with dropout");
  CHECK(refused({{}, {}, one}) == "the schedule of weight_decay requires a weight decay above 0");
  CHECK(refused({{}, {}, {}, one}) == "the schedule of label_smoothing requires a cost with label smoothing");
  all.set_schedules({one, one, one, one});
  const auto before = all.state();
  const auto step = [&] { all.step(Rows(rich.x.data(), 8, 5), Targets(Rows(rich.y.data(), 8, 2))); };
  all.set_schedules({{}, [](std::size_t) { return 4.0; }});
  CHECK(message(step) == "dropout must be below 1, got 0.3 times 4, the factor of its schedule");
  all.set_schedules({{}, {}, {}, [](std::size_t) { return 5.0; }});
  CHECK(message(step) == "label_smoothing must be below 1, got 0.2 times 5, the factor of its schedule");
  all.set_schedules({{}, {}, [](std::size_t) { return -1.0; }});
  CHECK(message(step) == "the factor of the schedule of weight_decay must be finite and at least 0, got -1");
  CHECK(same_bytes(all.state(), before));
  all.set_schedule({});
  step();
  CHECK(all.state().t == 1);
}

TEST_CASE("an interrupted epoch or part can be continued") {
  for (const int threads : {1, 2}) {
    const Shape shape{{40, 200, 2}, 10, 4000, "sigmoid", "units"};
    Case<float> one(shape, true, false), twin = one;
    Trainer<float> trainer(one.network, Adam{}, 10, threads), undisturbed(twin.network, Adam{}, 10, threads);
    const double cost = undisturbed.epoch(twin.rows(), twin.targets());
    trainer.set_interrupt([] { return true; });
    double sum = 0;
    CHECK_THROWS_AS(trainer.epoch(one.rows(), one.targets()), Interrupted);
    CHECK(trainer.position() > 0);
    CHECK(trainer.position() < 4000);
    CHECK(trainer.position() == 10 * trainer.step_costs().size());
    sum = trainer.cost_sum(sum);
    for (int parts = 0; trainer.position() < 4000; ++parts) {
      if (parts == 2) trainer.set_interrupt(nullptr);
      const std::size_t first = trainer.position();
      try {
        trainer.part(one.rows(), one.targets(), one.order.data() + first, 4000 - first);
      } catch (const Interrupted&) {
      }
      CHECK(trainer.position() == first + 10 * trainer.step_costs().size());
      sum = trainer.cost_sum(sum);
    }
    trainer.end_epoch();
    CHECK(sum / 4000 == cost);
    CHECK(same_bytes(one.network, twin.network));
  }
}
