#pragma once

#include "functions/math.hpp"

namespace localgrad {
namespace {

template <class T>
struct TurnConstants;
template <>
struct TurnConstants<float> {
  static constexpr float kQuarter = 1.57079633f;
  static constexpr float kSin[] = {1, -1.0f / 6, 1.0f / 120, -1.0f / 5040, 1.0f / 362880};
  static constexpr float kCos[] = {1, -0.5f, 1.0f / 24, -1.0f / 720, 1.0f / 40320, -1.0f / 3628800};
};
template <>
struct TurnConstants<double> {
  static constexpr double kQuarter = 1.570796326794896619231;
  static constexpr double kSin[] = {1,
                                    -1.0 / 6,
                                    1.0 / 120,
                                    -1.0 / 5040,
                                    1.0 / 362880,
                                    -1.0 / 39916800,
                                    1.0 / 6227020800,
                                    -1.0 / 1307674368000};
  static constexpr double kCos[] = {1,
                                    -0.5,
                                    1.0 / 24,
                                    -1.0 / 720,
                                    1.0 / 40320,
                                    -1.0 / 3628800,
                                    1.0 / 479001600,
                                    -1.0 / 87178291200,
                                    1.0 / 20922789888000};
};

/// Computes two independent standard normal numbers from two uniform ones, 0 < u1 <= 1 and 0 <= u2 < 1 (Box
/// and Muller 1958): sqrt(-2 log u1) times the cosine and the sine of u2 turns. The series are used for
/// angles of at most an eighth of a turn; other angles are reduced to these by exchanging sine and cosine
/// and changing signs, depending on the quarter of the turn.
template <class S>
LOCALGRAD_INLINE void normal_pair(typename S::V u1, typename S::V u2, typename S::V& cosine,
                                  typename S::V& sine) {
  using C = TurnConstants<typename S::T>;
  const auto round = S::broadcast(MathConstants<typename S::T>::kRound);
  const auto quarters = S::broadcast(4) * u2;
  const auto q = (quarters + round) - round;  // 0 .. 4
  const auto x = S::broadcast(C::kQuarter) * (quarters - q), square = x * x;
  const auto s = x * polynomial<S>(C::kSin, square), c = polynomial<S>(C::kCos, square);
  const auto one = S::broadcast(1), two = S::broadcast(2), three = S::broadcast(3);
  const auto odd = (q == one) | (q == three);
  const auto cos = S::select(odd, s, c), sin = S::select(odd, c, s);
  const auto radius = S::sqrt(S::broadcast(-2) * log<S>(u1));
  cosine = radius * S::select((q == one) | (q == two), -cos, cos);
  sine = radius * S::select((q == two) | (q == three), -sin, sin);
}

}  // namespace
}  // namespace localgrad
