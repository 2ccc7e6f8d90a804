#pragma once

namespace localgrad {

/// %Adam: momentum, divided by the root of the mean squared gradient.
///
///     m <- beta1 m + (1 - beta1) g        v <- beta2 v + (1 - beta2) g^2
///     w <- w - learning_rate m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon)
///
/// Kingma and Ba, %Adam: a method for stochastic optimization, 2015. AMSGrad: Reddi, Kale and Kumar, On the
/// convergence of Adam and beyond, 2018.
struct Adam {
  /// Learning rate.
  double learning_rate = 1e-3;
  /// Decay rate of m, the mean of the gradient.
  double beta1 = 0.9;
  /// Decay rate of v, the mean of the squared gradient.
  double beta2 = 0.999;
  /// Added to the denominator for numerical stability.
  double epsilon = 1e-8;
  /// Whether to use the AMSGrad variant, which replaces v in the update of w with the largest v so far.
  bool amsgrad = false;
};

}  // namespace localgrad

#ifdef LOCALGRAD_CORE  // used inside the library

#include "functions/update_rule.hpp"

namespace localgrad {

/// State: m, v. The numbers include the bias corrections of both means; `root` is that of sqrt(v).
struct AdamStep : UpdateStep<2> {
  static constexpr const char* kName = "adam";
  static constexpr bool is_size(int state) { return state == 1; }
  template <class N>
  struct Numbers {
    N minus_rate, keep, take, keep_square, take_square, root, epsilon;
  };
  template <class S, class V = typename S::V>
  static LOCALGRAD_INLINE V apply(const Numbers<V>& n, V w, V g, V* state) {
    return end<S>(n, w, state, begin<S>(n, g, state));
  }
  static constexpr bool kInTwoParts = true;
  template <class S, class V = typename S::V>
  static LOCALGRAD_INLINE V begin(const Numbers<V>& n, V g, V* state) {
    move<S>(n, g, state);
    return scale<S>(n, state[1]);
  }
  template <class S, class V = typename S::V>
  static LOCALGRAD_INLINE V end(const Numbers<V>& n, V w, const V* state, V scale) {
    return S::fma(n.minus_rate, quotient<S>(state[0], scale), w);
  }
  template <class S, class V = typename S::V>
  static LOCALGRAD_INLINE void move(const Numbers<V>& n, V g, V* state) {
    state[0] = S::fma(n.keep, state[0], n.take * g);
    state[1] = S::fma(n.keep_square, state[1], n.take_square * g * g);
  }
  template <class S, class V = typename S::V>
  static LOCALGRAD_INLINE V scale(const Numbers<V>& n, V v) {
    return S::fma(n.root, S::sqrt(v), n.epsilon);
  }
};

/// State: m, v, the largest v so far.
struct AmsgradStep : UpdateStep<3> {
  static constexpr const char* kName = "amsgrad";
  static constexpr bool is_size(int state) { return state > 0; }
  template <class N>
  using Numbers = AdamStep::Numbers<N>;
  template <class S, class V = typename S::V>
  static LOCALGRAD_INLINE V apply(const Numbers<V>& n, V w, V g, V* state) {
    return AdamStep::end<S>(n, w, state, begin<S>(n, g, state));
  }
  static constexpr bool kInTwoParts = true;
  template <class S, class V = typename S::V>
  static LOCALGRAD_INLINE V begin(const Numbers<V>& n, V g, V* state) {
    AdamStep::move<S>(n, g, state);
    state[2] = S::max(state[2], state[1]);
    return AdamStep::scale<S>(n, state[2]);
  }
  template <class S, class V = typename S::V>
  static LOCALGRAD_INLINE V end(const Numbers<V>& n, V w, const V* state, V scale) {
    return AdamStep::end<S>(n, w, state, scale);
  }
};

template <>
struct UpdateRule<Adam> : CommonRule {
  static constexpr const char* kName = "Adam";
  using Steps = StepList<AdamStep, AmsgradStep>;
  template <class O>
  static int step(const O& o) {
    return o.amsgrad;
  }
  template <class O, class F>
  static void settings(O& o, const F& f) {
    moments(o, f);
    f("amsgrad", o.amsgrad);
  }
  template <class O, class F>
  static void moments(O& o, const F& f) {
    f("learning_rate", o.learning_rate, Range::at_least_0);
    f("beta1", o.beta1, Range::share);
    f("beta2", o.beta2, Range::share);
    f("epsilon", o.epsilon, Range::above_0);
  }
  template <class T, class O>
  static AdamStep::Numbers<T> numbers(const O& o, double factor, const Progress& p) {
    return with_rate<T>(o, factor * o.learning_rate / one_minus_power(o.beta1, p.t), p);
  }
  template <class T, class O>
  static AdamStep::Numbers<T> with_rate(const O& o, double rate, const Progress& p) {
    return {-static_cast<T>(rate),       static_cast<T>(o.beta1),
            static_cast<T>(1 - o.beta1), static_cast<T>(o.beta2),
            static_cast<T>(1 - o.beta2), static_cast<T>(1 / std::sqrt(one_minus_power(o.beta2, p.t))),
            usable_epsilon<T>(o.epsilon)};
  }
};

}  // namespace localgrad

#endif
