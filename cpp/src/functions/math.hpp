#pragma once

// exp, tanh, log to about 1 ulp, in the same operations on every instruction set, so that the bits agree wherever
// multiplication and addition are fused. Results below the smallest normal number become 0.
//
// exp:  x = n ln 2 + r, |r| <= ln(2)/2; e^x = 2^n (1 + p), p = e^r - 1 = r + r^2 q(r).
// log:  x = 2^n m, 1/sqrt(2) <= m < sqrt(2); with f = m - 1, s = f/(2 + f): log m = f - s (f - s^2 h(s^2)).
// q and h are Chebyshev fits on those intervals.

#include "simd/vector.hpp"

namespace localgrad {
namespace {

template <class T>
struct MathConstants;

template <>
struct MathConstants<float> {
  static constexpr float kLog2e = 1.44269504f;
  static constexpr float kLn2High = 0.693359375f;  // 9 bits: n times it is exact
  static constexpr float kLn2Low = -2.12194440e-4f;
  static constexpr float kRound = 12582912.0f;   // 1.5 * 2^23: adding it rounds to an integer in the low bits
  static constexpr float kSmallest = -87.3365f;  // log of the smallest normal number
  static constexpr float kSqrtHalf = 0.70710678f;
  static constexpr int kFraction = 23;
  static constexpr std::int32_t kBias = 127;
  static constexpr float kExp[] = {0.5f, 0.16666576989698775683f, 0.041666554617204574203f,
                                   0.0083631790527225773704f,
                                   0.0013926183587713494542f};  // relative error 2.3e-8
  static constexpr float kLog[] = {0.66666685095429068746f, 0.39988757716604847003f,
                                   0.29580985929974422621f};  // 5.6e-9
};

template <>
struct MathConstants<double> {
  static constexpr double kLog2e = 1.442695040888963407359924681;
  static constexpr double kLn2High = 0x1.62e42fee00000p-1;  // 32 bits: n times it is exact
  static constexpr double kLn2Low = 1.908214929270587816144e-10;
  static constexpr double kRound = 6755399441055744.0;  // 1.5 * 2^52
  static constexpr double kSmallest = -708.396418532264;
  static constexpr double kSqrtHalf = 0.7071067811865476;
  static constexpr int kFraction = 52;
  static constexpr std::int64_t kBias = 1023;
  static constexpr double kExp[] = {
      0.50000000000000010221,     0.16666666666666667453,   0.041666666666624127873,
      0.0083333333333300618325,   0.0013888888917213716901, 0.00019841269863053616878,
      0.000024801521295954375131, 2.7557268459997064772e-6, 2.7620088445409748161e-7,
      2.5100385495510319078e-8};  // relative error 3.7e-17
  static constexpr double kLog[] = {0.66666666666666697077, 0.39999999999898890514, 0.28571428626253837606,
                                    0.22222211089379496214, 0.18182892432536871201, 0.15331611722055007885,
                                    0.14617807153417324964};  // relative error 9.2e-18
};

template <class S, int n>
LOCALGRAD_INLINE typename S::V polynomial(const typename S::T (&coefficient)[n], typename S::V x) {
  typename S::V sum = S::broadcast(coefficient[n - 1]);
#pragma GCC unroll 16
  for (int i = n - 2; i >= 0; --i) sum = S::fma(sum, x, S::broadcast(coefficient[i]));
  return sum;
}

/// e^x as scale (1 + p) for kSmallest <= x <= 0.
template <class S>
struct SplitExp {
  typename S::V scale, p;
};

template <class S>
LOCALGRAD_INLINE SplitExp<S> split_exp(typename S::V x) {
  using C = MathConstants<typename S::T>;
  const auto shifted = S::fma(x, S::broadcast(C::kLog2e), S::broadcast(C::kRound));
  const auto n = shifted - S::broadcast(C::kRound);
  const auto high = S::fma(n, S::broadcast(-C::kLn2High), x);
  const auto r = S::fma(n, S::broadcast(-C::kLn2Low), high);
  const auto p = S::fma(r * r, polynomial<S>(C::kExp, r), r);
  const auto exponent = (S::bits(shifted) + S::broadcast_bits(C::kBias)) << C::kFraction;
  return {S::from_bits(exponent), p};
}

/// Keeps x, or kSmallest where x is smaller; not-a-number stays.
template <class S>
LOCALGRAD_INLINE typename S::V clamp_exponent(typename S::V x) {
  const auto smallest = S::broadcast(MathConstants<typename S::T>::kSmallest);
  return S::select(x < smallest, smallest, x);
}

/// e^x for x <= 0 (or not a number).
template <class S>
LOCALGRAD_INLINE typename S::V exp_of_negative(typename S::V x) {
  const auto e = split_exp<S>(clamp_exponent<S>(x));
  const auto smallest = S::broadcast(MathConstants<typename S::T>::kSmallest);
  return S::select(x < smallest, S::broadcast(0), S::fma(e.scale, e.p, e.scale));
}

/// 1 / (1 + e^-x), with t = e^-|x| in the numerator where x < 0, so that nothing overflows or cancels.
template <class S>
LOCALGRAD_INLINE typename S::V sigmoid(typename S::V x) {
  const auto one = S::broadcast(1);
  const auto t = exp_of_negative<S>(-S::abs(x));
  return S::select(x < S::broadcast(0), t, one) / (one + t);
}

/// tanh |x| = -t / (t + 2) with t = e^(-2|x|) - 1.
template <class S>
LOCALGRAD_INLINE typename S::V tanh(typename S::V x) {
  const auto e = split_exp<S>(clamp_exponent<S>(S::broadcast(-2) * S::abs(x)));
  const auto t = S::fma(e.scale, e.p, e.scale - S::broadcast(1));
  return S::copysign(-t / (t + S::broadcast(2)), x);
}

/// log x for normal x > 0.
template <class S>
LOCALGRAD_INLINE typename S::V log(typename S::V x) {
  using C = MathConstants<typename S::T>;
  const auto root = S::bits(S::broadcast(C::kSqrtHalf));
  const auto above = S::bits(x) - root;  // its exponent field is that of x / sqrt(1/2)
  const auto n_bits = above >> C::kFraction;
  const auto m = S::from_bits(S::bits(x) - (n_bits << C::kFraction));
  const auto n = S::from_bits(S::bits(S::broadcast(C::kRound)) + n_bits) - S::broadcast(C::kRound);
  const auto f = m - S::broadcast(1);
  const auto s = f / (f + S::broadcast(2));
  const auto z = s * s;
  const auto half_square = S::broadcast(typename S::T(0.5)) * f * f;
  const auto tail =
      S::fma(s, S::fma(z, polynomial<S>(C::kLog, z), half_square), n * S::broadcast(C::kLn2Low));
  return S::fma(n, S::broadcast(C::kLn2High), f - (half_square - tail));
}

/// log(1 + t) for 0 <= t <= 1; the quotient gives back what 1 + t lost by rounding.
template <class S>
LOCALGRAD_INLINE typename S::V log1p(typename S::V t) {
  const auto one = S::broadcast(1);
  const auto u = one + t;
  return log<S>(u) + (t - (u - one)) / u;
}

}  // namespace
}  // namespace localgrad
