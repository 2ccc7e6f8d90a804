#pragma once

// The two factors of (D1), for inspection: phi' and dc/da of n numbers, without padding.

#include "functions/costs.hpp"
#include "kernels/output.hpp"

namespace localgrad {
namespace {

template <class S, class Phi>
void activation_derivative(Index n, const typename S::T* z, const typename S::T* a, typename S::T phi,
                           typename S::T* out) {
  const auto parameter = S::broadcast(phi);
  for (Index i = 0; i < n; i += S::kLanes)
    store_first<S>(
        out + i, Phi::derivative(load_first<S>(z + i, n - i), load_first<S>(a + i, n - i), parameter), n - i);
}

template <class S, class Cost, class Output>
void cost_gradient(Index n, const typename S::T* a, const typename S::T* y, const typename S::T* parameters,
                   typename S::T* out) {
  if constexpr (Cost::template kForm<Output> == Form::row)
    WholeRow<S, Cost, Output>::gradient(n, a, y, out);
  else
    for (Index c = 0; c < n; c += S::kLanes)
      store_first<S>(out + c,
                     Cost::template gradient<Output>(load_first<S>(a + c, n - c), load_first<S>(y + c, n - c),
                                                     S::load(parameters + c)),
                     n - c);
}

}  // namespace
}  // namespace localgrad
