#pragma once

namespace localgrad {

/// %Adagrad: gradients divided by the root of the sum of all squared gradients.
///
///     s <- s + g^2        w <- w - learning_rate / (1 + (t - 1) lr_decay) g / (sqrt(s) + epsilon)
///
/// Duchi, Hazan and Singer, Adaptive subgradient methods, 2011.
struct Adagrad {
  /// Learning rate.
  double learning_rate = 1e-2;
  /// Decay of the learning rate, finite and >= 0.
  double lr_decay = 0.0;
  /// Initial value of s, finite and >= 0.
  double initial_accumulator = 0.0;
  /// Added to the denominator for numerical stability.
  double epsilon = 1e-10;
};

}  // namespace localgrad

#ifdef LOCALGRAD_CORE  // used inside the library

#include "functions/update_rule.hpp"

namespace localgrad {

/// State: s.
struct AdagradStep : UpdateStep<1> {
  static constexpr const char* kName = "adagrad";
  static constexpr bool is_size(int) { return true; }
  template <class N>
  struct Numbers {
    N minus_rate, epsilon;
  };
  template <class S, class V = typename S::V>
  static LOCALGRAD_INLINE V apply(const Numbers<V>& n, V w, V g, V* s) {
    s[0] = S::fma(g, g, s[0]);
    return S::fma(n.minus_rate, g / (S::sqrt(s[0]) + n.epsilon), w);
  }
};

template <>
struct UpdateRule<Adagrad> : CommonRule {
  static constexpr const char* kName = "Adagrad";
  using Steps = StepList<AdagradStep>;
  template <class O, class F>
  static void settings(O& o, const F& f) {
    f("learning_rate", o.learning_rate, Range::at_least_0);
    f("lr_decay", o.lr_decay, Range::at_least_0);
    f("initial_accumulator", o.initial_accumulator, Range::at_least_0);
    f("epsilon", o.epsilon, Range::above_0);
  }
  static double initial(const Adagrad& o, int) { return o.initial_accumulator; }
  template <class T>
  static AdagradStep::Numbers<T> numbers(const Adagrad& o, double factor, const Progress& p) {
    const double decay = 1 + static_cast<double>(p.t - 1) * o.lr_decay;
    return {-static_cast<T>(factor * o.learning_rate / decay), usable_epsilon<T>(o.epsilon)};
  }
};

}  // namespace localgrad

#endif
