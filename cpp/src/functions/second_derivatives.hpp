#pragma once

// Second derivatives of activations and costs, one overload for each struct of activations.hpp and
// costs.hpp. They are not kernels: the file that uses them is compiled once, with the same operations for
// all instruction sets. At a kink, where phi' jumps, phi'' is 0.

#include "functions/costs.hpp"
#include "simd/portable.hpp"

namespace localgrad {
namespace {

/// Vectors whose multiply-adds are rounded twice on every machine.
template <class T>
struct Unfused : Portable<T> {
  using typename Portable<T>::V;
  static LOCALGRAD_INLINE V fma(V a, V b, V c) { return a * b + c; }
};

/// Whether phi'' is not 0 everywhere.
template <class Phi>
constexpr bool kCurved = true;
template <class S>
constexpr bool kCurved<Identity<S>> = false;
template <class S>
constexpr bool kCurved<Relu<S>> = false;
template <class S>
constexpr bool kCurved<LeakyRelu<S>> = false;
template <class S>
constexpr bool kCurved<HardSigmoid<S>> = false;
template <class S>
constexpr bool kCurved<HardTanh<S>> = false;

/// Not inlined, for size.
template <class S>
__attribute__((noinline)) Gate<S> gate_of(typename S::V x) {
  return gate<S>(x);
}
template <class S>
__attribute__((noinline)) typename S::V decay(typename S::V distance) {
  return exp_of_negative<S>(-distance);
}

/// z, a = phi(z) and phi'(z).
template <class S>
struct Unit {
  typename S::V z, a, slope;
};

/// phi''(z).
template <class S>
LOCALGRAD_INLINE auto second(Sigmoid<S>, const Unit<S>& u) {
  return u.slope * (S::broadcast(1) - (u.a + u.a));
}
template <class S>
LOCALGRAD_INLINE auto second(Tanh<S>, const Unit<S>& u) {
  return S::broadcast(-2) * u.a * u.slope;
}
template <class S>
LOCALGRAD_INLINE auto second(Elu<S>, const Unit<S>& u) {
  return S::select(u.z > S::broadcast(0), S::broadcast(0), u.slope);
}
template <class S>
LOCALGRAD_INLINE auto second(Selu<S>, const Unit<S>& u) {
  return second(Elu<S>(), u);
}
template <class S>
LOCALGRAD_INLINE auto second(Softplus<S>, const Unit<S>& u) {
  return gate_of<S>(u.z).slope;
}
/// -2 sign(z) / (1 + |z|)^3; 0 for z = 0.
template <class S>
LOCALGRAD_INLINE auto second(Softsign<S>, const Unit<S>& u) {
  const auto cube = u.slope / (S::broadcast(1) + S::abs(u.z));
  return S::select(u.z == S::broadcast(0), S::broadcast(0), S::copysign(cube + cube, -u.z));
}
/// The density of the normal distribution, times 2 - z^2.
template <class S>
LOCALGRAD_INLINE auto second(Gelu<S>, const Unit<S>& u) {
  using T = typename S::T;
  const auto z = S::min(S::broadcast(MathConstants<T>::kNormalMost), S::abs(u.z));
  const auto density = S::broadcast(T(0.39894228040143267794)) * normal_beyond<S>(z).exp;
  return density * S::fma(-z, z, S::broadcast(2));
}
/// phi = z s(v): phi'' = s' (2 v' + z (v'' + v'^2 (1 - 2 s))), where s is the sigmoid.
template <class S>
LOCALGRAD_INLINE auto second_of_gated(typename S::V z, typename S::V v, typename S::V v1, typename S::V v2) {
  const auto s = gate_of<S>(v);
  const auto bend = v1 * v1 * (S::broadcast(1) - (s.value + s.value));
  return s.slope * S::fma(z, v2 + bend, v1 + v1);
}
template <class S>
LOCALGRAD_INLINE auto second(Silu<S>, const Unit<S>& u) {
  const auto one = S::broadcast(1);
  return second_of_gated<S>(u.z, u.z, one, S::broadcast(0));
}
/// v = z (linear + cubic z^2). Beyond 30, s' is 0.
template <class S>
LOCALGRAD_INLINE auto second(GeluTanh<S>, const Unit<S>& u) {
  using T = typename S::T;
  const auto most = S::broadcast(30), z = S::min(most, S::max(-most, u.z)), square = z * z;
  const auto linear = S::broadcast(T(1.5957691216057307117));
  const auto cubic = S::broadcast(T(1.5957691216057307117 * 0.044715));
  return second_of_gated<S>(z, z * S::fma(cubic, square, linear),
                            S::fma(S::broadcast(3) * cubic, square, linear), S::broadcast(6) * cubic * z);
}
/// phi = z t, t = tanh(softplus z): with q = 1 - t^2 and s = sigmoid(z), t' = q s and t'' = t' (1 - s - 2 t
/// s).
template <class S>
LOCALGRAD_INLINE auto second(Mish<S>, const Unit<S>& u) {
  const auto one = S::broadcast(1), two = S::broadcast(2), e = decay<S>(S::abs(u.z));
  const auto positive = u.z > S::broadcast(0);
  const auto above = S::select(positive, S::fma(two, e, one), e * (e + two));
  const auto rest = S::select(positive, two * e * e, two), below = above + rest;  // t = above / below
  const auto s = gate_of<S>(u.z).value, t = above / below;
  const auto slope = rest / below * (one + t) * s;
  return slope * S::fma(u.z, one - s - two * t * s, two);
}

/// The second derivative of the term of one unit of a cost, with respect to a or, where the output activation
/// belongs to the cost, to z. Those of mae, hinge and quantile are 0, that of mse is 1.
template <class S>
struct SecondOfHuber {
  using V = typename S::V;
  static LOCALGRAD_INLINE V of(V, V a, V y, V delta) {
    return S::select(S::abs(a - y) > delta, S::broadcast(0), S::broadcast(1));
  }
};
/// 1 - tanh^2(a - y), where 1 - |tanh| is computed without cancellation.
template <class S>
struct SecondOfLogCosh {
  using V = typename S::V;
  static LOCALGRAD_INLINE V of(V, V a, V y, V) {
    const auto two = S::broadcast(2), e = decay<S>(two * S::abs(a - y));
    const auto rest = two * e / (S::broadcast(1) + e);
    return rest * (two - rest);
  }
};
/// Sigmoid outputs, with respect to z.
template <class S>
struct SecondOfCrossEntropy {
  using V = typename S::V;
  static LOCALGRAD_INLINE V of(V z, V, V, V) { return gate_of<S>(z).slope; }
};

/// c'' of the Poisson cost with softplus outputs, r = log(1 + t), t = e^z, s = r': with c' = s - y s / r, it
/// is s (1 - s) - y s / r (1 - s - s / r). For small t, 1 - s - s / r = (r - t) / (r (1 + t)) is computed
/// from the series of r - t.
template <class S>
LOCALGRAD_INLINE typename S::V second_of_rate(typename S::V z, typename S::V a, typename S::V y) {
  using T = typename S::T;
  const auto one = S::broadcast(1), s = gate_of<S>(z).value, bell = gate_of<S>(z).slope;
  const auto t = decay<S>(S::abs(z));
  const auto near = z < S::broadcast(-2);
  auto series = S::broadcast(0);  // (log(1 + t) - t) / t^2
  for (int k = sizeof(T) == 4 ? 9 : 18; k >= 2; --k) series = S::fma(-t, series, S::broadcast(T(-1) / T(k)));
  // log(1 + t) / t, which is also 1 + t series
  const auto share = S::fma(t, series, one);
  const auto gap_near = t * series / (share * (one + t));
  const auto ratio_near = one / ((one + t) * share);
  const auto ratio_far = s / a;
  const auto gap = S::select(near, gap_near, one - s - ratio_far);
  return bell - y * S::select(near, ratio_near, ratio_far) * gap;
}

/// With respect to z: of outputs r, and of outputs log r.
template <class S>
struct SecondOfRate {
  using V = typename S::V;
  static LOCALGRAD_INLINE V of(V z, V a, V y, V) { return second_of_rate<S>(z, a, y); }
};
template <class S>
struct SecondOfLogRate {
  using V = typename S::V;
  static LOCALGRAD_INLINE V of(V z, V, V, V) { return localgrad::exp<S>(z); }
};

}  // namespace
}  // namespace localgrad
