#pragma once

#include "functions/descent.hpp"

namespace localgrad {
namespace {

/// n / d for normal d > 0 whose reciprocal is normal too, in float to 2 units in the last place (without fused multiply-add 2.3); for
/// infinite d, where v has overflowed, it is not a number. A division would wait for the unit that takes the square roots, and so
/// cost half as much again. The bits of d, taken from a constant, are 1/d to one part in 8; each line makes an error e of it e^3.
template <class S>
LOCALGRAD_INLINE typename S::V quotient(typename S::V n, typename S::V d) {
  if constexpr (sizeof(typename S::T) != sizeof(float)) return n / d;
  const auto one = S::broadcast(1);
  auto r = S::from_bits(S::broadcast_bits(0x7ef311c7) - S::bits(d));
#pragma GCC unroll 2
  for (int i = 0; i < 2; ++i) {
    const auto e = S::fma(-d, r, one);
    r = S::fma(r, S::fma(e, e, e), r);
  }
  return n * r;
}

/// Means of g and g^2, as Adam has them, in state 0 and 1.
template <class S>
struct Moments {
  typename S::V factor, keep, take, keep_square, take_square, root, epsilon;
  LOCALGRAD_INLINE Moments(const UpdateSettings<typename S::T>& s, typename S::T factor_of_sum)
      : factor(S::broadcast(factor_of_sum)),
        keep(S::broadcast(s.keep)),
        take(S::broadcast(s.take)),
        keep_square(S::broadcast(s.keep_square)),
        take_square(S::broadcast(s.take_square)),
        root(S::broadcast(s.root)),
        epsilon(S::broadcast(s.epsilon)) {}
  LOCALGRAD_INLINE void move(typename S::V g, typename S::V* state) const {
    state[0] = S::fma(keep, state[0], take * g);
    state[1] = S::fma(keep_square, state[1], take_square * g * g);
  }
  LOCALGRAD_INLINE typename S::V scale(typename S::V v) const { return S::fma(root, S::sqrt(v), epsilon); }
};

/// rate, keep, take, keep_square, take_square, root, epsilon.
template <class S>
struct AdamStep : Moments<S> {
  static constexpr int kStates = 2;
  static constexpr bool kInRegisters = false;
  typename S::V minus_rate;
  LOCALGRAD_INLINE AdamStep(const UpdateSettings<typename S::T>& s, typename S::T factor_of_sum)
      : Moments<S>(s, factor_of_sum), minus_rate(S::broadcast(-s.rate)) {}
  LOCALGRAD_INLINE typename S::V apply(typename S::V w, typename S::V sum, typename S::V* state) const {
    this->move(this->factor * sum, state);
    return S::fma(minus_rate, quotient<S>(state[0], this->scale(state[1])), w);
  }
};

/// As AdamStep; state 2 is the largest v so far.
template <class S>
struct AmsgradStep : AdamStep<S> {
  static constexpr int kStates = 3;
  using AdamStep<S>::AdamStep;
  LOCALGRAD_INLINE typename S::V apply(typename S::V w, typename S::V sum, typename S::V* state) const {
    this->move(this->factor * sum, state);
    state[2] = S::max(state[2], state[1]);
    return S::fma(this->minus_rate, quotient<S>(state[0], this->scale(state[2])), w);
  }
};

/// As AdamStep, and slope_rate.
template <class S>
struct NadamStep : AdamStep<S> {
  typename S::V minus_slope_rate;
  LOCALGRAD_INLINE NadamStep(const UpdateSettings<typename S::T>& s, typename S::T factor_of_sum)
      : AdamStep<S>(s, factor_of_sum), minus_slope_rate(S::broadcast(-s.slope_rate)) {}
  LOCALGRAD_INLINE typename S::V apply(typename S::V w, typename S::V sum, typename S::V* state) const {
    const auto g = this->factor * sum;
    this->move(g, state);
    const auto direction = S::fma(minus_slope_rate, g, this->minus_rate * state[0]);
    return w + quotient<S>(direction, this->scale(state[1]));
  }
};

}  // namespace
}  // namespace localgrad
