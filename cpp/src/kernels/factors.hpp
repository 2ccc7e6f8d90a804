#pragma once

// The two factors of (D1) by themselves, for inspection: phi' and dc/da of n numbers.

#include "functions/costs.hpp"
#include "kernels/output.hpp"

namespace localgrad {
namespace {

/// out = f(columns i..) for n numbers, the last vector through a buffer, so that nothing behind n is read or written.
template <class S, class F>
LOCALGRAD_INLINE void map_numbers(Index n, const typename S::T* x, const typename S::T* y, typename S::T* out,
                                  const F& f) {
  for (Index i = 0; i < n; i += S::kLanes) {
    typename S::T from[2][S::kLanes] = {}, to[S::kLanes];
    const Index count = n - i < S::kLanes ? n - i : S::kLanes;
    for (Index j = 0; j < count; ++j) {
      from[0][j] = x[i + j];
      from[1][j] = y[i + j];
    }
    S::store(to, f(i, S::load(from[0]), S::load(from[1])));
    for (Index j = 0; j < count; ++j) out[i + j] = to[j];
  }
}

template <class S, class Phi>
void activation_derivative(Index n, const typename S::T* z, const typename S::T* a, typename S::T phi,
                           typename S::T* out) {
  const auto parameter = S::broadcast(phi);
  map_numbers<S>(n, z, a, out,
                 [=](Index, auto zs, auto as) { return Phi::template derivative<S>(zs, as, parameter); });
}

template <class S, class Cost, class Output>
void cost_gradient(Index n, const typename S::T* a, const typename S::T* y, const typename S::T* parameters,
                   typename S::T* out) {
  map_numbers<S>(n, a, y, out, [=](Index c, auto as, auto ys) {
    return Cost::template gradient<S, Output>(as, ys, S::load(parameters + c));
  });
}

}  // namespace
}  // namespace localgrad
