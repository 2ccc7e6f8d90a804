#pragma once

// Generated from the list of optimizers: a list of the steps of all optimizers. The steps of AdamW are those
// of Adam, listed again, so that the steps of each optimizer are consecutive, beginning at first_step.

#include "localgrad/optimizer.hpp"

namespace localgrad {

template <class...>
struct Joined;
template <class... Step>
struct Joined<StepList<Step...>> {
  using Type = StepList<Step...>;
};
template <class... A, class... B, class... Rest>
struct Joined<StepList<A...>, StepList<B...>, Rest...> : Joined<StepList<A..., B...>, Rest...> {};

template <class>
struct StepsOf;
template <class... O>
struct StepsOf<std::variant<O...>> : Joined<typename UpdateRule<O>::Steps...> {};

using AllSteps = StepsOf<Optimizer>::Type;
constexpr int kSteps = AllSteps::kCount;

/// Index of the first step of the optimizer at `index` of the list.
template <class... O>
constexpr int first_step(std::size_t index, const std::variant<O...>*) {
  int first = 0;
  std::size_t at = 0;
  ((first += at++ < index ? UpdateRule<O>::Steps::kCount : 0), ...);
  return first;
}

template <class... Step>
constexpr int most_states(StepList<Step...>) {
  int most = 0;
  ((most = Step::kStates > most ? Step::kStates : most), ...);
  return most;
}
constexpr int kMaxStates = most_states(AllSteps());  ///< largest number of state variables per parameter

template <class Step, class N>
constexpr int kNumbers = static_cast<int>(sizeof(typename Step::template Numbers<N>) / sizeof(N));
template <class... Step>
constexpr int most_numbers(StepList<Step...>) {
  int most = 0;
  ((most = kNumbers<Step, float> > most ? kNumbers<Step, float> : most), ...);
  return most;
}

/// Storage for the Numbers of any step.
template <class T>
struct StepNumbers {
  T values[most_numbers(AllSteps())];
};

namespace {

/// Broadcasts the numbers to all lanes.
template <class S, class Step>
LOCALGRAD_INLINE auto broadcast(const StepNumbers<typename S::T>& numbers, typename S::T scale) {
  using V = typename S::V;
  union {
    V each[kNumbers<Step, V>];
    typename Step::template Numbers<V> all;
  } wide;
#pragma GCC unroll 16
  for (int i = 0; i < kNumbers<Step, V>; ++i)
    wide.each[i] = S::broadcast(Step::kLinear && i == 0 ? numbers.values[i] * scale : numbers.values[i]);
  return wide.all;
}

}  // namespace
}  // namespace localgrad
