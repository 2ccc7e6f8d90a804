#pragma once

// Fills the table of one instruction set from the list of functions. Only included by the isa_*.cpp files,
// which are compiled with the flags of that instruction set.

#include "functions/built.hpp"
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
  if constexpr (traits_of(cost).fits(activation) && is_built(name_of(activation))) {
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

template <class S, bool kBuilt, class... Step>
constexpr void fill_steps(Kernels<typename S::T>& k, int& i, StepList<Step...>) {
  if constexpr (kBuilt)
    ((k.update[i] = &update<S, Step>, k.apply_update[i] = &apply_update<S, Step>, ++i), ...);
  else
    i += int(sizeof...(Step));
}

template <class S, class... O>
constexpr void fill_updates(Kernels<typename S::T>& k, const std::variant<O...>*) {
  int i = 0;
  (fill_steps<S, is_built(UpdateRule<O>::kName)>(k, i, typename UpdateRule<O>::Steps()), ...);
}

/// The kernels of an activation, which may work on whole rows.
template <class S, template <class> class Phi, Activation activation>
constexpr void fill_activation(Kernels<typename S::T>& k) {
  constexpr int i = int(activation);
  k.needs_z[i] = Phi<S>::kNeedsZ;
  if constexpr (is_built(name_of(activation))) {
    k.forward[i] = &forward<S, Phi<S>>;
    k.forward_row[i] = &forward_row<S, Phi>;
    if constexpr (is_unitwise(activation)) k.forward_narrow[i] = &forward_narrow<S, Phi<S>>;
#if LOCALGRAD_HAS_TRAINING
    k.output_delta[i] = &output_delta<S, Phi<S>>;
    if constexpr (is_unitwise(activation)) {
      k.backward[i] = &backward<S, Phi<S>>;
      k.backward_row[i] = &backward_row<S, Phi<S>>;
      k.activation_derivative[i] = &activation_derivative<S, Phi<S>>;
    }
#endif
  }
}

#if LOCALGRAD_HAS_TRAINING
/// What training only uses from the table of float, whatever the element type of the network.
template <class S>
constexpr void fill_common(Kernels<typename S::T>& k) {
  k.lanes = S::kLanes;
  k.random_words = &random_words<S>;
  k.peak = &peak<S>;
}

template <class S>
constexpr void fill_training(Kernels<typename S::T>& k) {
#define LOCALGRAD_ENTRY(name, Type, ...) \
  if constexpr (is_built(#name)) fill_cost<S, Type<S>, Cost::name>(k);
  LOCALGRAD_COSTS(LOCALGRAD_ENTRY)
#undef LOCALGRAD_ENTRY
  k.gradient = &gradient<S>;
  fill_updates<S>(k, static_cast<const Optimizer*>(nullptr));
  k.gradient_squares = &gradient_squares<S>;
  k.bound_norms = &bound_norms<S>;
  k.dropout = &dropout<S>;
  k.noise = &noise<S>;
  fill_common<S>(k);
}
#endif

template <class S>
constexpr void fill_gather(Kernels<typename S::T>& k) {
  using T = typename S::T;
  if constexpr (sizeof(T) == sizeof(float)) {
    k.gather[0] = &gather_same<S>;
    k.gather[1] = &gather<T, double>;
  } else {
    k.gather[0] = &gather<T, float>;
    k.gather[1] = &gather_same<S>;
  }
  k.gather[2] = &gather<T, std::uint8_t>;
}

template <class S>
constexpr Kernels<typename S::T> make_kernels() {
  Kernels<typename S::T> k{};
  k.lanes = S::kLanes;
  k.panel_vectors = S::kPanelVectors;
  for (int v = 0; v < S::kPanelVectors; ++v) k.tile_rows[v] = S::rows(v + 1);
  fill_gather<S>(k);
#define LOCALGRAD_ENTRY(name, Type, ...) fill_activation<S, Type, Activation::name>(k);
  LOCALGRAD_ACTIVATIONS(LOCALGRAD_ENTRY)
  LOCALGRAD_ROW_ACTIVATIONS(LOCALGRAD_ENTRY)
#undef LOCALGRAD_ENTRY
#if LOCALGRAD_HAS_TRAINING
  fill_training<S>(k);
#endif
  k.pack = &pack<S>;
  k.unpack = &unpack<S>;
  k.transpose = &transpose_panel<S>;
  return k;
}

/// The table of an instruction set.
template <template <class> class Isa>
constexpr KernelTable make_table(const char* name) {
  KernelTable table{};
  table.name = name;
  table.fused_multiply_add = Isa<float>::kFused;
#if LOCALGRAD_HAS_FLOAT
  table.float32 = make_kernels<Isa<float>>();
#elif LOCALGRAD_HAS_TRAINING
  fill_common<Isa<float>>(table.float32);
#endif
#if LOCALGRAD_HAS_DOUBLE
  table.float64 = make_kernels<Isa<double>>();
#elif LOCALGRAD_HAS_TRAINING
  fill_gather<Isa<double>>(table.float64);  // standardizations are computed from doubles
#endif
  return table;
}

}  // namespace
}  // namespace localgrad
