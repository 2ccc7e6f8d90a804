// Rows in the CSR format give the results of dense rows, and invalid positions never lead out of bounds.

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "engine/data/examples.hpp"
#include "kernels/dispatch.hpp"
#include "localgrad/error.hpp"
#include "localgrad/localgrad.hpp"

using namespace localgrad;

namespace {

/// A matrix in the CSR format, in memory of exactly its size, so that the address sanitizer detects reads out
/// of bounds.
template <class E, class Column = std::int32_t, class Start = std::int32_t>
struct Csr {
  std::vector<E> values;
  std::vector<Column> columns;
  std::vector<Start> starts;
  std::size_t width;
  Rows rows() const {
    return Rows::csr(values.data(), columns.data(), values.size(), starts.data(), starts.size() - 1, width);
  }
};

template <class T>
std::vector<T> expanded(const Rows& x, std::size_t row, T scale = 1) {
  std::vector<T> out(x.width + 1, T(99));
  REQUIRE(gather_row(kernels<T>(), x, row, out.data(), scale));
  REQUIRE(out.back() == T(99));
  out.pop_back();
  return out;
}

template <class T, class E, class Column, class Start>
void check_rows_of() {
  // A row, an empty one, one with columns in descending order and one with several numbers in a column.
  const Csr<E, Column, Start> csr{
      {E(5), E(7), E(1), E(2), E(3), E(100), E(4), E(60)}, {1, 4, 3, 0, 2, 2, 0, 2}, {0, 2, 2, 4, 8}, 5};
  const E sum = static_cast<E>(E(3) + E(100) + E(60));  // int8 overflows
  const std::vector<std::vector<E>> dense = {
      {0, E(5), 0, 0, E(7)}, {0, 0, 0, 0, 0}, {E(2), 0, 0, E(1), 0}, {E(4), 0, sum, 0, 0}};
  for (std::size_t r = 0; r < 4; ++r)
    for (const T scale : {T(1), T(-0.3)}) {
      const std::vector<T> out = expanded<T>(csr.rows(), r, scale);
      for (std::size_t c = 0; c < 5; ++c) {
        const T expected = static_cast<T>(dense[r][c]) * scale;
        REQUIRE(out[c] == expected);
        REQUIRE(std::signbit(out[c]) == std::signbit(expected));
      }
    }
}

template <class F>
std::string message_of(const F& f) {
  try {
    f();
  } catch (const BadExample& error) {
    return error.what();
  }
  return "";
}

/// Checks that predict, evaluate and training report the same problem of a matrix with 3 rows and 4 columns.
void check_refused(const Rows& x, const std::string& expected) {
  REQUIRE(x.n == 3);
  Network<float> net({4, 2, 1});
  const float y[] = {1, 2, 3};
  float out[3];
  CHECK(message_of([&] { predict(net, x, out); }) == expected);
  CHECK(message_of([&] { evaluate(net, x, Targets(Rows(y, 3, 1))); }) == expected);
  CHECK(message_of([&] { backprop(net, x, Targets(Rows(y, 3, 1))); }) == expected);
  const Network<float> before = net;
  Trainer<float> trainer(net, SGD{}, 2, 2);
  CHECK(message_of([&] { trainer.epoch(x, Targets(Rows(y, 3, 1)), false); }) == expected);
  CHECK(std::memcmp(net.parameters(), before.parameters(), net.num_parameters() * sizeof(float)) == 0);
}

}  // namespace

TEST_CASE_TEMPLATE("sparse rows of every type are expanded", E, float, double, std::int8_t, std::int16_t,
                   std::int32_t, std::int64_t, std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t) {
  check_rows_of<float, E, std::int32_t, std::int32_t>();
  check_rows_of<double, E, std::int64_t, std::int32_t>();
  check_rows_of<float, E, std::int32_t, std::int64_t>();
  check_rows_of<double, E, std::int64_t, std::int64_t>();
}

TEST_CASE("numbers of the same column are added in their own type, in their order") {
  const double big = 1e200;  // beyond float
  const Csr<double> csr{{1, big, 2, -big, 4}, {0, 1, 0, 1, 1}, {0, 5}, 2};
  CHECK(expanded<float>(csr.rows(), 0) == std::vector<float>{3, 4});
  const Csr<float> minus{{-0.0f}, {0}, {0, 1}, 1};
  CHECK_FALSE(std::signbit(expanded<double>(minus.rows(), 0)[0]));
}

TEST_CASE("a sparse matrix without numbers is a matrix of zeros") {
  const std::int64_t starts[] = {0, 0, 0};
  const Rows x = Rows::csr<float, std::int64_t>(nullptr, nullptr, 0, starts, 2, 3);
  CHECK(x.is_sparse());
  CHECK_FALSE(Rows(starts, 1, 3).is_sparse());
  CHECK(expanded<float>(x, 1) == std::vector<float>(3));
  Network<float> net({3, 2});
  float out[4];
  predict(net, x, out);
  CHECK(std::memcmp(out, net.biases(0), 2 * sizeof(float)) == 0);
}

TEST_CASE("invalid positions are refused with their row, without reading out of bounds") {
  using Matrix = Csr<float>;
  const Matrix good{{1, 2, 3, 4, 5}, {0, 3, 1, 2, 3}, {0, 2, 3, 5}, 4};
  const auto with = [&](auto Matrix::*member, std::size_t at, std::int32_t value) {
    Matrix bad = good;
    (bad.*member)[at] = value;
    return bad;
  };
  constexpr std::int32_t most = std::numeric_limits<std::int32_t>::max();
  for (const std::int32_t column : {4, -1, most, -most - 1}) {
    const auto text = "x must have columns below 4, got " + std::to_string(column);
    check_refused(with(&Matrix::columns, 1, column).rows(), text + " at row 0");
    check_refused(with(&Matrix::columns, 4, column).rows(), text + " at row 2");
  }
  const std::string what = "x must have stored numbers between 0 and 5, got ";
  check_refused(with(&Matrix::starts, 3, 6).rows(), what + "3 to 6 at row 2");
  check_refused(with(&Matrix::starts, 3, most).rows(), what + "3 to 2147483647 at row 2");
  check_refused(with(&Matrix::starts, 3, 2).rows(), what + "3 to 2 at row 2");
  check_refused(with(&Matrix::starts, 0, -1).rows(), what + "-1 to 2 at row 0");
  check_refused(with(&Matrix::starts, 2, -most).rows(), what + "2 to -2147483647 at row 1");
  const Csr<float, std::int64_t, std::int64_t> wide{
      {1, 2, 3}, {0, 1, std::int64_t{1} << 32}, {0, 1, 2, 3}, 4};
  check_refused(wide.rows(), "x must have columns below 4, got 4294967296 at row 2");
}

TEST_CASE("a stored number or a sum that is not finite is refused with its column") {
  const float inf = std::numeric_limits<float>::infinity();
  const Csr<float> one{{1, inf}, {0, 2}, {0, 1, 1, 2}, 4};
  check_refused(one.rows(), "x must be finite as float32, got inf at row 2, column 2");
  const Csr<float> sum{{3e38f, 1, 3e38f}, {3, 0, 3}, {0, 0, 3, 3}, 4};
  check_refused(sum.rows(), "x must be finite as float32, got inf at row 1, column 3");
}

TEST_CASE("real targets may be sparse, labels and sample weights may not") {
  const float x[] = {1, 2}, dense[] = {0, 1, 0, 0, 3, 0};
  const Csr<float> y{{1, 3}, {1, 1}, {0, 1, 2}, 3};
  const Network<float> net({1, 3});
  CHECK(evaluate(net, Rows(x, 2, 1), Targets(y.rows())).cost ==
        evaluate(net, Rows(x, 2, 1), Targets(Rows(dense, 2, 3))).cost);
  const Csr<std::int32_t> column{{1, 1}, {0, 0}, {0, 1, 2}, 1};
  Options options;
  options.output = "softmax";
  const Network<float> classifier({1, 3}, options);
  CHECK_THROWS_WITH(evaluate(classifier, Rows(x, 2, 1), Targets::of_labels(column.rows())),
                    "y must be dense, got a sparse matrix");
  Targets weighted(Rows(dense, 2, 3));
  weighted.weights = column.rows();
  CHECK_THROWS_WITH(evaluate(net, Rows(x, 2, 1), weighted), "weights must be dense, got a sparse matrix");
}

TEST_CASE_TEMPLATE("training on sparse rows gives the same bytes as training on dense rows", T, float,
                   double) {
  const std::size_t n = 50, in = 20;
  std::vector<double> dense(n * in), y(n);
  Csr<double, std::int64_t, std::int32_t> csr{{}, {}, {0}, in};
  for (std::size_t r = 0; r < n; ++r) {
    for (std::size_t c = 0; c < in; ++c)
      if ((r * 7 + c * 5) % 11 < 2) {
        dense[r * in + c] = std::sin(static_cast<double>(r * in + c));
        csr.values.push_back(dense[r * in + c]);
        csr.columns.push_back(static_cast<std::int64_t>(c));
      }
    csr.starts.push_back(static_cast<std::int32_t>(csr.values.size()));
    y[r] = std::cos(static_cast<double>(r));
  }
  Options options;
  options.activation = {"tanh"};
  options.input_scale = 0.7;
  options.input_dropout = 0.2;
  const Targets targets(Rows(y.data(), n, 1));
  for (const int threads : {1, 2, 3}) {
    Network<T> net({in, 9, 1}, options), other = net;
    for (int epoch = 0; epoch < 2; ++epoch)
      CHECK(Trainer<T>(net, Adam{}, 8, threads).epoch(csr.rows(), targets) ==
            Trainer<T>(other, Adam{}, 8).epoch(Rows(dense.data(), n, in), targets));
    CHECK(std::memcmp(net.parameters(), other.parameters(), net.num_parameters() * sizeof(T)) == 0);
    std::vector<T> a(n), b(n);
    CHECK(evaluate(net, csr.rows(), targets, threads, a.data()).cost ==
          evaluate(other, Rows(dense.data(), n, in), targets, 0, b.data()).cost);
    CHECK(std::memcmp(a.data(), b.data(), n * sizeof(T)) == 0);
  }
}
