// Every way to divide a step among threads, with every instruction set that has fused multiply-add, gives
// the same bytes as one thread.

#include <doctest/doctest.h>

#include <atomic>
#include <cmath>
#include <cstring>
#include <thread>
#include <vector>

#include "engine/epoch/run.hpp"
#include "kernels/dispatch.hpp"
#include "localgrad/error.hpp"
#include "localgrad/trainer.hpp"
#include "optimizers.hpp"

namespace {

using namespace localgrad;

struct Case {
  std::vector<std::size_t> sizes;
  std::size_t batch, rows;
  const char* output = "identity";
};

/// The networks of `localgrad bench`, and some with sizes that are not multiples of vectors or tiles.
const std::vector<Case> kCases = {
    {{784, 30, 10}, 10, 45},
    {{784, 100, 10}, 20, 61},
    {{784, 128, 64, 10}, 64, 150},
    {{784, 512, 512, 10}, 128, 260},
    {{13, 64, 64, 1}, 32, 150},
    {{4, 64, 64, 2}, 64, 300},
    {{1024, 1024, 1024, 1024, 10}, 256, 300},
    {{28, 256, 256, 256, 256, 1}, 100, 250},
    {{4, 32, 16, 4}, 3000, 3000},
    {{7, 33, 70, 17, 3}, 13, 100, "softmax"},
    {{3, 40, 2}, 700, 1500, "sigmoid"},
    {{70, 3}, 7, 50, "softmax"},
    {{1, 1}, 1, 5},
    {{1003, 201, 130, 2}, 33, 131},
    {{1003, 70, 1}, 2, 131, "sigmoid"},
    {{40, 17, 900}, 50, 101},
    // Mini-batches whose sums are split into blocks: by units, by rows, by chunks.
    {{500, 300, 4}, 600, 700},
    {{300, 400, 2}, 500, 600, "sigmoid"},
    {{9, 400, 300, 1}, 600, 700},
    {{60, 900}, 520, 600},
    {{5, 33, 3}, 20000, 20000},
};

/// Networks with 1 to 3 hidden layers and sizes that are not multiples of vectors or tiles.
std::vector<Case> random_cases(std::size_t count) {
  constexpr std::size_t widths[] = {1, 2, 3, 5, 7, 9, 15, 17, 31, 33, 47, 63, 65, 70, 97, 129};
  constexpr std::size_t batches[] = {1, 2, 3, 7, 13, 33, 64, 700};
  const char* outputs[] = {"identity", "sigmoid", "softmax", "tanh"};
  std::uint32_t state = 1;
  const auto draw = [&](std::size_t n) { return ((state = state * 1664525 + 1013904223) >> 16) % n; };
  std::vector<Case> cases;
  for (std::size_t c = 0; c < count; ++c) {
    Case one{{}, batches[draw(8)], 0, outputs[draw(4)]};
    for (std::size_t l = draw(3) + 3; l > 0; --l) one.sizes.push_back(widths[draw(16)]);
    if (one.sizes.back() == 1 && one.output[1] == 'o') one.output = "identity";  // softmax requires two units
    one.rows = one.batch * 2 + 1 + draw(5);
    cases.push_back(one);
  }
  return cases;
}

const KernelTable* table_named(const char* name) {
  for (const auto* table : available_kernels())
    if (std::strcmp(table->name, name) == 0) return table;
  return nullptr;
}
template <class T>
const Kernels<T>& of(const KernelTable& table);
template <>
const Kernels<float>& of(const KernelTable& table) {
  return table.float32;
}
template <>
const Kernels<double>& of(const KernelTable& table) {
  return table.float64;
}

template <class T>
struct Trained {
  std::vector<T> parameters;
  std::vector<double> costs;  // costs of the mini-batches
  bool operator==(const Trained& other) const {
    return costs == other.costs && parameters.size() == other.parameters.size() &&
           std::memcmp(parameters.data(), other.parameters.data(), parameters.size() * sizeof(T)) == 0;
  }
};

/// How a case is trained. Over all cases, each rule is combined with penalties, clipping, max_norm, dropout,
/// noise, learning rates of layers and frozen parameters, and with none of them.
struct Way {
  Optimizer optimizer;
  Regularization regularization;
  double dropout = 0, input_dropout = 0, input_noise = 0;
};

Way way_of(std::size_t number, std::size_t layers) {
  const std::vector<Optimizer> optimizers = every_optimizer();
  const std::size_t count = optimizers.size();
  Way way{optimizers[number % count], {}};
  const std::size_t turn = number / count + number;
  if (turn % 3 == 1) {
    way.regularization.l1 = {1e-3};
    way.regularization.l2 = {1e-2};
    way.regularization.penalize_biases = turn % 2;
    way.regularization.clip_value = 0.01;
  }
  if (turn % 5 == 1) way.regularization.clip_norm = 0.1;
  if (turn % 4 == 2) way.regularization.max_norm = 0.5;
  if (turn % 3 == 2) way.dropout = 0.5;
  if (turn % 7 == 2) way.input_dropout = 0.2;
  if (turn % 7 == 3) way.input_noise = 0.1;
  if (turn % 4 == 3 || turn % 5 == 1) {
    constexpr double factors[] = {0, 0.5, 1, 0, 2};
    auto &weights = way.regularization.weight_lr_factor, &biases = way.regularization.bias_lr_factor;
    weights.clear();
    biases.clear();
    for (std::size_t l = 0; l < layers; ++l) {
      weights.push_back(factors[(turn + l * 3) % 5]);
      biases.push_back(turn % 3 ? weights.back() : factors[(turn / 2 + l) % 5]);
    }
  }
  return way;
}

/// Trains some mini-batches with the plan modified by change(plan), in two calls.
template <class T, class Change>
Trained<T> train(const Case& one, const Way& way, const Kernels<T>& kernels, int threads,
                 const Change& change) {
  Options options;
  options.activation = one.sizes.size() > 2 ? std::vector<std::string>{"tanh"} : std::vector<std::string>{};
  options.output = one.output;
  options.seed = 3;
  options.dropout = {way.dropout};
  options.input_dropout = way.input_dropout;
  options.input_noise = way.input_noise;
  Network<T> network(one.sizes, options);
  std::vector<float> x(one.rows * one.sizes.front()), y(one.rows * one.sizes.back());
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>((i * 37) % 101) / 101 - 0.5f;
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = static_cast<float>((i * 29) % 97) / 97;
  std::vector<std::uint32_t> order(one.rows);
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::uint32_t>((i * 7) % one.rows);

  Plan plan = make_plan(network, kernels, one.batch, threads, way.regularization);
  change(plan);
  const Rule<T> rule(way.optimizer);
  EpochRun<T> run(network, kernels, rule, {way.regularization, network, rule.weight_decay()}, one.batch,
                  plan);
  run.prepare(2, 0, (one.rows - 1) / one.batch + 1, {});
  run.begin();
  const Rows rows(x.data(), one.rows, one.sizes.front());
  const Targets targets(Rows(y.data(), one.rows, one.sizes.back()));
  Outcome outcome = run.mini_batches(rows, targets, order, 0, 2);
  if (outcome.end == End::done && outcome.mini_batches == 2)
    outcome = run.mini_batches(rows, targets, order, 2);
  REQUIRE(outcome.end == End::done);
  REQUIRE(outcome.mini_batches == (one.rows - 1) / one.batch + 1);
  run.commit();
  return {{network.parameters(), network.parameters() + network.num_parameters()}, run.step_costs()};
}

}  // namespace

TEST_CASE_TEMPLATE("training gives the same bytes for any division of a step among threads", T, float,
                   double) {
  // LOCALGRAD_ISA sets the instruction set of this process; the others are used through their tables.
  std::vector<const KernelTable*> tables;
  for (const char* name : {"avx2", "avx512"})
    if (const auto* table = table_named(name)) tables.push_back(table);
  if (tables.empty()) tables.push_back(&kernel_table());
  const auto as_planned = [](Plan&) {};
  const auto by_rows = [](Plan& plan) {
    if (plan.split != Split::units) return;
    plan.split = Split::rows;
    plan.copies = {};
  };
  const auto staged = [](Plan& plan) { plan.staged = true; };
  const auto transposed_once = [](Plan& plan) { plan.copies.transposed = 1; };
  // One run of the suite covers all instruction sets.
  if (&kernel_table() != available_kernels().back()) return;
#if defined(LOCALGRAD_TEST_SANITIZED)
  std::vector<Case> cases;  // sanitizers make each case ten times slower
  for (const Case& one : kCases)
    if (one.sizes[0] * one.sizes[1] < 200000) cases.push_back(one);
  constexpr std::size_t count = 20;
#else
  std::vector<Case> cases = kCases;
  constexpr std::size_t count = 200;
#endif
  for (const Case& one : random_cases(count)) cases.push_back(one);
  for (std::size_t number = 0; number < cases.size(); ++number) {
    const Case& one = cases[number];
    const Way way = way_of(number, one.sizes.size() - 1);
    CAPTURE(number);
    CAPTURE(one.sizes[0]);
    CAPTURE(one.sizes[1]);
    const auto expected = train<T>(one, way, of<T>(*tables.front()), 1, as_planned);
    for (const auto* table : tables)
      for (const int threads : {1, 2, 3, 7}) {
        CAPTURE(table->name);
        CAPTURE(threads);
        const auto& kernels = of<T>(*table);
        CHECK(train<T>(one, way, kernels, threads, as_planned) == expected);
        CHECK(train<T>(one, way, kernels, threads, by_rows) == expected);
        CHECK(train<T>(one, way, kernels, threads, staged) == expected);
        if (threads > 1) CHECK(train<T>(one, way, kernels, threads, transposed_once) == expected);
      }
  }
}

TEST_CASE("training gives the same bytes while it alternates between one thread and a team") {
  const auto& kernels = localgrad::kernels<float>();
  for (const Case& one : {Case{{13, 64, 64, 1}, 32, 20000}, Case{{60, 128, 64, 10}, 64, 6000, "softmax"}}) {
    const auto taking_turns = [](Plan& plan) {
      plan.fixed = false;
      plan.alone_seconds = plan.team_seconds = 1e-5;  // so that both are tried
    };
    for (const std::size_t number : {0u, 1u, 17u}) {
      const Way way = way_of(number, 3);
      CHECK(train<float>(one, way, kernels, 2, taking_turns) ==
            train<float>(one, way, kernels, 1, [](Plan&) {}));
    }
  }
}

TEST_CASE("training can be interrupted between steps that take longer than a segment") {
  Network<float> network({13, 64, 64, 1});
  const std::vector<float> x(13 * 3200, 0.5f), y(3200, 0.25f);
  std::vector<std::uint32_t> order(3200);
  Plan plan = make_plan(network, kernels<float>(), 32, 2);
  plan.fixed = false;
  plan.alone_seconds = plan.team_seconds = 1e-2;
  EpochRun<float> run(network, kernels<float>(), Rule<float>(SGD{0.01}), {{}, network, 0}, 32, plan);
  run.set_interrupt([] { return true; });
  run.begin();
  const Outcome outcome = run.mini_batches(Rows(x.data(), 3200, 13), Rows(y.data(), 3200, 1), order);
  CHECK(outcome.end == End::interrupted);
  CHECK(outcome.mini_batches == 1);
}

TEST_CASE("no member of a team waits forever if another thread changes the targets") {
  Network<float> network({13, 64, 64, 1});
  const std::vector<float> x(13 * 640, 0.5f);
  std::vector<float> y(640, 0.25f);
  std::atomic<bool> done{false};
  std::thread other([&] {
    for (int turn = 0; !done; ++turn)
      *static_cast<volatile float*>(&y[static_cast<std::size_t>(turn * 7 % 640)]) = turn % 2 ? 1e30f : 0.25f;
  });
  for (int epoch = 0; epoch < 50; ++epoch) {
    Trainer<float> trainer(network, SGD{1e-3}, 32, 2);
    try {
      trainer.epoch(Rows(x.data(), 640, 13), Targets(Rows(y.data(), 640, 1)));
    } catch (const NonFiniteCost&) {
    }
  }
  done = true;
  other.join();
  for (std::size_t i = 0; i < network.num_parameters(); ++i) REQUIRE(std::isfinite(network.parameters()[i]));
}
