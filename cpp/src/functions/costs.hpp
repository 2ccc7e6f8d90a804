#pragma once

// One struct for each cost c of one example, a sum over the output units of terms in a and y. kFits<Output> says for
// which output activations it is defined; term is what one unit adds to c; gradient is that unit's dc/da, the first
// factor of (D1). A pair with a stabler form of its own says so with kFused and gives the term from z; its (D1) is then
// a - y for every unit, because phi' cancels.

#include "functions/activations.hpp"

namespace localgrad {
namespace {

/// numerator / denominator, 0 where the numerator is 0: 0 log 0 = 0 and its slope.
template <class S>
LOCALGRAD_INLINE typename S::V ratio(typename S::V numerator, typename S::V denominator) {
  const auto zero = S::broadcast(0);
  return S::select(numerator == zero, zero, numerator / denominator);
}

/// c = 1/2 sum (y - a)^2, (C).
struct Mse {
  template <class Output>
  static constexpr bool kFits = true;
  template <class Output>
  static constexpr bool kFused = false;
  template <class S>
  static LOCALGRAD_INLINE typename S::V term(typename S::V a, typename S::V y) {
    const auto error = y - a;
    return S::broadcast(typename S::T(0.5)) * error * error;
  }
  template <class S, class Output>
  static LOCALGRAD_INLINE typename S::V gradient(typename S::V a, typename S::V y) {
    return a - y;
  }
};

/// Softmax outputs: c = -sum y log a. Sigmoid outputs: c = -sum y log a + (1 - y) log(1 - a).
struct CrossEntropy {
  template <class Output>
  static constexpr bool kFits = kSame<Output, Sigmoid> || kSame<Output, Softmax>;
  template <class Output>
  static constexpr bool kFused = true;
  /// Sigmoid outputs, from z: max(z, 0) - y z + log(1 + e^-|z|).
  template <class S>
  static LOCALGRAD_INLINE typename S::V term_of_z(typename S::V z, typename S::V y) {
    const auto rest = log1p<S>(exp_of_negative<S>(-S::abs(z)));
    return S::select(z > S::broadcast(0), (S::broadcast(1) - y) * z, -y * z) + rest;
  }
  template <class S, class Output>
  static LOCALGRAD_INLINE typename S::V gradient(typename S::V a, typename S::V y) {
    const auto one = S::broadcast(1);
    const auto pull = ratio<S>(-y, a);
    if constexpr (kSame<Output, Softmax>) return pull;
    return pull + ratio<S>(one - y, one - a);
  }
};

}  // namespace
}  // namespace localgrad
