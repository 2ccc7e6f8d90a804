#pragma once

// Fills the table of one instruction set from the list of functions. Only included by the isa_*.cpp files,
// which are compiled with the flags of that instruction set.

#include "kernels/backward.hpp"
#include "kernels/dropout.hpp"
#include "kernels/factors.hpp"
#include "kernels/forward.hpp"
#include "kernels/gather.hpp"
#include "kernels/narrow.hpp"
#include "kernels/output.hpp"
#include "kernels/pack.hpp"
#include "kernels/peak.hpp"
#include "kernels/random.hpp"
#include "kernels/row.hpp"
#include "kernels/update.hpp"

namespace localgrad {
namespace {

/// Represents any output activation for costs with Form::apart.
struct AnyOutput {};

template <class S, class C, class Output, Cost cost, Activation activation>
constexpr void fill_pair(Kernels<typename S::T>& k) {
  if constexpr (traits_of(cost).fits(activation)) {
    constexpr bool apart = C::template kForm<Output> == Form::apart;
    if constexpr (apart)
      k.cost[int(cost)] = &output<S, C, AnyOutput>;
    else
      k.output[int(cost)][int(activation)] = &output<S, C, Output>;
    if constexpr (apart || C::template kForm<Output> == Form::joint)
      k.cost_gradient[int(cost)][int(activation)] = &cost_gradient<S, C, AnyOutput>;
    else
      k.cost_gradient[int(cost)][int(activation)] = &cost_gradient<S, C, Output>;
  }
}

template <class S, class C, Cost cost>
constexpr void fill_cost(Kernels<typename S::T>& k) {
#define LOCALGRAD_ENTRY(name, Type, ...) fill_pair<S, C, Type<S>, cost, Activation::name>(k);
  LOCALGRAD_ACTIVATIONS(LOCALGRAD_ENTRY)
  LOCALGRAD_ROW_ACTIVATIONS(LOCALGRAD_ENTRY)
#undef LOCALGRAD_ENTRY
}

template <class S, class... Step>
constexpr void fill_updates(Kernels<typename S::T>& k, StepList<Step...>) {
  int i = 0;
  ((k.update[i] = &update<S, Step>, k.apply_update[i] = &apply_update<S, Step>, ++i), ...);
}

template <class S>
constexpr Kernels<typename S::T> make_kernels() {
  using T = typename S::T;
  Kernels<T> k{};
  k.lanes = S::kLanes;
  k.panel_vectors = S::kPanelVectors;
  for (int v = 0; v < S::kPanelVectors; ++v) k.tile_rows[v] = S::rows(v + 1);
  if constexpr (sizeof(T) == sizeof(float)) {
    k.gather[0] = &gather_same<S>;
    k.gather[1] = &gather<T, double>;
  } else {
    k.gather[0] = &gather<T, float>;
    k.gather[1] = &gather_same<S>;
  }
  k.gather[2] = &gather<T, std::uint8_t>;
#define LOCALGRAD_ENTRY(name, Type, ...)                        \
  k.forward[int(Activation::name)] = &forward<S, Type<S>>;      \
  k.forward_row[int(Activation::name)] = &forward_row<S, Type>; \
  k.needs_z[int(Activation::name)] = Type<S>::kNeedsZ;          \
  k.output_delta[int(Activation::name)] = &output_delta<S, Type<S>>;
  LOCALGRAD_ACTIVATIONS(LOCALGRAD_ENTRY)
  LOCALGRAD_ROW_ACTIVATIONS(LOCALGRAD_ENTRY)
#undef LOCALGRAD_ENTRY
#define LOCALGRAD_ENTRY(name, Type, ...)                                 \
  k.forward_narrow[int(Activation::name)] = &forward_narrow<S, Type<S>>; \
  k.backward[int(Activation::name)] = &backward<S, Type<S>>;             \
  k.activation_derivative[int(Activation::name)] = &activation_derivative<S, Type<S>>;
  LOCALGRAD_ACTIVATIONS(LOCALGRAD_ENTRY)
#undef LOCALGRAD_ENTRY
#define LOCALGRAD_ENTRY(name, Type, ...) fill_cost<S, Type<S>, Cost::name>(k);
  LOCALGRAD_COSTS(LOCALGRAD_ENTRY)
#undef LOCALGRAD_ENTRY
  k.gradient = &gradient<S>;
  fill_updates<S>(k, AllSteps());
  k.gradient_squares = &gradient_squares<S>;
  k.bound_norms = &bound_norms<S>;
  k.dropout = &dropout<S>;
  k.noise = &noise<S>;
  k.random_words = &random_words<S>;
  k.pack = &pack<S>;
  k.unpack = &unpack<S>;
  k.transpose = &transpose_panel<S>;
  k.peak = &peak<S>;
  return k;
}

}  // namespace
}  // namespace localgrad
