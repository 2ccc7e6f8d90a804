#pragma once

// One struct for each update rule, made from the settings of a step and a factor of its sums (1/b, or 1): apply(w, sum, state)
// is the new w for g = factor sum; `state` points at the rule's kStates numbers a parameter, each in an array of its own. Equations and
// sources stand in localgrad/optimizer.hpp. kInRegisters says whether the rule is short enough for the micro-kernel's epilogue.

#include "simd/vector.hpp"

namespace localgrad {

/// The numbers that the rules read in one step, computed in double and rounded once; which of them, each rule says.
template <class T>
struct UpdateSettings {
  T rate = 0;         ///< of the step, a correction of m's bias included
  T slope_rate = 0;   ///< NAdam: of g itself
  T keep = 0;         ///< of m or the velocity; Rprop: eta_minus
  T take = 0;         ///< of g into it; Rprop: eta_plus
  T keep_square = 0;  ///< of v
  T take_square = 0;  ///< of g^2 into it
  T root = 1;         ///< factor of sqrt(v)
  T epsilon = 0;
  T momentum = 0;             ///< RMSprop
  T lowest = 0, highest = 0;  ///< Rprop: of its steps
  bool nesterov = false;
};

namespace {

/// -1, 0 or 1, the sign of v. Not-a-number stays: a rule that made a step of it would hide that training has diverged.
template <class S>
LOCALGRAD_INLINE typename S::V sign(typename S::V v) {
  const auto zero = S::broadcast(0), one = S::broadcast(1);
  return S::select(v > zero, one, S::select(v < zero, -one, v));
}

/// rate. 1/b goes into it: one multiplication a parameter less, which is a tenth of (G1) for ten rows.
template <class S>
struct Sgd {
  static constexpr int kStates = 0;
  static constexpr bool kInRegisters = true;
  typename S::V minus_rate;
  LOCALGRAD_INLINE Sgd(const UpdateSettings<typename S::T>& s, typename S::T factor)
      : minus_rate(S::broadcast(-s.rate * factor)) {}
  LOCALGRAD_INLINE typename S::V apply(typename S::V w, typename S::V sum, typename S::V*) const {
    return S::fma(minus_rate, sum, w);
  }
};

/// rate, keep, nesterov. The direction is ahead g + back v, with (ahead, back) = (0, 1) or for Nesterov (1, keep).
template <class S>
struct Momentum {
  static constexpr int kStates = 1;
  static constexpr bool kInRegisters = true;
  typename S::V factor, minus_rate, keep, ahead, back;
  LOCALGRAD_INLINE Momentum(const UpdateSettings<typename S::T>& s, typename S::T factor_of_sum)
      : factor(S::broadcast(factor_of_sum)),
        minus_rate(S::broadcast(-s.rate)),
        keep(S::broadcast(s.keep)),
        ahead(S::broadcast(s.nesterov ? 1 : 0)),
        back(S::broadcast(s.nesterov ? s.keep : 1)) {}
  LOCALGRAD_INLINE typename S::V apply(typename S::V w, typename S::V sum, typename S::V* v) const {
    const auto g = factor * sum;
    v[0] = S::fma(keep, v[0], g);
    return S::fma(minus_rate, S::fma(back, v[0], ahead * g), w);
  }
};

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

/// rate, keep_square, take_square, epsilon; with momentum that; state 0 is v, then r if centered, then u with momentum.
template <class S, bool kCentered, bool kMomentum>
struct RmsStep {
  static constexpr int kStates = 1 + kCentered + kMomentum;
  static constexpr bool kInRegisters = false;
  typename S::V factor, minus_rate, keep_square, take_square, epsilon, momentum;
  LOCALGRAD_INLINE RmsStep(const UpdateSettings<typename S::T>& s, typename S::T factor_of_sum)
      : factor(S::broadcast(factor_of_sum)),
        minus_rate(S::broadcast(-s.rate)),
        keep_square(S::broadcast(s.keep_square)),
        take_square(S::broadcast(s.take_square)),
        epsilon(S::broadcast(s.epsilon)),
        momentum(S::broadcast(s.momentum)) {}
  LOCALGRAD_INLINE typename S::V apply(typename S::V w, typename S::V sum, typename S::V* state) const {
    const auto g = factor * sum;
    state[0] = S::fma(keep_square, state[0], take_square * g * g);
    auto v = state[0];
    if constexpr (kCentered) {
      state[1] = S::fma(keep_square, state[1], take_square * g);
      v = S::max(S::broadcast(0), S::fma(-state[1], state[1], v));  // rounding may bring it below 0
    }
    auto direction = g / (S::sqrt(v) + epsilon);
    if constexpr (kMomentum) {
      auto& velocity = state[kStates - 1];
      direction = velocity = S::fma(momentum, velocity, direction);
    }
    return S::fma(minus_rate, direction, w);
  }
};
template <class S>
using Rmsprop = RmsStep<S, false, false>;
template <class S>
using RmspropMomentum = RmsStep<S, false, true>;
template <class S>
using RmspropCentered = RmsStep<S, true, false>;
template <class S>
using RmspropCenteredMomentum = RmsStep<S, true, true>;

/// rate, epsilon; state 0 is s.
template <class S>
struct AdagradStep {
  static constexpr int kStates = 1;
  static constexpr bool kInRegisters = false;
  typename S::V factor, minus_rate, epsilon;
  LOCALGRAD_INLINE AdagradStep(const UpdateSettings<typename S::T>& s, typename S::T factor_of_sum)
      : factor(S::broadcast(factor_of_sum)),
        minus_rate(S::broadcast(-s.rate)),
        epsilon(S::broadcast(s.epsilon)) {}
  LOCALGRAD_INLINE typename S::V apply(typename S::V w, typename S::V sum, typename S::V* state) const {
    const auto g = factor * sum;
    state[0] = S::fma(g, g, state[0]);
    return S::fma(minus_rate, g / (S::sqrt(state[0]) + epsilon), w);
  }
};

/// rate (a factor of the steps), keep, take, lowest, highest; state 0 is the g before, state 1 the step.
template <class S>
struct RpropStep {
  static constexpr int kStates = 2;
  static constexpr bool kInRegisters = false;
  typename S::V factor, minus_rate, shrink, grow, lowest, highest;
  LOCALGRAD_INLINE RpropStep(const UpdateSettings<typename S::T>& s, typename S::T factor_of_sum)
      : factor(S::broadcast(factor_of_sum)),
        minus_rate(S::broadcast(-s.rate)),
        shrink(S::broadcast(s.keep)),
        grow(S::broadcast(s.take)),
        lowest(S::broadcast(s.lowest)),
        highest(S::broadcast(s.highest)) {}
  LOCALGRAD_INLINE typename S::V apply(typename S::V w, typename S::V sum, typename S::V* state) const {
    const auto zero = S::broadcast(0);
    const auto agree =
        sign<S>(factor * sum) * sign<S>(state[0]);  // no product of tiny numbers, which may be 0
    const auto change = S::select(agree > zero, grow, S::select(agree < zero, shrink, S::broadcast(1)));
    state[1] = S::min(highest, S::max(lowest, state[1] * change));
    state[0] = S::select(agree < zero, zero, factor * sum);
    return S::fma(minus_rate * sign<S>(state[0]), state[1], w);
  }
};

/// rate, keep, take, keep_square and take_square for m itself; state 0 is m.
template <class S>
struct LionStep {
  static constexpr int kStates = 1;
  static constexpr bool kInRegisters = false;
  typename S::V factor, minus_rate, look_keep, look_take, keep, take;
  LOCALGRAD_INLINE LionStep(const UpdateSettings<typename S::T>& s, typename S::T factor_of_sum)
      : factor(S::broadcast(factor_of_sum)),
        minus_rate(S::broadcast(-s.rate)),
        look_keep(S::broadcast(s.keep)),
        look_take(S::broadcast(s.take)),
        keep(S::broadcast(s.keep_square)),
        take(S::broadcast(s.take_square)) {}
  LOCALGRAD_INLINE typename S::V apply(typename S::V w, typename S::V sum, typename S::V* state) const {
    const auto g = factor * sum;
    const auto direction = sign<S>(S::fma(look_keep, state[0], look_take * g));
    state[0] = S::fma(keep, state[0], take * g);
    return S::fma(minus_rate, direction, w);
  }
};

}  // namespace
}  // namespace localgrad
