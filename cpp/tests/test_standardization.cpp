// Learning means and standard deviations, and computing with them.

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "engine/data/examples.hpp"
#include "kernels/dispatch.hpp"
#include "localgrad/localgrad.hpp"
#include "test_io_support.hpp"

using namespace localgrad;

namespace {

template <class T>
Network<T> some_network(std::vector<std::size_t> sizes = {3, 4, 2}, const char* cost = "mse") {
  Options options;
  options.activation = std::vector<std::string>(sizes.size() - 2, "tanh");
  options.cost = cost;
  options.seed = 5;
  options.standardize = true;
  return Network<T>(std::move(sizes), options);
}

/// n rows of numbers with different means and scales.
std::vector<double> some_rows(std::size_t n, std::size_t width, double mean = 100) {
  std::vector<double> numbers;
  for (std::size_t i = 0; i < n * width; ++i)
    numbers.push_back(mean * static_cast<double>(i % width + 1) +
                      std::sin(static_cast<double>(i)) * static_cast<double>(i % width * 3 + 1));
  return numbers;
}

bool same(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0);
}

bool same(const Standardization& a, const Standardization& b) {
  return same(a.input_mean, b.input_mean) && same(a.input_std, b.input_std) &&
         same(a.target_mean, b.target_mean) && same(a.target_std, b.target_std);
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

}  // namespace

TEST_CASE_TEMPLATE("means and standard deviations are accurate and the same for any number of threads", T,
                   float, double) {
  constexpr std::size_t n = 20000;
  const auto x = some_rows(n, 3, 1e8), y = some_rows(n, 2);
  const auto net = some_network<T>();
  Standardization first;
  for (const int threads : {1, 2, 7}) {
    Moments<T> moments(net);
    moments.add(Rows(x.data(), n, 3), Rows(y.data(), n, 2), nullptr, 0, threads);
    const Standardization learned = moments.standardization();
    if (threads == 1) first = learned;
    CHECK(same(learned, first));
  }
  for (std::size_t c = 0; c < 3; ++c) {
    long double mean = 0, squares = 0;
    for (std::size_t r = 0; r < n; ++r) mean += x[r * 3 + c];
    mean /= n;
    for (std::size_t r = 0; r < n; ++r) squares += (x[r * 3 + c] - mean) * (x[r * 3 + c] - mean);
    CHECK(std::fabs(first.input_mean[c] - static_cast<double>(mean)) <=
          2.3e-16 * std::fabs(first.input_mean[c]));
    CHECK(first.input_std[c] == doctest::Approx(static_cast<double>(std::sqrt(squares / n))).epsilon(1e-12));
  }
}

TEST_CASE("blocks give nearly the same result as all rows at once, and an order selects rows") {
  constexpr std::size_t n = 1000;
  const auto x = some_rows(n, 3), y = some_rows(n, 2);
  const auto net = some_network<double>();
  Moments<double> whole(net), blocks(net), even(net), picked(net);
  whole.add(Rows(x.data(), n, 3), Rows(y.data(), n, 2));
  for (std::size_t at = 0; at < n; at += 250)
    blocks.add(Rows(x.data() + at * 3, 250, 3), Rows(y.data() + at * 2, 250, 2));
  std::vector<std::uint32_t> order;
  std::vector<double> even_x, even_y;
  for (std::uint32_t r = 0; r < n; r += 2) {
    order.push_back(r);
    even_x.insert(even_x.end(), x.begin() + 3 * r, x.begin() + 3 * r + 3);
    even_y.insert(even_y.end(), y.begin() + 2 * r, y.begin() + 2 * r + 2);
  }
  picked.add(Rows(x.data(), n, 3), Rows(y.data(), n, 2), order.data(), order.size());
  even.add(Rows(even_x.data(), n / 2, 3), Rows(even_y.data(), n / 2, 2));
  CHECK(same(picked.standardization(), even.standardization()));
  const Standardization a = whole.standardization(), b = blocks.standardization();
  for (std::size_t c = 0; c < 3; ++c) {
    CHECK(a.input_mean[c] == doctest::Approx(b.input_mean[c]).epsilon(1e-14));
    CHECK(a.input_std[c] == doctest::Approx(b.input_std[c]).epsilon(1e-13));
  }
}

TEST_CASE_TEMPLATE("a trained network predicts in the units of the targets", T, float, double) {
  constexpr std::size_t n = 200;
  const auto x = some_rows(n, 3);
  std::vector<double> y;
  for (std::size_t r = 0; r < n; ++r) {
    y.push_back(50 + 2 * x[r * 3]);
    y.push_back(x[r * 3 + 1] - x[r * 3 + 2]);
  }
  const Rows rows(x.data(), n, 3), targets(y.data(), n, 2);
  auto net = some_network<T>();
  CHECK(net.standardizes_targets());
  standardize(net, rows, targets);
  Trainer<T> trainer(net, SGD{0.1}, 10);
  for (int epoch = 0; epoch < 30; ++epoch) trainer.epoch(rows, targets);
  std::vector<T> out(n * 2), outputs(n * 2);
  predict(net, rows, out.data());
  const auto learned = net.standardization();
  const double original = evaluate(net, rows, targets, 0, outputs.data()).cost;
  CHECK(outputs == out);
  double cost = 0, standardized = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double error = static_cast<double>(out[i]) - y[i];
    cost += error * error / 2 / n;
    standardized += error * error / 2 / n / learned.target_std[i % 2] / learned.target_std[i % 2];
  }
  const double tolerance = sizeof(T) == 4 ? 1e-3 : 1e-9;
  CHECK(original == doctest::Approx(cost).epsilon(tolerance));
  CHECK(evaluate(net, rows, targets, 0, outputs.data(), Units::standardized).cost ==
        doctest::Approx(standardized).epsilon(tolerance));
  CHECK(outputs == out);
  CHECK(backprop(net, rows, targets).cost == doctest::Approx(cost).epsilon(tolerance));
  CHECK(backprop(net, rows, targets, 0, Units::standardized).cost ==
        doctest::Approx(standardized).epsilon(tolerance));
  CHECK(standardized < 0.1);

  const Network<T> copy(net);
  CHECK(same(copy.standardization(), learned));
  net.set_standardization({});
  CHECK(net.standardization().input_mean.empty());
  CHECK(same(copy.standardization(), learned));
}

TEST_CASE("a number gives the same bits in every type and at every position") {
  constexpr std::size_t width = 37;
  std::vector<double> mean(width), std(width);
  std::vector<std::uint8_t> bytes(3 * width);
  for (std::size_t c = 0; c < width; ++c) {
    mean[c] = 1e3 / static_cast<double>(c + 1);
    std[c] = 0.3 * static_cast<double>(c + 1);
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 37);
  const std::vector<float> floats(bytes.begin(), bytes.end());
  const std::vector<double> doubles(bytes.begin(), bytes.end());
  const std::vector<std::int32_t> integers(bytes.begin(), bytes.end());
  const Standards<float> standards({mean, std, {}, {}}, 0.5, 1, false);
  const Reading<float> reading(1, standards.inputs());
  for (std::uint32_t r = 0; r < 3; ++r) {
    std::vector<float> expected(width), out(width);
    const Rows all[] = {Rows(bytes.data(), 3, width), Rows(floats.data(), 3, width),
                        Rows(doubles.data(), 3, width), Rows(integers.data(), 3, width)};
    REQUIRE(gather_row(kernels<float>(), all[0], r, expected.data(), reading));
    for (std::size_t c = 0; c < width; ++c)
      CHECK(static_cast<double>(expected[c]) ==
            doctest::Approx((0.5 * bytes[r * width + c] - mean[c]) / std[c]).epsilon(1e-6));
    for (const Rows& rows : all) {
      const std::uint32_t order[] = {r, r, r};
      std::vector<float> several(3 * width);
      REQUIRE(gather_rows(kernels<float>(), rows, order, 3, several.data(), Index{width}, reading) == 3);
      for (std::size_t k = 0; k < 3; ++k)
        CHECK(std::memcmp(several.data() + k * width, expected.data(), width * sizeof(float)) == 0);
      REQUIRE(gather_row(kernels<float>(), rows, r, out.data(), reading));
      CHECK(out == expected);
    }
  }
}

TEST_CASE("invalid data and standardizations are refused") {
  auto x = some_rows(10, 3);
  const auto y = some_rows(10, 2);
  auto net = some_network<float>();
  x[16] = std::numeric_limits<double>::quiet_NaN();
  CHECK(message_of([&] { standardize(net, Rows(x.data(), 10, 3), Rows(y.data(), 10, 2)); }) ==
        "x must be finite as float32, got nan at row 5, column 1");
  CHECK(net.standardization().input_mean.empty());
  CHECK(message_of([&] { Moments<float>(net).standardization(); }) ==
        "weights must be above 0 for at least 1 example, got 0 for all of them");
  CHECK(message_of([&] {
          Moments<float>(Network<float>({3, 2}));
        }) == "standardization requires a network with standardize=true");
  const auto set = [&](Standardization learned) {
    return message_of([&] { net.set_standardization(std::move(learned)); });
  };
  CHECK(set({{1, 2, 3}, {1, 1, 1}, {0}, {1, 1}}) ==
        "standardization must have 2 numbers in target_mean, got 1");
  CHECK(set({{1, 2, 3}, {1, 0, 1}, {0, 0}, {1, 1}}).find("input_std[1] must be finite and above 0") == 0);
  CHECK(set({{1, 2, HUGE_VAL}, {1, 1, 1}, {0, 0}, {1, 1}}) == "input_mean[2] must be finite, got inf");
  CHECK(set({{1, 2, 3}, {1, 1, 1}, {0, 0}, {1, -1}}).find("target_std[1] must be") == 0);
  CHECK(net.standardization().input_mean.empty());
  CHECK(message_of([] {
          some_network<float>({1, 1}, "poisson");
        }).find("the cost 'poisson' does not support standardize") == 0);
}

TEST_CASE("files keep the standardization") {
  const io::test::TemporaryFolder folder;
  const std::string path = (folder / "net.safetensors").string();
  const auto x = some_rows(10, 3), y = some_rows(10, 2);
  auto net = some_network<float>();
  standardize(net, Rows(x.data(), 10, 3), Rows(y.data(), 10, 2));
  net.save(path);
  const auto loaded = Network<float>::load(path);
  CHECK(same(loaded.standardization(), net.standardization()));
  CHECK(loaded.options().standardize);
  save_checkpoint(path, net, TrainerState<float>{"sgd", 0, 1, 0, {}});
  CHECK(same(load_checkpoint<float>(path).network.standardization(), net.standardization()));
}
