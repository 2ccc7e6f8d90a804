#pragma once

// One struct for each update rule, made from its settings and 1/b: apply(w, sum, state) is the new w for `sum`, the sum of
// the gradients of a mini-batch, whose mean g is 1/b sum; `state` points at the rule's kStates numbers a parameter, each in
// an array of its own.

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

/// w <- w - learning_rate g. 1/b goes into the rate: one multiplication a parameter less, which is a tenth of (G1) for ten
/// rows.
template <class S>
struct Sgd {
  static constexpr int kStates = 0;
  typename S::V minus_rate;
  LOCALGRAD_INLINE Sgd(const UpdateSettings<typename S::T>& s, typename S::T one_over_batch)
      : minus_rate(S::broadcast(-s.learning_rate * one_over_batch)) {}
  LOCALGRAD_INLINE typename S::V apply(typename S::V w, typename S::V sum, typename S::V*) const {
    return S::fma(minus_rate, sum, w);
  }
};

/// v <- momentum v + g; w <- w - learning_rate v, or with Nesterov's look ahead w - learning_rate (g + momentum v).
/// Both in one: the direction is ahead g + keep v, with (ahead, keep) = (0, 1) or (1, momentum).
template <class S>
struct Momentum {
  static constexpr int kStates = 1;
  typename S::V mean, minus_rate, momentum, ahead, keep;
  LOCALGRAD_INLINE Momentum(const UpdateSettings<typename S::T>& s, typename S::T one_over_batch)
      : mean(S::broadcast(one_over_batch)),
        minus_rate(S::broadcast(-s.learning_rate)),
        momentum(S::broadcast(s.momentum)),
        ahead(S::broadcast(s.nesterov ? 1 : 0)),
        keep(S::broadcast(s.nesterov ? s.momentum : 1)) {}
  LOCALGRAD_INLINE typename S::V apply(typename S::V w, typename S::V sum, typename S::V* v) const {
    const auto g = mean * sum;
    v[0] = S::fma(momentum, v[0], g);
    return S::fma(minus_rate, S::fma(keep, v[0], ahead * g), w);
  }
};

}  // namespace
}  // namespace localgrad
