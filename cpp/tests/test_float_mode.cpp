// The floating-point mode of the caller or of the creator of a thread does not affect results, and the
// caller's mode is restored.

#include <doctest/doctest.h>

#include <cfenv>
#include <fstream>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "engine/team/team.hpp"
#include "localgrad/localgrad.hpp"
#include "test_io_support.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

using namespace localgrad;

namespace {

/// Modes that a caller may have set: one reported by fegetround, and one that flushes subnormals or traps,
/// if the processor supports it.
struct Mode {
  const char* name;
  int rounding;
  unsigned extra;  // bits of MXCSR to change
};
const Mode kModes[] = {
    {"default", FE_TONEAREST, 0},    {"up", FE_UPWARD, 0},
    {"down", FE_DOWNWARD, 0},        {"toward zero", FE_TOWARDZERO, 0},
#if defined(__x86_64__)
    {"flush", FE_TONEAREST, 0x8040},  // subnormal results and operands are treated as 0
    {"trap", FE_TONEAREST, 0x1f80},   // all exceptions are unmasked, including inexact results
    {"all", FE_UPWARD, 0x9fc0},
#endif
};

void set(const Mode& mode) {
  std::fesetenv(FE_DFL_ENV);
#if defined(__x86_64__)
  std::fesetround(mode.rounding);  // also of the x87 unit
  _mm_setcsr((_mm_getcsr() & ~0x3fu) ^ mode.extra);
#else
  std::fesetround(mode.rounding);
#endif
}

/// The mode of this thread and its sticky flags, as far as they can be read.
std::vector<unsigned> state() {
  std::vector<unsigned> all{static_cast<unsigned>(std::fegetround()),
                            static_cast<unsigned>(std::fetestexcept(FE_ALL_EXCEPT))};
#if defined(__x86_64__)
  all.push_back(_mm_getcsr());
#endif
  return all;
}

/// Calls f in a mode. Returns whether the mode was restored, and sets the default mode.
template <class F>
bool in_mode(const Mode& mode, const F& f) {
  set(mode);
  const auto before = state();
  f();
  const auto after = state();
  std::fesetenv(FE_DFL_ENV);
  return before == after;
}

using Bytes = std::vector<char>;

template <class T>
void add(Bytes& all, const T* numbers, std::size_t n) {
  const auto* bytes = reinterpret_cast<const char*>(numbers);
  all.insert(all.end(), bytes, bytes + n * sizeof(T));
}

/// A network whose outputs, deltas and gradients are subnormal as a T.
template <class T>
Network<T> small_network() {
  Options options;
  options.activation = {"tanh"};
  options.dropout = {0.1};
  options.input_noise = 0.1;
  options.input_scale = 0.3;
  options.seed = 1;
  Network<T> net({7, 100, 3}, options);
  const T tiny = sizeof(T) == 4 ? T(1e-38) : T(1e-307);
  for (std::size_t k = 0; k < 300; ++k) net.weights(1)[k] *= tiny;
  return net;
}

struct Data {
  std::vector<double> x, y, weights;
  explicit Data(std::size_t n) : x(n * 7), y(n * 3, 0.0), weights(n) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i * 37 % 101) / 50.5 - 1;
    for (std::size_t i = 0; i < n; ++i) weights[i] = 1 + static_cast<double>(i % 7) / 7;
  }
  Rows rows() const { return {x.data(), weights.size(), 7}; }
  Targets targets() const { return Rows(y.data(), weights.size(), 3); }
};

/// All results of the public interface, with n_threads threads.
template <class T>
Bytes results(const Network<T>& start, const Data& data, const Optimizer& rule, int threads) {
  Bytes all;
  const Rows x = data.rows();
  const Targets y = data.targets();
  std::vector<T> out(x.n * 3);
  for (const std::size_t n : {std::size_t{1}, std::size_t{3}, x.n}) {
    predict(start, Rows(data.x.data(), n, 7), out.data(), threads);
    add(all, out.data(), n * 3);
  }
  const Evaluation evaluation = evaluate(start, x, y, threads);
  add(all, &evaluation.cost, 1);
  const Trace<T> trace = backprop(start, x, y, threads);
  add(all, trace.gradient.data(), trace.gradient.size());
  add(all, &trace.cost, 1);
  activation_derivative(start, 1, 1, trace.weighted_inputs[1].data(), out.data(), out.data());
  add(all, out.data(), 3);
  cost_gradient(start, trace.activations[2].data(), y, out.data());
  add(all, out.data(), out.size());

  Network<T> net(start);
  Regularization penalties;
  penalties.l2 = {1e-3};
  penalties.clip_norm = 0.5;
  Trainer<T> trainer(net, rule, 64, threads, penalties);
  trainer.set_schedule([](std::size_t step) { return step % 2 ? 0.5 : 1.0; });  // exact in any mode
  const double costs[] = {trainer.epoch(x, y),
                          trainer.step(Rows(data.x.data(), 50, 7), Rows(data.y.data(), 50, 3)),
                          trainer.cost_sum(1.0 / 3)};
  add(all, costs, 3);
  add(all, net.parameters(), net.num_parameters());
  const auto state = trainer.state();
  trainer.set_state(state);
  for (const auto& array : state.arrays) add(all, array.data(), array.size());
  Trainer<T> in_chunks(net, rule, x.n, threads);
  in_chunks.epoch(x, y);
  add(all, net.parameters(), net.num_parameters());
  return all;
}

}  // namespace

TEST_CASE_TEMPLATE("the caller's floating-point mode does not change any bit", T, float, double) {
  const Network<T> net = small_network<T>();
  const Data data(700);
  for (const Optimizer& rule : {Optimizer(SGD{0.1}), Optimizer(Adam{1e-3, 0.9, 0.999, 1e-30}),
                                Optimizer(Lion{1e-3}), Optimizer(Rprop{})}) {
    const Bytes expected = results(net, data, rule, 1);
    for (const Mode& mode : kModes)
      for (const int threads : {0, 1, 2, 3}) {
        CAPTURE(mode.name);
        CAPTURE(threads);
        Bytes found;
        // On a separate thread, so that the team is also started in the mode.
        std::thread([&] { CHECK(in_mode(mode, [&] { found = results(net, data, rule, threads); })); }).join();
        CHECK(found == expected);
      }
  }
}

TEST_CASE(
    "a team that was started in another mode, or whose mode was changed, computes in the default mode") {
  for (const Mode& mode : kModes) {
    CAPTURE(mode.name);
    std::thread([&] {
      set(mode);
      std::vector<std::vector<unsigned>> seen(3);
      run_members(3, [&](const Member& member) {
        if (member.index > 0) seen[static_cast<std::size_t>(member.index)] = state();
      });
      std::fesetenv(FE_DFL_ENV);
      const auto usual = state();
      for (const auto& one : seen)
        if (!one.empty()) CHECK(std::vector<unsigned>{one[0]} == std::vector<unsigned>{usual[0]});
#if defined(__x86_64__)
      for (const auto& one : seen)
        if (!one.empty()) CHECK((one[2] & ~0x3fu) == 0x1f80);
#endif
    }).join();
  }
}

TEST_CASE("networks are created, saved and loaded in the same way in any mode") {
  const io::test::TemporaryFolder folder;
  Options options;
  options.activation = {"leaky_relu(0.1)"};
  options.dropout = {0.3};
  options.input_scale = 0.1;
  const auto make = [&](const std::string& path) {
    Network<float> net({5, 40, 3}, options);
    save_checkpoint(path, net, TrainerState<float>{"sgd", 1, 0.7, 0, {}});
    auto again = load_checkpoint<float>(path);
    again.network.save(path + ".again");
    Bytes all;
    add(all, net.parameters(), net.num_parameters());
    add(all, &again.trainer.mu_product, 1);
    const double scale = again.network.options().input_scale, rate = again.network.options().dropout[0];
    add(all, &scale, 1);
    add(all, &rate, 1);
    const auto& text = again.network.options().activation[0];
    add(all, text.data(), text.size());
    for (const auto* ending : {"", ".again"}) {
      std::ifstream file(path + ending, std::ios::binary);
      all.insert(all.end(), std::istreambuf_iterator<char>(file), {});
    }
    return all;
  };
  const std::string one = folder / "one", other = folder / "other";
  const Bytes expected = make(one);
  for (const Mode& mode : kModes) {
    CAPTURE(mode.name);
    Bytes found;
    CHECK(in_mode(mode, [&] { found = make(other); }));
    CHECK(found == expected);
  }
}

TEST_CASE("the mode is restored if an exception is thrown") {
  const Network<float> net({7, 5, 3});
  const Data data(200);
  Data bad(200);
  bad.x[900] = std::numeric_limits<double>::infinity();
  for (const Mode& mode : kModes) {
    CAPTURE(mode.name);
    for (const int threads : {1, 2, 3})
      CHECK(in_mode(mode, [&] {
        std::vector<float> out(600);
        CHECK_THROWS_AS(predict(net, bad.rows(), out.data(), threads), std::invalid_argument);
        CHECK_THROWS_AS(evaluate(net, bad.rows(), bad.targets(), threads), std::invalid_argument);
        CHECK_THROWS_AS(backprop(net, bad.rows(), bad.targets(), threads), std::invalid_argument);
        Network<float> copy(net);
        CHECK_THROWS_AS(Trainer<float>(copy, SGD{}, 200, threads).epoch(bad.rows(), bad.targets()),
                        std::invalid_argument);
        CHECK_THROWS_AS(Trainer<float>(copy, SGD{1e30}, 10, threads).epoch(data.rows(), data.targets()),
                        NonFiniteCost);
      }));
  }
}

TEST_CASE("a user-defined function runs in the caller's mode and can change it permanently") {
  Options options;
  options.cost = "custom";
  Network<double> net({7, 5, 3}, options);
  const Data data(200);
  std::vector<int> seen;
  int next = FE_UPWARD;
  net.set_cost_function([&](std::size_t n, std::size_t width, const double* a, const double* y, double* cost,
                            double* gradient) {
    seen.push_back(std::fegetround());
    Evaluation inner;  // a nested call of the library
    inner = evaluate(Network<double>({7, 3}), data.rows(), data.targets());
    seen.push_back(std::fegetround());
    for (std::size_t r = 0; r < n; ++r) cost[r] = inner.cost;
    for (std::size_t i = 0; i < n * width; ++i) gradient[i] = a[i] - y[i];
    std::fesetround(next);
  });
  std::vector<double> out(600);
  for (const int threads : {1, 2, 3}) {
    seen.clear();
    next = FE_UPWARD;
    std::fesetround(FE_DOWNWARD);
    Trainer<double> trainer(net, SGD{0.01}, 50, threads);
    trainer.set_schedule([&](std::size_t) {
      seen.push_back(std::fegetround());
      return 1.0;
    });
    trainer.epoch(data.rows(), data.targets());
    const int behind = std::fegetround();
    std::fesetround(FE_TONEAREST);
    CHECK(behind == FE_UPWARD);
    const std::vector<int> down(6, FE_DOWNWARD);  // four factors, and before and after the first cost
    REQUIRE(seen.size() == 12);
    CHECK(std::vector<int>(seen.begin(), seen.begin() + 6) == down);
    CHECK(std::vector<int>(seen.begin() + 6, seen.end()) == std::vector<int>(6, FE_UPWARD));

    next = FE_TOWARDZERO;
    std::fesetround(FE_DOWNWARD);
    evaluate(net, data.rows(), data.targets(), threads);
    const int evaluated = std::fegetround();
    std::fesetround(FE_DOWNWARD);
    backprop(net, data.rows(), data.targets(), threads);
    const int traced = std::fegetround();
    std::fesetround(FE_DOWNWARD);
    cost_gradient(net, out.data(), data.targets(), out.data());
    const int sloped = std::fegetround();
    std::fesetround(FE_TONEAREST);
    CHECK(std::vector<int>{evaluated, traced, sloped} == std::vector<int>(3, FE_TOWARDZERO));
  }
}
