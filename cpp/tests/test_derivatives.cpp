// Derivatives of the outputs with respect to the inputs: Jacobians, and their products with vectors.

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "localgrad/derivatives.hpp"
#include "localgrad/localgrad.hpp"

using namespace localgrad;

namespace {

struct Kind {
  std::vector<std::size_t> sizes;
  const char* activation;
  const char* output;
  bool scales, standardize;
};

const Kind kKinds[] = {
    {{5, 7, 3}, "tanh", "identity", false, false},  {{5, 33, 17, 4}, "gelu", "softmax", false, false},
    {{3, 1}, "tanh", "sigmoid", true, false},       {{5, 9, 2}, "silu", "identity", true, true},
    {{3, 20, 9}, "tanh", "mish", true, false},      {{2, 8, 19}, "elu", "softmax", true, false},
    {{4, 6, 7}, "tanh", "identity", true, true},    {{1, 3, 1}, "softplus", "tanh", false, false},
    {{40, 6, 40}, "tanh", "identity", false, false}};

template <class T>
Network<T> network_of(const Kind& kind) {
  Options options;
  options.activation.assign(kind.sizes.size() - 2, kind.activation);
  options.output = kind.output;
  options.cost = "mse";
  options.seed = 3;
  options.dropout.assign(kind.sizes.size() - 2, 0.5);  // has no effect outside training
  options.input_scale = 0.5;
  options.learn_input_scale = kind.scales;
  options.standardize = kind.standardize;
  Network<T> net(kind.sizes, options);
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
  for (std::size_t i = 0; i < n; ++i) all[i] = static_cast<T>((i * step + 3) % 101) / 101 - T(0.4);
  return all;
}

template <class T>
bool same_bits(const std::vector<T>& one, const std::vector<T>& other) {
  return one.size() == other.size() && std::memcmp(one.data(), other.data(), one.size() * sizeof(T)) == 0;
}

/// All derivatives of n rows.
template <class T>
struct Results {
  Results(const Network<T>& net, const T* x, const T* u, const T* v, std::size_t n, int threads = 0)
      : all(jacobian_size(net, n)),
        forward(n * net.sizes().back()),
        backward(n * net.sizes().front()),
        last(n * net.sizes().front()) {
    const std::size_t inputs = net.sizes().front(), outputs = net.sizes().back();
    const Rows rows(x, n, inputs);
    jacobian(net, rows, all.data(), threads);
    jvp(net, rows, Rows(u, n, inputs), forward.data(), threads);
    vjp(net, rows, Rows(v, n, outputs), backward.data(), threads);
    input_gradient(net, rows, outputs - 1, last.data(), threads);
  }
  std::vector<T> all, forward, backward, last;
};

}  // namespace

TEST_CASE_TEMPLATE("products and Jacobians agree with each other and with differences", T, float, double) {
  const double eps = 50 * static_cast<double>(std::numeric_limits<T>::epsilon());
  for (const Kind& kind : kKinds) {
    const auto net = network_of<T>(kind);
    const std::size_t n = 103, inputs = kind.sizes.front(), outputs = kind.sizes.back();
    const auto x = numbers<T>(n * inputs, 37), u = numbers<T>(n * inputs, 41),
               v = numbers<T>(n * outputs, 43);
    const Results<T> found(net, x.data(), u.data(), v.data(), n);
    double largest = 0;
    for (const T one : found.all) largest = std::max(largest, std::abs(static_cast<double>(one)));
    const double near = eps * largest * static_cast<double>(inputs + outputs);
    for (std::size_t r = 0; r < n; ++r) {
      const T* J = found.all.data() + r * outputs * inputs;
      for (std::size_t j = 0; j < outputs; ++j) {
        double sum = 0;
        for (std::size_t k = 0; k < inputs; ++k)
          sum += static_cast<double>(J[j * inputs + k]) * static_cast<double>(u[r * inputs + k]);
        CHECK(std::abs(sum - static_cast<double>(found.forward[r * outputs + j])) <= near);
      }
      for (std::size_t k = 0; k < inputs; ++k) {
        double sum = 0;
        for (std::size_t j = 0; j < outputs; ++j)
          sum += static_cast<double>(J[j * inputs + k]) * static_cast<double>(v[r * outputs + j]);
        CHECK(std::abs(sum - static_cast<double>(found.backward[r * inputs + k])) <= near);
        CHECK(std::abs(static_cast<double>(J[(outputs - 1) * inputs + k] - found.last[r * inputs + k])) <=
              near);
      }
    }
    if (sizeof(T) == 4) continue;
    for (std::size_t k = 0; k < inputs; ++k) {
      std::vector<T> a[2];
      for (const int side : {0, 1}) {
        auto moved = x;
        for (std::size_t r = 0; r < n; ++r) moved[r * inputs + k] += static_cast<T>(side ? 1e-5 : -1e-5);
        a[side].resize(n * outputs);
        predict(net, Rows(moved.data(), n, inputs), a[side].data());
      }
      for (std::size_t i = 0; i < n * outputs; ++i) {
        const double slope = static_cast<double>(a[1][i] - a[0][i]) / 2e-5;
        CHECK(std::abs(static_cast<double>(found.all[i * inputs + k]) - slope) <= 1e-8 * (1 + largest));
      }
    }
  }
}

TEST_CASE_TEMPLATE("derivatives do not depend on threads or on the other rows", T, float, double) {
  for (const Kind& kind : kKinds) {
    const auto net = network_of<T>(kind);
    const std::size_t n = 400, inputs = kind.sizes.front(), outputs = kind.sizes.back();
    const auto x = numbers<T>(n * inputs, 37), u = numbers<T>(n * inputs, 41),
               v = numbers<T>(n * outputs, 43);
    const Results<T> expected(net, x.data(), u.data(), v.data(), n, 1);
    for (const int threads : {0, 2, 3, 7}) {
      const Results<T> again(net, x.data(), u.data(), v.data(), n, threads);
      CHECK(same_bits(again.all, expected.all));
      CHECK(same_bits(again.forward, expected.forward));
      CHECK(same_bits(again.backward, expected.backward));
      CHECK(same_bits(again.last, expected.last));
    }
    for (const std::size_t first : {0u, 11u, 399u})
      for (const std::size_t rows : {1u, 3u, 20u, 150u}) {
        if (first + rows > n) continue;
        const Results<T> part(net, x.data() + first * inputs, u.data() + first * inputs,
                              v.data() + first * outputs, rows);
        const auto same = [&](const std::vector<T>& found, const std::vector<T>& whole, std::size_t width) {
          return std::memcmp(found.data(), whole.data() + first * width, rows * width * sizeof(T)) == 0;
        };
        CHECK(same(part.all, expected.all, inputs * outputs));
        CHECK(same(part.forward, expected.forward, outputs));
        CHECK(same(part.backward, expected.backward, inputs));
        CHECK(same(part.last, expected.last, inputs));
      }
  }
}

TEST_CASE("invalid rows, vectors, outputs and sizes are refused") {
  const auto net = network_of<float>(kKinds[0]);
  const auto refused = [&](const auto& call) {
    try {
      call();
    } catch (const std::exception& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  for (const std::size_t n : {2u, 300u}) {
    std::vector<float> x(5 * n), u(5 * n), v(3 * n), out(15 * n);
    const Rows rows(x.data(), n, 5);
    Rows us(u.data(), n, 5), vs(v.data(), n, 3);
    us.name = "u";
    vs.name = "v";
    u[5 + 2] = v[3 + 2] = std::numeric_limits<float>::infinity();
    CHECK(refused([&] { jvp(net, rows, us, out.data()); }) ==
          "u must be finite as float32, got inf at row 1, column 2");
    CHECK(refused([&] { vjp(net, rows, vs, out.data()); }) ==
          "v must be finite as float32, got inf at row 1, column 2");
    x[5 + 4] = std::numeric_limits<float>::quiet_NaN();
    const std::string words = "x must be finite as float32, got nan at row 1, column 4";
    CHECK(refused([&] { jacobian(net, rows, out.data()); }) == words);
    CHECK(refused([&] { input_gradient(net, rows, 0, out.data()); }) == words);
    CHECK(refused([&] { input_gradient(net, rows, 3, out.data()); }) ==
          "output must be an integer between 0 and 2, got 3");
    us.n = 1;
    CHECK(refused([&] { jvp(net, rows, us, out.data()); }) ==
          "x and u must have the same length, got " + std::to_string(n) + " and 1");
    vs.width = 2;
    CHECK(refused([&] { vjp(net, rows, vs, out.data()); }) == "v must have rows of 3 numbers, got 2");
    CHECK(refused([&] { jacobian(net, vs, out.data()); }) == "v must have rows of 5 numbers, got 2");
    CHECK(refused([&] { jacobian(net, rows, out.data(), -1); }).find("n_threads") == 0);
  }
  const Network<float> wide({100000, 1, 100000}, Options());
  CHECK(refused([&] {
          jacobian_size(wide, 1000);
        }).find("Jacobians of 1000 rows with 100000 outputs and 100000 inputs must fit into the machine's") ==
        0);
  CHECK(jacobian_size(net, 7) == 105);
}

TEST_CASE("an interrupt ends a long call") {
  const Network<float> net({300, 400, 400, 300}, Options());
  const std::size_t n = 20000;
  const std::vector<float> zeros(400);
  Rows x(zeros.data(), n, 300);
  x.row_stride = 0;
  std::vector<float> out(n * 300);
  int asked = 0;
  const auto interrupt = [&] { return ++asked == 2; };
  CHECK_THROWS_AS(vjp(net, x, x, out.data(), 2, interrupt), Interrupted);
  asked = 0;
  CHECK_THROWS_AS(jvp(net, x, x, out.data(), 2, interrupt), Interrupted);
  asked = 0;
  x.n = 200;
  std::vector<float> all(jacobian_size(net, 200));
  CHECK_THROWS_AS(jacobian(net, x, all.data(), 2, interrupt), Interrupted);
  CHECK(asked == 2);
}
