// exp, tanh, sigmoid and log against long double, in units in the last place, on every vector type of this build.

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>

#include "functions/math.hpp"
#include "simd/portable.hpp"

namespace {

using namespace localgrad;

template <class S, class F, class Exact>
double worst_ulp(F f, Exact exact, double from, double to) {
  using T = typename S::T;
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> draw(from, to);
  double worst = 0;
  for (int i = 0; i < 100000; ++i) {
    const T x = static_cast<T>(draw(random));
    const long double right = exact(static_cast<long double>(x));
    int exponent = 0;
    std::frexp(right, &exponent);
    const long double ulp = std::ldexp(1.0L, exponent - std::numeric_limits<T>::digits);
    const typename S::V y = f(S::broadcast(x));
    worst = std::max(worst, static_cast<double>(std::fabs((y[0] - right) / ulp)));
    for (int lane = 1; lane < S::kLanes; ++lane) REQUIRE(y[lane] == y[0]);
  }
  return worst;
}

template <class S>
void check_accuracy() {
  using V = typename S::V;
  const double low = sizeof(typename S::T) == 4 ? -87 : -708;
  CHECK(worst_ulp<S>([](V x) { return exp_of_negative<S>(x); }, [](long double x) { return std::exp(x); },
                     low, 0) < 2);
  const auto exact_sigmoid = [](long double x) { return 1 / (1 + std::exp(-x)); };
  CHECK(worst_ulp<S>([](V x) { return sigmoid<S>(x); }, exact_sigmoid, low, -low) < 2);
  CHECK(worst_ulp<S>([](V x) { return sigmoid<S>(x); }, exact_sigmoid, -4, 4) < 2);
  const auto exact_tanh = [](long double x) { return std::tanh(x); };
  CHECK(worst_ulp<S>([](V x) { return localgrad::tanh<S>(x); }, exact_tanh, -4, 4) < 2);
  CHECK(worst_ulp<S>([](V x) { return localgrad::tanh<S>(x); }, exact_tanh, -1e-3, 1e-3) < 2);
  const auto exact_log = [](long double x) { return std::log(x); };
  CHECK(worst_ulp<S>([](V x) { return localgrad::log<S>(x); }, exact_log, 0.5, 2) < 1.1);
  CHECK(worst_ulp<S>([](V x) { return localgrad::log<S>(x); }, exact_log, 1, 1e6) < 1.1);
  CHECK(worst_ulp<S>([](V x) { return localgrad::log1p<S>(x); }, [](long double x) { return std::log1p(x); },
                     0, 1) < 1.6);
}

template <class S>
void check_edges() {
  using T = typename S::T;
  const T infinity = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
  const auto at = [](auto f, T x) { return f(S::broadcast(x))[S::kLanes - 1]; };
  const auto exp = [](auto x) { return exp_of_negative<S>(x); };
  const auto sig = [](auto x) { return sigmoid<S>(x); };
  const auto tan = [](auto x) { return localgrad::tanh<S>(x); };
  CHECK(at(exp, 0) == 1);
  CHECK(at(exp, -infinity) == 0);
  CHECK(at(exp, T(-1e4)) == 0);
  CHECK(at(sig, 0) == T(0.5));
  CHECK(at(sig, infinity) == 1);
  CHECK(at(sig, -infinity) == 0);
  CHECK(at(tan, infinity) == 1);
  CHECK(at(tan, -infinity) == -1);
  CHECK(at(tan, 0) == 0);
  CHECK(std::signbit(at(tan, T(-0.0))));
  CHECK(std::isnan(at(exp, nan)));
  CHECK(std::isnan(at(sig, nan)));
  CHECK(std::isnan(at(tan, nan)));
}

template <class S>
void check_transpose() {
  using T = typename S::T;
  T numbers[S::kLanes][S::kLanes];
  typename S::V rows[S::kLanes];
  for (int i = 0; i < S::kLanes; ++i) {
    for (int j = 0; j < S::kLanes; ++j) numbers[i][j] = static_cast<T>(100 * i + j);
    rows[i] = S::load(numbers[i]);
  }
  transpose<S>(rows);
  for (int i = 0; i < S::kLanes; ++i)
    for (int j = 0; j < S::kLanes; ++j) {
      const T number = rows[i][j];  // an element of a vector type has no address to bind to
      CHECK(number == numbers[j][i]);
    }
}

}  // namespace

TEST_CASE_TEMPLATE("elementary functions are right to a few units in the last place", T, float, double) {
  check_accuracy<Portable<T>>();
}
TEST_CASE_TEMPLATE("elementary functions at the edges of their range", T, float, double) {
  check_edges<Portable<T>>();
}
TEST_CASE_TEMPLATE("transpose in registers", T, float, double) { check_transpose<Portable<T>>(); }
