#pragma once

// One struct for each unit-wise activation phi: value(z, p) is a = phi(z), derivative(z, a, p) is phi'(z). p
// is the number in the activation's name, in every lane.

#include "functions/math.hpp"

namespace localgrad {
namespace {

template <class A, class B>
constexpr bool kSame = false;
template <class A>
constexpr bool kSame<A, A> = true;

/// Which argument the derivative reads. If a alone determines it exactly, z does not need to be stored.
struct ReadsA {
  static constexpr bool kNeedsZ = false;
};
struct ReadsZ {
  static constexpr bool kNeedsZ = true;
};

template <class S>
struct Identity : ReadsA {
  using V = typename S::V;
  static LOCALGRAD_INLINE V value(V z, V) { return z; }
  static LOCALGRAD_INLINE V derivative(V, V, V) { return S::broadcast(1); }
};

/// a = 1 / (1 + e^-z); phi' = a (1 - a).
template <class S>
struct Sigmoid : ReadsA {
  using V = typename S::V;
  static LOCALGRAD_INLINE V value(V z, V) { return sigmoid<S>(z); }
  static LOCALGRAD_INLINE V derivative(V, V a, V) { return a * (S::broadcast(1) - a); }
};

/// phi' = 1 - a^2.
template <class S>
struct Tanh : ReadsA {
  using V = typename S::V;
  static LOCALGRAD_INLINE V value(V z, V) { return localgrad::tanh<S>(z); }
  static LOCALGRAD_INLINE V derivative(V, V a, V) { return S::fma(-a, a, S::broadcast(1)); }
};

/// a = max(z, 0), which preserves NaN; phi'(0) = 0.
template <class S>
struct Relu : ReadsA {
  using V = typename S::V;
  static LOCALGRAD_INLINE V value(V z, V) { return S::max(S::broadcast(0), z); }
  static LOCALGRAD_INLINE V derivative(V, V a, V) {
    return S::select(a > S::broadcast(0), S::broadcast(1), S::broadcast(0));
  }
};

/// a = z for z > 0, otherwise slope z; phi'(0) = slope. Since slope >= 0, a > 0 only if z > 0.
template <class S>
struct LeakyRelu : ReadsA {
  using V = typename S::V;
  static LOCALGRAD_INLINE V value(V z, V slope) { return S::select(z > S::broadcast(0), z, slope * z); }
  static LOCALGRAD_INLINE V derivative(V, V a, V slope) {
    return S::select(a > S::broadcast(0), S::broadcast(1), slope);
  }
};

/// a = z for z > 0, otherwise alpha (e^z - 1), whose derivative is a + alpha. Clevert et al. 2016.
template <class S>
struct Elu : ReadsA {
  using V = typename S::V;
  static LOCALGRAD_INLINE V value(V z, V alpha) {
    return S::select(z > S::broadcast(0), z, alpha * expm1_of_negative<S>(z));
  }
  static LOCALGRAD_INLINE V derivative(V, V a, V alpha) {
    return S::select(a > S::broadcast(0), S::broadcast(1), a + alpha);
  }
};

/// The ELU that preserves mean 0 and variance 1 from layer to layer: a = scale z for z > 0, otherwise scale
/// alpha (e^z - 1). Klambauer et al. 2017.
template <class S>
struct Selu : ReadsA {
  using V = typename S::V;
  using T = typename S::T;
  static constexpr T kScale = T(1.0507009873554805), kScaleAlpha = T(1.0507009873554805 * 1.6732632423543772);
  static LOCALGRAD_INLINE V value(V z, V) {
    const auto scale = S::broadcast(kScale), below = S::broadcast(kScaleAlpha);
    return S::select(z > S::broadcast(0), scale * z, below * expm1_of_negative<S>(z));
  }
  static LOCALGRAD_INLINE V derivative(V, V a, V) {
    const auto scale = S::broadcast(kScale), below = S::broadcast(kScaleAlpha);
    return S::select(a > S::broadcast(0), scale, a + below);
  }
};

/// a = z Phi(z), where Phi is the standard normal distribution function; phi' = Phi(z) + z e^(-z^2/2) /
/// sqrt(2 pi). Hendrycks and Gimpel 2016.
template <class S>
struct Gelu : ReadsZ {
  using V = typename S::V;
  static LOCALGRAD_INLINE V value(V z, V) { return z * below(z, normal_beyond<S>(S::abs(z))); }
  static LOCALGRAD_INLINE V derivative(V z, V, V) {
    const auto beyond = normal_beyond<S>(S::abs(z));
    const auto density = S::broadcast(typename S::T(0.39894228040143267794)) * beyond.exp;
    return S::fma(z, density, below(z, beyond));
  }

 private:
  /// Phi(z), from the tail beyond |z|.
  static LOCALGRAD_INLINE V below(V z, const Normal<S>& beyond) {
    return S::select(z > S::broadcast(0), S::broadcast(1) - beyond.tail, beyond.tail);
  }
};

/// s = sigmoid(x) and its derivative s (1 - s), with 1 - s computed without loss of accuracy.
template <class S>
struct Gate {
  typename S::V value, slope;
};
template <class S>
LOCALGRAD_INLINE Gate<S> gate(typename S::V x) {
  const auto one = S::broadcast(1), s = sigmoid<S>(-S::abs(x)), rest = one - s;
  return {S::select(x > S::broadcast(0), rest, s), s * rest};
}

/// a = z/2 (1 + tanh u) = z sigmoid(2u), 2u = z (linear + cubic z^2), u = sqrt(2/pi) (z + 0.044715 z^3).
/// Hendrycks and Gimpel 2016.
template <class S>
struct GeluTanh : ReadsZ {
  using T = typename S::T;
  using V = typename S::V;
  static LOCALGRAD_INLINE V value(V z, V) {
    const auto x = near(z);
    return z * sigmoid<S>(x * S::fma(S::broadcast(kCubic), x * x, S::broadcast(kLinear)));
  }
  static LOCALGRAD_INLINE V derivative(V z, V, V) {
    const auto x = near(z), square = x * x, linear = S::broadcast(kLinear);
    const auto s = gate<S>(x * S::fma(S::broadcast(kCubic), square, linear));
    return S::fma(x * S::fma(S::broadcast(3 * kCubic), square, linear), s.slope, s.value);
  }

 private:
  static constexpr T kLinear = T(1.5957691216057307117), kCubic = T(1.5957691216057307117 * 0.044715);
  /// z, clamped to the range outside of which sigmoid(2u) is 0 or 1.
  static LOCALGRAD_INLINE V near(V z) {
    const auto most = S::broadcast(30);
    return S::min(most, S::max(-most, z));
  }
};

/// a = z s, s = sigmoid(z); phi' = s + z s (1 - s).
template <class S>
struct Silu : ReadsZ {
  using V = typename S::V;
  static LOCALGRAD_INLINE V value(V z, V) { return z * sigmoid<S>(z); }
  static LOCALGRAD_INLINE V derivative(V z, V, V) {
    const auto s = gate<S>(z);
    return S::fma(z, s.slope, s.value);
  }
};

/// a = log(1 + e^z); phi' = sigmoid(z) = 1 - e^-a.
template <class S>
struct Softplus : ReadsA {
  using V = typename S::V;
  static LOCALGRAD_INLINE V value(V z, V) { return softplus<S>(z); }
  static LOCALGRAD_INLINE V derivative(V, V a, V) { return -expm1_of_negative<S>(-a); }
};

/// a = z / (1 + |z|); phi' = 1 / (1 + |z|)^2.
template <class S>
struct Softsign : ReadsZ {
  using V = typename S::V;
  static LOCALGRAD_INLINE V value(V z, V) { return z / (S::broadcast(1) + S::abs(z)); }
  static LOCALGRAD_INLINE V derivative(V z, V, V) {
    const auto root = S::broadcast(1) / (S::broadcast(1) + S::abs(z));
    return root * root;
  }
};

/// a = z t, t = tanh(softplus(z)) = ((1 + e^z)^2 - 1) / ((1 + e^z)^2 + 1); phi' = t + 4 z e^z (1 + e^z) / ((1
/// + e^z)^2 + 1)^2. With e = e^-|z|: for z > 0 numerators and denominators are multiplied by e^2, or e^4.
/// Misra 2020.
template <class S>
struct Mish : ReadsZ {
  using V = typename S::V;
  static LOCALGRAD_INLINE V value(V z, V) {
    const auto t = fraction(z);
    return z * (t.above / t.below);
  }
  static LOCALGRAD_INLINE V derivative(V z, V, V) {
    const auto t = fraction(z);
    const auto pull = S::select(z > S::broadcast(0), t.e * t.e, t.e) * (S::broadcast(1) + t.e);
    const auto rest = S::broadcast(4) * (z * pull) / t.below;
    return (t.above + rest) / t.below;
  }

 private:
  struct Fraction {
    V e, above, below;
  };
  static LOCALGRAD_INLINE Fraction fraction(V z) {
    const auto two = S::broadcast(2), e = exp_of_negative<S>(-S::abs(z));
    const auto positive = z > S::broadcast(0);
    const auto above = S::select(positive, S::fma(two, e, S::broadcast(1)), e * (e + two));
    return {e, above, above + S::select(positive, two * e * e, two)};
  }
};

/// a = min(max(z + 3, 0), 6) / 6; phi' = 1/6 between the kinks, 0 at the kinks and outside.
template <class S>
struct HardSigmoid : ReadsA {
  using V = typename S::V;
  static LOCALGRAD_INLINE V value(V z, V) {
    const auto six = S::broadcast(6);
    return S::min(six, S::max(S::broadcast(0), z + S::broadcast(3))) / six;
  }
  static LOCALGRAD_INLINE V derivative(V, V a, V) {
    const auto zero = S::broadcast(0), inside = S::broadcast(typename S::T(1) / 6);
    return S::select(a > zero, S::select(a < S::broadcast(1), inside, zero), zero);
  }
};

/// a = min(max(z, -1), 1); phi' = 1 between the kinks, 0 at the kinks and outside.
template <class S>
struct HardTanh : ReadsA {
  using V = typename S::V;
  static LOCALGRAD_INLINE V value(V z, V) {
    const auto one = S::broadcast(1);
    return S::min(one, S::max(-one, z));
  }
  static LOCALGRAD_INLINE V derivative(V, V a, V) {
    const auto one = S::broadcast(1);
    return S::select(S::abs(a) < one, one, S::broadcast(0));
  }
};

/// a_j = e^(z_j - max z) / sum_k e^(z_k - max z) over a whole row. Subtracting max z does not change a and
/// prevents overflow. Its kernels are in kernels/softmax.hpp.
template <class S>
struct Softmax : ReadsA {};

}  // namespace
}  // namespace localgrad
