#pragma once

namespace localgrad {

/// %NAdam: Adam with Nesterov momentum.
///
///     mu_t = beta1 (1 - 0.96^(t momentum_decay) / 2)        P_t = mu_1 mu_2 .. mu_t
///     d = (1 - mu_t) / (1 - P_t) g + mu_t+1 / (1 - P_t+1) m
///     w <- w - learning_rate d / (sqrt(v / (1 - beta2^t)) + epsilon)
///
/// m and v are those of Adam. Dozat, Incorporating Nesterov momentum into %Adam, 2016.
struct NAdam {
  /// Learning rate.
  double learning_rate = 2e-3;
  /// Decay rate of m, the mean of the gradient, and limit of mu_t.
  double beta1 = 0.9;
  /// Decay rate of v, the mean of the squared gradient.
  double beta2 = 0.999;
  /// Added to the denominator for numerical stability.
  double epsilon = 1e-8;
  /// Rate at which mu_t increases to beta1, finite and >= 0.
  double momentum_decay = 4e-3;
};

}  // namespace localgrad

#ifdef LOCALGRAD_CORE  // used inside the library

#include "localgrad/optimizers/adam.hpp"

namespace localgrad {

/// State: m, v.
struct NadamStep : UpdateStep<2> {
  static constexpr const char* kName = "nadam";
  static constexpr bool is_size(int state) { return state == 1; }
  template <class N>
  struct Numbers {
    AdamStep::Numbers<N> adam;
    N minus_slope_rate;
  };
  template <class S, class V = typename S::V>
  static LOCALGRAD_INLINE V apply(const Numbers<V>& n, V w, V g, V* state) {
    AdamStep::move<S>(n.adam, g, state);
    const auto direction = S::fma(n.minus_slope_rate, g, n.adam.minus_rate * state[0]);
    return w + quotient<S>(direction, AdamStep::scale<S>(n.adam, state[1]));
  }
};

template <>
struct UpdateRule<NAdam> : CommonRule {
  static constexpr const char* kName = "NAdam";
  using Steps = StepList<NadamStep>;
  template <class O, class F>
  static void settings(O& o, const F& f) {
    UpdateRule<Adam>::moments(o, f);
    f("momentum_decay", o.momentum_decay, Range::at_least_0);
  }
  template <class T>
  static NadamStep::Numbers<T> numbers(const NAdam& o, double factor, Progress& p) {
    const auto mu = [&](std::uint64_t t) {
      return o.beta1 * (1 - 0.5 * std::pow(0.96, static_cast<double>(t) * o.momentum_decay));
    };
    const double rate = factor * o.learning_rate, next = mu(p.t + 1);
    p.mu_product *= mu(p.t);
    return {UpdateRule<Adam>::with_rate<T>(o, rate * next / (1 - p.mu_product * next), p),
            -static_cast<T>(rate * (1 - mu(p.t)) / (1 - p.mu_product))};
  }
};

}  // namespace localgrad

#endif
