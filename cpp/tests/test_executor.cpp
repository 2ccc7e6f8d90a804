// Executors of a host: the same bits as one thread, whatever the order and the threads of the tasks.

#include <doctest/doctest.h>

#include <algorithm>
#include <cfenv>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "engine/team/threads.hpp"
#include "localgrad/localgrad.hpp"

using namespace localgrad;

namespace {

/// An executor of a test, counting its runs.
struct Host {
  virtual ~Host() { set_executor(nullptr); }
  virtual void run(int n, ExecutorTask task, void* argument) = 0;
  void install(int concurrency = 0) {
    set_executor(
        [](void* host, int n, ExecutorTask task, void* argument) {
          auto& self = *static_cast<Host*>(host);
          ++self.runs;
          self.most = std::max(self.most, n);
          self.run(n, task, argument);
        },
        this, concurrency);
  }
  int runs = 0, most = 0;
};

/// Calls the tasks on the calling thread, the last one first. A task that waited for another would not end.
struct Reversed : Host {
  void run(int n, ExecutorTask task, void* argument) override {
    for (int index = n; index-- > 0;) task(argument, index);
  }
};

/// Divides the tasks in random order among new threads and the calling one, in another floating-point mode.
struct Random : Host {
  std::mt19937 random{1};
  void run(int n, ExecutorTask task, void* argument) override {
    std::vector<int> order(static_cast<std::size_t>(n));
    for (int index = 0; index < n; ++index) order[static_cast<std::size_t>(index)] = index;
    std::shuffle(order.begin(), order.end(), random);
    const std::size_t apart = random() % order.size();
    std::thread other([&] {
      std::fesetround(FE_UPWARD);
      for (std::size_t i = 0; i < apart; ++i) task(argument, order[i]);
    });
    for (std::size_t i = apart; i < order.size(); ++i) task(argument, order[i]);
    other.join();
  }
};

/// Does not call some indices, calls others twice, and some that do not exist.
struct Careless : Host {
  void run(int n, ExecutorTask task, void* argument) override {
    for (const int index : {0, n, 0, -1, n - 1}) task(argument, index);
  }
};

struct Case {
  std::vector<std::size_t> sizes;
  std::size_t batch;
  Optimizer optimizer = Adam{};
  const char* output = "identity";
  Regularization regularization{};
  bool learn_input_scale = false, custom = false;
  double input_noise = 0;
};

std::vector<Case> cases() {
  Regularization clip, norm, values;
  clip.clip_norm = 0.01;
  norm.max_norm = 0.5;
  values.clip_norm = 0.5;
  values.clip_value = 0.01;
  return {
      {{20, 64, 3}, 30, SGD{0.1, 0.9}},       // split by units, one meeting
      {{20, 64, 64, 96, 3}, 30},              // several meetings
      {{200, 64, 64, 3}, 30, SGD{0.1, 0.9}},  // members gather their rows of x
      {{20, 64, 64, 3}, 30, Adam{}, "identity", {}, false, false, 0.1},
      {{20, 30, 3}, 64, Adam{}, "softmax"},  // split by rows
      {{20, 3}, 30},
      {{20, 30, 3}, 64, Adam{}, "identity", clip},
      {{20, 30, 3}, 64, Adam{}, "identity", norm},
      {{20, 30, 3}, 64, Adam{}, "identity", values},
      {{20, 64, 3}, 30, Adam{}, "identity", {}, true},
      {{20, 64, 3}, 30, Adam{}, "identity", {}, false, true},
      {{5, 12, 3}, 2000, SGD{0.1, 0.9}},  // split by chunks
      {{5, 12, 3}, 2000, Adam{}, "identity", clip},
  };
}

constexpr std::size_t kRows = 2100;

template <class T>
struct Data {
  std::vector<T> x, y;
  std::size_t inputs, outputs;
  explicit Data(const Case& one)
      : x(kRows * one.sizes.front()),
        y(kRows * one.sizes.back()),
        inputs(one.sizes.front()),
        outputs(one.sizes.back()) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>(i * 37 % 101) / T(50.5) - 1;
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = (i / outputs % outputs) == i % outputs;
  }
  Rows rows() const { return {x.data(), kRows, inputs}; }
  Targets targets() const { return Rows(y.data(), kRows, outputs); }
};

template <class T>
Network<T> make(const Case& one) {
  Options options;
  options.output = one.output;
  options.seed = 3;
  options.learn_input_scale = one.learn_input_scale;
  options.input_noise = one.input_noise;
  if (one.sizes.size() > 2) options.dropout.assign(one.sizes.size() - 2, 0.1);
  if (one.custom) options.cost = "custom";
  Network<T> net(one.sizes, options);
  if (one.custom)
    net.set_cost_function([caller = std::this_thread::get_id()](std::size_t n, std::size_t width, const T* a,
                                                                const T* y, double* cost, T* gradient) {
      CHECK((std::this_thread::get_id() == caller));
      for (std::size_t r = 0; r < n; ++r) cost[r] = static_cast<double>(a[r * width]);
      for (std::size_t i = 0; i < n * width; ++i) gradient[i] = a[i] - y[i];
    });
  return net;
}

/// Results of all calls that use several threads.
template <class T>
std::vector<double> results(const Case& one, const Data<T>& data, int threads) {
  Network<T> net = make<T>(one);
  std::vector<double> all;
  Trainer<T> trainer(net, one.optimizer, one.batch, threads, one.regularization);
  for (int epoch = 0; epoch < 2; ++epoch) all.push_back(trainer.epoch(data.rows(), data.targets()));
  all.insert(all.end(), net.parameters(), net.parameters() + net.num_parameters());
  std::vector<T> out(kRows * data.outputs);
  predict(net, data.rows(), out.data(), threads);
  all.insert(all.end(), out.begin(), out.end());
  all.push_back(evaluate(net, data.rows(), data.targets(), threads).cost);
  const auto trace = backprop(net, data.rows(), data.targets(), threads);
  all.insert(all.end(), trace.gradient.begin(), trace.gradient.end());
  return all;
}

}  // namespace

TEST_CASE_TEMPLATE("every executor gives the results of one thread, bit for bit", T, float, double) {
  for (const Case& one : cases()) {
    CAPTURE(one.sizes);
    CAPTURE(one.batch);
    const Data<T> data(one);
    const auto expected = results<T>(one, data, 1);
    for (const int threads : {0, 2, 3, 5}) {
      CAPTURE(threads);
      const auto check = [&](Host&& host) {
        host.install(4);
        CHECK(results<T>(one, data, threads) == expected);
        if (threads > 0) CHECK(host.runs > 0);
        CHECK(host.most <= (threads > 0 ? threads : 4));
      };
      check(Reversed());
      if (threads == 3) check(Random());
      check(Careless());
    }
  }
}

TEST_CASE("the host sets the default number of threads, and null restores the library's own") {
  const auto before = info();
  {
    Reversed host;
    host.install(7);
    CHECK(info().threads == 7);
    CHECK(info().threads_from == "executor");
    CHECK(default_threads() == 7);
    host.install(1);
    CHECK(info().threads == 1);
    host.install();
    CHECK(info().threads >= 1);
    CHECK(default_threads() == info().threads);
    CHECK_THROWS_WITH_AS(host.install(-1), doctest::Contains("concurrency must be between 1 and 1024"),
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(host.install(1025), doctest::Contains("got 1025"), std::invalid_argument);
  }
  CHECK(info().threads == before.threads);
  CHECK(info().threads_from == before.threads_from);
}

TEST_CASE("the host's function runs in the caller's floating-point mode") {
  struct Mode : Reversed {
    std::vector<int> seen;
    void run(int n, ExecutorTask task, void* argument) override {
      seen.push_back(std::fegetround());
      Reversed::run(n, task, argument);
      seen.push_back(std::fegetround());
    }
  } host;
  host.install();
  const Network<float> net({20, 30, 3});
  const std::vector<float> x(400 * 20, 0.5f);
  std::vector<float> out(400 * 3);
  std::fesetround(FE_DOWNWARD);
  predict(net, Rows(x.data(), 400, 20), out.data(), 2);
  const int after = std::fegetround();
  std::fesetround(FE_TONEAREST);
  CHECK(after == FE_DOWNWARD);
  CHECK(host.seen.size() > 0);
  CHECK(host.seen == std::vector<int>(host.seen.size(), FE_DOWNWARD));
}

TEST_CASE("errors are those of one thread, and the network is unchanged") {
  Case one{{20, 30, 3}, 64};
  Data<double> data(one);
  data.x[900 * 20 + 4] = std::numeric_limits<double>::infinity();
  Reversed host;
  host.install();
  for (const bool custom : {false, true}) {
    one.custom = custom;
    Network<double> net = make<double>(one);
    const std::vector<double> before(net.parameters(), net.parameters() + net.num_parameters());
    Trainer<double> trainer(net, SGD{0.1}, 64, 3);
    std::vector<double> out(kRows * 3);
    CHECK_THROWS_AS(trainer.epoch(data.rows(), data.targets()), BadExample);
    CHECK_THROWS_AS(predict(net, data.rows(), out.data(), 3), BadExample);
    CHECK(std::equal(before.begin(), before.end(), net.parameters()));
    if (!custom) continue;
    net.set_cost_function([](std::size_t, std::size_t, const double*, const double*, double*, double*) {
      throw std::runtime_error("a cost");
    });
    const Data<double> good(one);
    CHECK_THROWS_WITH_AS(trainer.epoch(good.rows(), good.targets()), "a cost", std::runtime_error);
  }
}

TEST_CASE("several threads may call the library with one executor") {
  struct Both : Host {  // counts nothing, unlike Host::install
    void run(int n, ExecutorTask task, void* argument) override {
      std::thread other([&] { task(argument, n - 1); });
      for (int index = 0; index + 1 < n; ++index) task(argument, index);
      other.join();
    }
  } host;
  set_executor([](void* both, int n, ExecutorTask task,
                  void* argument) { static_cast<Both*>(both)->run(n, task, argument); },
               &host, 2);
  const Case one{{20, 64, 3}, 30};
  const Data<float> data(one);
  const auto expected = results<float>(one, data, 1);
  bool same[3] = {};
  std::vector<std::thread> callers;
  for (bool& good : same) callers.emplace_back([&] { good = results<float>(one, data, 2) == expected; });
  for (auto& caller : callers) caller.join();
  for (const bool good : same) CHECK(good);
}
