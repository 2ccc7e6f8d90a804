#pragma once

namespace localgrad {

/// %Lion: steps of equal size in the direction of the sign of a momentum term.
///
///     w <- w (1 - learning_rate weight_decay)
///     w <- w - learning_rate sign(beta1 m + (1 - beta1) g)        m <- beta2 m + (1 - beta2) g
///
/// Chen et al., Symbolic discovery of optimization algorithms, 2023.
struct Lion {
  /// Learning rate.
  double learning_rate = 1e-4;
  /// Share of m in the direction of the step.
  double beta1 = 0.9;
  /// Decay rate of m, the mean of the gradient.
  double beta2 = 0.99;
  /// Weight decay, finite and >= 0. Overridden by Regularization::weight_decay.
  double weight_decay = 0.0;
};

}  // namespace localgrad

#ifdef LOCALGRAD_CORE  // used inside the library

#include "functions/update_rule.hpp"

namespace localgrad {

/// State: m.
struct LionStep : UpdateStep<1> {
  static constexpr const char* kName = "lion";
  template <class N>
  struct Numbers {
    N minus_rate, look_keep, look_take, keep, take;
  };
  template <class S, class V = typename S::V>
  static LOCALGRAD_INLINE V apply(const Numbers<V>& n, V w, V g, V* m) {
    const auto direction = sign<S>(S::fma(n.look_keep, m[0], n.look_take * g));
    m[0] = S::fma(n.keep, m[0], n.take * g);
    return S::fma(n.minus_rate, direction, w);
  }
};

template <>
struct UpdateRule<Lion> : CommonRule {
  static constexpr const char* kName = "Lion";
  using Steps = StepList<LionStep>;
  template <class O, class F>
  static void settings(O& o, const F& f) {
    f("learning_rate", o.learning_rate, Range::at_least_0);
    f("beta1", o.beta1, Range::share);
    f("beta2", o.beta2, Range::share);
    f("weight_decay", o.weight_decay, Range::at_least_0);
  }
  template <class T>
  static LionStep::Numbers<T> numbers(const Lion& o, double factor) {
    return {-static_cast<T>(factor * o.learning_rate), static_cast<T>(o.beta1), static_cast<T>(1 - o.beta1),
            static_cast<T>(o.beta2), static_cast<T>(1 - o.beta2)};
  }
};

}  // namespace localgrad

#endif
