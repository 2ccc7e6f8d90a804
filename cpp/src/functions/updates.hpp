#pragma once

// One struct for each update rule: apply(w, g, state) is the new w for the mean gradient g, `state` points at the
// rule's kStates numbers a parameter, each in an array of its own.

#include "simd/vector.hpp"

namespace localgrad {

/// The numbers a rule reads; which of them, the rule says.
template <class T>
struct UpdateSettings {
  T learning_rate = 0;
  T momentum = 0;
  bool nesterov = false;
};

namespace {

/// w <- w - learning_rate g.
template <class S>
struct Sgd {
  static constexpr int kStates = 0;
  typename S::V minus_rate;
  explicit LOCALGRAD_INLINE Sgd(const UpdateSettings<typename S::T>& s)
      : minus_rate(S::broadcast(-s.learning_rate)) {}
  LOCALGRAD_INLINE typename S::V apply(typename S::V w, typename S::V g, typename S::V*) const {
    return S::fma(minus_rate, g, w);
  }
};

/// v <- momentum v + g; w <- w - learning_rate v, or with Nesterov's look ahead w - learning_rate (g + momentum v).
/// Both in one: the direction is ahead g + keep v, with (ahead, keep) = (0, 1) or (1, momentum).
template <class S>
struct Momentum {
  static constexpr int kStates = 1;
  typename S::V minus_rate, momentum, ahead, keep;
  explicit LOCALGRAD_INLINE Momentum(const UpdateSettings<typename S::T>& s)
      : minus_rate(S::broadcast(-s.learning_rate)),
        momentum(S::broadcast(s.momentum)),
        ahead(S::broadcast(s.nesterov ? 1 : 0)),
        keep(S::broadcast(s.nesterov ? s.momentum : 1)) {}
  LOCALGRAD_INLINE typename S::V apply(typename S::V w, typename S::V g, typename S::V* v) const {
    v[0] = S::fma(momentum, v[0], g);
    return S::fma(minus_rate, S::fma(keep, v[0], ahead * g), w);
  }
};

}  // namespace
}  // namespace localgrad
