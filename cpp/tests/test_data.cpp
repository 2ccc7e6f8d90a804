// Rows and targets of every element type and layout are read in place, converted as by a cast, and rejected
// with their position.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "engine/data/examples.hpp"
#include "kernels/dispatch.hpp"
#include "localgrad/error.hpp"
#include "localgrad/localgrad.hpp"

using namespace localgrad;

namespace {

/// A matrix with arbitrary strides in separate memory, in which all other bytes are 0xff.
template <class E>
struct Scattered {
  Scattered(const std::vector<E>& numbers, std::size_t n, std::size_t width, std::ptrdiff_t row,
            std::ptrdiff_t column) {
    const auto span = [](std::ptrdiff_t stride, std::size_t count) {
      return stride * (static_cast<std::ptrdiff_t>(count) - 1);
    };
    const auto below = [&](std::ptrdiff_t stride, std::size_t count) {
      return std::min<std::ptrdiff_t>(span(stride, count), 0);
    };
    const auto above = [&](std::ptrdiff_t stride, std::size_t count) {
      return std::max<std::ptrdiff_t>(span(stride, count), 0);
    };
    const std::ptrdiff_t first = -below(row, n) - below(column, width);
    // Exactly as large as the matrix, so that the address sanitizer detects reads out of bounds.
    bytes.assign(static_cast<std::size_t>(first + above(row, n) + above(column, width)) + sizeof(E), 0xff);
    rows.data = bytes.data() + first;
    rows.type = scalar_of<E>();
    rows.n = n;
    rows.width = width;
    rows.row_stride = row;
    rows.column_stride = column;
    for (std::size_t r = 0; r < n; ++r)
      for (std::size_t c = 0; c < width; ++c) {
        const E number = numbers[r * width + c];
        const auto at =
            first + static_cast<std::ptrdiff_t>(r) * row + static_cast<std::ptrdiff_t>(c) * column;
        std::memcpy(bytes.data() + at, &number, sizeof(E));
      }
  }
  std::vector<unsigned char> bytes;
  Rows rows;
};

struct Strides {
  std::ptrdiff_t row, column;
};

/// Row-major, with gaps, column-major, reversed and unaligned.
std::vector<Strides> layouts(std::size_t n, std::size_t width, std::size_t size) {
  const auto s = static_cast<std::ptrdiff_t>(size), rows = static_cast<std::ptrdiff_t>(n),
             columns = static_cast<std::ptrdiff_t>(width);
  return {{columns * s, s},         {(columns + 3) * s, s}, {s, rows * s},
          {columns * 3 * s, 3 * s}, {-columns * s, s},      {columns * s, -s},
          {-s, -rows * s},          {columns * s + 1, s},   {columns * (s + 1), s + 1}};
}

template <class E>
std::vector<E> some_numbers(std::size_t count) {
  std::vector<E> numbers(count);
  for (std::size_t i = 0; i < count; ++i) numbers[i] = static_cast<E>(i * 37 % 101);
  if constexpr (std::is_integral_v<E>) {
    numbers[1] = std::numeric_limits<E>::max();
    numbers[2] = std::numeric_limits<E>::min();
    numbers[3] = static_cast<E>(std::numeric_limits<E>::max() / 3);
  } else {
    numbers[1] = static_cast<E>(0.1);
    numbers[2] = static_cast<E>(-1e-40);
    numbers[3] = std::numeric_limits<float>::max();
  }
  return numbers;
}

template <class T, class E>
void check_gathered() {
  for (const std::size_t width : {1u, 3u, 17u, 70u}) {
    const std::size_t n = 5;
    const auto numbers = some_numbers<E>(n * width);
    for (const auto& strides : layouts(n, width, sizeof(E))) {
      const Scattered<E> x(numbers, n, width, strides.row, strides.column);
      for (std::size_t r = 0; r < n; ++r) {
        std::vector<T> out(width + 1, T(99)), expected(width + 1, T(99));
        for (std::size_t c = 0; c < width; ++c) expected[c] = static_cast<T>(numbers[r * width + c]);
        REQUIRE(gather_row(kernels<T>(), x.rows, r, out.data()));
        REQUIRE(std::memcmp(out.data(), expected.data(), out.size() * sizeof(T)) == 0);
        const T scale = T(-0.3);
        for (std::size_t c = 0; c < width; ++c) expected[c] *= scale;
        REQUIRE(gather_row(kernels<T>(), x.rows, r, out.data(), scale));
        REQUIRE(std::memcmp(out.data(), expected.data(), out.size() * sizeof(T)) == 0);
      }
    }
  }
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

TEST_CASE_TEMPLATE("rows of every type and layout are converted as by a cast", E, float, double, bool,
                   std::int8_t, std::int16_t, std::int32_t, std::int64_t, std::uint8_t, std::uint16_t,
                   std::uint32_t, std::uint64_t, long long, unsigned long long) {
  CHECK(scalar_size(scalar_of<E>()) == sizeof(E));
  check_gathered<float, E>();
  check_gathered<double, E>();
}

TEST_CASE("a boolean is true for every byte except 0") {
  const unsigned char bytes[] = {0, 1, 2, 255};
  Rows rows(bytes, 1, 4);
  rows.type = Scalar::boolean;
  float out[4];
  CHECK(gather_row(kernels<float>(), rows, 0, out));
  CHECK((out[0] == 0 && out[1] == 1 && out[2] == 1 && out[3] == 1));
}

TEST_CASE_TEMPLATE("a number that is not finite is detected at any position", E, float, double) {
  constexpr E kBad[] = {std::numeric_limits<E>::infinity(), -std::numeric_limits<E>::infinity(),
                        std::numeric_limits<E>::quiet_NaN(), static_cast<E>(1e39)};
  const std::size_t n = 2, width = 19;
  const Network<float> net({width, 1});
  for (std::size_t at = 0; at < width; ++at)
    for (const E bad : kBad) {
      std::vector<E> numbers(n * width, E(1));
      numbers[width + at] = bad;
      for (const auto& strides : layouts(n, width, sizeof(E))) {
        const Scattered<E> x(numbers, n, width, strides.row, strides.column);
        std::vector<float> out(width);
        std::vector<double> wide(width);
        REQUIRE(gather_row(kernels<float>(), x.rows, 0, out.data()));
        REQUIRE_FALSE(gather_row(kernels<float>(), x.rows, 1, out.data()));
        REQUIRE(gather_row(kernels<double>(), x.rows, 1, wide.data()) == std::isfinite(bad));
        const std::string what =
            message_of([&] { refuse_example<float>(net, kernels<float>(), &x.rows, nullptr, 1); });
        REQUIRE(what.find("x must be finite as float32") == 0);
        REQUIRE(what.find("at row 1, column " + std::to_string(at)) != std::string::npos);
      }
    }
}

TEST_CASE_TEMPLATE("a number that overflows when it is scaled is rejected", E, float, double, std::uint8_t,
                   std::int32_t, std::int64_t) {
  const std::size_t width = 19;
  Options options;
  options.input_scale = 3e38;
  const Network<float> net({width, 1}, options);
  for (std::size_t at = 0; at < width; ++at) {
    std::vector<E> numbers(width, E(1));
    numbers[at] = E(2);
    for (const auto& strides : layouts(1, width, sizeof(E))) {
      const Scattered<E> x(numbers, 1, width, strides.row, strides.column);
      const std::uint32_t order[] = {0};
      std::vector<float> out(width);
      REQUIRE(gather_rows(kernels<float>(), x.rows, order, 1, out.data(), Index{0}) == 1);
      REQUIRE(gather_rows(kernels<float>(), x.rows, order, 1, out.data(), Index{0},
                          static_cast<float>(net.options().input_scale)) == 0);
      REQUIRE(message_of([&] { predict(net, x.rows, out.data()); }) ==
              "x times input_scale must be finite as float32, got inf at row 0, column " +
                  std::to_string(at));
    }
  }
}

TEST_CASE_TEMPLATE("labels of every integer type and layout are read", E, bool, std::int8_t, std::int16_t,
                   std::int32_t, std::int64_t, std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t) {
  const std::vector<E> labels = {0, 1, 1, 0, 1};
  const TargetRule<float> three(Network<float>({1, 3})), one(Network<float>({1, 1}));
  for (const auto& strides : layouts(5, 1, sizeof(E))) {
    const Scattered<E> y(labels, 5, 1, strides.row, strides.column);
    const auto targets = Targets::of_labels(y.rows);
    for (std::size_t r = 0; r < 5; ++r) {
      float out[3] = {9, 9, 9};
      REQUIRE(gather_target(kernels<float>(), three, targets, r, out));
      REQUIRE((out[0] == !labels[r] && out[1] == static_cast<float>(labels[r]) && out[2] == 0));
      REQUIRE(gather_target(kernels<float>(), one, targets, r, out));
      REQUIRE(out[0] == static_cast<float>(labels[r]));
    }
  }
}

TEST_CASE_TEMPLATE("the error for a label out of range shows its value", E, std::int8_t, std::int16_t,
                   std::int32_t, std::int64_t, std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t) {
  const float x[] = {1, 2, 3, 4};
  for (const std::size_t width : {1u, 3u})
    for (const E bad : {std::numeric_limits<E>::max(), std::numeric_limits<E>::min(), static_cast<E>(-1),
                        static_cast<E>(width == 1 ? 2 : 3)}) {
      if (bad == 0) continue;
      const E labels[] = {0, 1, bad, 0};
      Options options;
      options.output = "sigmoid";
      Network<float> net({1, width}, options);
      const std::string expected = std::string("y must be labels in 0..") + (width == 1 ? "1" : "2") +
                                   ", got " + std::to_string(bad) + " at row 2";
      CHECK(message_of([&] { evaluate(net, Rows(x, 4, 1), Targets(labels, 4)); }) == expected);
      CHECK(message_of([&] { Trainer<float>(net, SGD{}, 2).epoch(Rows(x, 4, 1), Targets(labels, 4)); }) ==
            expected);
    }
}

TEST_CASE_TEMPLATE("every call rejects an invalid example with an exception that has its position", T, float,
                   double) {
  Options options;
  options.cost = "poisson";
  Network<T> net({2, 1}, options);
  const auto nan = std::numeric_limits<T>::quiet_NaN();
  const T x[] = {1, 2, 3, 4, 5, 6}, y[] = {1, 2, 3}, bad_x[] = {1, 2, 3, nan, 5, 6}, bad_y[] = {1, 2, -1};
  const double weights[] = {1, -1, 1};
  const auto check = [&](const T* rows, const T* wanted, bool weighted, const char* argument, std::size_t row,
                         std::optional<std::size_t> column) {
    Targets targets(Rows(wanted, 3, 1));
    if (weighted) targets.weights = Rows(weights, 3, 1);
    const Rows inputs(rows, 3, 2);
    const auto refused = [&](const auto& call) {
      try {
        call();
      } catch (const BadExample& error) {
        CHECK(error.argument() == argument);
        CHECK(error.row() == row);
        CHECK(error.column() == column);
        CHECK(error.what() == error.argument() + " " + error.reason() + " at row " + std::to_string(row) +
                                  (column ? ", column " + std::to_string(*column) : ""));
        return true;
      }
      return false;
    };
    T out[3];
    CHECK(refused([&] { evaluate(net, inputs, targets); }));
    CHECK(refused([&] { Trainer<T>(net, SGD{}, 2, 0, {}, weighted).epoch(inputs, targets, false); }));
    if (!weighted) CHECK(refused([&] { backprop(net, inputs, targets); }));
    if (rows != x) CHECK(refused([&] { predict(net, inputs, out); }));
    if (wanted != y) CHECK(refused([&] { cost_gradient(net, x, targets, out); }));
  };
  check(bad_x, y, false, "x", 1, 1);
  check(x, bad_y, false, "y", 2, 0);
  check(x, y, true, "weights", 1, std::nullopt);
}

TEST_CASE("labels must be integers, one per example") {
  const float x[] = {1, 2};
  const std::int32_t pairs[] = {0, 1, 0, 1};
  Options options;
  options.output = "softmax";
  Network<float> net({1, 3}, options);
  CHECK(message_of([&] { evaluate(net, Rows(x, 2, 1), Targets::of_labels(Rows(x, 2, 1))); }) ==
        "y must be labels of an integer type, got floats");
  CHECK(message_of([&] { evaluate(net, Rows(x, 2, 1), Targets::of_labels(Rows(pairs, 2, 2))); }) ==
        "y must have 1 label per example, got 2");
}

TEST_CASE_TEMPLATE("training on scattered rows gives the same bytes as training on dense rows", T, float,
                   double) {
  const std::size_t n = 40, in = 7, outputs = 3;
  std::vector<std::int16_t> x(n * in);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<std::int16_t>(i * 31 % 7 - 3);
  std::vector<std::uint32_t> y(n);
  for (std::size_t i = 0; i < n; ++i) y[i] = static_cast<std::uint32_t>(i % outputs);
  const std::vector<T> dense(x.begin(), x.end());
  Options options;
  options.activation = {"tanh"};
  options.output = "softmax";
  Network<T> net({in, 5, outputs}, options), other = net;
  const Scattered<std::int16_t> columns(x, n, in, 2, 2 * n);
  const Scattered<std::uint32_t> backwards(y, n, 1, -8, 4);
  Trainer<T>(net, SGD{0.1}, 6).epoch(columns.rows, Targets::of_labels(backwards.rows));
  Trainer<T>(other, SGD{0.1}, 6).epoch(Rows(dense.data(), n, in), Targets(y.data(), n));
  CHECK(std::memcmp(net.parameters(), other.parameters(), net.num_parameters() * sizeof(T)) == 0);
}
