// Steps without exceptions, and online training.

#include "engine/api/status_of.hpp"
#include "engine/api/trainer_state.hpp"
#include "model/float_mode.hpp"

namespace localgrad {

template <class T>
Outcome Trainer<T>::State::step_online(const Rows& x, const Targets& y) {
  find_network();
  begin(x, y);
  check_given_batches("try_step");
  check_rows_of_step(x);
  set_order(x.n);
  if (!ahead || network->parameters() != known) check_network();
  known = network->parameters();
  if (!ahead) {
    run.read_network();
    run.begin();
    counts_before = counts;
    progress_before = run.progress();
    ahead = true;
  }
  part_begin = counts.position;
  run.prepare_steps(network->epochs(), part_begin, 1, evaluate_schedules(1));
  const Outcome outcome = run.step_online(x, y, order);
  if (outcome.end == End::done)
    count(1);
  else
    run.advance(0);
  return outcome;
}

template <class T>
Status Trainer<T>::State::sync() {
  if (!ahead) return Status::ok;
  find_network();
  check_network();
  if (!run.finite()) return Status::not_finite;
  run.commit();
  ahead = false;
  return Status::ok;
}

template <class T>
void Trainer<T>::State::end_online() {
  if (sync() == Status::ok) return;
  const std::size_t batch = counts.position / batch_size + 1;
  throw NonFiniteCost(
      "the parameters or the state of the optimizer became infinite or NaN since the last sync(); call "
      "undo()",
      network->epochs() + 1, batch);
}

template <class T>
void Trainer<T>::State::undo() {
  if (!ahead) return;
  run.restore_state();
  run.set_progress(progress_before);
  counts = counts_before;
  ahead = false;
}

template <class T>
Status Trainer<T>::try_step(const Rows& x, const Targets& y, double* cost) noexcept {
  if (!state_) return Status::invalid_argument;
  try {
    const DefaultFloatMode mode;
    auto& s = *state_;
    Outcome outcome;
    if (s.online) {
      outcome = s.step_online(x, y);
    } else {
      s.start(x, y);
      s.check_given_batches("try_step");
      s.check_rows_of_step(x);
      s.set_order(x.n);
      outcome = s.attempt(x, y, s.counts.position);
    }
    switch (outcome.end) {
      case End::done:
        if (cost) *cost = s.mean_cost();
        return Status::ok;
      case End::bad_row:
        return Status::bad_example;
      case End::interrupted:
        return Status::interrupted;
      case End::failed:
        std::rethrow_exception(outcome.failure);
      case End::not_finite:
      case End::overflow:
        break;
    }
    if (!s.online) s.run.roll_back();
    s.run.advance(0);
    return Status::not_finite;
  } catch (...) {
    return status_of_exception();
  }
}

template <class T>
Status Trainer<T>::sync() noexcept {
  try {
    return state_ ? state_->sync() : Status::invalid_argument;
  } catch (...) {
    return status_of_exception();
  }
}

template <class T>
void Trainer<T>::undo() noexcept {
  if (state_) state_->undo();
}

// The members defined in this file.
#define LOCALGRAD_FOR(T)                                                               \
  template struct Trainer<T>::State;                                                   \
  template Status Trainer<T>::try_step(const Rows&, const Targets&, double*) noexcept; \
  template Status Trainer<T>::sync() noexcept;                                         \
  template void Trainer<T>::undo() noexcept;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
