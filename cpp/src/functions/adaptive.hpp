#pragma once

#include "functions/descent.hpp"

namespace localgrad {
namespace {

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
