// evaluate and backprop: accuracy, sample weights, several outputs per target, custom cost.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "localgrad/error.hpp"
#include "localgrad/localgrad.hpp"
#include "test_io_support.hpp"

using namespace localgrad;

namespace {

/// A network whose outputs are phi(x).
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

/// The quadratic cost as a user-defined function.
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

TEST_CASE_TEMPLATE("accuracy counts correctly classified examples", T, float, double) {
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
    CHECK(evaluate(net, rows, Targets(labels, 3)).accuracy == 2.0 / 3);
  }
  const auto regression = passing<T>(3, "identity", "mse");
  CHECK_FALSE(regression.classifies());
  CHECK(evaluate(regression, rows, Targets(rows)).accuracy == -1);
  // Every unit is classified separately: of 2 1 -1 | -1 3 2 | 1 2 3, those above 0.
  const std::vector<T> several = {1, 1, 0, 1, 1, 1, 0, 0, 1};
  const auto net = passing<T>(3, "sigmoid", "binary_cross_entropy");
  CHECK(evaluate(net, rows, Rows(several.data(), 3, 3)).accuracy == doctest::Approx(6.0 / 9).epsilon(1e-15));
  // A single output unit.
  const std::vector<T> one = {T(-0.5), 0, 2};
  const std::uint8_t truth[] = {0, 1, 0};
  for (const auto& [output, cost] : {std::pair{"sigmoid", "cross_entropy"}, {"identity", "hinge"}})
    CHECK(evaluate(passing<T>(1, output, cost), Rows(one.data(), 3, 1), Targets(truth, 3)).accuracy ==
          2.0 / 3);
  const std::vector<T> signs = {-1, 1, -1}, halves = {T(0.4), T(0.5), T(0.1)};
  CHECK(evaluate(passing<T>(1, "identity", "hinge"), Rows(one.data(), 3, 1), Rows(signs.data(), 3, 1))
            .accuracy == 2.0 / 3);
  CHECK(evaluate(passing<T>(1, "sigmoid", "cross_entropy(0.3)"), Rows(one.data(), 3, 1),
                 Rows(halves.data(), 3, 1))
            .accuracy == 2.0 / 3);
}

TEST_CASE_TEMPLATE("hinge converts labels to -1 and 1", T, float, double) {
  const std::vector<T> x = {0.5, 2, -1}, rows = {1, -1, -1};
  const std::int32_t label = 0, off = 0;
  const auto net = passing<T>(3, "identity", "hinge");
  CHECK(evaluate(net, Rows(x.data(), 1, 3), Targets(&label, 1)).cost == 3.5);
  CHECK(evaluate(net, Rows(x.data(), 1, 3), Rows(rows.data(), 1, 3)).cost == 3.5);
  CHECK(evaluate(passing<T>(1, "identity", "hinge"), Rows(x.data(), 1, 1), Targets(&off, 1)).cost == 1.5);
}

TEST_CASE_TEMPLATE("evaluate applies sample weights", T, float, double) {
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
    const auto one = evaluate(net, Rows(x.data() + 3 * i, 1, 3), Targets(labels.data() + i, 1));
    cost += weights[i] * one.cost;
    right += weights[i] * one.accuracy;
    total += weights[i];
  }
  Targets y(labels.data(), n);
  y.weights_name = "w";
  y.weights = Rows(weights.data(), n, 1);
  const Rows rows(x.data(), n, 3);
  for (const int threads : {1, 2}) {
    const auto all = evaluate(net, rows, y, threads);
    CHECK(all.cost == doctest::Approx(cost / static_cast<double>(n)).epsilon(1e-14));
    CHECK(all.accuracy == doctest::Approx(right / total).epsilon(1e-14));
  }
  CHECK(backprop(net, rows, y).cost == doctest::Approx(cost / static_cast<double>(n)).epsilon(1e-14));
  const auto with = [&](std::size_t i, double weight) {
    const double good = weights[i];
    weights[i] = weight;
    const std::string message = message_of([&] { evaluate(net, rows, y); });
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
  CHECK(message_of([&] { evaluate(net, rows, y); }) ==
        "w must be above 0 for at least 1 example, got 0 for all of them");
  y.weights = Rows(weights.data(), n - 1, 1);
  CHECK(message_of([&] { evaluate(net, rows, y); }) ==
        "w must have one number for each of the 301 rows of y, got 300 rows of 1");
}

TEST_CASE_TEMPLATE("evaluating selected rows is the same as evaluating copies of them", T, float, double) {
  const std::size_t n = 700, m = 431;
  std::vector<T> x(3 * n), picked_x(3 * m), outputs(3 * m), picked_outputs(3 * m);
  std::vector<std::uint8_t> labels(n), picked_labels(m);
  std::vector<double> weights(n), picked_weights(m);
  std::vector<std::uint32_t> order(m);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>(i * 7919 % 101) / 50 - 1;
  for (std::size_t i = 0; i < n; ++i) {
    labels[i] = static_cast<std::uint8_t>(i * 31 % 3);
    weights[i] = static_cast<double>(i % 5) / 2;
  }
  for (std::size_t r = 0; r < m; ++r) {
    const std::size_t i = r * 269 % n;  // unordered, with duplicates
    order[r] = static_cast<std::uint32_t>(i);
    std::copy_n(x.data() + 3 * i, 3, picked_x.data() + 3 * r);
    picked_labels[r] = labels[i];
    picked_weights[r] = weights[i];
  }
  Options options;
  options.output = "softmax";
  Network<T> net({3, 20, 3}, options);
  options.cost = "custom";
  Network<T> custom({3, 20, 3}, options);
  custom.set_cost_function(quadratic<T>);
  const Rows rows(x.data(), n, 3), picked_rows(picked_x.data(), m, 3);
  Targets y(labels.data(), n), picked_y(picked_labels.data(), m);
  for (const bool weighted : {false, true}) {
    if (weighted) y.weights = Rows(weights.data(), n, 1);
    if (weighted) picked_y.weights = Rows(picked_weights.data(), m, 1);
    for (const int threads : {1, 2, 3})
      for (const auto* one : {&net, &custom}) {
        const auto copied = evaluate(*one, picked_rows, picked_y, threads, picked_outputs.data());
        const auto found = evaluate(*one, rows, y, order.data(), m, threads, outputs.data());
        CHECK(found.cost == copied.cost);
        CHECK(found.accuracy == copied.accuracy);
        CHECK(outputs == picked_outputs);
        const auto all = evaluate(*one, rows, y, nullptr, n, threads);
        CHECK(all.cost == evaluate(*one, rows, y).cost);
      }
  }
  // Invalid rows that are not selected have no effect; errors report the row of x.
  x[3 * 2 + 1] = std::numeric_limits<T>::quiet_NaN();
  labels[5] = 9;
  weights[7] = -1;
  const std::uint32_t good[] = {1, 3, 4, 6, 8}, bad[] = {1, 699, 2, 3}, bad_label[] = {5},
                      bad_weight[] = {0, 7};
  CHECK_NOTHROW(evaluate(net, rows, y, good, 5));
  const auto refused = [&](const std::uint32_t* which, std::size_t count) {
    return message_of([&] { evaluate(net, rows, y, which, count); });
  };
  CHECK(refused(bad, 4).find(" at row 2, column 1") != std::string::npos);
  CHECK(refused(bad_label, 1) == "y must be labels in 0..2, got 9 at row 5");
  CHECK(refused(bad_weight, 2).find("at least 0, got -1 at row 7") != std::string::npos);
  const std::uint32_t beyond[] = {1, 700};
  CHECK(refused(beyond, 2) == "order[1] must be below 700, the rows of x, got 700");
  CHECK(refused(beyond, 0) == "order must have at least 1 row, got 0");
}

TEST_CASE("a long evaluation is the sum of its chunks and can be interrupted between them") {
  // 2.6e5 parameters: chunks of about 9000 rows.
  const std::size_t width = 510, n = 10000;
  const std::vector<float> row(width, 0.25f);
  const std::vector<float> targets(n, 0.5f);
  std::vector<double> weights(n, 1.0);
  const Network<float> net({width, width, 1});
  Rows x(row.data(), 1, width);
  x.n = n;
  x.row_stride = 0;
  Targets y(Rows(targets.data(), n, 1));
  const double one = evaluate(net, Rows(row.data(), 1, width), Targets(Rows(targets.data(), 1, 1))).cost;
  int asked = 0;
  const auto count = [&] {
    ++asked;
    return false;
  };
  CHECK(evaluate(net, x, y, nullptr, n, 0, nullptr, count).cost == doctest::Approx(one).epsilon(1e-13));
  CHECK(asked == 1);
  std::fill_n(weights.begin(), n - 100, 0.0);  // all weights of the first chunk are 0
  y.weights = Rows(weights.data(), n, 1);
  CHECK(evaluate(net, x, y).cost == doctest::Approx(one * 100 / static_cast<double>(n)).epsilon(1e-12));
  CHECK_THROWS_AS(evaluate(net, x, y, nullptr, n, 0, nullptr, [] { return true; }), Interrupted);
}

TEST_CASE_TEMPLATE("a weighted trace has weighted means and each example's own local gradients", T, float,
                   double) {
  const std::size_t n = 37;
  std::vector<T> x(3 * n), t(3 * n);
  std::vector<double> weights(n);
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] = static_cast<T>(i * 7919 % 101) / 50 - 1;
    t[i] = static_cast<T>(i * 31 % 17) / 8 - 1;
  }
  for (std::size_t i = 0; i < n; ++i) weights[i] = static_cast<double>(i % 4) / 2;
  Options options;
  options.activation = {"tanh"};
  const Network<T> net({3, 9, 3}, options);
  Targets y(Rows(t.data(), n, 3));
  const Rows rows(x.data(), n, 3);
  const auto plain = backprop(net, rows, y);
  y.weights = Rows(weights.data(), n, 1);
  std::vector<double> gradient(net.num_parameters());
  double cost = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const auto one = backprop(net, Rows(x.data() + 3 * i, 1, 3), Targets(Rows(t.data() + 3 * i, 1, 3)));
    cost += weights[i] * one.cost / static_cast<double>(n);
    for (std::size_t k = 0; k < gradient.size(); ++k)
      gradient[k] += weights[i] * static_cast<double>(one.gradient[k]) / static_cast<double>(n);
  }
  const double eps = sizeof(T) == 4 ? 1e-6 : 1e-14;
  for (const int threads : {1, 2, 3}) {
    const auto trace = backprop(net, rows, y, threads);
    CHECK(trace.cost == doctest::Approx(cost).epsilon(eps));
    CHECK(trace.local_gradients == plain.local_gradients);
    for (std::size_t k = 0; k < gradient.size(); ++k)
      REQUIRE(std::abs(static_cast<double>(trace.gradient[k]) - gradient[k]) < 10 * eps);
    CHECK(trace.gradient == backprop(net, rows, y, 1).gradient);
  }
  weights.assign(n, 0.0);
  y.weights = Rows(weights.data(), n, 1);
  for (const T g : backprop(net, rows, y).gradient) REQUIRE(g == 0);
}

TEST_CASE_TEMPLATE("each target has several outputs", T, float, double) {
  const auto net = passing<T>(6, "identity", "quantile(0.1, 0.5, 0.9)");
  CHECK(net.target_width() == 2);
  const std::vector<T> x = {1, 1, 1, 3, 3, 3}, y = {2, 4};
  CHECK(evaluate(net, Rows(x.data(), 1, 6), Rows(y.data(), 1, 2)).cost == doctest::Approx(2.4).epsilon(1e-6));
  const auto trace = backprop(net, Rows(x.data(), 1, 6), Rows(y.data(), 1, 2));
  std::vector<T> slope(6);
  cost_gradient(net, x.data(), Rows(y.data(), 1, 2), slope.data());
  CHECK(slope == trace.local_gradients[0]);
  CHECK(message_of([&] { evaluate(net, Rows(x.data(), 1, 6), Rows(x.data(), 1, 6)); }) ==
        "y must have rows of 2 numbers, got 6");
}

TEST_CASE_TEMPLATE("a custom cost gives the same results as the same built-in cost", T, float, double) {
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
    const std::string missing = "cost function must be set for a network with a custom cost";
    CHECK(message_of([&] { evaluate(net, rows, targets); }) == missing);
    CHECK(message_of([&] { backprop(net, rows, targets); }) == missing);
    net.set_cost_function(quadratic<T>);
    const auto copy = net;
    const double eps = 20 * static_cast<double>(std::numeric_limits<T>::epsilon());
    std::vector<double> weights(n, 0.5);
    for (const bool weighted : {false, true}) {
      if (weighted) targets.weights = Rows(weights.data(), n, 1);
      const auto expected = evaluate(known, rows, targets), got = evaluate(copy, rows, targets);
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
        "cost must be 'custom' to set a cost function, got 'mse'");
}

TEST_CASE_TEMPLATE("evaluate writes the outputs that predict computes", T, float, double) {
  for (const std::size_t n : {1u, 3u, 7u, 33u, 500u}) {
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
        predict(net, rows, expected.data(), threads);
        const auto without = evaluate(net, rows, y, threads),
                   with = evaluate(net, rows, y, threads, outputs.data());
        CHECK(outputs == expected);
        CHECK((with.cost == without.cost && with.accuracy == without.accuracy));
      }
  }
}

TEST_CASE("options are restored from files, and invalid options are rejected") {
  const io::test::TemporaryFolder folder;
  const std::string path = (folder / "net.safetensors").string();
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

  const auto refused = [&](auto change) {
    Options bad;
    bad.activation = {"tanh", "relu"};
    change(bad);
    return message_of([&] { Network<float>({2, 3, 3, 4}, bad); });
  };
  CHECK(refused([](Options& o) { o.dropout = {1.0}; }) == "dropout must be at least 0 and below 1, got 1");
  CHECK(refused([](Options& o) {
          o.dropout = {0.1, 0.1, 0.1};
        }) == "dropout must be one rate or 2, one per hidden layer, got 3");
  CHECK(refused([](Options& o) { o.input_dropout = std::nan(""); }) ==
        "input_dropout must be at least 0 and below 1, got nan");
  CHECK(refused([](Options& o) { o.input_noise = -1; }) ==
        "input_noise must be finite and at least 0, got -1");
  for (const double scale : {0.0, std::nan(""), HUGE_VAL})
    CHECK(refused([&](Options& o) {
            o.input_scale = scale;
          }).find("input_scale must be finite and not 0, got ") == 0);
  for (const double scale : {1e39, 1e-50})  // valid as a double
    CHECK(refused([&](Options& o) {
            o.input_scale = scale;
          }).find("input_scale must be finite as float32 and not 0, got ") == 0);
}

TEST_CASE("lecun draws N(0, 1/fan_in), and auto depends on the activation") {
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
