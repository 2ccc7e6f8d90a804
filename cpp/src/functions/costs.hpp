#pragma once

// One struct for each cost c of one example, a sum over the output units. term(a, y, p) is what one unit adds to c,
// gradient(a, y, p) that unit's dc/da, the first factor of (D1); p is the cost's parameter of that column.
//
// kForm<Output> says how (C) and (D1) are computed with an output activation:
//   apart   term and gradient, then phi' of any output, in a pass of its own
//   joint   the same in one pass over the row, for the pairs that are used most
//   pair    one pass as well, by pair(z, a, y, p, delta) of the struct: a stabler form, in which phi' cancels
//   row     a function of the whole row, see kernels/output.hpp

#include "functions/activations.hpp"

namespace localgrad {
namespace {

enum class Form { apart, joint, pair, row };

/// numerator / denominator, 0 where the numerator is 0: 0 log 0 = 0 and its slope.
template <class S>
LOCALGRAD_INLINE typename S::V ratio(typename S::V numerator, typename S::V denominator) {
  const auto zero = S::broadcast(0);
  return S::select(numerator == zero, zero, numerator / denominator);
}

/// c = 1/2 sum (y - a)^2, (C).
struct Mse {
  template <class Output>
  static constexpr bool kCommon =
      kSame<Output, Identity> || kSame<Output, Sigmoid> || kSame<Output, Tanh> || kSame<Output, Relu>;
  template <class Output>
  static constexpr Form kForm = kCommon<Output> ? Form::joint : Form::apart;
  template <class S, class V = typename S::V>
  static LOCALGRAD_INLINE V term(V a, V y, V) {
    const auto error = y - a;
    return S::broadcast(typename S::T(0.5)) * error * error;
  }
  template <class S, class Output, class V = typename S::V>
  static LOCALGRAD_INLINE V gradient(V a, V y, V) {
    return a - y;
  }
};

/// Softmax outputs: c = -sum y log a. Sigmoid outputs: c = -sum y log a + (1 - y) log(1 - a).
struct CrossEntropy {
  template <class Output>
  static constexpr Form kForm = kSame<Output, Softmax> ? Form::row : Form::pair;
  /// Sigmoid outputs, from z: max(z, 0) - y z + log(1 + e^-|z|); delta = a - y.
  template <class S, class Output, class V = typename S::V>
  static LOCALGRAD_INLINE V pair(V z, V a, V y, V, V& delta) {
    const auto rest = log1p<S>(exp_of_negative<S>(-S::abs(z)));
    delta = a - y;
    return S::select(z > S::broadcast(0), (S::broadcast(1) - y) * z, -y * z) + rest;
  }
  template <class S, class Output, class V = typename S::V>
  static LOCALGRAD_INLINE V gradient(V a, V y, V) {
    const auto one = S::broadcast(1);
    const auto pull = ratio<S>(-y, a);
    if constexpr (kSame<Output, Softmax>) return pull;
    return pull + ratio<S>(one - y, one - a);
  }
};

}  // namespace
}  // namespace localgrad
