#pragma once

// The building blocks of the optimizers' headers, localgrad/optimizers/*.hpp. Besides its settings, each
// header defines
//
//     one or more steps, derived from UpdateStep: the update of a parameter, for any vector type
//     an UpdateRule: the names and ranges of the settings, and the numbers that a step reads
//
// Everything else is generated from the list in localgrad/optimizer.hpp, see functions/updates.hpp.

#include <cmath>
#include <cstdint>

#include "functions/range.hpp"
#include "simd/vector.hpp"

namespace localgrad {

/// Progress of an optimizer. All other state is stored per parameter.
struct Progress {
  std::uint64_t t = 0;    ///< number of mini-batches, including the current one
  double mu_product = 1;  ///< NAdam: mu_1 .. mu_t
};

/// Base class of the steps. A step adds
///
///     kName                     name of its state in checkpoints, which other steps of this name can use
///     Numbers<N>                struct of Ns only: what the step reads, the same for all parameters
///     apply<S>(n, w, g, state)  returns the new w; `state` points to the parameter's kStates variables
template <int kNumberOfStates>
struct UpdateStep {
  static constexpr int kStates = kNumberOfStates;
  /// Whether a state variable is a mean square or a step size, which cannot be negative.
  static constexpr bool is_size(int) { return false; }
  /// Whether the step is short enough to be part of the micro-kernel's epilogue.
  static constexpr bool kInRegisters = false;
  /// Whether the change of w is the first number times g. The factor 1/b is then included in that number,
  /// which saves one multiplication per parameter: a tenth of the time of (G1) for ten rows.
  static constexpr bool kLinear = false;
  /// Whether apply() is begin<S>(n, g, state), which returns a number, followed by end<S>(n, w, state,
  /// number). Their operations depend on each other, and a processor only looks some 60 operations ahead:
  /// doing the first part for many parameters, then the second, takes 0.8 times as long.
  static constexpr bool kInTwoParts = false;
};

template <class... Step>
struct StepList {
  static constexpr int kCount = sizeof...(Step);
};

/// Properties of an optimizer, specialized in its header:
///
///     kName               name, as in Python
///     Steps               a StepList; step(o) returns the index of the step in use
///     settings(o, f)      calls f(name, setting, range) for every number, f(name, setting) for every bool
///     numbers<T>(o, factor), or numbers<T>(o, factor, progress) if they change from step to step
///                         what the step reads, at `factor` times the learning rate; rounded once
template <class O>
struct UpdateRule;

/// Default members of an UpdateRule.
struct CommonRule {
  template <class O>
  static int step(const O&) {
    return 0;
  }
  /// Checks conditions that involve several settings: calls must(good, name, wanted, value) for each.
  template <class O, class F>
  static void check(const O&, const F&) {}
  /// Initial value of a state variable.
  template <class O>
  static double initial(const O&, int) {
    return 0;
  }
};

/// Clamps epsilon to the range that T supports. If it were rounded to 0, the padding of a unit would become
/// 0/0; if it were infinite or had no normal reciprocal, quotient() would return NaN.
template <class T>
T usable_epsilon(double epsilon) {
  constexpr T least = static_cast<T>(sizeof(T) == 4 ? FLT_MIN : DBL_MIN),
              most = static_cast<T>(sizeof(T) == 4 ? FLT_MAX : DBL_MAX);
  return epsilon < least ? least : epsilon > most / 8 ? most / 8 : static_cast<T>(epsilon);
}

/// 1 - base^t, 0 <= base < 1. From where base^t <= e^(-t (1 - base)) is below 2^-54 it is 1, without the
/// time of a power, which is noticeable in small steps.
inline double one_minus_power(double base, std::uint64_t t) {
  const double steps = static_cast<double>(t);
  return steps * (1 - base) > 38 ? 1 : 1 - std::pow(base, steps);
}

namespace {

/// Sign of v: -1, 0 or 1. NaN is preserved, so that a divergence does not go undetected.
template <class S>
LOCALGRAD_INLINE typename S::V sign(typename S::V v) {
  const auto zero = S::broadcast(0), one = S::broadcast(1);
  return S::select(v > zero, one, S::select(v < zero, -one, v));
}

/// Returns n / d for normal d > 0 with a normal reciprocal. The error in float is at most 2 units in the
/// last place (2.3 without fused multiply-add). For infinite d, where v has overflowed, the result is NaN.
///
/// A division would wait for the execution unit that also computes square roots, and take 1.5 times as long.
/// The initial value, whose bits are a constant minus those of d, is 1/d with a relative error of at most
/// 1/8; each iteration reduces the error from e to e^3.
template <class S>
LOCALGRAD_INLINE typename S::V quotient(typename S::V n, typename S::V d) {
  if constexpr (sizeof(typename S::T) != sizeof(float)) return n / d;
  const auto one = S::broadcast(1);
  auto r = S::from_bits(S::broadcast_bits(0x7ef311c7) - S::bits(d));
#pragma GCC unroll 2
  for (int i = 0; i < 2; ++i) {
    const auto e = S::fnma(d, r, one);
    r = S::fma(r, S::fma(e, e, e), r);
  }
  return n * r;
}

}  // namespace
}  // namespace localgrad
