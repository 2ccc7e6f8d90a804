// Norms of numbers whose squares overflow or underflow: of gradients for clip_norm, and of incoming weights
// for max_norm.

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "kernels/dispatch.hpp"
#include "localgrad/localgrad.hpp"
#include "model/buffer.hpp"

namespace {

using namespace localgrad;

/// The step of SGD with learning rate 1, in units of the bound, of a network without hidden layers. The
/// gradient is `slope` for the weights of each unit and slope / x for its bias: the cost is the mean
/// absolute error, so that only x is large.
template <class T>
std::vector<double> clipped(std::size_t inputs, std::size_t outputs, std::size_t rows, T x, double bound,
                            int threads) {
  Options options;
  options.cost = "mae";
  options.init = "zeros";
  Network<T> net({inputs, outputs}, options);
  const std::vector<T> xs(rows * inputs, x), ys(rows * outputs, T(-1));
  Regularization norms;
  norms.clip_norm = bound;
  Trainer<T> trainer(net, SGD{1}, rows, threads, norms);
  trainer.epoch(Rows(xs.data(), rows, inputs), Targets(Rows(ys.data(), rows, outputs)));
  std::vector<double> step;
  for (std::size_t p = 0; p < net.num_parameters(); ++p)
    step.push_back(static_cast<double>(net.parameters()[p]) / bound);
  return step;
}

double norm(const std::vector<double>& v) {
  double sum = 0;
  for (const double one : v) sum += one * one;
  return std::sqrt(sum);
}

/// Two incoming weights for each of `units` units, after bound_norms.
template <class T>
std::vector<T> bounded(std::size_t units, T first, T second, T most) {
  const auto& k = kernels<T>();
  const auto columns = static_cast<Index>(units);
  const Index size = panel_size(3, columns, k.lanes);
  const Buffer<T> w(static_cast<std::size_t>(size), "test");
  const PanelMatrix<T> panels{w.data(), 3, columns, panel_count(columns, k.lanes, k.panel_vectors), 0};
  std::vector<T> dense(3 * units, T(7));  // row 2: biases
  for (std::size_t j = 0; j < units; ++j) {
    dense[j] = first;
    dense[units + j] = second;
  }
  for (Index p = 0; p < panels.panels; ++p) {
    k.pack(dense.data(), panels, p);
    k.bound_norms({panels, {}, 2, -1, most}, p);
    k.unpack(panels, p, dense.data());
  }
  return dense;
}

}  // namespace

TEST_CASE_TEMPLATE("a clipped step has the length of the bound for gradients of any size", T, float, double) {
  constexpr T most = std::numeric_limits<T>::max();
  constexpr double tiny = sizeof(T) == 4 ? 1e-30 : 1e-290;
  for (const std::size_t inputs : {1u, 3u, 40u})
    for (const std::size_t outputs : {1u, 2u, 5u})
      for (const std::size_t rows : {1u, 3u, 1000u})
        for (const int threads : {1, 3})
          for (const T x : {T(10), std::sqrt(most) * 2, most / 2, T(0.99) * most})
            for (const double bound : {1.0, 0.01, 1e3 * tiny}) {
              if (static_cast<double>(x) < bound) continue;
              CAPTURE(inputs);
              CAPTURE(outputs);
              CAPTURE(rows);
              CAPTURE(x);
              CAPTURE(bound);
              const auto step = clipped<T>(inputs, outputs, rows, x, bound, threads);
              CHECK(norm(step) == doctest::Approx(1).epsilon(2e-3));
              for (std::size_t w = 0; w < inputs * outputs; ++w)
                REQUIRE(step[w] == doctest::Approx(step[0]).epsilon(1e-5));
              CHECK(step[0] < 0);
            }
  // Gradients whose squares underflow are clipped to bounds of the same size and unchanged by larger bounds.
  for (const double bound : {tiny / 10, 1.0}) {
    Options options;
    options.init = "zeros";
    Network<T> net({1, 1}, options);
    const T x = 0, y = static_cast<T>(-tiny);
    Regularization norms;
    norms.clip_norm = bound;
    Trainer<T>(net, SGD{1}, 1, 1, norms).epoch(Rows(&x, 1, 1), Targets(Rows(&y, 1, 1)));
    CHECK(-static_cast<double>(net.biases(0)[0]) / std::min(tiny, bound) == doctest::Approx(1).epsilon(2e-3));
  }
}

TEST_CASE("a gradient that is not finite makes parameters NaN") {
  Options options;
  options.init = "zeros";
  Network<float> net({2, 1}, options);
  const float xs[] = {3e38f, 1}, y = -3e18f;
  Regularization norms;
  norms.clip_norm = 1;
  Trainer<float> trainer(net, SGD{1}, 1, 1, norms);
  CHECK_THROWS_AS(trainer.epoch(Rows(xs, 1, 2), Targets(Rows(&y, 1, 1))), NonFiniteCost);
}

TEST_CASE_TEMPLATE("weights of any size are scaled to the largest allowed norm", T, float, double) {
  constexpr T most = std::numeric_limits<T>::max();
  const T tiny = sizeof(T) == 4 ? T(1e-30) : T(1e-290);
  for (const std::size_t units : {1u, 7u, 16u, 33u})
    for (const T size : {T(1), std::sqrt(most), most / 4, tiny})
      for (const T bound : {T(2), tiny / 2, most}) {
        CAPTURE(size);
        CAPTURE(bound);
        const auto after = bounded<T>(units, 3 * size, -4 * size, bound);
        const long double expected = std::min(5.0L * size, static_cast<long double>(bound)) / 5;
        for (std::size_t j = 0; j < units; ++j) {
          REQUIRE(static_cast<double>(after[j] / expected) == doctest::Approx(3).epsilon(1e-6));
          REQUIRE(static_cast<double>(after[units + j] / expected) == doctest::Approx(-4).epsilon(1e-6));
          REQUIRE(after[2 * units + j] == 7);
        }
      }
}

TEST_CASE_TEMPLATE("the bound is observed if bound / norm is not a normal number", T, float, double) {
  constexpr T small = std::numeric_limits<T>::min();
  for (const std::size_t units : {1u, 2u, 20u})
    for (const T most : {small, small * 1000, std::sqrt(small) / 1000})
      for (const T size : {T(1e4), T(1e15), std::sqrt(std::numeric_limits<T>::max()) / 8}) {
        const auto w = bounded<T>(units, 3 * size, 4 * size, most);
        CAPTURE(most);
        CAPTURE(size);
        const double eps =
            most < small * 100
                ? 1e-6
                : 4 * std::numeric_limits<T>::epsilon();  // the numbers themselves are subnormal
        for (std::size_t j = 0; j < units; ++j) {
          CHECK(double(w[j]) / double(most) == doctest::Approx(0.6).epsilon(eps));
          CHECK(double(w[units + j]) / double(most) == doctest::Approx(0.8).epsilon(eps));
        }
      }
}
