// The settings of each step, the optimizer's state, and the update of a unit.

#include <algorithm>

#include "engine/epoch/run.hpp"

namespace localgrad {

template <class T>
void EpochRun<T>::prepare(std::uint64_t epoch, std::uint64_t position, std::size_t mini_batches,
                          const Factors& factors) {
  pass_.set_epoch(epoch);
  factors_ = factors;
  position_ = position;
  step_costs_.clear();
  step_costs_.reserve(mini_batches);
  settings_.clear();
  const std::size_t count =
      factors.learning_rate || factors.weight_decay || rule_.varies() ? mini_batches : 1;
  settings_.reserve(count);  // there may be millions of small mini-batches
  Progress progress = progress_;
  for (std::size_t s = 0; s < count; ++s) {
    const double factor = factors.learning_rate ? factors.learning_rate[s] : 1;
    const auto numbers = rule_.next(progress, factor);
    const double decay = factors.weight_decay ? factors.weight_decay[s] : 1;
    settings_.push_back({numbers, factor * rule_.learning_rate() * decay, progress});
  }
}

template <class T>
void EpochRun<T>::advance(std::size_t mini_batches) {
  step_costs_.resize(std::min(step_costs_.size(), mini_batches));
  if (mini_batches == 0) return;
  if (mini_batches <= settings_.size())
    progress_ = settings_[mini_batches - 1].after;
  else  // one setting for all steps: only t changes
    progress_.t += mini_batches;
}

template <class T>
void EpochRun<T>::copy_state(int s, T* dense) const {
  for (Index i = 0; i < pass_.parts(); dense += pass_.parameters(i), ++i)
    pass_.unpack(i, state_[s][static_cast<std::size_t>(i)].data(), dense);
}

/// Sets the state of the first copy of the output layer; begin() copies it to the others.
template <class T>
void EpochRun<T>::set_state(int s, const T* dense) {
  for (Index i = 0; i < pass_.parts(); dense += pass_.parameters(i), ++i)
    pass_.pack(i, dense, state_[s][static_cast<std::size_t>(i)].data());
}

template <class T>
bool EpochRun<T>::state_finite() const {
  for (int s = 0; s < states_; ++s)
    for (const auto& state : state_[s])
      if (!all_finite(state)) return false;
  return true;
}

template <class T>
UpdateArgs<T> EpochRun<T>::update_args(const GradientUnit& unit, const Step& step, Place place) {
  const bool head = unit.layer + 1 == pass_.layers();
  const auto state = static_cast<std::size_t>(unit.layer + (head ? place.head : 0));
  const StepSettings& settings = settings_of(step);
  UpdateArgs<T> u{};
  u.gradient = pass_.gradient_args(unit.layer, 0, step.batch, place);
  unit.apply_to(u.gradient);
  u.numbers = settings.numbers;
  for (int s = 0; s < states_; ++s) u.state[s] = state_[s][state].data();
  u.w_transposed = pass_.next_transposed(unit.layer, place);
  u.bias_row = pass_.bias_row(unit.layer);
  u.bias_column = pass_.bias_column(unit.layer);
  penalties_.fill(u, static_cast<std::size_t>(unit.layer), settings.decay);
  return u;
}

/// Computes the sums of (G1), (G2) over `batch` rows of the pass from `first` on.
template <class T>
void EpochRun<T>::gradient_of(const GradientUnit& unit, Index batch, Index first, T* sums) {
  auto g = pass_.gradient_args(unit.layer, first, batch);
  unit.apply_to(g);
  g.scale = 1;
  g.w.data = sums;
  kernels_.gradient(g);
}

template <class T>
void EpochRun<T>::update(const GradientUnit& unit, const Step& step, Place place, Prefetch* prefetch) {
  const auto rule = rule_.step();
  UpdateArgs<T> u = update_args(unit, step, place);
  u.gradient.prefetch = prefetch;
  if (!plan_.staged) return kernels_.update[rule](u);
  const bool head = unit.layer + 1 == pass_.layers();
  const auto& sums = sums_[static_cast<std::size_t>(unit.layer + (head ? place.head : 0))];
  GradientArgs<T> g = u.gradient;
  g.scale = 1;
  g.w.data = sums.data();
  kernels_.gradient(g);
  kernels_.apply_update[rule](u, {sums.data(), 1, 0});
}

template class EpochRun<float>;  // the members defined in this file
template class EpochRun<double>;

}  // namespace localgrad
