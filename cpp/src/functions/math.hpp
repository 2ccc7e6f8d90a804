#pragma once

// exp, sigmoid, tanh, log and related functions, with errors of about 2 units in the last place (ulp), and
// the tail of the normal distribution, with 5 ulp. All instruction sets use the same operations: results are
// bit-identical where multiply-adds are fused.
//
// exp:  x = n ln 2 + r, |r| <= ln(2)/2; e^x = 2^n (1 + r Q(r)), r Q(r) = e^r - 1. The factor 2^n is exact.
//
// log:  x = 2^n m, 1/sqrt(2) <= m < sqrt(2); with f = m - 1, s = f/(2 + f): log m = f - s (f - s^2 h(s^2)).
//
// Q is a minimax approximation on its interval, h a Chebyshev approximation. Largest errors in ulp, in float
// over all arguments, in double over millions of arguments:
//
//                         exp   sigmoid  tanh   log   log1p
//      float              0.90   1.72    1.95   0.90   1.50   (unfused 1.19, 1.84, 2.00, 0.95, 1.54)
//      double             0.94   1.78    2.16   0.90   1.50   (1.21, 1.82, 2.15, 0.94, 1.56)
//                        expm1  softplus  tail of the normal distribution
//      float              0.96   1.65    4.40   (unfused 0.93, 1.65, 4.80)
//      double             1.14   1.64    5.10   (1.08, 1.61, 6.00)
//
// The results are not exactly monotonic: those of neighboring arguments can be in the wrong order by 1 ulp.

#include "simd/vector.hpp"

namespace localgrad {
namespace {

template <class T>
struct MathConstants;

template <>
struct MathConstants<float> {
  static constexpr float kLog2e = 1.44269504f;
  static constexpr float kLn2High = 0.693359375f;  // 9 bits: multiples n kLn2High are exact
  static constexpr float kLn2Low = -2.12194440e-4f;
  static constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer in the low bits
  static constexpr float kLowest = -88.35f;  // here n = -127 (e^x = 0), and 3/2 e^-x overflows with n = 127
  static constexpr float kNormalExp = 87;    // e^x and e^-x are normal for |x| up to this
  static constexpr float kSigmoidOne = 20;   // sigmoid is 1 from here on
  static constexpr float kTanhOne = 9;       // tanh is 1 from here on
  static constexpr float kSqrtHalf = 0.70710678f;
  static constexpr int kFraction = 23;
  static constexpr std::int32_t kBias = 127, kInfinity = 0x7f800000;
  static constexpr float kExp[] = {1,
                                   0.5f,
                                   0.16666488349437713623f,
                                   0.041665550321340560913f,
                                   0.0083722900599241256714f,
                                   0.0014036087086424231529f};  // 1 + r Q(r): relative error 4.4e-9
  static constexpr float kLog[] = {0.66666685095429068746f, 0.39988757716604847003f,
                                   0.29580985929974422621f};  // 5.6e-9
  static constexpr float kNormalMost = 13.4f;                 // e^(-u^2/2) is 0 from here on
  static constexpr float kNormalShift = 2.5f;
  static constexpr float kNormal[] = {0.706656634808f,    -0.433692097664f,   0.131987601519f,
                                      0.00923825614154f,  -0.0163899902254f,  -0.00161805842072f,
                                      0.00252873823047f,  0.000730356550775f, -0.000298377126455f,
                                      -0.00019870242977f, -2.48442247539e-5f};  // 3.2e-8
  static constexpr std::int32_t kHighHalf = ~0xfff;
  static constexpr float kLogSmall = -8.4f;  // t = e^z < 2^-12, so that t^2 is negligible compared to 1
};

template <>
struct MathConstants<double> {
  static constexpr double kLog2e = 1.442695040888963407359924681;
  static constexpr double kLn2High = 0x1.62e42fee00000p-1;  // 32 bits: multiples n kLn2High are exact
  static constexpr double kLn2Low = 1.908214929270587816144e-10;
  static constexpr double kRound = 6755399441055744.0;  // 1.5 * 2^52
  static constexpr double kLowest = -709.41;
  static constexpr double kNormalExp = 708;
  static constexpr double kSigmoidOne = 40;
  static constexpr double kTanhOne = 19.1;
  static constexpr double kSqrtHalf = 0.7071067811865476;
  static constexpr int kFraction = 52;
  static constexpr std::int64_t kBias = 1023, kInfinity = 0x7ff0000000000000;
  static constexpr double kExp[] = {1,
                                    0.50000000000000010221,
                                    0.16666666666666667453,
                                    0.041666666666624127873,
                                    0.0083333333333300618325,
                                    0.0013888888917213716901,
                                    0.00019841269863053616878,
                                    0.000024801521295954375131,
                                    2.7557268459997064772e-6,
                                    2.7620088445409748161e-7,
                                    2.5100385495510319078e-8};  // 2e-18
  static constexpr double kLog[] = {0.66666666666666697077, 0.39999999999898890514, 0.28571428626253837606,
                                    0.22222211089379496214, 0.18182892432536871201, 0.15331611722055007885,
                                    0.14617807153417324964};  // relative error 9.2e-18
  static constexpr double kNormalMost = 38;
  static constexpr double kNormalShift = 3.5;
  static constexpr double kNormal[] = {
      0.744416075435938129345,       -0.565561816053778976254,     0.315424969887952100223,
      -0.116050928714078946391,      0.0174078326020663254337,     0.00647621891987993584389,
      -0.00318910104861120898348,    -0.000445012950051017349643,  0.000476657103816808299778,
      0.0000670332309893164533755,   -0.0000755846632445867879554, -0.0000187888903046789589415,
      0.0000115066142696655485822,   0.00000565188303265970939785, -0.00000116491978338231185295,
      -0.00000147908738880149067848, -1.43463547757315023513e-7,   2.94268106065763862081e-7,
      1.24242375054843972653e-7,     -2.99560886149029281152e-8,   -3.65621590484608140862e-8,
      -3.9724910524239553055e-9,     4.97325085495091980612e-9,    1.52449706882646235777e-9};  // 4.8e-18
  static constexpr std::int64_t kHighHalf = ~std::int64_t{0x7ffffff};
  static constexpr double kLogSmall = -18.1;
};

template <class T, int n>
struct Coefficients {
  T c[n];
};

/// Coefficients of factor Q(inner r), from those of Q(r).
template <class T, int n>
constexpr Coefficients<T, n> substitute(const T (&c)[n], T factor, T inner) {
  Coefficients<T, n> result{};
  for (int i = 0; i < n; ++i, factor *= inner) result.c[i] = c[i] * factor;
  return result;
}

/// sum over i >= first of c_i x^(i - first).
template <class S, int first = 0, int n>
LOCALGRAD_INLINE typename S::V polynomial(const typename S::T (&c)[n], typename S::V x) {
  typename S::V sum = S::broadcast(c[n - 1]);
#pragma GCC unroll 24
  for (int i = n - 2; i >= first; --i) sum = S::fma(sum, x, S::broadcast(c[i]));
  return sum;
}

template <class S>
struct Reduced {
  typename S::V scale, r;
};

/// Argument reduction, multiple * x = n ln 2 + multiple * r, and scale = 2^n, in five operations: the
/// rounding constant includes the exponent's bias. Requires kLowest <= multiple * x <= -kLowest.
template <class S, int multiple>
LOCALGRAD_INLINE Reduced<S> reduce(typename S::V x) {
  using C = MathConstants<typename S::T>;
  const auto round = S::broadcast(C::kRound + C::kBias);
  const auto shifted = S::fma(x, S::broadcast(multiple * C::kLog2e), round);
  const auto n = shifted - round;
  const auto high = S::fma(n, S::broadcast(-C::kLn2High / multiple), x);
  const auto r = S::fma(n, S::broadcast(-C::kLn2Low / multiple), high);
  return {S::from_bits(S::bits(shifted) << C::kFraction), r};
}

/// e^x for x <= 0 (or NaN), in 13 operations; 0 where it is below 2^-126.5 or 2^-1022.5.
template <class S>
LOCALGRAD_INLINE typename S::V exp_of_negative(typename S::V x) {
  using C = MathConstants<typename S::T>;
  const auto e = reduce<S, 1>(S::max(S::broadcast(C::kLowest), x));
  return S::fma(e.scale * e.r, polynomial<S>(C::kExp, e.r), e.scale);
}

/// e^x for any x; infinite above -kLowest (88.35 or 709.41), slightly before it overflows.
template <class S>
LOCALGRAD_INLINE typename S::V exp(typename S::V x) {
  using T = typename S::T;
  using C = MathConstants<T>;
  const auto most = S::broadcast(-C::kLowest), infinity = S::from_bits(S::broadcast_bits(C::kInfinity));
  const auto e = reduce<S, 1>(S::min(most, S::max(S::broadcast(C::kLowest), x)));
  const auto value = S::fma(e.scale * e.r, polynomial<S>(C::kExp, e.r), e.scale);
  return S::select(x > most, infinity, value);
}

/// e^x - 1 for x <= 0 (or NaN): 2^n p + (2^n - 1) with p = r Q(r), which is p for n = 0.
template <class S>
LOCALGRAD_INLINE typename S::V expm1_of_negative(typename S::V x) {
  using C = MathConstants<typename S::T>;
  const auto e = reduce<S, 1>(S::max(S::broadcast(C::kLowest), x));
  const auto p = S::fma(e.r * e.r, polynomial<S, 1>(C::kExp, e.r), e.r);
  return S::fma(e.scale, p, e.scale - S::broadcast(1));
}

/// sigmoid x = k / (k 2^n + (k + k 2^n r Q(r))), in 15 operations and a division. No rounded term is large
/// compared to the sum. With k = 3/2 the sum lies where floating-point numbers are dense; k = 1 gave 2.4
/// ulp. The result is 0 where k e^-x overflows: the quotient is then below the smallest normal number.
template <class T>
constexpr T kSigmoidFactor = T(1.5);
template <class T>
constexpr auto kSigmoidExp = substitute(MathConstants<T>::kExp, -kSigmoidFactor<T>, T(-1));

template <class S>
LOCALGRAD_INLINE typename S::V sigmoid(typename S::V x) {
  using T = typename S::T;
  using C = MathConstants<T>;
  const auto k = S::broadcast(kSigmoidFactor<T>);
  const auto e = reduce<S, -1>(S::min(S::broadcast(C::kSigmoidOne), S::max(S::broadcast(C::kLowest), x)));
  const auto q = polynomial<S>(kSigmoidExp<T>.c, e.r);
  return k / S::fma(e.scale, k, S::fma(e.scale * e.r, q, k));
}

/// tanh |x| = (1 - t) / (1 + t), t = e^(-2|x|) = 2^n (1 + 2p), with both sides halved, in 18 operations and
/// a division. For |x| < 0.17, n = 0 and the numerator is p. If the denominator were computed as 2 - (1 -
/// t), the rounding error of 1 - t would affect tanh near 1 twice. In double, the rounding error of ln(2)/2,
/// and thus of r at n = -1, is close to the maximum, which causes 2.2 ulp near 0.2; in float it is 30 times
/// smaller.
template <class T>
constexpr auto kTanhExp = substitute(MathConstants<T>::kExp, T(1), T(2));

template <class S>
LOCALGRAD_INLINE typename S::V tanh(typename S::V x) {
  using T = typename S::T;
  using C = MathConstants<T>;
  const auto half = S::broadcast(T(0.5)), sign = S::broadcast(T(-0.0));
  const auto negative = S::from_bits(S::bits(x) | S::bits(sign));
  const auto e = reduce<S, 2>(S::max(S::broadcast(-C::kTanhOne), negative));
  const auto p = S::fma(e.r * e.r, polynomial<S, 1>(kTanhExp<T>.c, e.r), e.r);
  // Halving 2^n is exact. Sums take other units of the processor than multiply-adds.
  const auto scale =
      S::from_bits(S::bits(e.scale) - S::broadcast_bits(typename S::Integer{1} << C::kFraction));
  const auto above = S::fma(-e.scale, p, half - scale);
  const auto below = S::fma(e.scale, p, half + scale);
  return S::from_bits(S::bits(above / below) | (S::bits(x) & S::bits(sign)));
}

/// log(1 + f) + n ln 2 for 1/sqrt(2) <= 1 + f <= sqrt(2). The terms added to f are smaller than f, and so
/// are their errors.
template <class S>
LOCALGRAD_INLINE typename S::V log_of_product(typename S::V f, typename S::V n) {
  using C = MathConstants<typename S::T>;
  const auto s = f / (f + S::broadcast(2));
  const auto z = s * s;
  const auto rest = S::fma(s, S::fma(z, polynomial<S>(C::kLog, z), -f), n * S::broadcast(C::kLn2Low));
  return S::fma(n, S::broadcast(C::kLn2High), f + rest);
}

/// log x for normal x > 0, in 16 operations and a division.
template <class S>
LOCALGRAD_INLINE typename S::V log(typename S::V x) {
  using C = MathConstants<typename S::T>;
  // Its exponent is that of x / sqrt(1/2).
  const auto above = S::bits(x) - S::bits(S::broadcast(C::kSqrtHalf));
  const auto n_bits = above >> C::kFraction;
  const auto m = S::from_bits(S::bits(x) - (n_bits << C::kFraction));
  const auto n = S::from_bits(S::bits(S::broadcast(C::kRound)) + n_bits) - S::broadcast(C::kRound);
  return log_of_product<S>(m - S::broadcast(1), n);
}

/// log(1 + t) for 0 <= t <= 1, in 13 operations and a division. 1 + t is never rounded: above sqrt(2) - 1
/// the result is computed as log((1 + t) / 2) + ln 2.
template <class S>
LOCALGRAD_INLINE typename S::V log1p(typename S::V t) {
  using T = typename S::T;
  const auto half = S::broadcast(T(0.5));
  const auto large = t > S::broadcast(2 * MathConstants<T>::kSqrtHalf - 1);
  const auto f = S::select(large, S::fma(t, half, -half), t);
  return log_of_product<S>(f, S::select(large, S::broadcast(1), S::broadcast(0)));
}

/// log(1 + e^z) = max(z, 0) + log(1 + e^-|z|).
template <class S>
LOCALGRAD_INLINE typename S::V softplus(typename S::V z) {
  return S::max(S::broadcast(0), z) + log1p<S>(exp_of_negative<S>(-S::abs(z)));
}

/// The standard normal distribution beyond u >= 0: `tail` = 1/2 erfc(u / sqrt 2), and `exp` = e^(-u^2/2).
///
/// tail = e^(-u^2/2) w G(t), with w = 1/(u + k) and t = 1 - 2 k w = (u - k)/(u + k). This maps all u >= 0 to
/// an interval in which G is smooth (Shepherd and Laframboise 1981). The rounding error of u^2 is corrected
/// by a factor. It takes 36 (in double 48) operations and a division.
template <class S>
struct Normal {
  typename S::V tail, exp;
};

template <class S>
LOCALGRAD_INLINE Normal<S> normal_beyond(typename S::V distance) {
  using T = typename S::T;
  using C = MathConstants<T>;
  const auto u = S::min(S::broadcast(C::kNormalMost), distance);
  const auto high = S::from_bits(S::bits(u) & S::broadcast_bits(C::kHighHalf));
  const auto square = u * u, lost = S::fma(u - high, u + high, high * high - square);
  const auto half = S::broadcast(T(-0.5));
  const auto rounded = exp_of_negative<S>(half * square);
  const auto e = S::fma(rounded, half * lost, rounded);
  const auto one = S::broadcast(1), below = u + S::broadcast(C::kNormalShift), w = one / below;
  const auto rounded_t = S::fma(S::broadcast(-2 * C::kNormalShift), w, one);
  const auto t = S::fma(rounded_t - one, S::fma(-w, below, one), rounded_t);
  return {e * w * polynomial<S>(C::kNormal, t), e};
}

}  // namespace
}  // namespace localgrad
