// Second derivatives of the cost: products, diagonals and the largest eigenvalue.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "localgrad/localgrad.hpp"

using namespace localgrad;

namespace {

struct Kind {
  std::vector<std::size_t> sizes;
  const char* activation;
  const char* output;
  const char* cost;
  bool scales;
};

const Kind kKinds[] = {{{5, 7, 3}, "tanh", "identity", "mse", false},
                       {{5, 33, 17, 4}, "gelu", "softmax", "cross_entropy", false},
                       {{3, 1}, "tanh", "sigmoid", "binary_cross_entropy", true},
                       {{5, 9, 2}, "mish", "softplus", "poisson", true},
                       {{9, 20, 4}, "silu", "identity", "gaussian_nll", false},
                       {{5, 8, 3}, "softplus", "softmax", "mse", true},
                       {{5, 8, 3}, "elu", "tanh", "log_cosh", true}};

template <class T>
Network<T> network_of(const Kind& kind) {
  Options options;
  options.activation.assign(kind.sizes.size() - 2, kind.activation);
  options.output = kind.output;
  options.cost = kind.cost;
  options.seed = 3;
  options.learn_input_scale = kind.scales;
  Network<T> net(kind.sizes, options);
  for (std::size_t k = 0; kind.scales && k < kind.sizes.front(); ++k)
    net.input_scales()[k] = static_cast<T>(1 + 0.25 * static_cast<double>(k));
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
  Data(const Network<T>& net, std::size_t rows)
      : n(rows),
        width(net.sizes().front()),
        targets_width(net.target_width()),
        x(numbers<T>(rows * width, 37)),
        y(numbers<T>(rows * targets_width, 41)) {}
  Rows inputs() const { return Rows(x.data(), n, width); }
  Targets targets() const { return Rows(y.data(), n, targets_width); }
  std::size_t n, width, targets_width;
  std::vector<T> x, y;
};

template <class T>
bool same_bits(const std::vector<T>& one, const std::vector<T>& other) {
  return one.size() == other.size() && std::memcmp(one.data(), other.data(), one.size() * sizeof(T)) == 0;
}

double largest(const std::vector<double>& v) {
  double most = 0;
  for (const double one : v) most = std::max(most, std::abs(one));
  return most;
}

std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const std::exception& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("products with the Hessian are differences of gradients") {
  for (const Kind& kind : kKinds) {
    auto net = network_of<double>(kind);
    const Data<double> data(net, 130);
    const std::size_t size = net.num_parameters();
    const auto v = numbers<double>(size, 29),
               start = std::vector<double>(net.parameters(), net.parameters() + size);
    const auto found = curvature_product(net, data.inputs(), data.targets(), v.data());
    std::vector<double> slopes[2];
    const double h = 1e-5;
    for (const int side : {0, 1}) {
      for (std::size_t p = 0; p < size; ++p) net.parameters()[p] = start[p] + (side ? h : -h) * v[p];
      slopes[side] = backprop(net, data.inputs(), data.targets()).gradient;
    }
    const double scale = largest(found);
    for (std::size_t p = 0; p < size; ++p)
      CHECK(std::abs(found[p] - (slopes[1][p] - slopes[0][p]) / (2 * h)) <= 1e-7 * scale);
  }
}

TEST_CASE_TEMPLATE("diagonals are those of products with unit vectors", T, float, double) {
  const double eps = 1000 * static_cast<double>(std::numeric_limits<T>::epsilon());
  for (const Kind& kind : kKinds)
    for (const Curvature matrix : {Curvature::hessian, Curvature::gauss_newton}) {
      const auto net = network_of<T>(kind);
      const Data<T> data(net, 20);
      const auto diagonal = curvature_diagonal(net, data.inputs(), data.targets(), matrix);
      double scale = 0;
      for (const T one : diagonal) scale = std::max(scale, std::abs(static_cast<double>(one)));
      std::vector<T> unit(net.num_parameters());
      for (std::size_t p = 0; p < unit.size(); p += 7) {
        unit[p] = 1;
        const auto column = curvature_product(net, data.inputs(), data.targets(), unit.data(), matrix);
        unit[p] = 0;
        CHECK(std::abs(static_cast<double>(column[p] - diagonal[p])) <= eps * scale);
        if (matrix == Curvature::gauss_newton) CHECK(diagonal[p] >= 0);
      }
    }
}

TEST_CASE_TEMPLATE("second derivatives do not depend on the number of threads", T, float, double) {
  for (const Kind& kind : kKinds)
    for (const Curvature matrix : {Curvature::hessian, Curvature::gauss_newton})
      for (const std::size_t n : {1u, 200u, 1100u}) {
        const auto net = network_of<T>(kind);
        const Data<T> data(net, n);
        const auto v = numbers<T>(net.num_parameters(), 29);
        const auto product = curvature_product(net, data.inputs(), data.targets(), v.data(), matrix, 1);
        const auto diagonal = curvature_diagonal(net, data.inputs(), data.targets(), matrix, 1);
        const auto top = top_eigenvalue(net, data.inputs(), data.targets(), 3, 0, matrix, 1);
        for (const int threads : {2, 3, 7}) {
          CHECK(same_bits(curvature_product(net, data.inputs(), data.targets(), v.data(), matrix, threads),
                          product));
          CHECK(same_bits(curvature_diagonal(net, data.inputs(), data.targets(), matrix, threads), diagonal));
          const auto again = top_eigenvalue(net, data.inputs(), data.targets(), 3, 0, matrix, threads);
          CHECK(same_bits(again.vector, top.vector));
          CHECK(again.value == top.value);
        }
      }
}

TEST_CASE("the eigenvalue and its vector solve the equation of eigenvalues") {
  for (const Kind& kind : kKinds)
    for (const Curvature matrix : {Curvature::hessian, Curvature::gauss_newton}) {
      const auto net = network_of<double>(kind);
      const Data<double> data(net, 20);
      const auto top = top_eigenvalue(net, data.inputs(), data.targets(), 100, 1e-8, matrix);
      CHECK(top.residual <= 1e-8 * std::abs(top.value));
      const auto image = curvature_product(net, data.inputs(), data.targets(), top.vector.data(), matrix);
      double square = 0;
      for (std::size_t p = 0; p < image.size(); ++p)
        square += std::pow(image[p] - top.value * top.vector[p], 2);
      CHECK(std::sqrt(square) <= 1e-7 * std::abs(top.value));
    }
}

TEST_CASE("vectors that are not finite, custom costs and invalid settings are refused") {
  const auto net = network_of<float>(kKinds[0]);
  const Data<float> data(net, 10);
  auto v = numbers<float>(net.num_parameters(), 29);
  v[4] = std::numeric_limits<float>::quiet_NaN();
  CHECK(refusal([&] { curvature_product(net, data.inputs(), data.targets(), v.data()); }) ==
        "v must be finite, got nan at index 4");
  CHECK(refusal([&] { top_eigenvalue(net, data.inputs(), data.targets(), 0); }) ==
        "max_products must be at least 1, got 0");
  CHECK(refusal([&] { top_eigenvalue(net, data.inputs(), data.targets(), 1, std::nan("")); }) ==
        "tol must be at least 0, got nan");
  Options options;
  options.cost = "custom";
  Network<float> custom({5, 3}, options);
  custom.set_cost_function([](std::size_t, std::size_t, const float*, const float*, double*, float*) {});
  const std::string words = "cost must have a second derivative, got a custom cost";
  v[4] = 0;
  CHECK(refusal([&] { curvature_product(custom, data.inputs(), data.targets(), v.data()); }) == words);
  CHECK(refusal([&] { curvature_diagonal(custom, data.inputs(), data.targets()); }) == words);
  const Network<float> wide({1, 10000000, 1}, Options());
  const float zero[] = {0};
  CHECK(refusal([&] {
          curvature_diagonal(wide, Rows(zero, 1, 1), Rows(zero, 1, 1));
        }).find("Hessians of a layer of width 10000000 must fit into") == 0);
}

TEST_CASE("an interrupt ends a long product") {
  const Network<float> net({300, 300, 2}, Options());
  const std::vector<float> zeros(300), v(net.num_parameters());
  Rows x(zeros.data(), 20000, 300), y(zeros.data(), 20000, 2);
  x.row_stride = y.row_stride = 0;
  int asked = 0;
  const auto interrupt = [&] { return ++asked == 2; };
  CHECK_THROWS_AS(curvature_product(net, x, Targets(y), v.data(), Curvature::hessian, 2, interrupt),
                  Interrupted);
  CHECK(asked == 2);
}
