#include <doctest/doctest.h>

#include <algorithm>
#include <cfenv>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "functions/list.hpp"
#include "localgrad/localgrad.hpp"

using namespace localgrad;

namespace {

template <class T>
std::vector<T> numbers(std::size_t n, std::size_t seed = 1) {
  std::vector<T> x(n);
  std::uint64_t state = seed;
  for (T& v : x) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    v = static_cast<T>(static_cast<double>(state >> 40) * 0x1p-23 - 1);
  }
  return x;
}

/// A network whose biases and input scales are not trivial.
template <class T>
Network<T> network(const std::vector<std::size_t>& sizes, Options options = {}) {
  Network<T> net(sizes, options);
  const auto noise = numbers<T>(net.num_parameters(), 99);
  for (std::size_t i = 0; i < net.num_parameters(); ++i) net.parameters()[i] += T(0.1) * noise[i];
  return net;
}

/// Outputs of all rows, by localgrad::predict.
template <class T>
std::vector<T> expected(const Network<T>& net, const std::vector<T>& x) {
  const std::size_t n = x.size() / net.sizes().front();
  std::vector<T> out(n * net.sizes().back());
  predict(net, Rows(x.data(), n, net.sizes().front()), out.data());
  return out;
}

/// Outputs of all rows with strides, and a check that nothing else is written.
template <class T>
std::vector<T> strided(Predictor<T>& predictor, const std::vector<T>& x, std::size_t in_gap,
                       std::size_t out_gap) {
  const std::size_t m = predictor.inputs(), k = predictor.outputs(), n = x.size() / m;
  const T untouched = T(-77);
  std::vector<T> in(n * (m + in_gap), std::numeric_limits<T>::quiet_NaN()), out(n * (k + out_gap), untouched);
  for (std::size_t r = 0; r < n; ++r) std::copy_n(&x[r * m], m, &in[r * (m + in_gap)]);
  REQUIRE(predictor.predict({in.data(), n, m, m + in_gap}, {out.data(), n, k, k + out_gap}) == Status::ok);
  std::vector<T> result;
  for (std::size_t r = 0; r < n; ++r)
    for (std::size_t j = 0; j < k + out_gap; ++j) {
      const T value = out[r * (k + out_gap) + j];
      if (j < k)
        result.push_back(value);
      else
        CHECK(value == untouched);
    }
  return result;
}

template <class T>
void check_equal(const Network<T>& net, const char* what) {
  CAPTURE(what);
  const std::size_t m = net.sizes().front();
  for (const std::size_t max_rows : std::vector<std::size_t>{1, 3, 8, 20}) {
    Predictor<T> predictor(net, max_rows);
    CHECK(predictor.max_rows() == max_rows);
    for (const std::size_t n : std::vector<std::size_t>{1, 2, 3, 4, 7, 21, 40}) {
      CAPTURE(max_rows);
      CAPTURE(n);
      const auto x = numbers<T>(n * m, n);
      const auto wanted = expected(net, x);
      CHECK(strided(predictor, x, 0, 0) == wanted);
      CHECK(strided(predictor, x, 3, 5) == wanted);
    }
  }
}

#define LOCALGRAD_TEXT(name, ...) #name,
const std::vector<std::string> kNames = {LOCALGRAD_ACTIVATIONS(LOCALGRAD_TEXT)};
#undef LOCALGRAD_TEXT

}  // namespace

TEST_CASE_TEMPLATE("a Predictor gives the results of predict", T, float, double) {
  for (const std::vector<std::size_t>& sizes : {std::vector<std::size_t>{4, 64, 64, 2},
                                                {32, 64, 64, 8},
                                                {3, 1},
                                                {5, 2},
                                                {1, 1, 1},
                                                {7, 9, 3},
                                                {30, 70, 65, 16},
                                                {2, 130, 33, 2},
                                                {17, 16, 15, 31}})
    check_equal(network<T>(sizes), std::to_string(sizes.size()).c_str());
  for (const auto& name : kNames) {
    Options options;
    options.activation = {name};
    options.output = name;
    check_equal(network<T>({5, 19, 18, 2}, options), name.c_str());
    check_equal(network<T>({5, 40, 11}, options), name.c_str());
  }
  for (const std::size_t classes : std::vector<std::size_t>{2, 3, 8, 21}) {
    Options options;
    options.output = "softmax";
    check_equal(network<T>({6, 12, classes}, options), "softmax");
  }
}

TEST_CASE_TEMPLATE("a Predictor scales and standardizes", T, float, double) {
  Options options;
  options.input_scale = 1 / 3.0;
  check_equal(network<T>({5, 19, 3}, options), "input_scale");
  options.learn_input_scale = true;
  check_equal(network<T>({5, 19, 2}, options), "learn_input_scale");
  check_equal(network<T>({5, 1}, options), "learn_input_scale without hidden layer");
  options.standardize = true;
  auto net = network<T>({3, 19, 2}, options);
  check_equal(net, "without standardization");
  net.set_standardization({{1, 20, -3}, {2, 30, 0.1}, {100, -5}, {10, 0.5}});
  check_equal(net, "standardize");
  options = {};
  options.standardize = true;
  options.cost = "gaussian_nll";
  auto variances = network<T>({3, 19, 2}, options);
  variances.set_standardization({{1, 20, -3}, {2, 30, 0.1}, {100}, {10}});
  check_equal(variances, "gaussian_nll");
}

TEST_CASE("a Predictor of layers of any width gives the results of predict") {
  for (const std::vector<std::size_t>& sizes :
       {std::vector<std::size_t>{2050, 3}, {3, 2100, 2}, {2, 2048, 70, 1}, {600, 515, 600}})
    for (const std::size_t max_rows : std::vector<std::size_t>{1, 20}) {
      const auto net = network<float>(sizes);
      Predictor<float> predictor(net, max_rows);
      for (const std::size_t n : std::vector<std::size_t>{1, 2, 3, 21}) {
        const auto x = numbers<float>(n * sizes.front());
        CHECK(strided(predictor, x, 0, 0) == expected(net, x));
      }
    }
}

TEST_CASE_TEMPLATE("a Predictor refuses invalid arguments", T, float, double) {
  auto net = network<T>({3, 10, 4});
  Predictor<T> predictor(net, 2);
  std::vector<T> x = numbers<T>(30), out(40, 5);
  const auto call = [&](MatrixView<const T> in, MatrixView<T> to) { return predictor.predict(in, to); };
  const MatrixView<const T> in(x.data(), 2, 3);
  const MatrixView<T> to(out.data(), 2, 4);
  CHECK(call({x.data(), 2, 4}, to) == Status::invalid_argument);
  CHECK(call(in, {out.data(), 2, 3}) == Status::invalid_argument);
  CHECK(call(in, {out.data(), 3, 4}) == Status::invalid_argument);
  CHECK(call({x.data(), 2, 3, 2}, to) == Status::invalid_argument);
  CHECK(call(in, {out.data(), 2, 4, 3}) == Status::invalid_argument);
  CHECK(call({nullptr, 2, 3}, to) == Status::invalid_argument);
  CHECK(call(in, {nullptr, 2, 4}) == Status::invalid_argument);
  CHECK(call({}, {}) == Status::invalid_argument);
  CHECK(call({nullptr, 0, 3}, {nullptr, 0, 4}) == Status::ok);
  CHECK(out == std::vector<T>(40, 5));
  CHECK_THROWS_WITH_AS(Predictor<T>(net, 0), "max_rows must be at least 1, got 0", std::invalid_argument);
  CHECK_THROWS_WITH_AS(Predictor<T>::bytes(net, 0), "max_rows must be at least 1, got 0",
                       std::invalid_argument);
  CHECK_THROWS_AS(Predictor<T>(net, ~std::size_t{0} / 4), OutOfMemory);
  CHECK_THROWS_AS(Predictor<T>(net, std::size_t{1} << 45), OutOfMemory);
}

TEST_CASE_TEMPLATE("a Predictor stops before a row that is not finite", T, float, double) {
  using Limits = std::numeric_limits<T>;
  Options scaled;
  scaled.input_scale = 4;
  for (const auto& options : {Options(), scaled})
    for (const T bad : {Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN(), Limits::max()}) {
      const auto net = network<T>({3, 10, 4}, options);
      Predictor<T> predictor(net, 4);
      for (std::size_t row = 0; row < 10; ++row) {
        auto x = numbers<T>(30);
        auto wanted = expected(net, x);
        x[row * 3 + row % 3] = bad;
        std::vector<T> out(40, 5);
        const Status status = predictor.predict({x.data(), 10, 3}, {out.data(), 10, 4});
        if (bad == Limits::max() && options.input_scale == 1) {
          CHECK(status == Status::ok);
          continue;
        }
        CHECK(status == Status::bad_example);
        std::fill(wanted.begin() + static_cast<std::ptrdiff_t>(row * 4), wanted.end(), T(5));
        CHECK(out == wanted);
      }
    }
}

TEST_CASE_TEMPLATE("a Predictor is a snapshot until it is updated", T, float, double) {
  Options options;
  options.learn_input_scale = true;
  options.standardize = true;
  auto net = std::make_unique<Network<T>>(network<T>({3, 10, 2}, options));
  const auto x = numbers<T>(15);
  const auto before = expected(*net, x);
  Predictor<T> predictor(*net);
  for (std::size_t i = 0; i < net->num_parameters(); ++i) net->parameters()[i] *= T(1.25);
  net->set_standardization({{1, 20, -3}, {2, 30, 0.1}, {100, -5}, {10, 0.5}});
  CHECK(strided(predictor, x, 0, 0) == before);
  CHECK(predictor.update(*net) == Status::ok);
  const auto after = expected(*net, x);
  CHECK(strided(predictor, x, 0, 0) == after);
  for (const std::vector<std::size_t>& sizes :
       {std::vector<std::size_t>{3, 10, 3}, {3, 11, 2}, {3, 2}, {3, 10, 10, 2}})
    CHECK(predictor.update(network<T>(sizes, options)) == Status::invalid_argument);
  options.learn_input_scale = false;
  CHECK(predictor.update(network<T>({3, 10, 2}, options)) == Status::invalid_argument);
  options.learn_input_scale = true;
  options.activation = {"leaky_relu(0.2)"};
  CHECK(predictor.update(network<T>({3, 10, 2}, options)) == Status::invalid_argument);
  net.reset();
  CHECK(strided(predictor, x, 0, 0) == after);
}

TEST_CASE("a Predictor moves and does not copy") {
  using P = Predictor<float>;
  static_assert(std::is_nothrow_move_constructible_v<P> && std::is_nothrow_move_assignable_v<P>);
  static_assert(!std::is_copy_constructible_v<P> && !std::is_copy_assignable_v<P>);
  const auto net = network<float>({3, 10, 2}), other = network<float>({5, 4});
  const auto x = numbers<float>(3);
  const auto wanted = expected(net, x);
  struct Plugin {  // moves with its Predictor
    Network<float> network;
    P predictor;
  };
  Plugin first{net, P(net)};
  Plugin second = std::move(first);
  CHECK(strided(second.predictor, x, 0, 0) == wanted);
  P& empty = first.predictor;
  float out[2];
  CHECK(empty.predict({x.data(), 1, 3}, {out, 1, 2}) == Status::invalid_argument);
  CHECK(empty.update(net) == Status::invalid_argument);
  CHECK(empty.inputs() + empty.outputs() + empty.max_rows() == 0);
  empty = std::move(second.predictor);
  CHECK(strided(empty, x, 0, 0) == wanted);
  empty = P(other);
  CHECK(empty.inputs() == 5);
  P& same = empty;
  empty = std::move(same);
  CHECK(empty.inputs() == 5);
}

TEST_CASE_TEMPLATE("a Predictor uses memory of the caller", T, float, double) {
  Options options;
  options.standardize = true;
  for (const auto& net : {network<T>({4, 64, 64, 2}), network<T>({3, 7, 5}, options)})
    for (const std::size_t max_rows : std::vector<std::size_t>{1, 10}) {
      const std::size_t bytes = Predictor<T>::bytes(net, max_rows);
      for (std::size_t shift = 0; shift < 64; shift += 7) {
        std::vector<unsigned char> memory(bytes + shift + 32, 0xab);
        {
          Predictor<T> predictor(net, max_rows, {memory.data() + shift, bytes});
          const auto x = numbers<T>(12 * net.sizes().front());
          CHECK(strided(predictor, x, 0, 0) == expected(net, x));
        }
        const auto untouched = [](unsigned char byte) { return byte == 0xab; };
        CHECK(std::all_of(memory.begin(), memory.begin() + static_cast<std::ptrdiff_t>(shift), untouched));
        CHECK(std::all_of(memory.end() - 32, memory.end(), untouched));
      }
      std::vector<unsigned char> small(bytes);
      CHECK_THROWS_WITH_AS(Predictor<T>(net, max_rows, {small.data(), bytes - 1}),
                           ("workspace must have at least " + std::to_string(bytes) + " bytes, got " +
                            std::to_string(bytes - 1))
                               .c_str(),
                           std::invalid_argument);
      CHECK_THROWS_AS(Predictor<T>(net, max_rows, {nullptr, bytes}), std::invalid_argument);
    }
}

TEST_CASE("a Predictor is independent of the floating-point mode and restores it") {
  const auto net = network<float>({4, 30, 2});
  Predictor<float> predictor(net);
  const auto x = numbers<float>(4);
  const auto wanted = expected(net, x);
  std::fesetround(FE_UPWARD);
  const auto out = strided(predictor, x, 0, 0);
  CHECK(std::fegetround() == FE_UPWARD);
  std::fesetround(FE_TONEAREST);
  CHECK(out == wanted);
}

TEST_CASE("a Predictor keeps the instruction set with which it was created") {
  const std::string before = info().isa;
  const auto net = network<float>({4, 30, 2});
  Predictor<float> predictor(net);
  const auto x = numbers<float>(40);
  const auto wanted = expected(net, x);
  const std::size_t bytes = Predictor<float>::bytes(net, 7);
  for (const auto& isa : info().isa_available) {
    set_isa(isa);
    CHECK(Predictor<float>::bytes(net, 7) == bytes);
    CHECK(strided(predictor, x, 0, 0) == wanted);
    CHECK(predictor.update(net) == Status::ok);
  }
  set_isa(before);
}

#if defined(__OPTIMIZE__) && !defined(LOCALGRAD_TEST_SANITIZED)
namespace {

constexpr std::size_t kPainted = 4 * Predictor<float>::kStackBytes;

__attribute__((noinline)) void paint() {
  volatile unsigned char stack[kPainted];
  for (std::size_t i = 0; i < kPainted; ++i) stack[i] = 0x5a;
  __asm__ volatile("" : : "r"(stack) : "memory");
}

/// Number of bytes of the same part of the stack that were written since it was painted.
__attribute__((noinline)) std::size_t unpainted() {
  volatile unsigned char stack[kPainted];
  const volatile unsigned char* painted = stack;
  __asm__ volatile("" : "+r"(painted) : : "memory");
  std::size_t i = 0;
  while (i < kPainted && painted[i] == 0x5a) ++i;
  return kPainted - i;
}

}  // namespace

TEST_CASE_TEMPLATE("a Predictor needs little of the stack", T, float, double) {
  Options options;
  options.output = "softmax";
  options.activation = {"gelu"};
  options.standardize = true;
  std::size_t most = 0;
  for (const auto& net : {network<T>({4, 64, 64, 2}), network<T>({70, 130, 65, 21}, options)})
    for (const std::size_t rows : std::vector<std::size_t>{1, 3, 40}) {
      Predictor<T> predictor(net, rows);
      const auto x = numbers<T>(rows * net.sizes().front());
      std::vector<T> out(rows * net.sizes().back());
      const MatrixView<const T> in(x.data(), rows, net.sizes().front());
      const MatrixView<T> to(out.data(), rows, net.sizes().back());
      predictor.predict(in, to);  // resolves symbols
      paint();
      predictor.predict(in, to);
      most = std::max(most, unpainted());
    }
  MESSAGE("stack of a Predictor: " << most << " bytes");
  CHECK(most < Predictor<T>::kStackBytes);
}
#endif
