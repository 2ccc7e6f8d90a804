#pragma once

namespace localgrad {

/// %RMSprop: gradients divided by the root of the mean squared gradient.
///
///     v <- alpha v + (1 - alpha) g^2
///     w <- w - learning_rate g / (sqrt(v) + epsilon)
///
/// With momentum, the second equation becomes
///
///     u <- momentum u + g / (sqrt(v) + epsilon)        w <- w - learning_rate u
///
/// If `centered` is true, sqrt(v) is replaced by sqrt(v - r^2), where
///
///     r <- alpha r + (1 - alpha) g
///
/// Tieleman and Hinton, Lecture 6.5, 2012. Centered: Graves, Generating sequences with recurrent neural
/// networks, 2013.
struct RMSprop {
  /// Learning rate.
  double learning_rate = 1e-2;
  /// Decay rate of v and r.
  double alpha = 0.99;
  /// Added to the denominator for numerical stability.
  double epsilon = 1e-8;
  /// Momentum.
  double momentum = 0.0;
  /// Whether to use the variance of the gradient instead of its mean square.
  bool centered = false;
};

}  // namespace localgrad

#ifdef LOCALGRAD_CORE  // used inside the library

#include "functions/update_rule.hpp"

namespace localgrad {

/// State: v, then r if centered, then u with momentum.
template <bool kCentered, bool kMomentum>
struct RmspropStep : UpdateStep<1 + kCentered + kMomentum> {
  static constexpr const char* kName = kCentered
                                           ? kMomentum ? "rmsprop_centered_momentum" : "rmsprop_centered"
                                       : kMomentum ? "rmsprop_momentum"
                                                   : "rmsprop";
  static constexpr bool is_size(int state) { return state == 0; }
  template <class N>
  struct Numbers {
    N minus_rate, keep, take, epsilon, momentum;
  };
  template <class S, class V = typename S::V>
  static LOCALGRAD_INLINE V apply(const Numbers<V>& n, V w, V g, V* state) {
    state[0] = S::fma(n.keep, state[0], n.take * g * g);
    auto v = state[0];
    if constexpr (kCentered) {
      state[1] = S::fma(n.keep, state[1], n.take * g);
      v = S::max(S::broadcast(0), S::fma(-state[1], state[1], v));  // rounding errors can make it negative
    }
    auto direction = g / (S::sqrt(v) + n.epsilon);
    if constexpr (kMomentum) {
      auto& velocity = state[kCentered + 1];
      direction = velocity = S::fma(n.momentum, velocity, direction);
    }
    return S::fma(n.minus_rate, direction, w);
  }
};

template <>
struct UpdateRule<RMSprop> : CommonRule {
  static constexpr const char* kName = "RMSprop";
  using Steps = StepList<RmspropStep<false, false>, RmspropStep<false, true>, RmspropStep<true, false>,
                         RmspropStep<true, true>>;
  static int step(const RMSprop& o) { return 2 * o.centered + (o.momentum != 0); }
  template <class O, class F>
  static void settings(O& o, const F& f) {
    f("learning_rate", o.learning_rate, Range::at_least_0);
    f("alpha", o.alpha, Range::share);
    f("epsilon", o.epsilon, Range::above_0);
    f("momentum", o.momentum, Range::share);
    f("centered", o.centered);
  }
  template <class T>
  static RmspropStep<false, false>::Numbers<T> numbers(const RMSprop& o, double factor) {
    return {-static_cast<T>(factor * o.learning_rate), static_cast<T>(o.alpha), static_cast<T>(1 - o.alpha),
            usable_epsilon<T>(o.epsilon), static_cast<T>(o.momentum)};
  }
};

}  // namespace localgrad

#endif
