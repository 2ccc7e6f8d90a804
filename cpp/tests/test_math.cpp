// Tests exp, sigmoid, tanh and log against long double, in units in the last place, with and without fused
// multiply-add, and the kernels in use against the functions with fused multiply-add, bit by bit.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "functions/math.hpp"
#include "fused.hpp"
#include "localgrad/localgrad.hpp"
#include "simd/portable.hpp"

namespace {

using namespace localgrad;

struct Exp {
  template <class T>
  static constexpr double kUlps = 1.25;
  template <class S>
  static typename S::V value(typename S::V x) {
    return exp_of_negative<S>(x);
  }
  static long double exact(long double x) { return std::exp(x); }
};
struct Logistic {
  template <class T>
  static constexpr double kUlps = 2;
  template <class S>
  static typename S::V value(typename S::V x) {
    return sigmoid<S>(x);
  }
  static long double exact(long double x) { return 1 / (1 + std::exp(-x)); }
};
struct Tanh {
  template <class T>
  static constexpr double kUlps = sizeof(T) == 4 ? 2 : 2.2;
  template <class S>
  static typename S::V value(typename S::V x) {
    return localgrad::tanh<S>(x);
  }
  static long double exact(long double x) { return std::tanh(x); }
};
struct Log {
  template <class T>
  static constexpr double kUlps = 1;
  template <class S>
  static typename S::V value(typename S::V x) {
    return localgrad::log<S>(x);
  }
  static long double exact(long double x) { return std::log(x); }
};
struct Log1p {
  template <class T>
  static constexpr double kUlps = 1.6;
  template <class S>
  static typename S::V value(typename S::V x) {
    return localgrad::log1p<S>(x);
  }
  static long double exact(long double x) { return std::log1p(x); }
};

struct ExpOfAny {
  template <class T>
  static constexpr double kUlps = 1.25;
  template <class S>
  static typename S::V value(typename S::V x) {
    return localgrad::exp<S>(x);
  }
  static long double exact(long double x) { return std::exp(x); }
};
struct Expm1 {
  template <class T>
  static constexpr double kUlps = 2;
  template <class S>
  static typename S::V value(typename S::V x) {
    return expm1_of_negative<S>(x);
  }
  static long double exact(long double x) { return std::expm1(x); }
};
struct LogOnePlusExp {
  template <class T>
  static constexpr double kUlps = 2.5;
  template <class S>
  static typename S::V value(typename S::V x) {
    return localgrad::softplus<S>(x);
  }
  static long double exact(long double x) { return std::max(x, 0.0L) + std::log1p(std::exp(-std::fabs(x))); }
};
struct NormalTail {
  template <class T>
  static constexpr double kUlps = 6.2;
  template <class S>
  static typename S::V value(typename S::V x) {
    return normal_beyond<S>(x).tail;
  }
  static long double exact(long double x) { return std::erfc(x * 0.707106781186547524400844362104849L) / 2; }
};

/// Function::value of all numbers, S::kLanes at a time.
template <class S, class Function, class T>
std::vector<T> values(std::vector<T> x) {
  const std::size_t n = x.size();
  x.resize((n + S::kLanes - 1) / S::kLanes * S::kLanes, x.back());
  for (std::size_t i = 0; i < n; i += S::kLanes) S::store(&x[i], Function::template value<S>(S::load(&x[i])));
  x.resize(n);
  return x;
}

/// Units in the last place between y and the correct result. If that is subnormal, y may also be 0, which
/// counts as correct.
template <class T>
double ulps(T y, long double right) {
  using Limits = std::numeric_limits<T>;
  int exponent = 0;
  std::frexp(right, &exponent);
  const bool tiny = std::fabs(right) < Limits::min();
  const int last = std::max(exponent, Limits::min_exponent) - Limits::digits;
  const double error = static_cast<double>(std::fabs(std::ldexp(y - right, -last)));
  return tiny && y == 0 ? 0 : error;
}

/// Numbers of every binade from 2^low on, including its ends, with more numbers from 1/64 to 1024, up to and
/// including `most`.
template <class T>
std::vector<T> all_sizes(int low, T most) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<T> draw(1, 2);
  std::vector<T> x;
  for (int e = low; std::ldexp(T(1), e) <= most; ++e) {
    const T begin = std::ldexp(T(1), e), after = std::nextafter(begin, T(0));
    x.insert(x.end(), {begin, std::nextafter(begin, most), after});
    for (int i = 0, n = e >= -6 && e < 10 ? 8000 : 40; i < n; ++i) x.push_back(std::ldexp(draw(random), e));
  }
  x.erase(std::remove_if(x.begin(), x.end(), [&](T v) { return v > most; }), x.end());
  x.insert(x.end(), {std::nextafter(most, T(0)), most});
  return x;
}

template <class T>
std::vector<T> negated(std::vector<T> x) {
  for (T& v : x) v = -v;
  return x;
}

/// The numbers where an argument is clamped and where n or the kind of the result changes, with their
/// neighbors.
template <class T>
std::vector<T> turning_points() {
  using C = MathConstants<T>;
  const T log_two = std::log(T(2));
  std::vector<T> x;
  for (T at : {C::kLowest, C::kSigmoidOne, C::kTanhOne, std::log(std::numeric_limits<T>::min())})
    for (T sign : {T(1), T(-1)}) x.push_back(sign * at);
  for (int half = 1; half <= 2 * C::kBias + 1; ++half) {  // tanh: n counts multiples of ln(2)/2
    x.push_back(T(half) / 2 * log_two);
    x.push_back(-x.back());
  }
  const std::vector<T> middle = x;
  for (T at : middle)
    for (T limit : {T(1e4), T(-1e4)}) {
      T v = at;
      for (int i = 0; i < 4; ++i) x.push_back(v = std::nextafter(v, limit));
    }
  return x;
}

template <class S, class Function, class T>
void check_ulps(const std::vector<T>& x) {
  const auto y = values<S, Function>(x);
  double worst = 0;
  T where = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double error = ulps(y[i], Function::exact(x[i]));
    if (!(error <= worst)) worst = error, where = x[i];
  }
  CAPTURE(where);
  CHECK(worst <= Function::template kUlps<T>);
}

template <class S>
void check_accuracy() {
  using T = typename S::T;
  using Limits = std::numeric_limits<T>;
  const int smallest = Limits::min_exponent - Limits::digits;  // 2^smallest is the smallest subnormal number
  auto positive = all_sizes<T>(smallest, Limits::max());
  const auto points = turning_points<T>();
  positive.insert(positive.end(), points.begin(), points.end());
  const auto negative = negated(positive);
  for (const auto& x : {positive, negative}) {
    check_ulps<S, Logistic>(x);
    check_ulps<S, Tanh>(x);
  }
  auto below = negative;
  below.erase(std::remove_if(below.begin(), below.end(), [](T v) { return v > 0; }), below.end());
  check_ulps<S, Exp>(below);
  check_ulps<S, ExpOfAny>(below);
  check_ulps<S, ExpOfAny>(all_sizes<T>(smallest, -MathConstants<T>::kLowest));
  check_ulps<S, Expm1>(below);
  check_ulps<S, LogOnePlusExp>(below);
  check_ulps<S, LogOnePlusExp>(positive);
  check_ulps<S, NormalTail>(negated(below));
  check_ulps<S, Log>(all_sizes<T>(Limits::min_exponent, Limits::max()));
  check_ulps<S, Log1p>(all_sizes<T>(smallest, T(1)));
}

/// Not for neighbors, whose values may be in the wrong order by one unit in the last place.
template <class S, class Function>
void check_monotone(double from, double to) {
  using T = typename S::T;
  std::vector<T> x;
  for (double v = from; v <= to; v += 0x1p-10) x.push_back(static_cast<T>(v));
  const auto y = values<S, Function>(x);
  CHECK(std::is_sorted(y.begin(), y.end()));
}

template <class S>
void check_edges() {
  using T = typename S::T;
  const T infinity = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
  const T huge = std::numeric_limits<T>::max();
  const auto exp = [](T x) { return values<S, Exp>(std::vector<T>{x})[0]; };
  const auto sig = [](T x) { return values<S, Logistic>(std::vector<T>{x})[0]; };
  const auto tan = [](T x) { return values<S, Tanh>(std::vector<T>{x})[0]; };
  const auto log = [](T x) { return values<S, Log>(std::vector<T>{x})[0]; };
  const auto any_exp = [](T x) { return values<S, ExpOfAny>(std::vector<T>{x})[0]; };
  const auto expm1 = [](T x) { return values<S, Expm1>(std::vector<T>{x})[0]; };
  const auto softplus = [](T x) { return values<S, LogOnePlusExp>(std::vector<T>{x})[0]; };
  const auto tail = [](T x) { return values<S, NormalTail>(std::vector<T>{x})[0]; };
  const auto log1p = [](T x) { return values<S, Log1p>(std::vector<T>{x})[0]; };
  CHECK(exp(0) == 1);
  CHECK(exp(T(-0.0)) == 1);
  CHECK(expm1(0) == 0);
  CHECK(tail(0) == T(0.5));
  CHECK(any_exp(huge) == infinity);
  CHECK(softplus(huge) == huge);
  CHECK(sig(0) == T(0.5));
  CHECK(sig(T(-0.0)) == T(0.5));
  for (T large : {T(1e4), huge, infinity}) {
    CHECK(exp(-large) == 0);
    CHECK(any_exp(-large) == 0);
    CHECK(any_exp(large) == infinity);
    CHECK(expm1(-large) == -1);
    CHECK(softplus(-large) == 0);
    CHECK(tail(large) == 0);
    CHECK(sig(large) == 1);
    CHECK(sig(-large) == 0);
    CHECK(tan(large) == 1);
    CHECK(tan(-large) == -1);
  }
  CHECK(tan(0) == 0);
  CHECK(!std::signbit(tan(0)));
  CHECK(std::signbit(tan(T(-0.0))));
  CHECK(log(1) == 0);
  CHECK(log1p(0) == 0);
  CHECK(std::isnan(exp(nan)));
  CHECK(std::isnan(sig(nan)));
  CHECK(std::isnan(tan(nan)));
  CHECK(std::isnan(log1p(nan)));
  CHECK(std::isnan(any_exp(nan)));
  CHECK(std::isnan(expm1(nan)));
  CHECK(std::isnan(softplus(nan)));
  CHECK(std::isnan(tail(nan)));

  const auto x = all_sizes<T>(-30, T(100));
  CHECK(values<S, Tanh>(negated(x)) == negated(values<S, Tanh>(x)));
  check_monotone<S, Exp>(-800, 0);
  check_monotone<S, Logistic>(-800, 100);
  check_monotone<S, Tanh>(-30, 30);
  check_monotone<S, Log>(0x1p-10, 10);
  check_monotone<S, Log1p>(0, 1);
}

/// The result is b for NaN and equal numbers.
template <class S>
void check_max_and_min() {
  using T = typename S::T;
  const T nan = std::numeric_limits<T>::quiet_NaN();
  const auto max = [](T a, T b) { return S::max(S::broadcast(a), S::broadcast(b))[0]; };
  const auto min = [](T a, T b) { return S::min(S::broadcast(a), S::broadcast(b))[0]; };
  CHECK(max(1, 2) == 2);
  CHECK(max(2, 1) == 2);
  CHECK(min(1, 2) == 1);
  CHECK(min(2, 1) == 1);
  CHECK(max(nan, 1) == 1);
  CHECK(min(nan, 1) == 1);
  CHECK(std::isnan(max(1, nan)));
  CHECK(std::isnan(min(1, nan)));
}

/// A network with a single weight of 1: its outputs are the activation of its inputs, by the kernels in use.
template <class T, class Function>
void check_same_bits(const char* output) {
  Options options;
  options.output = output;
  options.cost = "mse";
  Network<T> net({1, 1}, options);
  net.parameters()[0] = 1;
  net.parameters()[1] = 0;
  auto x = all_sizes<T>(-30, T(2000));
  const auto negative = negated(x);
  x.insert(x.end(), negative.begin(), negative.end());
  std::vector<T> a(x.size());
  predict(net, {x.data(), x.size(), 1}, a.data());
  const auto expected =
      info().fused_multiply_add ? values<Fused<T>, Function>(x) : values<Portable<T>, Function>(x);
  CHECK(std::memcmp(a.data(), expected.data(), a.size() * sizeof(T)) == 0);
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
      const T number = rows[i][j];  // an element of a vector type has no address
      CHECK(number == numbers[j][i]);
    }
}

}  // namespace

TEST_CASE_TEMPLATE("elementary functions are accurate to about two units in the last place", T, float,
                   double) {
  if (std::numeric_limits<long double>::digits <= std::numeric_limits<T>::digits)
    return;  // no more accurate reference
  check_accuracy<Portable<T>>();
  check_accuracy<Fused<T>>();
}
TEST_CASE_TEMPLATE("elementary functions are correct at the edges of their range", T, float, double) {
  check_edges<Portable<T>>();
  check_edges<Fused<T>>();
}
TEST_CASE_TEMPLATE("max and min return the second operand for NaN and equal numbers", T, float, double) {
  check_max_and_min<Portable<T>>();
}
TEST_CASE_TEMPLATE("sigmoid and tanh have the same bits on every instruction set", T, float, double) {
  check_same_bits<T, Logistic>("sigmoid");
  check_same_bits<T, Tanh>("tanh");
}
TEST_CASE_TEMPLATE("matrices are transposed in registers", T, float, double) {
  check_transpose<Portable<T>>();
}
