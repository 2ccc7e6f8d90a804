// evaluate and backprop: accuracy, weights of the examples, targets for several heads, a custom cost.

#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "localgrad/localgrad.hpp"

using namespace localgrad;

namespace {

/// A network whose outputs are phi of its inputs.
template <class T>
Network<T> passing(std::size_t width, const char* output, const char* cost) {
  Options options;
  options.output = output;
  options.cost = cost;
  options.init = "zeros";
  Network<T> net({width, width}, options);
  for (std::size_t j = 0; j < width; ++j) net.weights(0)[j * width + j] = 1;
  return net;
}

template <class F>
std::string message_of(const F& f) {
  try {
    f();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

/// The quadratic cost, as a caller might write it.
template <class T>
void quadratic(std::size_t n, std::size_t width, const T* a, const T* y, double* cost, T* gradient) {
  for (std::size_t r = 0; r < n; ++r) {
    cost[r] = 0;
    for (std::size_t i = r * width; i < (r + 1) * width; ++i) {
      gradient[i] = a[i] - y[i];
      cost[r] += static_cast<double>(gradient[i] * gradient[i]) / 2;
    }
  }
}

}  // namespace

TEST_CASE_TEMPLATE("what counts as a right answer", T, float, double) {
  const std::vector<T> x = {2, 1, -1, /**/ -1, 3, 2, /**/ 1, 2, 3};
  const std::int64_t labels[] = {0, 2, 2};
  const Rows rows(x.data(), 3, 3);
  for (const auto& [output, cost] : {std::pair{"softmax", "cross_entropy(0.1)"},
                                     {"sigmoid", "mse"},
                                     {"softmax", "mae"},
                                     {"identity", "hinge"},
                                     {"tanh", "hinge"}}) {
    const auto net = passing<T>(3, output, cost);
    CHECK(net.classifies());
    CHECK(net.evaluate(rows, Targets(labels, 3)).accuracy == 2.0 / 3);
  }
  const auto regression = passing<T>(3, "identity", "mse");
  CHECK_FALSE(regression.classifies());
  CHECK(regression.evaluate(rows, Targets(rows)).accuracy == -1);
  // Every unit for itself: of 2 1 -1 | -1 3 2 | 1 2 3 those above 0 are taken for set.
  const std::vector<T> several = {1, 1, 0, 1, 1, 1, 0, 0, 1};
  const auto net = passing<T>(3, "sigmoid", "binary_cross_entropy");
  CHECK(net.evaluate(rows, Rows(several.data(), 3, 3)).accuracy == doctest::Approx(6.0 / 9).epsilon(1e-15));
  // One unit.
  const std::vector<T> one = {T(-0.5), 0, 2};
  const std::uint8_t truth[] = {0, 1, 0};
  for (const auto& [output, cost] : {std::pair{"sigmoid", "cross_entropy"}, {"identity", "hinge"}})
    CHECK(passing<T>(1, output, cost).evaluate(Rows(one.data(), 3, 1), Targets(truth, 3)).accuracy ==
          2.0 / 3);
  const std::vector<T> signs = {-1, 1, -1}, halves = {T(0.4), T(0.5), T(0.1)};
  CHECK(passing<T>(1, "identity", "hinge")
            .evaluate(Rows(one.data(), 3, 1), Rows(signs.data(), 3, 1))
            .accuracy == 2.0 / 3);
  CHECK(passing<T>(1, "sigmoid", "cross_entropy(0.3)")
            .evaluate(Rows(one.data(), 3, 1), Rows(halves.data(), 3, 1))
            .accuracy == 2.0 / 3);
}

TEST_CASE_TEMPLATE("labels of hinge are -1 and 1", T, float, double) {
  const std::vector<T> x = {0.5, 2, -1}, rows = {1, -1, -1};
  const std::int32_t label = 0, off = 0;
  const auto net = passing<T>(3, "identity", "hinge");
  CHECK(net.evaluate(Rows(x.data(), 1, 3), Targets(&label, 1)).cost == 3.5);
  CHECK(net.evaluate(Rows(x.data(), 1, 3), Rows(rows.data(), 1, 3)).cost == 3.5);
  CHECK(passing<T>(1, "identity", "hinge").evaluate(Rows(x.data(), 1, 1), Targets(&off, 1)).cost == 1.5);
}

TEST_CASE_TEMPLATE("weights of the examples", T, float, double) {
  const std::size_t n = 301;
  std::vector<T> x(3 * n);
  std::vector<std::int32_t> labels(n);
  std::vector<double> weights(n);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>(i * 7919 % 101) / 50 - 1;
  for (std::size_t i = 0; i < n; ++i) {
    labels[i] = static_cast<std::int32_t>(i * 31 % 3);
    weights[i] = static_cast<double>(i % 4) / 2;
  }
  const auto net = passing<T>(3, "softmax", "cross_entropy");
  double cost = 0, right = 0, total = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const auto one = net.evaluate(Rows(x.data() + 3 * i, 1, 3), Targets(labels.data() + i, 1));
    cost += weights[i] * one.cost;
    right += weights[i] * one.accuracy;
    total += weights[i];
  }
  Targets y(labels.data(), n);
  y.weights_name = "w";
  y.weights = Rows(weights.data(), n, 1);
  const Rows rows(x.data(), n, 3);
  for (const int threads : {1, 2}) {
    const auto all = net.evaluate(rows, y, threads);
    CHECK(all.cost == doctest::Approx(cost / static_cast<double>(n)).epsilon(1e-14));
    CHECK(all.accuracy == doctest::Approx(right / total).epsilon(1e-14));
  }
  CHECK(message_of([&] { backprop(net, rows, y); }) == "w must not be given: a trace shows every example");
  const auto with = [&](std::size_t i, double weight) {
    const double good = weights[i];
    weights[i] = weight;
    const std::string message = message_of([&] { net.evaluate(rows, y); });
    weights[i] = good;
    return message;
  };
  const std::string finite = sizeof(T) == 4 ? "w must be finite as float32 and at least 0, got "
                                            : "w must be finite and at least 0, got ";
  CHECK(with(7, -0.5) == finite + "-0.5 at row 7");
  CHECK(with(300, std::nan("")) == finite + "nan at row 300");
  CHECK(with(0, HUGE_VAL) == finite + "inf at row 0");
  weights.assign(n, 0.0);
  y.weights = Rows(weights.data(), n, 1);
  CHECK(message_of([&] { net.evaluate(rows, y); }) ==
        "w must be above 0 for at least 1 example, got 0 for all of them");
  y.weights = Rows(weights.data(), n - 1, 1);
  CHECK(message_of([&] { net.evaluate(rows, y); }) ==
        "w must have one number for each of the 301 rows of y, got 300 rows of 1");
}

TEST_CASE_TEMPLATE("each head sees every target", T, float, double) {
  const auto net = passing<T>(6, "identity", "quantile(0.1, 0.5, 0.9)");
  CHECK(net.target_width() == 2);
  const std::vector<T> x = {1, 1, 1, 3, 3, 3}, y = {2, 4};
  CHECK(net.evaluate(Rows(x.data(), 1, 6), Rows(y.data(), 1, 2)).cost == doctest::Approx(2.4).epsilon(1e-6));
  const auto trace = backprop(net, Rows(x.data(), 1, 6), Rows(y.data(), 1, 2));
  std::vector<T> slope(6);
  cost_gradient(net, x.data(), Rows(y.data(), 1, 2), slope.data());
  CHECK(slope == trace.local_gradients[0]);
  CHECK(message_of([&] { net.evaluate(Rows(x.data(), 1, 6), Rows(x.data(), 1, 6)); }) ==
        "y must have rows of 2 numbers, got 6");
}

TEST_CASE_TEMPLATE("a cost of the caller's", T, float, double) {
  const std::size_t n = 200;
  for (const auto& [output, width] :
       {std::pair<const char*, std::size_t>{"softmax", 5}, {"sigmoid", 2}, {"gelu", 1}}) {
    std::vector<T> x(3 * n), y(width * n);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>(i * 7919 % 101) / 50 - 1;
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = static_cast<T>(i * 104729 % 97) / 97;
    Options options;
    options.activation = {"mish"};
    options.output = output;
    options.cost = "mse";
    const Network<T> known({3, 7, width}, options);
    options.cost = "custom";
    Network<T> net({3, 7, width}, options);
    const Rows rows(x.data(), n, 3);
    Targets targets(Rows(y.data(), n, width));
    const std::string missing = "cost function of a network with a custom cost must be given";
    CHECK(message_of([&] { net.evaluate(rows, targets); }) == missing);
    CHECK(message_of([&] { backprop(net, rows, targets); }) == missing);
    net.set_cost_function(quadratic<T>);
    const auto copy = net;
    const double eps = 20 * static_cast<double>(std::numeric_limits<T>::epsilon());
    std::vector<double> weights(n, 0.5);
    for (const bool weighted : {false, true}) {
      if (weighted) targets.weights = Rows(weights.data(), n, 1);
      const auto expected = known.evaluate(rows, targets), got = copy.evaluate(rows, targets);
      CHECK(got.cost == doctest::Approx(expected.cost).epsilon(eps));
      CHECK(got.accuracy == expected.accuracy);
    }
    targets.weights = {};
    const auto expected = backprop(known, rows, targets, 2), got = backprop(copy, rows, targets, 2);
    CHECK(got.cost == doctest::Approx(expected.cost).epsilon(eps));
    CHECK(got.local_gradients == expected.local_gradients);
    CHECK(got.gradient == expected.gradient);
    std::vector<T> slope(n * width), same(n * width);
    cost_gradient(known, expected.activations[2].data(), targets, slope.data());
    cost_gradient(copy, expected.activations[2].data(), targets, same.data());
    CHECK(slope == same);
  }
  auto known = passing<T>(2, "identity", "mse");
  CHECK(message_of([&] { known.set_cost_function(quadratic<T>); }) ==
        "cost must be 'custom' to be a function, got 'mse'");
}

TEST_CASE_TEMPLATE("evaluate hands out what it measures", T, float, double) {
  for (const std::size_t n : {1, 3, 7, 33, 500}) {
    std::vector<T> x(n * 3);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>(i * 31 % 17) / 8 - 1;
    const std::vector<std::int32_t> labels(n, 1);
    std::vector<T> targets(n * 3, T(0.25));
    auto custom = passing<T>(3, "tanh", "custom");
    custom.set_cost_function(quadratic<T>);
    for (const auto& net :
         {passing<T>(3, "softmax", "cross_entropy"), passing<T>(3, "sigmoid", "mse"), custom})
      for (const int threads : {1, 3}) {
        const Rows rows(x.data(), n, 3);
        const Targets y = net.classifies() ? Targets(labels.data(), n) : Targets(Rows(targets.data(), n, 3));
        std::vector<T> expected(n * 3 + 1, T(9)), outputs(n * 3 + 1, T(9));
        net.predict(rows, expected.data(), threads);
        const auto without = net.evaluate(rows, y, threads),
                   with = net.evaluate(rows, y, threads, outputs.data());
        CHECK(outputs == expected);
        CHECK((with.cost == without.cost && with.accuracy == without.accuracy));
      }
  }
}

TEST_CASE("what stands in a file and what is refused") {
  const std::string path = "localgrad_test_evaluate.safetensors";
  Options options;
  options.activation = {"leaky_relu(0.25)", "elu"};
  options.output = "identity";
  options.cost = "quantile(0.1, 0.9)";
  options.init = "lecun";
  options.dropout = {0.25, 0};
  options.input_dropout = 0.125;
  options.input_noise = 2;
  options.input_scale = -0.1;
  Network<double>({2, 3, 3, 4}, options).save(path);
  const auto loaded = Network<double>::load(path);
  CHECK(loaded.options().activation == options.activation);
  CHECK(loaded.options().cost == options.cost);
  CHECK(loaded.options().init == "lecun");
  CHECK(loaded.options().dropout == options.dropout);
  CHECK(loaded.options().input_dropout == 0.125);
  CHECK(loaded.options().input_noise == 2);
  CHECK(loaded.options().input_scale == -0.1);
  CHECK(loaded.target_width() == 2);
  options.cost = "custom";
  Network<double> custom({2, 3, 3, 4}, options);
  custom.set_cost_function(quadratic<double>);
  custom.save(path);
  const auto without = Network<double>::load(path);
  CHECK(without.options().cost == "custom");
  CHECK_FALSE(without.cost_function());
  std::remove(path.c_str());

  const auto refused = [&](auto change) {
    Options bad;
    bad.activation = {"tanh", "relu"};
    change(bad);
    return message_of([&] { Network<float>({2, 3, 3, 4}, bad); });
  };
  CHECK(refused([](Options& o) { o.dropout = {1.0}; }) == "dropout must be at least 0 and below 1, got 1");
  CHECK(refused([](Options& o) {
          o.dropout = {0.1, 0.1, 0.1};
        }) == "dropout must be one rate or 2, one for each hidden layer, got 3");
  CHECK(refused([](Options& o) { o.input_dropout = std::nan(""); }) ==
        "input_dropout must be at least 0 and below 1, got nan");
  CHECK(refused([](Options& o) { o.input_noise = -1; }) ==
        "input_noise must be finite and at least 0, got -1");
  for (const double scale : {0.0, std::nan(""), HUGE_VAL})
    CHECK(refused([&](Options& o) {
            o.input_scale = scale;
          }).find("input_scale must be finite and not 0, got ") == 0);
  for (const double scale : {1e39, 1e-50})  // fine as a double
    CHECK(refused([&](Options& o) {
            o.input_scale = scale;
          }).find("input_scale must be finite as float32 and not 0, got ") == 0);
}

TEST_CASE("lecun draws N(0, 1/fan_in); auto is each activation's own") {
  const auto spread = [](const char* init, const char* hidden) {
    Options options;
    options.activation = {hidden};
    options.init = init;
    const Network<double> net({400, 100, 1}, options);
    double sum = 0;
    for (std::size_t i = 0; i < 40000; ++i) sum += net.weights(0)[i] * net.weights(0)[i];
    return sum / 40000;
  };
  CHECK(spread("lecun", "tanh") == doctest::Approx(1.0 / 400).epsilon(0.03));
  CHECK(spread("auto", "selu") == spread("lecun", "tanh"));
  CHECK(spread("auto", "mish") == spread("he", "tanh"));
  CHECK(spread("auto", "softplus") == spread("xavier", "tanh"));
}
