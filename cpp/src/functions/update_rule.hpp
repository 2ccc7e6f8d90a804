#pragma once

// What the headers of the optimizers, localgrad/optimizers/*.hpp, are written with. Each brings, beside its
// settings,
//
//   one or more steps, UpdateStep: how a parameter moves, for any vector type
//   UpdateRule: the settings' names and ranges, and the numbers that a step reads
//
// and everything else follows from the list in localgrad/optimizer.hpp, see functions/updates.hpp.

#include <cmath>
#include <cstdint>

#include "functions/range.hpp"
#include "simd/vector.hpp"

namespace localgrad {

/// How far an optimizer has come; all else that it remembers is stored beside the parameters.
struct Progress {
  std::uint64_t t = 0;    ///< mini-batches, this one included
  double mu_product = 1;  ///< NAdam: mu_1 .. mu_t
};

/// What a step has in common with others. It adds
///
///     kName                     of its state in checkpoints: steps of one name can resume from each other
///     Numbers<N>                a struct of Ns alone, what the step reads: the same for all parameters
///     apply<S>(n, w, g, state)  the new w; state points at the parameter's kStates numbers
template <int kNumberOfStates>
struct UpdateStep {
  static constexpr int kStates = kNumberOfStates;
  /// Whether a state is of squares or of step lengths: no number of it is negative.
  static constexpr bool is_size(int) { return false; }
  /// Whether the step is short enough for the micro-kernel's epilogue.
  static constexpr bool kInRegisters = false;
  /// Whether w moves by the first number times g. 1/b goes into that number then: one multiplication a
  /// parameter less, which is a tenth of (G1) for ten rows.
  static constexpr bool kLinear = false;
};

template <class... Step>
struct StepList {
  static constexpr int kCount = sizeof...(Step);
};

/// Of an optimizer, specialized in its header:
///
///     kName               as in Python
///     Steps               a StepList, of which step(o) picks one
///     settings(o, f)      f(name, setting, range) for every number, f(name, setting) for every bool
///     numbers<T>(o, factor), or (o, factor, progress) if they change from step to step
///                         what the step reads, at `factor` times the learning rate; rounded once
template <class O>
struct UpdateRule;

/// The defaults.
struct CommonRule {
  template <class O>
  static int step(const O&) {
    return 0;
  }
  /// Calls must(good, name, wanted, value) for what settings ask of each other.
  template <class O, class F>
  static void check(const O&, const F&) {}
  /// What all numbers of a state are at first.
  template <class O>
  static double initial(const O&, int) {
    return 0;
  }
};

/// What is 0 as a float would make 0/0 of a unit's padding, what is infinite or has no normal reciprocal a
/// not-a-number of quotient().
template <class T>
T usable_epsilon(double epsilon) {
  constexpr T least = sizeof(T) == 4 ? FLT_MIN : DBL_MIN, most = sizeof(T) == 4 ? FLT_MAX : DBL_MAX;
  return epsilon < least ? least : epsilon > most / 8 ? most / 8 : static_cast<T>(epsilon);
}

inline double power(double base, std::uint64_t t) { return std::pow(base, static_cast<double>(t)); }

namespace {

/// -1, 0 or 1, the sign of v. Not-a-number stays: a rule that made a step of it would hide that training has
/// diverged.
template <class S>
LOCALGRAD_INLINE typename S::V sign(typename S::V v) {
  const auto zero = S::broadcast(0), one = S::broadcast(1);
  return S::select(v > zero, one, S::select(v < zero, -one, v));
}

/// n / d for normal d > 0 whose reciprocal is normal too, in float to 2 units in the last place (without
/// fused multiply-add 2.3); for infinite d, where v has overflowed, it is not a number. A division would wait
/// for the unit that takes the square roots, and so cost half as much again. The bits of d, taken from a
/// constant, are 1/d to one part in 8; each line makes an error e of it e^3.
template <class S>
LOCALGRAD_INLINE typename S::V quotient(typename S::V n, typename S::V d) {
  if constexpr (sizeof(typename S::T) != sizeof(float)) return n / d;
  const auto one = S::broadcast(1);
  auto r = S::from_bits(S::broadcast_bits(0x7ef311c7) - S::bits(d));
#pragma GCC unroll 2
  for (int i = 0; i < 2; ++i) {
    const auto e = S::fma(-d, r, one);
    r = S::fma(r, S::fma(e, e, e), r);
  }
  return n * r;
}

}  // namespace
}  // namespace localgrad
