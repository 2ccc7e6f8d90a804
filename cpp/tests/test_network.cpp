// The public interface, as used by C++ programs.

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <string>
#include <system_error>
#include <vector>

#include "localgrad/localgrad.hpp"
#include "test_io_support.hpp"

using namespace localgrad;

namespace {

const Network<float> kBuiltBeforeMain({2, 3, 1});

template <class T>
struct Data {
  Data(std::size_t rows, std::size_t in, std::size_t out)
      : n(rows), width(in), outputs(out), x(rows * in), y(rows * out) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>(i * 7919 % 101) / 50 - 1;
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = static_cast<T>(i * 104729 % 97) / 97;
  }
  Rows rows() const { return {x.data(), n, width}; }
  Rows targets() const { return {y.data(), n, outputs}; }
  std::size_t n, width, outputs;
  std::vector<T> x, y;
};

template <class T>
Network<T> make(std::vector<std::size_t> sizes, const char* hidden, const char* output, const char* cost) {
  Options options;
  options.activation = {hidden};
  options.output = output;
  options.cost = cost;
  options.init = "normal";  // biases too: with biases of 0, a layer after dead relu units is at its kink
  options.seed = 3;
  return Network<T>(std::move(sizes), options);
}

template <class T>
std::string bytes(const Network<T>& net) {
  return {reinterpret_cast<const char*>(net.parameters()), net.num_parameters() * sizeof(T)};
}

/// Compares backprop with central differences of the cost for every parameter.
void check_gradient(const char* hidden, const char* output, const char* cost, std::size_t outputs = 2) {
  auto net = make<double>({3, 5, 4, outputs}, hidden, output, cost);
  const Data<double> data(5, 3, net.target_width());
  const auto trace = backprop(net, data.rows(), data.targets());
  CHECK(trace.cost == doctest::Approx(evaluate(net, data.rows(), data.targets()).cost).epsilon(1e-14));
  for (std::size_t p = 0; p < net.num_parameters(); ++p) {
    const double keep = net.parameters()[p], h = 1e-6;
    net.parameters()[p] = keep + h;
    const double up = evaluate(net, data.rows(), data.targets()).cost;
    net.parameters()[p] = keep - h;
    const double down = evaluate(net, data.rows(), data.targets()).cost;
    net.parameters()[p] = keep;
    REQUIRE(trace.gradient[p] == doctest::Approx((up - down) / (2 * h)).epsilon(1e-6).scale(1e-1));
  }
}

bool fits(const std::string& output, const std::string& cost) {
  try {
    make<double>({1, 2}, "tanh", output.c_str(), cost.c_str());
  } catch (const std::invalid_argument&) {
    return false;
  }
  return true;
}

}  // namespace

TEST_CASE("backprop agrees with central differences for every activation and cost") {
  for (const auto& output : names().outputs)
    for (const auto& cost : names().costs) {
      if (!fits(output, cost)) continue;
      CAPTURE(output + " " + cost);
      for (const auto& hidden : names().activations) {
        CAPTURE(hidden);
        check_gradient(hidden.c_str(), output.c_str(), cost.c_str());
      }
      check_gradient("tanh", output.c_str(), cost.c_str(), 6);
    }
}

TEST_CASE("backprop agrees with central differences for functions with parameters") {
  for (const char* hidden : {"leaky_relu(0.2)", "elu(0.5)"}) check_gradient(hidden, hidden, "mse");
  for (const char* cost : {"huber(0.3)", "quantile(0.2)", "quantile(0.1, 0.9)"})
    for (const std::size_t outputs : {2u, 6u}) check_gradient("tanh", "softplus", cost, outputs);
  check_gradient("tanh", "identity", "quantile(0.1, 0.5, 0.9)", 6);
  for (const char* output : {"sigmoid", "softmax"}) check_gradient("tanh", output, "cross_entropy(0.1)", 6);
}

TEST_CASE_TEMPLATE("training gives the same bytes for any number of threads", T, float, double) {
  // Split by rows, by units with x gathered by every member, and by units with x shared; several hidden
  // layers.
  const std::vector<std::size_t> shapes[] = {
      {9, 33, 17, 3}, {200, 120, 3}, {2000, 150, 3}, {300, 130, 140, 120, 3}, {5, 2}};
  for (const auto& sizes : shapes) {
    const Data<T> data(103, sizes.front(), sizes.back());
    for (const double momentum : {0.0, 0.9}) {
      std::string first;
      for (const int threads : {1, 2, 3, 7}) {
        auto net = make<T>(sizes, "tanh", "sigmoid", "mse");
        Trainer<T> trainer(net, SGD{0.01, momentum, momentum > 0}, 10, threads);
        for (int e = 0; e < 2; ++e) trainer.epoch(data.rows(), data.targets());
        CHECK(net.epochs() == 2);
        if (first.empty()) first = bytes(net);
        CHECK(bytes(net) == first);
      }
    }
  }
}

TEST_CASE_TEMPLATE("training with any activation and cost gives the same bytes for any number of threads", T,
                   float, double) {
  for (const std::size_t outputs : {2u, 4u})
    for (const auto& output : names().outputs)
      for (const auto& cost : names().costs) {
        if (!fits(output, cost)) continue;
        CAPTURE(output + " " + cost);
        const std::string hidden = output == "softmax" || output == "identity" ? "tanh" : output;
        const auto net = make<T>({9, 33, 17, outputs}, hidden.c_str(), output.c_str(), cost.c_str());
        const Data<T> data(43, 9, net.target_width());
        std::string first;
        for (const int threads : {1, 3}) {
          auto copy = net;
          Trainer<T>(copy, SGD{1e-4}, 10, threads).epoch(data.rows(), data.targets());
          if (first.empty()) first = bytes(copy);
          CHECK(bytes(copy) == first);
          CHECK(first != bytes(net));
        }
      }
}

TEST_CASE_TEMPLATE("the prediction of a row does not depend on other rows", T, float, double) {
  const Data<T> data(300, 7, 5);
  const auto net = make<T>({7, 19, 5}, "sigmoid", "softmax", "");
  std::vector<T> all(300 * 5), one(5);
  predict(net, data.rows(), all.data(), 2);
  for (std::size_t r = 0; r < 300; r += 13) {
    predict(net, Rows(data.x.data() + r * 7, 1, 7), one.data());
    CHECK(std::memcmp(one.data(), all.data() + r * 5, 5 * sizeof(T)) == 0);
  }
  predict(net, Rows(data.x.data(), 0, 7), one.data());  // without rows, nothing is written
}

TEST_CASE("a step is gradient descent with the gradient of backprop") {
  const Data<double> data(8, 4, 2);
  auto net = make<double>({4, 6, 2}, "sigmoid", "identity", "mse");
  const auto trace = backprop(net, data.rows(), data.targets());
  std::vector<double> expected(net.parameters(), net.parameters() + net.num_parameters());
  for (std::size_t p = 0; p < expected.size(); ++p) expected[p] -= 0.25 * trace.gradient[p];
  Trainer<double> trainer(net, SGD{0.25}, 8);
  CHECK(trainer.step(data.rows(), data.targets()) == doctest::Approx(trace.cost).epsilon(1e-14));
  for (std::size_t p = 0; p < expected.size(); ++p)
    REQUIRE(net.parameters()[p] == doctest::Approx(expected[p]).epsilon(1e-14));
}

TEST_CASE_TEMPLATE("a saved network is restored", T, float, double) {
  const io::test::TemporaryFolder folder;
  const std::string path = (folder / "net.safetensors").string();
  auto net = make<T>({4, 7, 3}, "relu", "softmax", "cross_entropy");
  const Data<T> data(20, 4, 3);
  Trainer<T>(net, SGD{0.1}, 5).epoch(data.rows(), data.targets());
  net.set_init_given(true);
  net.save(path);
  CHECK(saved_type(path) == (sizeof(T) == 4 ? Scalar::float32 : Scalar::float64));
  const auto loaded = Network<T>::load(path);
  CHECK(bytes(loaded) == bytes(net));
  CHECK(loaded.sizes() == net.sizes());
  CHECK(loaded.epochs() == 1);
  CHECK(loaded.options().init_given);
  CHECK(loaded.options().activation == net.options().activation);
  CHECK(loaded.options().seed == net.options().seed);
  using Other = std::conditional_t<sizeof(T) == 4, double, float>;
  CHECK_THROWS_AS(Network<Other>::load(path), std::invalid_argument);
  std::filesystem::remove(path);
  CHECK_THROWS_AS(Network<T>::load(path), std::system_error);
}

TEST_CASE_TEMPLATE("feature names are kept in copies and files and have no other effect", T, float, double) {
  auto net = make<T>({2, 3}, "tanh", "identity", "mse");
  CHECK(net.feature_names().empty());
  const std::vector<std::string> names = {"a", "\xc3\x9f\n\"\\\0"};
  net.set_feature_names(names);
  CHECK(Network<T>(net).feature_names() == names);
  for (const auto& wrong : {std::vector<std::string>{"a"}, std::vector<std::string>{"a", "b", "c"}})
    CHECK_THROWS_WITH_AS(net.set_feature_names(wrong), doctest::Contains("feature_names must have 2 names"),
                         std::invalid_argument);
  const io::test::TemporaryFolder folder;
  const std::string path = (folder / "net.safetensors").string();
  net.save(path);
  CHECK(Network<T>::load(path).feature_names() == names);
  CHECK(bytes(Network<T>::load(path)) == bytes(net));
  net.set_feature_names({});
  net.save(path);
  CHECK(Network<T>::load(path).feature_names().empty());
}

TEST_CASE_TEMPLATE("input scales multiply the inputs and are trained", T, float, double) {
  for (const std::vector<std::size_t>& sizes :
       std::vector<std::vector<std::size_t>>{{5, 33, 17, 3}, {40, 1}, {7, 4}, {300, 130, 3}, {4, 8, 3}}) {
    Options options;
    options.activation.assign(sizes.size() - 2, "tanh");
    options.seed = 3;
    const Network<T> plain(sizes, options);
    CHECK(plain.input_scales() == nullptr);
    options.learn_input_scale = true;
    options.init = "zeros";
    Network<T> net(sizes, options);
    const std::size_t n = plain.num_parameters(), inputs = sizes.front(), rows = sizes[0] == 4 ? 600 : 103;
    REQUIRE(net.num_parameters() == n + inputs);
    REQUIRE(net.input_scales() == net.parameters() + n);
    std::memcpy(net.parameters(), plain.parameters(), n * sizeof(T));
    Data<T> data(rows, inputs, sizes.back());
    const Data<T> unscaled = data;
    for (std::size_t k = 0; k < inputs; ++k) {
      CHECK(net.input_scales()[k] == 1);
      net.input_scales()[k] = static_cast<T>(k % 3) / 2 + 1;
      for (std::size_t r = 0; r < rows; ++r) data.x[r * inputs + k] *= net.input_scales()[k];
    }
    std::vector<T> a(rows * sizes.back()), b(a);
    for (const std::size_t some : {std::size_t{1}, rows}) {
      predict(net, Rows(unscaled.x.data(), some, inputs), a.data());
      predict(plain, Rows(data.x.data(), some, inputs), b.data());
      CHECK(std::memcmp(a.data(), b.data(), some * sizes.back() * sizeof(T)) == 0);
    }
    const auto trace = backprop(net, unscaled.rows(), unscaled.targets());
    const auto expected = backprop(plain, data.rows(), data.targets());
    CHECK(std::memcmp(trace.gradient.data(), expected.gradient.data(), n * sizeof(T)) == 0);
    CHECK(trace.activations[0] == unscaled.x);
    for (std::size_t k = 0; k < inputs; ++k) {
      double sum = 0;  // of delta_j w_jk a_k
      for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t j = 0; j < sizes[1]; ++j)
          sum += double(trace.local_gradients[0][r * sizes[1] + j]) *
                 double(net.weights(0)[k * sizes[1] + j]) * double(unscaled.x[r * inputs + k]);
      REQUIRE(double(trace.gradient[n + k]) ==
              doctest::Approx(sum / double(rows)).epsilon(sizeof(T) == 4 ? 1e-4 : 1e-12).scale(0.1));
    }
    std::string first;
    for (const int threads : {1, 2, 3}) {
      Network<T> copy(net);
      Regularization regularization;
      regularization.max_norm = 2;
      Trainer<T> trainer(copy, Adam{}, rows == 600 ? rows : 10, threads, regularization);
      trainer.epoch(unscaled.rows(), unscaled.targets());
      CHECK(copy.input_scales()[inputs - 1] != net.input_scales()[inputs - 1]);
      if (first.empty()) first = bytes(copy);
      CHECK(bytes(copy) == first);
    }
    Regularization frozen;
    frozen.input_scale_lr_factor = 0;
    const std::string before = bytes(net).substr(n * sizeof(T));
    Trainer<T>(net, SGD{0.1}, 10, 0, frozen).epoch(unscaled.rows(), unscaled.targets());
    CHECK(bytes(net).substr(n * sizeof(T)) == before);
  }
}

TEST_CASE("another seed gives another order") {
  const Data<float> data(20, 4, 3);
  const auto trained = [&](std::uint64_t seed) {
    auto net = make<float>({4, 7, 3}, "tanh", "identity", "");
    net.set_seed(seed);
    CHECK(net.options().seed == seed);
    Trainer<float>(net, SGD{0.1}, 5).epoch(data.rows(), data.targets());
    return bytes(net);
  };
  CHECK(trained(3) == trained(3));
  CHECK(trained(3) != trained(4));
}

TEST_CASE("a network can be created before main") { CHECK(kBuiltBeforeMain.num_parameters() == 13); }

TEST_CASE("copies are independent and moves keep the buffer") {
  auto net = make<float>({2, 3, 1}, "tanh", "identity", "");
  Network<float> copy(net);
  CHECK(bytes(copy) == bytes(net));
  copy.parameters()[0] += 1;
  CHECK(bytes(copy) != bytes(net));
  const float* buffer = net.parameters();
  const Network<float> moved(std::move(net));
  CHECK(moved.parameters() == buffer);
  CHECK(reinterpret_cast<std::uintptr_t>(buffer) % 64 == 0);
}

TEST_CASE("a trainer rejects its network if another one has been assigned to it") {
  const std::vector<float> x(8), y(2);
  Network<float> net({4, 3, 1});
  Trainer<float> trainer(net, SGD{0.1}, 2);
  const Rows rows(x.data(), 2, 4);
  const Targets targets(Rows(y.data(), 2, 1));
  trainer.step(rows, targets);
  net = Network<float>({4, 3, 1});  // of the same kind, which is valid
  trainer.step(rows, targets);
  net = Network<float>({4, 300, 1});
  CHECK_THROWS_AS(trainer.step(rows, targets), std::invalid_argument);
  CHECK_THROWS_AS(trainer.epoch(rows, targets), std::invalid_argument);
}

TEST_CASE("errors do not change the network") {
  Data<float> data(30, 4, 2);
  auto net = make<float>({4, 5, 2}, "sigmoid", "identity", "mse");
  const auto before = bytes(net);
  Trainer<float> trainer(net, SGD{0.5, 0.9}, 4);
  data.x[29 * 4] = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_AS(trainer.epoch(data.rows(), data.targets()), std::invalid_argument);
  CHECK(bytes(net) == before);
  CHECK(net.epochs() == 0);
  CHECK_THROWS_AS(trainer.epoch(Rows(data.x.data(), 30, 3), data.targets()), std::invalid_argument);
  CHECK_THROWS_AS(trainer.step(data.rows(), data.targets()), std::invalid_argument);  // 30 rows, batch_size 4
  const std::int64_t label[] = {0, 2};
  CHECK_THROWS_AS(trainer.step(Rows(data.x.data(), 2, 4), Targets(label, 2)), std::invalid_argument);
  CHECK(bytes(net) == before);
  CHECK_THROWS_AS(Trainer<float>(net, SGD{-1}, 4), std::invalid_argument);
  CHECK_THROWS_AS(Trainer<float>(net, SGD{}, 0), std::invalid_argument);
  CHECK_THROWS_AS(Trainer<float>(net, SGD{}, 1, -1), std::invalid_argument);
  CHECK_THROWS_AS(make<float>({4}, "sigmoid", "identity", ""), std::invalid_argument);
  CHECK_THROWS_AS(make<float>({4, 0, 2}, "sigmoid", "identity", ""), std::invalid_argument);
  CHECK_THROWS_AS(make<float>({4, 2, 2}, "softmax", "identity", ""), std::invalid_argument);
  CHECK_THROWS_AS(make<float>({4, 2}, "sigmoid", "softmax", "nothing"), std::invalid_argument);
  const std::size_t huge = std::numeric_limits<std::size_t>::max() / 4;
  const std::size_t beyond_memory = sizeof(std::size_t) == 8 ? huge >> 22 : huge;  // 2^40 or 2^30
  for (const std::size_t wide : {huge, beyond_memory}) {
    CHECK_THROWS_AS(make<float>({wide, 2}, "sigmoid", "identity", ""), OutOfMemory);
    CHECK_THROWS_AS(make<float>({wide, wide}, "sigmoid", "identity", ""), OutOfMemory);
  }
}

TEST_CASE("millions of rows and layers of hundreds of thousands of units are supported") {
  auto narrow = make<float>({1, 1}, "sigmoid", "identity", "mse");
  narrow.parameters()[0] = 2;
  narrow.parameters()[1] = 3;
  std::vector<float> x(1000003), a(x.size());
  for (std::size_t r = 0; r < x.size(); ++r) x[r] = static_cast<float>(r % 1024);
  predict(narrow, Rows(x.data(), x.size(), 1), a.data(), 3);
  std::size_t wrong = 0;
  for (std::size_t r = 0; r < x.size(); ++r) wrong += a[r] != 2 * x[r] + 3;
  CHECK(wrong == 0);

  const std::size_t units = 300001, rows = 40;
  auto wide = make<float>({1, units}, "sigmoid", "identity", "mse");
  for (std::size_t j = 0; j < units; ++j) {
    wide.parameters()[j] = static_cast<float>(j % 31);
    wide.parameters()[units + j] = static_cast<float>(j % 17);
  }
  a.resize(rows * units);
  predict(wide, Rows(x.data(), rows, 1), a.data(), 1);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t j = 0; j < units; ++j)
      wrong += a[r * units + j] != static_cast<float>(j % 31 * r + j % 17);
  CHECK(wrong == 0);
}

TEST_CASE("an error does not change the optimizer's state for any division of work") {
  const std::vector<std::size_t> shapes[] = {{4, 5, 2}, {200, 120, 3}, {2000, 150, 3}, {300, 130, 140, 3}};
  for (const auto& sizes : shapes)
    for (const int threads : {1, 2, 3}) {
      Data<float> data(30, sizes.front(), sizes.back());
      auto net = make<float>(sizes, "sigmoid", "identity", "mse"), twin = net;
      Trainer<float> trainer(net, SGD{0.01, 0.9}, 4, threads), undisturbed(twin, SGD{0.01, 0.9}, 4, threads);
      trainer.epoch(data.rows(), data.targets());
      undisturbed.epoch(data.rows(), data.targets());
      const std::size_t at[] = {0, 17 * sizes.front(), 29 * sizes.front()};
      for (const std::size_t bad : at) {
        const float good = data.x[bad];
        data.x[bad] = std::numeric_limits<float>::infinity();
        CHECK_THROWS_AS(trainer.epoch(data.rows(), data.targets()), std::invalid_argument);
        data.x[bad] = good;
        CHECK(bytes(net) == bytes(twin));
      }
      trainer.epoch(data.rows(), data.targets());
      undisturbed.epoch(data.rows(), data.targets());
      CHECK(bytes(net) == bytes(twin));
    }
}

TEST_CASE("training that diverges stops at the last finite state") {
  const std::vector<std::size_t> shapes[] = {{4, 2}, {200, 120, 2}, {300, 130, 140, 2}};
  for (const auto& sizes : shapes) {
    const Data<float> data(40, sizes.front(), 2);
    auto net = make<float>(sizes, "identity", "identity", "mse"), again = net;
    Trainer<float> trainer(net, SGD{30}, 4, 2);
    std::size_t batch = 0;
    try {
      for (;;) trainer.epoch(data.rows(), data.targets(), false);
    } catch (const NonFiniteCost& e) {
      batch = (e.epoch() - 1) * 10 + e.batch();
    }
    for (std::size_t p = 0; p < net.num_parameters(); ++p) REQUIRE(std::isfinite(net.parameters()[p]));
    // The same steps, run one at a time, have the same bytes at most one step before the reported one.
    Trainer<float> steps(again, SGD{30}, 4, 1);
    std::size_t taken = 0;
    for (; taken + 1 < batch && bytes(again) != bytes(net); ++taken) {
      const std::size_t row = taken % 10 * 4;
      steps.step(Rows(data.x.data() + row * sizes.front(), 4, sizes.front()),
                 Rows(data.y.data() + row * 2, 4, 2));
    }
    CHECK(bytes(again) == bytes(net));
    CHECK(taken + 2 >= batch);
  }
}

TEST_CASE("an interrupt ends the epoch after a mini-batch") {
  const Data<float> data(4000, 40, 2);
  auto net = make<float>({40, 200, 2}, "sigmoid", "identity", "mse");
  const auto before = bytes(net);
  Trainer<float> trainer(net, SGD{0.1}, 10, 2);
  trainer.set_interrupt([] { return true; });
  CHECK_THROWS_AS(trainer.epoch(data.rows(), data.targets()), Interrupted);
  CHECK(bytes(net) != before);
  CHECK(net.epochs() == 0);
}
