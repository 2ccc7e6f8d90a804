#pragma once

namespace localgrad {

/// %Rprop: steps whose size depends only on the signs of successive gradients.
///
///     w <- w - sign(g) step
///
/// Each parameter has its own step, initially learning_rate. It is multiplied by eta_plus while the sign of
/// g stays the same. When the sign changes, the step is multiplied by eta_minus and w is not changed.
///
/// Riedmiller and Braun, A direct adaptive method for faster backpropagation learning, 1993.
struct Rprop {
  /// Initial step. A learning rate schedule multiplies all steps.
  double learning_rate = 1e-2;
  /// Factor of the step when the sign of g changes, between 0 and 1.
  double eta_minus = 0.5;
  /// Factor of the step while the sign of g stays the same, finite and > 1.
  double eta_plus = 1.2;
  /// Smallest step, finite and >= 0.
  double min_step = 1e-6;
  /// Largest step, finite and >= min_step.
  double max_step = 50;
};

}  // namespace localgrad

#ifdef LOCALGRAD_CORE  // used inside the library

#include "functions/update_rule.hpp"

namespace localgrad {

/// State: the previous g, the step.
struct RpropStep : UpdateStep<2> {
  static constexpr const char* kName = "rprop";
  static constexpr bool is_size(int state) { return state == 1; }
  template <class N>
  struct Numbers {
    N minus_factor, shrink, grow, lowest, highest;
  };
  template <class S, class V = typename S::V>
  static LOCALGRAD_INLINE V apply(const Numbers<V>& n, V w, V g, V* state) {
    const auto zero = S::broadcast(0);
    // Not the sign of g times the previous g, which may underflow to 0.
    const auto agree = sign<S>(g) * sign<S>(state[0]);
    const auto change = S::select(agree > zero, n.grow, S::select(agree < zero, n.shrink, S::broadcast(1)));
    state[1] = S::min(n.highest, S::max(n.lowest, state[1] * change));
    state[0] = S::select(agree < zero, zero, g);
    return S::fma(n.minus_factor * sign<S>(state[0]), state[1], w);
  }
};

template <>
struct UpdateRule<Rprop> : CommonRule {
  static constexpr const char* kName = "Rprop";
  using Steps = StepList<RpropStep>;
  template <class O, class F>
  static void settings(O& o, const F& f) {
    f("learning_rate", o.learning_rate, Range::at_least_0);
    f("eta_minus", o.eta_minus, Range::between_0_and_1);
    f("eta_plus", o.eta_plus, Range::above_1);
    f("min_step", o.min_step, Range::at_least_0);
    f("max_step", o.max_step, Range::at_least_0);
  }
  template <class F>
  static void check(const Rprop& o, const F& must) {
    must(o.max_step >= o.min_step, "max_step", "at least min_step", o.max_step);
  }
  static double initial(const Rprop& o, int state) { return state == 1 ? o.learning_rate : 0; }
  template <class T>
  static RpropStep::Numbers<T> numbers(const Rprop& o, double factor) {
    return {-static_cast<T>(factor), static_cast<T>(o.eta_minus), static_cast<T>(o.eta_plus),
            static_cast<T>(o.min_step), static_cast<T>(o.max_step)};
  }
};

}  // namespace localgrad

#endif
