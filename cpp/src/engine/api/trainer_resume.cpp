// The state of a Trainer, and its schedules.

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "engine/api/trainer_state.hpp"
#include "model/check.hpp"
#include "model/float_mode.hpp"
#include "text/message.hpp"

namespace localgrad {
namespace {

/// Checks a count that mini-batches or rows will be added to.
void check_counts_on(std::uint64_t count, const char* name) {
  if (count > kMostCounted) refuse(name, " must be at most ", kMostCounted, ", got ", count);
}

}  // namespace

template <class T>
TrainerState<T> Trainer<T>::state() const {
  state_->end_online();
  state_->find_network();
  state_->check_network();
  const auto& run = state_->run;
  TrainerState<T> state;
  state.rule = state_->rule.name();
  state.t = run.progress().t;
  state.mu_product = run.progress().mu_product;
  state.position = state_->counts.position;
  for (int s = 0; s < run.states(); ++s) {
    state.arrays.emplace_back(state_->network->num_parameters());
    run.copy_state(s, state.arrays.back().data());
  }
  if (run.probe() && state.position > 0) state.diagnostics = run.probe()->state();
  return state;
}

template <class T>
void Trainer<T>::set_state(const TrainerState<T>& state) {
  const DefaultFloatMode mode;
  state_->end_online();
  state_->find_network();
  state_->check_network();
  auto& run = state_->run;
  const auto& arrays = state.arrays;
  const std::size_t count = static_cast<std::size_t>(run.states()), n = state_->network->num_parameters();
  if (state.rule != state_->rule.name())
    refuse("rule must be '", state_->rule.name(), "' for this optimizer, got '", state.rule, "'");
  check_counts_on(state.t, "t");
  check_counts_on(state.position, "position");
  check(state.mu_product >= 0 && state.mu_product <= 1, "mu_product", "at least 0 and at most 1",
        state.mu_product);
  if (state.position > std::numeric_limits<std::size_t>::max())  // on 32-bit machines
    refuse("position must fit std::size_t on this machine, got ", state.position);
  if (arrays.size() != count)
    refuse("arrays must have ", count, " elements for this optimizer, got ", arrays.size());
  for (std::size_t a = 0; a < count; ++a) {
    const std::string name = "arrays[" + std::to_string(a) + "]";
    if (arrays[a].size() != n) refuse(name, " must have ", n, " numbers, got ", arrays[a].size());
    const bool signs = !state_->rule.is_size(static_cast<int>(a));
    const auto bad = std::find_if(arrays[a].begin(), arrays[a].end(),
                                  [&](T v) { return !std::isfinite(v) || (v < 0 && !signs); });
    if (bad != arrays[a].end())
      refuse(name, "[", bad - arrays[a].begin(), "] must be finite", (signs ? "" : " and at least 0"),
             ", got ", text(static_cast<double>(*bad)));
  }
  if (auto* probe = run.probe()) {
    const std::size_t sums = state.diagnostics.size();
    if (sums > 0 && sums != probe->size())
      refuse("diagnostics must have ", probe->size(), " numbers, got ", sums);
    probe->clear();
    probe->set_state(state.diagnostics);
  }
  for (int s = 0; s < run.states(); ++s) run.set_state(s, arrays[static_cast<std::size_t>(s)].data());
  run.set_progress({state.t, state.mu_product});
  state_->counts.position = static_cast<std::size_t>(state.position);
}

template <class T>
void Trainer<T>::set_schedules(Schedules schedules) {
  auto& s = *state_;
  const auto require = [](const Schedules::Factor& schedule, bool given, const char* name, const char* what) {
    if (schedule && !given) refuse("the schedule of ", name, " requires ", what);
  };
  require(schedules.dropout, s.largest_dropout() > 0, "dropout", "a network with dropout");
  require(schedules.weight_decay, s.penalties.decays(), "weight_decay", "a weight decay above 0");
  require(schedules.label_smoothing, s.smoothing > 0, "label_smoothing", "a cost with label smoothing");
  s.end_online();
  for (auto* values : {&s.rates, &s.dropouts, &s.decays, &s.smoothings}) values->reserve(1);  // for try_step
  s.schedules = std::move(schedules);
  s.counts.scheduled = 0;
}

// The members defined in this file.
#define LOCALGRAD_FOR(T)                                       \
  template TrainerState<T> Trainer<T>::state() const;          \
  template void Trainer<T>::set_state(const TrainerState<T>&); \
  template void Trainer<T>::set_schedules(Schedules);
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
