// Diagnostics of a Trainer: what is measured, for any number of threads, and what stays as it is without
// them.

#include <doctest/doctest.h>

#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "localgrad/localgrad.hpp"

namespace {

using namespace localgrad;

struct Data {
  std::vector<float> x, y;
  explicit Data(std::size_t n) : x(5 * n), y(2 * n) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i * 2654435761u % 64) / 32 - 1;
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = static_cast<float>(i * 40503u % 16) / 16;
  }
  Rows rows() const { return Rows(x.data(), x.size() / 5, 5); }
  Targets targets() const { return Targets(Rows(y.data(), y.size() / 2, 2)); }
};

template <class T>
Network<T> network(double dropout = 0) {
  Options options;
  options.activation = {"tanh", "relu"};
  options.seed = 5;
  options.dropout = {dropout, 0};
  return Network<T>({5, 40, 9, 2}, options);
}

TrainerOptions measured(int n_threads = 1) {
  TrainerOptions options;
  options.n_threads = n_threads;
  options.diagnostics = true;
  return options;
}

std::vector<double> numbers_of(const Diagnostics& d) {
  std::vector<double> all{static_cast<double>(d.mini_batches), static_cast<double>(d.examples)};
  for (const auto* numbers :
       {&d.delta_rms, &d.z_rms, &d.a_rms, &d.saturated, &d.dead, &d.update_ratio, &d.gradient_norm})
    all.insert(all.end(), numbers->begin(), numbers->end());
  all.push_back(d.gradient_noise_scale);
  return all;
}

TEST_CASE("nothing is measured by default") {
  auto net = network<float>();
  Trainer<float> trainer(net, SGD{}, 32);
  const Data data(100);
  trainer.epoch(data.rows(), data.targets());
  CHECK(trainer.diagnostics().mini_batches == 0);
  CHECK(trainer.diagnostics().delta_rms.empty());
  CHECK(trainer.state().diagnostics.empty());
}

TEST_CASE("one mini-batch has the numbers of backprop") {
  const Data data(15);
  auto net = network<double>();
  const auto trace = backprop(net, data.rows(), data.targets());
  Trainer<double> trainer(net, SGD{0.1}, 15, measured());
  trainer.step(data.rows(), data.targets());
  const Diagnostics d = trainer.diagnostics();
  CHECK(d.mini_batches == 1);
  CHECK(d.examples == 15);
  const auto rms = [](const std::vector<double>& numbers) {
    double sum = 0;
    for (const double number : numbers) sum += number * number;
    return std::sqrt(sum / static_cast<double>(numbers.size()));
  };
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(d.delta_rms[i] == doctest::Approx(rms(trace.local_gradients[i])).epsilon(1e-12));
    CHECK(d.z_rms[i] == doctest::Approx(rms(trace.weighted_inputs[i])).epsilon(1e-12));
    CHECK(d.a_rms[i] == doctest::Approx(rms(trace.activations[i + 1])).epsilon(1e-12));
  }
}

TEST_CASE_TEMPLATE("training has the same bits with diagnostics, which have those of one thread", T, float,
                   double) {
  const Data data(600);
  for (const std::size_t batch : {1u, 7u, 32u, 600u})  // the last one in chunks
    for (const double clip : {0.0, 0.01}) {
      TrainerOptions plain;
      plain.n_threads = 1;
      plain.regularization.clip_norm = clip;
      auto net = network<T>(0.25);
      Trainer<T> trainer(net, Adam{}, batch, plain);
      Rows x = data.rows();
      Targets y = data.targets();
      if (batch == 1) x.n = y.n = y.values.n = 20;  // members of a large team wait long for each other
      for (int epoch = 0; epoch < 2; ++epoch) trainer.epoch(x, y);
      std::vector<double> expected;
      for (const int n_threads : {1, 2, batch > 7 ? 7 : 3}) {
        auto other = network<T>(0.25);
        TrainerOptions options = measured(n_threads);
        options.regularization.clip_norm = clip;
        Trainer<T> with(other, Adam{}, batch, options);
        for (int epoch = 0; epoch < 2; ++epoch) with.epoch(x, y);
        bool same = true;
        for (std::size_t p = 0; p < net.num_parameters(); ++p)
          same = same && net.parameters()[p] == other.parameters()[p];
        CHECK(same);
        auto numbers = numbers_of(with.diagnostics());
        if (batch == 1) {
          CHECK(std::isnan(numbers.back()));
          numbers.pop_back();
        }
        if (expected.empty()) expected = numbers;
        CHECK(numbers == expected);
      }
    }
}

TEST_CASE("the mini-batches that are measured do not depend on the calls") {
  const Data data(1000);
  auto net = network<float>(), other = network<float>();
  Trainer<float> whole(net, SGD{}, 10, measured()), parts(other, SGD{}, 10, measured());
  whole.epoch(data.rows(), data.targets(), false);
  std::vector<std::uint32_t> order(1000);
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::uint32_t>(i);
  for (std::size_t first = 0; first < 1000; first += 250)
    parts.part(data.rows(), data.targets(), order.data() + first, 250);
  parts.end_epoch();
  CHECK(whole.diagnostics().mini_batches == 1);  // of 100; the next one would be number 409
  CHECK(numbers_of(whole.diagnostics()) == numbers_of(parts.diagnostics()));
}

TEST_CASE("a Trainer resumes the diagnostics of an epoch") {
  const Data data(1000);
  auto net = network<float>(), other = network<float>();
  Trainer<float> one(net, SGD{}, 5, measured());
  std::vector<std::uint32_t> order(1000);
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::uint32_t>(i);
  one.part(data.rows(), data.targets(), order.data(), 300);
  const auto bytes = serialize_checkpoint(net, one.state());
  auto saved = load_checkpoint<float>(bytes.data(), bytes.size());
  CHECK(saved.trainer.diagnostics == one.state().diagnostics);
  Trainer<float> two(saved.network, SGD{}, 5, measured());
  two.set_state(saved.trainer);
  for (auto* trainer : {&one, &two}) trainer->part(data.rows(), data.targets(), order.data() + 300, 700);
  CHECK(one.diagnostics().mini_batches == 2);  // groups of two
  CHECK(numbers_of(one.diagnostics()) == numbers_of(two.diagnostics()));
  TrainerState<float> wrong = one.state();
  wrong.diagnostics.pop_back();
  CHECK_THROWS_AS(two.set_state(wrong), std::invalid_argument);
}

TEST_CASE("the mini-batch that diverges is measured") {
  const Data data(100);
  for (const int n_threads : {1, 2}) {
    auto net = network<float>();
    Trainer<float> trainer(net, SGD{1e30}, 10, measured(n_threads));
    CHECK_THROWS_AS(trainer.epoch(data.rows(), data.targets()), NonFiniteCost);
    const Diagnostics d = trainer.diagnostics();
    CHECK(d.mini_batches == 2);
    CHECK_FALSE(std::isfinite(d.delta_rms[0]));
    CHECK(d.update_ratio[2] > 1e10);
  }
}

TEST_CASE("a Trainer with diagnostics works in the memory of the caller") {
  const Data data(64);
  auto net = network<float>(), other = network<float>();
  Trainer<float> on_heap(net, SGD{}, 16, measured());
  TrainerOptions options = measured();
  std::vector<char> memory(Trainer<float>::bytes(other, SGD{}, 16, options));
  options.workspace = {memory.data(), memory.size()};
  Trainer<float> in_memory(other, SGD{}, 16, options);
  for (auto* trainer : {&on_heap, &in_memory}) trainer->epoch(data.rows(), data.targets());
  CHECK(numbers_of(on_heap.diagnostics()) == numbers_of(in_memory.diagnostics()));
}

TEST_CASE("online and private training do not support diagnostics") {
  auto net = network<float>();
  TrainerOptions online = measured(), secret = measured();
  online.online = true;
  secret.privacy.clip_per_example = 1;
  CHECK_THROWS_WITH_AS(Trainer<float>(net, SGD{}, 4, online), "online training does not support diagnostics",
                       std::invalid_argument);
  CHECK_THROWS_AS(Trainer<float>(net, SGD{}, 4, secret), std::invalid_argument);
}

}  // namespace
