// The settings of each step, the optimizer's state, and the update of a unit.

#include <algorithm>

#include "engine/epoch/run.hpp"
#include "model/network_functions.hpp"

namespace localgrad {

template <class T>
void EpochRun<T>::prepare(std::uint64_t epoch, std::uint64_t position, std::size_t mini_batches,
                          const Factors& factors) {
  read_network();
  prepare_steps(epoch, position, mini_batches, factors);
}

template <class T>
void EpochRun<T>::read_network() {
  standards_ = standards_of(*network_);
  reading_ = input_reading(*network_, standards_.get());
  target_rule_ = TargetRule<T>(*network_, standards_.get());
  if (slopes_) slopes_->read(*network_, standards_.get());
}

template <class T>
void EpochRun<T>::prepare_steps(std::uint64_t epoch, std::uint64_t position, std::size_t mini_batches,
                                const Factors& factors) {
  pass_.set_epoch(epoch);
  factors_ = factors;
  position_ = position;
  step_costs_.clear();
  step_costs_.reserve(mini_batches);
  settings_.clear();
  numbers_.clear();
  const auto& of_layers = penalties_.rates().distinct();
  const std::size_t count =
      factors.learning_rate || factors.weight_decay || rule_.varies() ? mini_batches : 1;
  settings_.reserve(count);  // there may be millions of small mini-batches
  numbers_.reserve(count * of_layers.size());
  Progress progress = progress_;
  for (std::size_t s = 0; s < count; ++s) {
    const double factor = factors.learning_rate ? factors.learning_rate[s] : 1;
    const Progress before = progress;
    if (of_layers.empty()) (void)rule_.next(progress, factor);
    for (const double of_layer : of_layers) {
      progress = before;
      numbers_.push_back(rule_.next(progress, factor * of_layer));
    }
    const double decay = factors.weight_decay ? factors.weight_decay[s] : 1;
    settings_.push_back({factor * rule_.learning_rate() * decay, progress});
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
  const LayerRates& rates = penalties_.rates();
  const bool biases = unit.rows.only_biases;
  UpdateArgs<T> u{};
  u.gradient = gradient_args(unit.layer, 0, step.batch, place);
  unit.apply_to(u.gradient);
  const double factor = biases ? rates.biases(unit.layer) : rates.weights(unit.layer);
  if (factor > 0) u.numbers = numbers_of(step, factor);
  for (int s = 0; s < states_; ++s) u.state[s] = state_[s][state].data();
  if (!biases) u.w_transposed = next_transposed(unit.layer, place);
  u.bias_row = pass_.bias_row(unit.layer);
  u.bias_column = pass_.bias_column(unit.layer);
  penalties_.fill(u, unit.layer, settings_[settings_of(step)].decay, divisor(step));
  return u;
}

/// Computes the sums of (G1), (G2) over `batch` rows of the pass from `first` on.
template <class T>
void EpochRun<T>::gradient_of(const GradientUnit& unit, Index batch, Index first, T* sums, Place place) {
  auto g = gradient_args(unit.layer, first, batch, place);
  unit.apply_to(g);
  g.scale = 1;
  g.w.data = sums;
  kernels_.gradient(g);
}

template <class T>
void EpochRun<T>::update(const GradientUnit& unit, const Step& step, Place place, Prefetch* prefetch) {
  UpdateArgs<T> u = update_args(unit, step, place);
  u.gradient.prefetch = prefetch;
  if (!plan_.staged && !sampling_) return descend(unit, step, u, nullptr, place);
  const bool head = unit.layer + 1 == pass_.layers();
  const auto& sums = sums_[static_cast<std::size_t>(unit.layer + (head ? place.head : 0))];
  GradientArgs<T> g = u.gradient;
  g.scale = 1;
  g.w.data = sums.data();
  kernels_.gradient(g);
  const SumsInParts<T> whole{sums.data(), 1, 0};
  descend(unit, step, u, &whole, place);
}

template <class T>
void EpochRun<T>::descend(const GradientUnit& unit, const Step& step, UpdateArgs<T>& u,
                          const SumsInParts<T>* sums, Place place) {
  const auto rule = rule_.step();
  const auto run = [&](const UpdateArgs<T>& args) {
    sums ? kernels_.apply_update[rule](args, *sums) : kernels_.update[rule](args);
  };
  const auto& w = u.gradient.w;
  if (!biases_apart(unit.layer)) return run(u);
  const LayerRates& rates = penalties_.rates();
  const Index p = pass_.bias_panel(unit.layer);
  if (p < unit.panels.begin || p >= unit.panels.end) return run(u);  // only weights
  // The panel with the biases is computed twice: for the biases in a copy, from which they are copied back.
  const auto panel = panel_of(w, p, kernels_.lanes);
  const Index size = w.rows * w.cols, first = panel.data - w.data;
  T* apart = apart_[static_cast<std::size_t>(place.head)].data();
  UpdateArgs<T> b = u;
  b.gradient.panel_begin = p;
  b.gradient.panel_end = p + 1;
  b.gradient.prefetch = nullptr;
  b.gradient.w.data = apart;
  for (int s = 0; s < states_; ++s) b.state[s] = apart + (s + 1) * size;
  const auto each = [&](const auto& copy) {  // copy(original, copy) for w and each state
    copy(w.data, apart);
    for (int s = 0; s < states_; ++s) copy(u.state[s], b.state[s]);
  };
  for (Index j = 0; j < w.rows; ++j)
    each([&](const T* from, T* to) {
      std::copy_n(from + first + j * panel.stride, panel.width, to + first + j * panel.stride);
    });
  if (rates.trains_biases(unit.layer)) {
    b.numbers = numbers_of(step, rates.biases(unit.layer));
    run(b);
  }
  if (rates.trains_weights(unit.layer)) run(u);
  for (Index j = 0; j < w.rows; ++j)
    each([&](T* to, const T* from) {
      to[u.bias_column + j * w.row_stride] = from[u.bias_column + j * w.row_stride];
    });
}

// The members defined in this file.
#define LOCALGRAD_FOR(T) template class EpochRun<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
