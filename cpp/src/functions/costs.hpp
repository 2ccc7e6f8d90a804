#pragma once

// One struct for each cost c of one example, which is a sum over the output units. term(a, y, p) is the
// contribution of one unit to c; gradient(a, y, p) is its derivative dc/da, the first factor of (D1). p is
// the cost's parameter for the unit.
//
// kForm<Output> specifies how (C) and (D1) are computed with an output activation:
//
//     apart   term and gradient in one pass, the product with phi' in another: works with any output
//     joint   both in one pass over the row, for the most common combinations
//     pair    one pass with pair(z, a, y, p, delta) of the struct: a more stable form, in which phi' cancels
//     row     a function of the whole row, see kernels/output.hpp

#include "functions/activations.hpp"

namespace localgrad {
namespace {

enum class Form { apart, joint, pair, row };

struct Apart {
  template <class Output>
  static constexpr Form kForm = Form::apart;
};

/// numerator / denominator, but 0 if the numerator is 0: for 0 log 0 = 0 and its derivative.
template <class S>
LOCALGRAD_INLINE typename S::V ratio(typename S::V numerator, typename S::V denominator) {
  const auto zero = S::broadcast(0);
  return S::select(numerator == zero, zero, numerator / denominator);
}

/// c = 1/2 sum (y - a)^2, (C).
template <class S>
struct Mse {
  using V = typename S::V;
  template <class Output>
  static constexpr bool kCommon = kSame<Output, Identity<S>> || kSame<Output, Sigmoid<S>> ||
                                  kSame<Output, Tanh<S>> || kSame<Output, Relu<S>>;
  template <class Output>
  static constexpr Form kForm = kCommon<Output> ? Form::joint : Form::apart;
  static LOCALGRAD_INLINE V term(V a, V y, V) {
    const auto error = y - a;
    return S::broadcast(typename S::T(0.5)) * error * error;
  }
  template <class Output>
  static LOCALGRAD_INLINE V gradient(V a, V y, V) {
    return a - y;
  }
};

/// c = sum |a - y|; the derivative is 0 where they are equal.
template <class S>
struct Mae : Apart {
  using V = typename S::V;
  static LOCALGRAD_INLINE V term(V a, V y, V) { return S::abs(a - y); }
  template <class Output>
  static LOCALGRAD_INLINE V gradient(V a, V y, V) {
    const auto one = S::broadcast(1);
    return S::select(a > y, one, S::select(a < y, -one, S::broadcast(0)));
  }
};

/// c = sum of e^2/2 where |e| <= delta, otherwise delta (|e| - delta/2); e = a - y. Huber 1964.
template <class S>
struct Huber : Apart {
  using V = typename S::V;
  static LOCALGRAD_INLINE V term(V a, V y, V delta) {
    const auto half = S::broadcast(typename S::T(0.5)), error = S::abs(a - y);
    return S::select(error > delta, delta * (error - half * delta), half * error * error);
  }
  template <class Output>
  static LOCALGRAD_INLINE V gradient(V a, V y, V delta) {
    return S::min(delta, S::max(-delta, a - y));
  }
};

/// c = sum log cosh(a - y); the derivative is tanh(a - y). log cosh e = |e| + log(1 + e^(-2|e|)) - log 2 is
/// computed without cancellation; for small e it is computed as 1/2 log(1 + sinh^2 e).
template <class S>
struct LogCosh : Apart {
  using V = typename S::V;
  static LOCALGRAD_INLINE V term(V a, V y, V) {
    const auto error = S::abs(a - y);
    const auto one = S::broadcast(1), half = S::broadcast(typename S::T(0.5)), t = localgrad::tanh<S>(error);
    const auto near = error < half;
    const auto square = t * t / S::fma(-t, t, one);
    const auto rest = log1p<S>(S::select(near, square, exp_of_negative<S>(S::broadcast(-2) * error)));
    return S::select(near, half * rest, error + (rest - S::broadcast(typename S::T(0.69314718055994530942))));
  }
  template <class Output>
  static LOCALGRAD_INLINE V gradient(V a, V y, V) {
    return localgrad::tanh<S>(a - y);
  }
};

/// Softmax outputs: c = -sum y log a. Sigmoid outputs: c = -sum y log a + (1 - y) log(1 - a).
template <class S>
struct CrossEntropy {
  using V = typename S::V;
  template <class Output>
  static constexpr Form kForm = kSame<Output, Softmax<S>> ? Form::row : Form::pair;
  /// Sigmoid outputs, from z: max(z, 0) - y z + log(1 + e^-|z|); delta = a - y.
  template <class Output>
  static LOCALGRAD_INLINE V pair(V z, V a, V y, V, V& delta) {
    const auto rest = log1p<S>(exp_of_negative<S>(-S::abs(z)));
    delta = a - y;
    return S::select(z > S::broadcast(0), (S::broadcast(1) - y) * z, -y * z) + rest;
  }
  template <class Output>
  static LOCALGRAD_INLINE V gradient(V a, V y, V) {
    const auto one = S::broadcast(1), pull = ratio<S>(-y, a);
    if constexpr (kSame<Output, Softmax<S>>)
      return pull;
    else
      return pull + ratio<S>(one - y, one - a);
  }
};

/// c = sum max(0, 1 - y a), -1 <= y <= 1.
template <class S>
struct Hinge : Apart {
  using V = typename S::V;
  static LOCALGRAD_INLINE V term(V a, V y, V) {
    return S::max(S::broadcast(0), S::fma(-y, a, S::broadcast(1)));
  }
  template <class Output>
  static LOCALGRAD_INLINE V gradient(V a, V y, V) {
    const auto zero = S::broadcast(0);
    return S::select(S::fma(-y, a, S::broadcast(1)) > zero, -y, zero);
  }
};

/// c = sum r - y log r, with rate r: identity outputs are log r, softplus outputs are r.
template <class S>
struct Poisson {
  using V = typename S::V;
  template <class Output>
  static constexpr Form kForm = Form::pair;
  template <class Output>
  static LOCALGRAD_INLINE V pair(V z, V a, V y, V, V& delta) {
    using T = typename S::T;
    if constexpr (kSame<Output, Identity<S>>) {
      const auto rate = exp<S>(a);
      delta = rate - y;
      return rate - y * a;
    } else {
      // Where t = e^z is small, phi'/r is 1 - t/2 and log r is z - t/2. This avoids 0/0 and log 0.
      const auto half_t = S::broadcast(T(0.5)) * exp_of_negative<S>(-S::abs(z));
      const auto small = z < S::broadcast(MathConstants<T>::kLogSmall);
      const auto slope = -expm1_of_negative<S>(-a);
      delta = slope - y * S::select(small, S::broadcast(1) - half_t, slope / a);
      return a - y * S::select(small, z - half_t, log<S>(a));
    }
  }
  template <class Output>
  static LOCALGRAD_INLINE V gradient(V a, V y, V) {
    if constexpr (kSame<Output, Identity<S>>)
      return exp<S>(a) - y;
    else
      return S::broadcast(1) - ratio<S>(y, a);
  }
};

/// c = sum max(q e, (q - 1) e), e = y - a: minimized where a fraction q of the targets is below a. Koenker
/// and Bassett 1978.
template <class S>
struct Quantile : Apart {
  using V = typename S::V;
  static LOCALGRAD_INLINE V term(V a, V y, V q) {
    const auto error = y - a;
    return S::max((q - S::broadcast(1)) * error, q * error);
  }
  template <class Output>
  static LOCALGRAD_INLINE V gradient(V a, V y, V q) {
    return S::select(y > a, -q, S::select(y < a, S::broadcast(1) - q, S::broadcast(0)));
  }
};

/// c = 1/2 sum s + (y - mu)^2 e^-s, with two outputs per target: the means mu in the first half of a row,
/// the log variances s in the second half. Nix and Weigend 1994.
template <class S>
struct GaussianNll {
  using V = typename S::V;
  template <class Output>
  static constexpr Form kForm = Form::row;
  /// dc/dmu = (mu - y) e^-s, dc/ds = 1/2 - 1/2 (y - mu)^2 e^-s; returns the term of c.
  static LOCALGRAD_INLINE V term(V mu, V s, V y, V& slope_of_mu, V& slope_of_s) {
    const auto half = S::broadcast(typename S::T(0.5)), error = mu - y;
    slope_of_mu = error * exp<S>(-s);
    auto square = half * error * slope_of_mu;
    const auto far = S::abs(s) > S::broadcast(MathConstants<typename S::T>::kNormalExp);
    if (S::any(far)) far_term(error, s, far, slope_of_mu, square);
    slope_of_s = half - square;
    return S::fma(half, s, square);
  }

 private:
  /// Computes the products in steps where e^-s is not a normal number but its products may be; an error of 0
  /// remains 0.
  static LOCALGRAD_INLINE void far_term(V error, V s, typename S::I far, V& slope, V& square) {
    using T = typename S::T;
    const auto zero = S::broadcast(0), quarter = exp<S>(S::broadcast(T(-0.25)) * s);
    const auto standard = error * quarter * quarter;  // error divided by the standard deviation
    const auto far_slope = standard * quarter * quarter,
               far_square = S::broadcast(T(0.5)) * standard * standard;
    slope = S::select(far, S::select(error == zero, zero, far_slope), slope);
    square = S::select(far, S::select(error == zero, zero, far_square), square);
  }
};

}  // namespace
}  // namespace localgrad
