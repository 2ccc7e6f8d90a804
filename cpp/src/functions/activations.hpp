#pragma once

// One struct for each unit-wise activation phi: value(z, p) is a = phi(z), derivative(z, a, p) is phi'(z); p is the number
// behind its name in every lane. kNeedsZ says whether the derivative reads z; where a alone gives it exactly, z need not be
// kept.

#include "functions/math.hpp"

namespace localgrad {
namespace {

template <class A, class B>
constexpr bool kSame = false;
template <class A>
constexpr bool kSame<A, A> = true;

struct Identity {
  static constexpr bool kNeedsZ = false;
  template <class S, class V = typename S::V>
  static LOCALGRAD_INLINE V value(V z, V) {
    return z;
  }
  template <class S, class V = typename S::V>
  static LOCALGRAD_INLINE V derivative(V, V, V) {
    return S::broadcast(1);
  }
};

/// a = 1 / (1 + e^-z); phi' = a (1 - a).
struct Sigmoid {
  static constexpr bool kNeedsZ = false;
  template <class S, class V = typename S::V>
  static LOCALGRAD_INLINE V value(V z, V) {
    return sigmoid<S>(z);
  }
  template <class S, class V = typename S::V>
  static LOCALGRAD_INLINE V derivative(V, V a, V) {
    return a * (S::broadcast(1) - a);
  }
};

/// phi' = 1 - a^2.
struct Tanh {
  static constexpr bool kNeedsZ = false;
  template <class S, class V = typename S::V>
  static LOCALGRAD_INLINE V value(V z, V) {
    return localgrad::tanh<S>(z);
  }
  template <class S, class V = typename S::V>
  static LOCALGRAD_INLINE V derivative(V, V a, V) {
    return S::fma(-a, a, S::broadcast(1));
  }
};

/// a = max(z, 0), not-a-number stays; phi'(0) = 0.
struct Relu {
  static constexpr bool kNeedsZ = false;
  template <class S, class V = typename S::V>
  static LOCALGRAD_INLINE V value(V z, V) {
    return S::max(S::broadcast(0), z);
  }
  template <class S, class V = typename S::V>
  static LOCALGRAD_INLINE V derivative(V, V a, V) {
    return S::select(a > S::broadcast(0), S::broadcast(1), S::broadcast(0));
  }
};

/// a_j = e^(z_j - max z) / sum_k e^(z_k - max z): a whole row at once; shifting z leaves a unchanged and keeps e^z finite.
/// Its kernels are in kernels/softmax.hpp.
struct Softmax {
  static constexpr bool kNeedsZ = false;
};

}  // namespace
}  // namespace localgrad
