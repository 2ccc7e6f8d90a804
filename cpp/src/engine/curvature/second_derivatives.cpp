#include "engine/curvature/second_derivatives.hpp"

#include <algorithm>

#include "functions/built.hpp"
#include "functions/second_derivatives.hpp"

namespace localgrad {
namespace {

/// out[i] = f(load) for n numbers, a vector at a time, where load(p) reads the numbers of p at the same
/// place. Up to a vector after the n numbers is read, but not used.
template <class S, class F>
void each_vector(Index n, typename S::T* out, const F& f) {
  for (Index at = 0; at < n; at += S::kLanes) {
    const auto v = f([=](const typename S::T* from) { return S::load(from + at); });
    for (Index i = 0; i < S::kLanes && at + i < n; ++i) out[at + i] = v[i];
  }
}

template <class S, class Phi>
void bend(Index n, const typename S::T* z, const typename S::T* a, const typename S::T* slope,
          const typename S::T* factor, typename S::T* out) {
  each_vector<S>(n, out, [=](const auto& load) {
    return second(Phi(), Unit<S>{load(z), load(a), load(slope)}) * load(factor);
  });
}

template <template <class> class Second, class S>
void second_of_units(Index n, const typename S::T* z, const typename S::T* a, const typename S::T* y,
                     const typename S::T* parameters, typename S::T* out) {
  each_vector<S>(
      n, out, [=](const auto& load) { return Second<S>::of(load(z), load(a), load(y), load(parameters)); });
}

}  // namespace

template <class T>
bool times_second_derivative(Activation phi, Index n, const T* z, const T* a, const T* slope, const T* factor,
                             T* out) {
  using S = Unfused<T>;
  switch (phi) {
#define LOCALGRAD_ENTRY(name, Type, ...)                 \
  case Activation::name:                                 \
    if constexpr (kCurved<Type<S>> && is_built(#name)) { \
      bend<S, Type<S>>(n, z, a, slope, factor, out);     \
      return true;                                       \
    }                                                    \
    return false;
    LOCALGRAD_ACTIVATIONS(LOCALGRAD_ENTRY)
#undef LOCALGRAD_ENTRY
    default:
      return false;
  }
}

CurvedIn curved_in(Cost cost, Activation output) {
  if (cost == Cost::gaussian_nll) return CurvedIn::pairs;
  if (cost == Cost::poisson || cost == Cost::binary_cross_entropy) return CurvedIn::z;
  if (cost != Cost::cross_entropy) return CurvedIn::a;
  return output == Activation::softmax ? CurvedIn::softmax : CurvedIn::z;
}

template <class T>
void cost_second_derivative(Cost cost, Activation output, Index n, const T* z, const T* a, const T* y,
                            const T* parameters, T* out) {
  using S = Unfused<T>;
  switch (cost) {
    case Cost::mse:
      return std::fill_n(out, n, T(1)), void();
    case Cost::huber:
      return second_of_units<SecondOfHuber, S>(n, z, a, y, parameters, out);
    case Cost::log_cosh:
      return second_of_units<SecondOfLogCosh, S>(n, z, a, y, parameters, out);
    case Cost::cross_entropy:
    case Cost::binary_cross_entropy:
      return second_of_units<SecondOfCrossEntropy, S>(n, z, a, y, parameters, out);
    case Cost::poisson:
      if (output == Activation::identity)
        return second_of_units<SecondOfLogRate, S>(n, z, a, y, parameters, out);
      return second_of_units<SecondOfRate, S>(n, z, a, y, parameters, out);
    default:
      return std::fill_n(out, n, T(0)), void();  // mae, hinge and quantile have no curvature
  }
}

template <class T>
T exp_of(T x) {
  using S = Unfused<T>;
  return localgrad::exp<S>(S::broadcast(x))[0];
}

#define LOCALGRAD_FOR(T)                                                                                     \
  template bool times_second_derivative(Activation, Index, const T*, const T*, const T*, const T*, T*);      \
  template void cost_second_derivative(Cost, Activation, Index, const T*, const T*, const T*, const T*, T*); \
  template T exp_of(T);
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
