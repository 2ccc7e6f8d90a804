#pragma once

namespace localgrad {

/// Stochastic gradient descent, optionally with momentum.
///
///     w <- w - learning_rate g
///
/// With momentum, where v is the velocity:
///
///     v <- momentum v + g        w <- w - learning_rate v
///
/// With Nesterov momentum:
///
///     v <- momentum v + g        w <- w - learning_rate (g + momentum v)
struct SGD {
  /// Learning rate.
  double learning_rate = 0.1;
  /// Momentum.
  double momentum = 0.0;
  /// Whether to use Nesterov momentum, which requires momentum > 0.
  bool nesterov = false;
};

}  // namespace localgrad

#ifdef LOCALGRAD_CORE  // used inside the library

#include "functions/update_rule.hpp"

namespace localgrad {

struct SgdStep : UpdateStep<0> {
  static constexpr const char* kName = "sgd";
  static constexpr bool kInRegisters = true;
  static constexpr bool kLinear = true;
  /// The direction is ahead g + back v: (0, 1) for momentum, (1, momentum) for Nesterov momentum.
  template <class N>
  struct Numbers {
    N minus_rate, keep, ahead, back;
  };
  template <class S, class V = typename S::V>
  static LOCALGRAD_INLINE V apply(const Numbers<V>& n, V w, V g, V*) {
    return S::fma(n.minus_rate, g, w);
  }
};

struct MomentumStep : UpdateStep<1> {
  static constexpr const char* kName = "momentum";
  static constexpr bool kInRegisters = true;
  template <class N>
  using Numbers = SgdStep::Numbers<N>;
  template <class S, class V = typename S::V>
  static LOCALGRAD_INLINE V apply(const Numbers<V>& n, V w, V g, V* v) {
    v[0] = S::fma(n.keep, v[0], g);
    return S::fma(n.minus_rate, S::fma(n.back, v[0], n.ahead * g), w);
  }
};

template <>
struct UpdateRule<SGD> : CommonRule {
  static constexpr const char* kName = "SGD";
  using Steps = StepList<SgdStep, MomentumStep>;
  static int step(const SGD& o) { return o.momentum != 0; }
  template <class O, class F>
  static void settings(O& o, const F& f) {
    f("learning_rate", o.learning_rate, Range::at_least_0);
    f("momentum", o.momentum, Range::share);
    f("nesterov", o.nesterov);
  }
  template <class F>
  static void check(const SGD& o, const F& must) {
    must(!o.nesterov || o.momentum > 0, "momentum", "above 0 for nesterov", o.momentum);
  }
  template <class T>
  static SgdStep::Numbers<T> numbers(const SGD& o, double factor) {
    const T keep = static_cast<T>(o.momentum);
    return {-static_cast<T>(factor * o.learning_rate), keep, T(o.nesterov), o.nesterov ? keep : T(1)};
  }
};

}  // namespace localgrad

#endif
