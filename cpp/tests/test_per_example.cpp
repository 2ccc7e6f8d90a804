// Quantities of single examples: input gradients, per-example gradients, and their norms, inner products and
// noise scale, which are computed without them.

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "localgrad/localgrad.hpp"

using namespace localgrad;

namespace {

template <class T>
void cubic(std::size_t n, std::size_t width, const T* a, const T* y, double* cost, T* gradient) {
  for (std::size_t r = 0; r < n; ++r) {
    cost[r] = 0;
    for (std::size_t i = r * width; i < (r + 1) * width; ++i) {
      gradient[i] = (a[i] - y[i]) * (a[i] - y[i]);
      cost[r] += static_cast<double>(gradient[i] * (a[i] - y[i])) / 3;
    }
  }
}

struct Kind {
  std::vector<std::size_t> sizes;
  const char* output;
  const char* cost;
  bool scales, standardize;
};

const Kind kKinds[] = {{{5, 7, 3}, "identity", "mse", false, false},
                       {{5, 33, 17, 4}, "softmax", "cross_entropy", false, false},
                       {{3, 1}, "sigmoid", "binary_cross_entropy", true, false},
                       {{5, 9, 2}, "identity", "huber", true, true},
                       {{9, 20, 4}, "identity", "gaussian_nll", false, true},
                       {{5, 8, 3}, "softmax", "mse", true, false},
                       {{5, 8, 3}, "tanh", "custom", true, false}};

template <class T>
Network<T> network_of(const Kind& kind) {
  Options options;
  options.activation.assign(kind.sizes.size() - 2, "tanh");
  options.output = kind.output;
  options.cost = kind.cost;
  options.seed = 3;
  options.dropout.assign(kind.sizes.size() - 2, 0.5);  // has no effect outside training
  options.input_scale = 0.5;
  options.learn_input_scale = kind.scales;
  options.standardize = kind.standardize;
  Network<T> net(kind.sizes, options);
  if (std::string(kind.cost) == "custom") net.set_cost_function(cubic<T>);
  if (kind.scales)
    for (std::size_t k = 0; k < kind.sizes.front(); ++k)
      net.input_scales()[k] = static_cast<T>(1 + 0.25 * static_cast<double>(k));
  if (kind.standardize) {
    Standardization learned;
    learned.input_mean.assign(kind.sizes.front(), 0.25);
    learned.input_std.assign(kind.sizes.front(), 0.75);
    learned.target_mean.assign(net.target_width(), -0.5);
    learned.target_std.assign(net.target_width(), 3);
    net.set_standardization(learned);
  }
  return net;
}

template <class T>
std::vector<T> numbers(std::size_t n, std::size_t step) {
  std::vector<T> all(n);
  for (std::size_t i = 0; i < n; ++i) all[i] = static_cast<T>((i * step + 3) % 101) / 101;
  return all;
}

template <class T>
struct Data {
  Data(const Network<T>& net, std::size_t rows, std::size_t step = 37)
      : n(rows),
        x(numbers<T>(rows * net.sizes().front(), step)),
        y(numbers<T>(rows * net.target_width(), step + 4)) {}
  Rows inputs(const Network<T>& net) const { return Rows(x.data(), n, net.sizes().front()); }
  Targets targets(const Network<T>& net) const { return Rows(y.data(), n, net.target_width()); }
  std::size_t n;
  std::vector<T> x, y;
};

template <class T>
double dot(std::size_t n, const T* a, const T* b) {
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

template <class T>
bool same_bits(const std::vector<T>& one, const std::vector<T>& other) {
  return one.size() == other.size() && std::memcmp(one.data(), other.data(), one.size() * sizeof(T)) == 0;
}

}  // namespace

TEST_CASE_TEMPLATE("a forward trace has the quantities of backprop and the outputs of predict", T, float,
                   double) {
  for (const Kind& kind : kKinds)
    for (const std::size_t n : {1u, 7u, 200u}) {
      const auto net = network_of<T>(kind);
      const Data<T> data(net, n);
      const auto expected = backprop(net, data.inputs(net), data.targets(net));
      std::vector<T> outputs(n * net.sizes().back());
      predict(net, data.inputs(net), outputs.data());
      for (const int threads : {1, 2, 3, 7}) {
        const auto trace = forward(net, data.inputs(net), threads);
        CHECK(trace.n == n);
        CHECK(same_bits(trace.activations.back(), outputs));
        REQUIRE(trace.activations.size() == expected.activations.size());
        for (std::size_t l = 0; l < trace.activations.size(); ++l)
          CHECK(same_bits(trace.activations[l], expected.activations[l]));
        for (std::size_t i = 0; i < trace.weighted_inputs.size(); ++i)
          CHECK(same_bits(trace.weighted_inputs[i], expected.weighted_inputs[i]));
      }
    }
  const auto net = network_of<T>(kKinds[0]);
  CHECK(forward(net, Rows(static_cast<const T*>(nullptr), 0, 5)).activations.back().empty());
  const T bad[] = {1, 2, 3, 4, std::numeric_limits<T>::infinity()};
  CHECK_THROWS_AS(forward(net, Rows(bad, 1, 5)), BadExample);
}

TEST_CASE_TEMPLATE("input gradients are those of Gradients and of differences", T, float, double) {
  for (const Kind& kind : kKinds) {
    const auto net = network_of<T>(kind);
    const Data<T> data(net, 9);
    TraceOptions also;
    also.input_gradient = true;
    const auto trace = backprop(net, data.inputs(net), data.targets(net), 1, Units::original, also);
    CHECK(trace.per_example_gradients.empty());
    CHECK(same_bits(trace.gradient, backprop(net, data.inputs(net), data.targets(net)).gradient));
    std::vector<T> gradient(net.num_parameters()), expected(data.x.size());
    Gradients<T> gradients(net, 9);
    CHECK(gradients.forward_backward(data.inputs(net), data.targets(net), gradient.data(), nullptr,
                                     expected.data()) == Status::ok);
    CHECK(same_bits(trace.input_gradient, expected));
    CHECK(same_bits(trace.gradient, gradient));
    for (const int threads : {2, 3, 7}) {
      Targets weighted = data.targets(net);
      const std::vector<double> weights(9, 2.5);
      weighted.weights = Rows(weights.data(), 9, 1);
      const auto again = backprop(net, data.inputs(net), weighted, threads, Units::original, also);
      CHECK(same_bits(again.input_gradient, expected));
    }
    if (sizeof(T) == 4) continue;
    auto moved = data;
    for (std::size_t i = 0; i < data.x.size(); ++i) {
      double cost[2];
      for (const int side : {0, 1}) {
        moved.x[i] = data.x[i] + static_cast<T>(side ? 1e-5 : -1e-5);
        cost[side] = evaluate(net, moved.inputs(net), moved.targets(net)).cost;
      }
      moved.x[i] = data.x[i];
      const double slope = 9 * (cost[1] - cost[0]) / 2e-5;
      CHECK(static_cast<double>(trace.input_gradient[i]) == doctest::Approx(slope).epsilon(1e-6).scale(1));
    }
  }
}

TEST_CASE_TEMPLATE("norms and inner products are those of the per-example gradients", T, float, double) {
  const double eps = 100 * static_cast<double>(std::numeric_limits<T>::epsilon());
  TraceOptions also;
  also.per_example_gradients = true;
  for (const Kind& kind : kKinds)
    for (const std::size_t n : {1u, 17u, 130u}) {
      const auto net = network_of<T>(kind);
      const std::size_t size = net.num_parameters();
      const Data<T> data(net, n), second(net, 101, 41);
      const auto trace = backprop(net, data.inputs(net), data.targets(net), 2, Units::original, also);
      const auto other = backprop(net, second.inputs(net), second.targets(net), 1, Units::original, also);
      const T* g = trace.per_example_gradients.data();
      REQUIRE(trace.per_example_gradients.size() == n * size);
      double largest = 0;
      for (const T one : trace.gradient) largest = std::max(largest, std::abs(static_cast<double>(one)));
      for (std::size_t p = 0; p < size; ++p) {
        double mean = 0;
        for (std::size_t r = 0; r < n; ++r)
          mean += static_cast<double>(g[r * size + p]) / static_cast<double>(n);
        CHECK(std::abs(mean - static_cast<double>(trace.gradient[p])) <= eps * largest);
      }
      const auto norms = gradient_norms(net, data.inputs(net), data.targets(net), 1);
      REQUIRE(norms.parts == kind.sizes.size() - 1 + (kind.scales ? 1 : 0));
      for (std::size_t r = 0; r < n; ++r) {
        const T* own = g + r * size;
        CHECK(norms.total[r] == doctest::Approx(std::sqrt(dot(size, own, own))).epsilon(eps));
        for (std::size_t i = 0; i < norms.parts; ++i) {
          const bool last = i + 1 == kind.sizes.size();
          const std::size_t count = last ? kind.sizes[0] : (kind.sizes[i] + 1) * kind.sizes[i + 1];
          CHECK(norms.layers[r * norms.parts + i] ==
                doctest::Approx(std::sqrt(dot(count, own, own))).epsilon(eps));
          own += count;
        }
      }
      const auto gram = gradient_dots(net, data.inputs(net), data.targets(net), 1);
      const auto dots =
          gradient_dots(net, data.inputs(net), data.targets(net), second.inputs(net), second.targets(net), 1);
      REQUIRE(gram.size() == n * n);
      REQUIRE(dots.size() == n * 101);
      const auto check = [&](T found, const T* a, const T* b) {
        const double scale = std::sqrt(dot(size, a, a) * dot(size, b, b));
        CHECK(std::abs(static_cast<double>(found) - dot(size, a, b)) <= eps * scale);
      };
      for (std::size_t r = 0; r < n; ++r) {
        for (std::size_t c = 0; c < n; ++c) {
          check(gram[r * n + c], g + r * size, g + c * size);
          CHECK(gram[r * n + c] == gram[c * n + r]);
        }
        for (std::size_t c = 0; c < 101; ++c)
          check(dots[r * 101 + c], g + r * size, other.per_example_gradients.data() + c * size);
      }
      CHECK(same_bits(gram, gradient_dots(net, data.inputs(net), data.targets(net), data.inputs(net),
                                          data.targets(net), 2)));
      for (const int threads : {2, 3, 7}) {
        const auto again = gradient_norms(net, data.inputs(net), data.targets(net), threads);
        CHECK(same_bits(again.layers, norms.layers));
        CHECK(same_bits(again.total, norms.total));
        CHECK(same_bits(gradient_dots(net, data.inputs(net), data.targets(net), threads), gram));
        CHECK(same_bits(gradient_dots(net, data.inputs(net), data.targets(net), second.inputs(net),
                                      second.targets(net), threads),
                        dots));
        CHECK(same_bits(backprop(net, data.inputs(net), data.targets(net), threads, Units::original, also)
                            .per_example_gradients,
                        trace.per_example_gradients));
      }
      if (n == 1) continue;
      // The noise scale from the definitions of sample mean and sample variance.
      double variance = 0;
      for (std::size_t p = 0; p < size; ++p) {
        double mean = 0;
        for (std::size_t r = 0; r < n; ++r)
          mean += static_cast<double>(g[r * size + p]) / static_cast<double>(n);
        for (std::size_t r = 0; r < n; ++r)
          variance += std::pow(static_cast<double>(g[r * size + p]) - mean, 2) / static_cast<double>(n - 1);
      }
      const double square = dot(size, trace.gradient.data(), trace.gradient.data());
      const auto noise = gradient_noise_scale(net, data.inputs(net), data.targets(net), 1);
      CHECK(noise.variance == doctest::Approx(variance).epsilon(100 * eps));
      CHECK(noise.squared_norm ==
            doctest::Approx(square - variance / static_cast<double>(n)).epsilon(100 * eps).scale(square));
      if (noise.squared_norm > 0) CHECK(noise.scale == doctest::Approx(noise.variance / noise.squared_norm));
      for (const int threads : {2, 3, 7}) {
        const auto again = gradient_noise_scale(net, data.inputs(net), data.targets(net), threads);
        CHECK(again.scale == noise.scale);
        CHECK(again.variance == noise.variance);
      }
    }
}

TEST_CASE_TEMPLATE("norms of gradients of any size are accurate", T, float, double) {
  Options options;
  options.init = "zeros";
  Network<T> net({2, 1}, options);
  const T most = std::sqrt(std::numeric_limits<T>::max()), least = std::sqrt(std::numeric_limits<T>::min());
  for (const T size : {T(1), most / 8, most * 1000, least, least / 1000}) {
    const T x[] = {0, 0, /**/ 0, 0}, y[] = {-3 * size, -5 * size};
    const auto norms = gradient_norms(net, Rows(x, 2, 2), Rows(y, 2, 1));
    CHECK(norms.total[0] / static_cast<double>(size) == doctest::Approx(3).epsilon(1e-6));
    CHECK(norms.layers[1] / static_cast<double>(size) == doctest::Approx(5).epsilon(1e-6));
    // Gradients 3 and 5: the variance is 2 and the squared norm 16 - 1.
    const auto noise = gradient_noise_scale(net, Rows(x, 2, 2), Rows(y, 2, 1));
    CHECK(noise.scale == doctest::Approx(2.0 / 15).epsilon(1e-5));
  }
  // Activations whose squares overflow, and a small delta.
  const T x[] = {3 * most, 4 * most, 0, 0}, y[] = {-1, 0};
  const auto norms = gradient_norms(net, Rows(x, 2, 2), Rows(y, 2, 1));
  CHECK(norms.total[0] / static_cast<double>(most) == doctest::Approx(5).epsilon(1e-6));
  CHECK(norms.total[1] == 0);
}

TEST_CASE("equal and opposite gradients have a noise scale of 0 and infinity") {
  Options options;
  options.init = "zeros";
  const Network<double> net({1, 1}, options);
  const double x[] = {0, 0}, same[] = {2, 2}, opposite[] = {2, -2}, none[] = {0, 0};
  const auto noise = [&](const double* y) { return gradient_noise_scale(net, Rows(x, 2, 1), Rows(y, 2, 1)); };
  CHECK(noise(same).scale == 0);
  CHECK(noise(same).squared_norm == 4);
  CHECK(noise(opposite).scale == std::numeric_limits<double>::infinity());
  CHECK(noise(opposite).variance == 8);
  CHECK(noise(none).scale == 0);
}

TEST_CASE("invalid examples, missing functions and sizes that do not fit are refused") {
  const auto net = network_of<float>(kKinds[0]);
  Data<float> data(net, 300);
  const auto refused = [&](const auto& call) {
    try {
      call();
    } catch (const std::exception& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  data.x[5 * 123 + 2] = std::numeric_limits<float>::quiet_NaN();
  const std::string words = "x must be finite as float32, got nan at row 123, column 2";
  CHECK(refused([&] { gradient_norms(net, data.inputs(net), data.targets(net), 2); }) == words);
  CHECK(refused([&] { gradient_dots(net, data.inputs(net), data.targets(net), 2); }) == words);
  CHECK(refused([&] { gradient_noise_scale(net, data.inputs(net), data.targets(net), 2); }) == words);
  data.x[5 * 123 + 2] = 0;
  const Data<float> fewer(net, 299), one(net, 1);
  CHECK(refused([&] { gradient_norms(net, data.inputs(net), fewer.targets(net)); }) ==
        "x and y must have the same length, got 300 and 299");
  CHECK(refused([&] {
          gradient_dots(net, data.inputs(net), data.targets(net), data.inputs(net), fewer.targets(net));
        }) == "x and y must have the same length, got 300 and 299");
  CHECK(refused([&] { gradient_noise_scale(net, one.inputs(net), one.targets(net)); }) ==
        "x must have at least 2 rows, got 1");
  CHECK_THROWS_AS(gradient_norms(net, data.inputs(net), data.targets(net), -1), std::invalid_argument);

  auto custom = network_of<float>(kKinds[6]);
  custom.set_cost_function(nullptr);
  CHECK(refused([&] { gradient_norms(custom, data.inputs(custom), data.targets(custom)); }) ==
        "cost function must be set for a network with a custom cost");

  // Rows and labels with a stride of 0: many examples in little memory.
  const Network<float> wide({1000, 1000, 2}, Options());
  const std::vector<float> zeros(1000);
  Rows many(zeros.data(), 4000000000u, 1000), targets(zeros.data(), 4000000000u, 2);
  many.row_stride = targets.row_stride = 0;
  TraceOptions also;
  also.per_example_gradients = true;
  const std::string gradients =
      refused([&] { backprop(wide, many, Targets(targets), 0, Units::original, also); });
  CHECK(gradients.find("gradients of 4000000000 examples with 1003002 parameters each must fit into") == 0);
  const std::string dots = refused([&] { gradient_dots(wide, many, Targets(targets)); });
  CHECK(dots.find("inner products of 4000000000 and 4000000000 gradients must fit into") == 0);
}

TEST_CASE("an interrupt ends a long call") {
  const Network<float> net({300, 300, 300, 2}, Options());
  const std::size_t n = 40000;
  std::vector<float> zeros(300);
  Rows x(zeros.data(), n, 300), y(zeros.data(), n, 2);
  x.row_stride = y.row_stride = 0;
  int asked = 0;
  const auto interrupt = [&] { return ++asked == 2; };
  CHECK_THROWS_AS(gradient_norms(net, x, Targets(y), 2, interrupt), Interrupted);
  asked = 0;
  CHECK_THROWS_AS(gradient_noise_scale(net, x, Targets(y), 2, interrupt), Interrupted);
  CHECK(asked == 2);
}
