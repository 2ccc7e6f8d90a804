// Levenberg-Marquardt: the Cholesky decomposition, the normal equations, and iterations.

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "engine/least_squares/cholesky.hpp"
#include "localgrad/localgrad.hpp"

using namespace localgrad;

namespace {

constexpr double kUntouched = 1234.5;

/// A symmetric matrix with a dominant diagonal, in rows that are `stride` elements apart.
std::vector<double> matrix_of(Index n, Index stride) {
  std::vector<double> a(static_cast<std::size_t>(n * stride + kMatrixLanes), kUntouched);
  for (Index i = 0; i < n; ++i)
    for (Index j = i; j < n; ++j)
      a[static_cast<std::size_t>(i * stride + j)] =
          (i == j ? static_cast<double>(n) : 0) + std::sin(static_cast<double>(i * j + i + j));
  return a;
}

Index stride_of(Index n) { return (n + kMatrixLanes) / kMatrixLanes * kMatrixLanes; }

bool factorize(std::vector<double>& a, Index n, Index stride, int threads = 1) {
  return localgrad::factorize(n, a.data(), stride, threads, [] {});
}

template <class T>
Network<T> network_of(std::vector<std::size_t> sizes, bool scales = false) {
  Options options;
  options.activation.assign(sizes.size() - 2, "tanh");
  options.seed = 7;
  options.learn_input_scale = scales;
  return Network<T>(std::move(sizes), options);
}

struct Data {
  explicit Data(std::size_t rows, std::size_t inputs, std::size_t outputs)
      : n(rows), x(rows * inputs), y(rows * outputs), x_width(inputs), y_width(outputs) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::sin(static_cast<double>(i * i % 97));
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = std::cos(static_cast<double>(i % 31));
  }
  Rows inputs() const { return Rows(x.data(), n, x_width); }
  Targets targets() const { return Targets(Rows(y.data(), n, y_width)); }
  std::size_t n;
  std::vector<double> x, y;
  std::size_t x_width, y_width;
};

template <class T>
bool same_parameters(const Network<T>& one, const Network<T>& other) {
  return std::memcmp(one.parameters(), other.parameters(), one.num_parameters() * sizeof(T)) == 0;
}

}  // namespace

TEST_CASE("the product of the Cholesky factor and its transpose is the matrix") {
  for (const Index n : {1, 2, 3, 7, 23, 24, 25, 96, 97, 121, 300}) {
    const Index stride = stride_of(n);
    const auto a = matrix_of(n, stride);
    auto u = a;
    REQUIRE(factorize(u, n, stride));
    double worst = 0;
    for (Index i = 0; i < n; ++i) {
      for (Index j = 0; j < i; ++j) CHECK(u[static_cast<std::size_t>(i * stride + j)] == kUntouched);
      for (Index j = i; j < n; ++j) {
        double sum = 0;
        for (Index k = 0; k <= i; ++k)
          sum += u[static_cast<std::size_t>(k * stride + i)] * u[static_cast<std::size_t>(k * stride + j)];
        worst = std::max(worst, std::fabs(sum - a[static_cast<std::size_t>(i * stride + j)]));
      }
    }
    CHECK(worst < 1e-14 * static_cast<double>(n * n));
    for (const int threads : {2, 3, 7}) {
      auto other = a;
      REQUIRE(factorize(other, n, stride, threads));
      CHECK(std::memcmp(other.data(), u.data(), u.size() * sizeof(double)) == 0);
    }
  }
}

TEST_CASE("solutions satisfy the equations") {
  for (const Index n : {1, 5, 24, 100, 193}) {
    const Index stride = stride_of(n);
    const auto a = matrix_of(n, stride);
    auto u = a;
    REQUIRE(factorize(u, n, stride));
    std::vector<double> b(static_cast<std::size_t>(n));
    for (Index i = 0; i < n; ++i) b[static_cast<std::size_t>(i)] = std::cos(static_cast<double>(i));
    auto d = b;
    solve(n, u.data(), stride, d.data());
    for (Index i = 0; i < n; ++i) {
      double sum = 0;
      for (Index j = 0; j < n; ++j)
        sum += a[static_cast<std::size_t>(std::min(i, j) * stride + std::max(i, j))] *
               d[static_cast<std::size_t>(j)];
      CHECK(sum == doctest::Approx(b[static_cast<std::size_t>(i)]).epsilon(1e-11));
    }
  }
}

TEST_CASE("a matrix that is not positive definite has no Cholesky factor") {
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  for (const Index n : {1, 3, 30, 130})
    for (const double bad : {0.0, -1.0, nan, inf, -inf})
      for (const Index at : {Index{0}, n / 2, n - 1}) {
        const Index stride = stride_of(n);
        auto a = matrix_of(n, stride);
        a[static_cast<std::size_t>(at * stride + at)] = bad;
        CHECK_FALSE(factorize(a, n, stride, 2));
      }
  std::vector<double> singular(2 * kMatrixLanes + kMatrixLanes, 1.0);
  CHECK_FALSE(factorize(singular, 2, kMatrixLanes));
}

TEST_CASE("a function between the blocks can end a decomposition") {
  const Index n = 100, stride = stride_of(n);
  auto a = matrix_of(n, stride);
  CHECK_THROWS_AS(localgrad::factorize(n, a.data(), stride, 2, [] { throw Interrupted(); }), Interrupted);
}

TEST_CASE("one iteration solves linear regression") {
  Options options;
  options.seed = 1;
  Network<double> net({2, 1}, options);
  std::vector<double> x, y;
  for (int i = 0; i < 20; ++i) {
    const double u = std::sin(i), v = std::cos(3 * i);
    x.insert(x.end(), {u, v});
    y.push_back(2 * u - v + 0.5);
  }
  LevenbergMarquardtSettings settings;
  settings.damping = 1e-12;
  LevenbergMarquardt<double> optimizer(net, settings);
  CHECK(std::isnan(optimizer.cost()));
  const Rows rows(x.data(), 20, 2);
  const Targets targets(Rows(y.data(), 20, 1));
  REQUIRE(optimizer.iterate(rows, targets) == LevenbergMarquardtResult::stepped);
  CHECK(optimizer.steps() == 1);
  CHECK(optimizer.cost() < 1e-20);
  CHECK(optimizer.damping() == doctest::Approx(1e-13));
  const double expected[] = {2, -1, 0.5};
  for (int p = 0; p < 3; ++p) CHECK(net.parameters()[p] == doctest::Approx(expected[p]).epsilon(1e-9));
  CHECK(optimizer.iterate(rows, targets) == LevenbergMarquardtResult::converged);
  CHECK(optimizer.steps() == 1);
}

TEST_CASE_TEMPLATE("costs decrease, and the result does not depend on the number of threads", T, float,
                   double) {
  for (const std::size_t outputs : {1u, 2u, 5u}) {
    const Data data(400, 3, outputs);
    auto first = network_of<T>({3, 17, 9, outputs}, outputs == 5);
    double before = evaluate(first, data.inputs(), data.targets()).cost;
    for (const int threads : {1, 2, 3, 7}) {
      auto net = network_of<T>({3, 17, 9, outputs}, outputs == 5);
      LevenbergMarquardt<T> optimizer(net, {}, {}, threads);
      for (int i = 0; i < 4; ++i) {
        REQUIRE(optimizer.iterate(data.inputs(), data.targets()) == LevenbergMarquardtResult::stepped);
        if (threads > 1) continue;
        CHECK(optimizer.cost() < before);
        before = optimizer.cost();
        CHECK(before == doctest::Approx(evaluate(net, data.inputs(), data.targets()).cost).epsilon(1e-4));
      }
      if (threads == 1)
        first = net;
      else
        CHECK(same_parameters(first, net));
    }
  }
}

TEST_CASE("an order of rows selects the examples") {
  const Data data(50, 3, 2), fewer(30, 3, 2);
  std::vector<std::uint32_t> order(30);
  for (std::uint32_t r = 0; r < 30; ++r) order[r] = r;
  auto one = network_of<double>({3, 5, 2}), other = network_of<double>({3, 5, 2});
  LevenbergMarquardt<double> a(one), b(other);
  a.iterate(data.inputs(), data.targets(), order.data(), order.size());
  b.iterate(fewer.inputs(), fewer.targets());
  CHECK(same_parameters(one, other));
  const std::uint32_t beyond[] = {50};
  CHECK_THROWS_AS(a.iterate(data.inputs(), data.targets(), beyond, 1), std::invalid_argument);
}

TEST_CASE("frozen parameters keep their values and are not counted") {
  const Data data(50, 3, 2);
  auto net = network_of<double>({3, 6, 2});
  const auto before = net;
  Regularization regularization;
  regularization.weight_lr_factor = {0, 1};
  regularization.bias_lr_factor = {1, 0};
  LevenbergMarquardt<double> optimizer(net, {}, regularization);
  REQUIRE(optimizer.iterate(data.inputs(), data.targets()) == LevenbergMarquardtResult::stepped);
  CHECK(std::memcmp(net.weights(0), before.weights(0), 18 * sizeof(double)) == 0);
  CHECK(std::memcmp(net.biases(1), before.biases(1), 2 * sizeof(double)) == 0);
  CHECK(net.biases(0)[0] != before.biases(0)[0]);
  CHECK(net.weights(1)[0] != before.weights(1)[0]);
  auto large = network_of<float>({1000, 1000, 1});
  regularization.weight_lr_factor = {0, 1};
  LevenbergMarquardt<float> of_few(large, {}, regularization);
  CHECK_THROWS_WITH_AS((LevenbergMarquardt<float>(large)),
                       "LevenbergMarquardt requires at most 5000 parameters that are trained, got 1002001",
                       std::invalid_argument);
}

TEST_CASE("what is not supported is refused, and exceptions leave the network unchanged") {
  auto net = network_of<double>({3, 5, 2});
  const auto refused = [&](const LevenbergMarquardtSettings& settings, const Regularization& r) {
    CHECK_THROWS_AS(LevenbergMarquardt<double>(net, settings, r), std::invalid_argument);
  };
  for (auto setting : {&LevenbergMarquardtSettings::damping, &LevenbergMarquardtSettings::damping_decrease,
                       &LevenbergMarquardtSettings::damping_increase,
                       &LevenbergMarquardtSettings::max_damping, &LevenbergMarquardtSettings::tolerance}) {
    LevenbergMarquardtSettings settings;
    settings.*setting = -1;
    refused(settings, {});
  }
  Regularization r;
  r.l1 = {0.1};
  refused({}, r);
  r = {};
  r.clip_norm = 1;
  refused({}, r);
  r = {};
  r.bias_lr_factor = {0.5};
  refused({}, r);
  Options options;
  options.cost = "mae";
  Network<double> other_cost({3, 2}, options);
  CHECK_THROWS_WITH_AS((LevenbergMarquardt<double>(other_cost)),
                       "cost must be 'mse' for LevenbergMarquardt, got 'mae'", std::invalid_argument);
  options = {};
  options.input_noise = 0.5;
  Network<double> noisy({3, 2}, options);
  CHECK_THROWS_AS((LevenbergMarquardt<double>(noisy)), std::invalid_argument);

  const auto before = net;
  Data data(500, 3, 2);
  LevenbergMarquardt<double> optimizer(net);
  CHECK_THROWS_AS(optimizer.iterate(data.inputs(), data.targets(), [] { return true; }), Interrupted);
  CHECK_THROWS_AS(optimizer.set_damping(0), std::invalid_argument);
  data.y[7] = std::numeric_limits<double>::infinity();
  CHECK_THROWS_AS(optimizer.iterate(data.inputs(), data.targets()), BadExample);
  CHECK(same_parameters(net, before));
  CHECK(optimizer.steps() == 0);
  data.y[7] = 0;
  net.parameters()[0] = 1e300;
  net.weights(1)[0] = 1e300;
  CHECK_THROWS_AS(optimizer.iterate(data.inputs(), data.targets()), NonFiniteCost);
  net = Network<double>({3, 2});
  CHECK_THROWS_AS(optimizer.iterate(data.inputs(), data.targets()), std::invalid_argument);
}
