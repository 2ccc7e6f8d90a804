#pragma once

// One struct for each update rule, made from the settings of a step and a factor of its sums (1/b, or 1): apply(w, sum, state)
// is the new w for g = factor sum; `state` points at the rule's kStates numbers a parameter, each in an array of its own. Equations and
// sources stand in localgrad/optimizer.hpp. kInRegisters says whether the rule is short enough for the micro-kernel's epilogue.

#include "simd/vector.hpp"

namespace localgrad {

/// The numbers that the rules read in one step, computed in double and rounded once; which of them, each rule says.
template <class T>
struct UpdateSettings {
  T rate = 0;         ///< of the step, a correction of m's bias included
  T slope_rate = 0;   ///< NAdam: of g itself
  T keep = 0;         ///< of m or the velocity; Rprop: eta_minus
  T take = 0;         ///< of g into it; Rprop: eta_plus
  T keep_square = 0;  ///< of v
  T take_square = 0;  ///< of g^2 into it
  T root = 1;         ///< factor of sqrt(v)
  T epsilon = 0;
  T momentum = 0;             ///< RMSprop
  T lowest = 0, highest = 0;  ///< Rprop: of its steps
  bool nesterov = false;
};

namespace {

/// -1, 0 or 1, the sign of v. Not-a-number stays: a rule that made a step of it would hide that training has diverged.
template <class S>
LOCALGRAD_INLINE typename S::V sign(typename S::V v) {
  const auto zero = S::broadcast(0), one = S::broadcast(1);
  return S::select(v > zero, one, S::select(v < zero, -one, v));
}

/// rate. 1/b goes into it: one multiplication a parameter less, which is a tenth of (G1) for ten rows.
template <class S>
struct Sgd {
  static constexpr int kStates = 0;
  static constexpr bool kInRegisters = true;
  typename S::V minus_rate;
  LOCALGRAD_INLINE Sgd(const UpdateSettings<typename S::T>& s, typename S::T factor)
      : minus_rate(S::broadcast(-s.rate * factor)) {}
  LOCALGRAD_INLINE typename S::V apply(typename S::V w, typename S::V sum, typename S::V*) const {
    return S::fma(minus_rate, sum, w);
  }
};

/// rate, keep, nesterov. The direction is ahead g + back v, with (ahead, back) = (0, 1) or for Nesterov (1, keep).
template <class S>
struct Momentum {
  static constexpr int kStates = 1;
  static constexpr bool kInRegisters = true;
  typename S::V factor, minus_rate, keep, ahead, back;
  LOCALGRAD_INLINE Momentum(const UpdateSettings<typename S::T>& s, typename S::T factor_of_sum)
      : factor(S::broadcast(factor_of_sum)),
        minus_rate(S::broadcast(-s.rate)),
        keep(S::broadcast(s.keep)),
        ahead(S::broadcast(s.nesterov ? 1 : 0)),
        back(S::broadcast(s.nesterov ? s.keep : 1)) {}
  LOCALGRAD_INLINE typename S::V apply(typename S::V w, typename S::V sum, typename S::V* v) const {
    const auto g = factor * sum;
    v[0] = S::fma(keep, v[0], g);
    return S::fma(minus_rate, S::fma(back, v[0], ahead * g), w);
  }
};

}  // namespace
}  // namespace localgrad
