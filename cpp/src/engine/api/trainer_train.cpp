// How a Trainer runs the mini-batches of a call.

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "engine/api/trainer_state.hpp"
#include "localgrad/error.hpp"
#include "model/check.hpp"
#include "model/float_mode.hpp"
#include "text/message.hpp"

namespace localgrad {

template <class T>
Outcome Trainer<T>::State::attempt(const Rows& x, const Targets& y, std::size_t start) {
  part_begin = start;
  const std::size_t mini_batches = privacy.poisson ? offsets.size() - 1 : (order.size() - 1) / batch_size + 1;
  // Room for each sample, so that the random numbers of different ones differ.
  const std::size_t position = privacy.poisson ? start / batch_size * run.batch_size() : start;
  if (start == 0 && run.probe()) run.probe()->clear();
  run.prepare(network->epochs(), position, mini_batches, evaluate_schedules(mini_batches));
  run.begin();
  Outcome outcome;
  try {
    outcome = run.mini_batches(x, y, order, 0, mini_batches);
  } catch (...) {  // a team that could not be started, or an interrupt function that threw
    run.roll_back();
    run.advance(0);
    throw;
  }
  if (outcome.end == End::bad_row) {
    run.roll_back();  // restores the optimizer's state; the network has not changed
    run.advance(0);
    return outcome;
  }
  if (outcome.end == End::not_finite || !run.finite()) {
    if (outcome.end != End::not_finite) outcome.end = End::overflow;
    return outcome;
  }
  run.commit();
  count(outcome.mini_batches);
  return outcome;
}

template <class T>
double Trainer<T>::State::train(const Rows& x, const Targets& y, std::size_t start) {
  const Outcome outcome = attempt(x, y, start);
  if (outcome.end == End::bad_row) refuse_example(*network, kernel, &x, &y, outcome.row);
  if (outcome.end == End::not_finite || outcome.end == End::overflow) diverged(x, y, outcome);
  if (outcome.end == End::interrupted) throw Interrupted();
  if (outcome.end == End::failed) std::rethrow_exception(outcome.failure);
  return mean_cost();
}

template <class T>
Factors Trainer<T>::State::evaluate_schedules(std::size_t mini_batches) {
  Factors factors;
  factors.learning_rate = evaluate(schedules.learning_rate, rates, mini_batches, "learning_rate");
  factors.dropout = evaluate(schedules.dropout, dropouts, mini_batches, "dropout", largest_dropout());
  factors.weight_decay = evaluate(schedules.weight_decay, decays, mini_batches, "weight_decay");
  factors.label_smoothing =
      evaluate(schedules.label_smoothing, smoothings, mini_batches, "label_smoothing", smoothing);
  return factors;
}

/// Returns the factors of a schedule for the mini-batches of a call, null without a schedule. `most` is the
/// largest number that they multiply, if the products must be below 1.
template <class T>
const double* Trainer<T>::State::evaluate(const Schedules::Factor& schedule, std::vector<double>& values,
                                          std::size_t mini_batches, const char* name, double most) const {
  values.clear();
  if (!schedule) return nullptr;
  {
    const CallersFloatMode mode;
    for (std::size_t s = 0; s < mini_batches; ++s) values.push_back(schedule(counts.scheduled + s));
  }
  for (const double factor : values) {
    if (!(factor >= 0 && std::isfinite(factor)))  // the name is made only then: it allocates
      check_at_least_0(factor, std::string("the factor of the schedule of ") + name);
    if (factor * most >= 1)
      refuse(name, " must be below 1, got ", text(most), " times ", text(factor),
             ", the factor of its schedule");
  }
  return values.data();
}

/// Repeats the mini-batches up to `last` while all parameters are finite. Returns the number of good
/// mini-batches and leaves the network in the state after them.
///
/// Parameters are checked in strides, because checking all of them takes as long as a small mini-batch. A
/// number that is not finite never becomes finite again.
template <class T>
std::size_t Trainer<T>::State::repeat_while_finite(const Rows& x, const Targets& y, std::size_t last) {
  std::size_t good = 0;
  for (std::size_t stride = 64; good < last;) {
    const std::size_t next = std::min(good + stride, last);
    const Outcome outcome = run.mini_batches(x, y, order, good, next);
    const bool finite = run.finite();
    if (outcome.end == End::interrupted || (outcome.end == End::failed && finite)) {
      finite ? run.commit() : run.roll_back();
      count(finite ? outcome.mini_batches : good);
      if (outcome.end == End::failed) std::rethrow_exception(outcome.failure);
      throw Interrupted();
    }
    if (finite && outcome.mini_batches == next) {
      good = next;
      run.commit();
      run.begin();
      continue;
    }
    run.roll_back();
    if (stride == 1) break;
    stride /= 8;
  }
  return good;
}

/// The main loop does not check the parameters. If a cost or, at the end, a parameter is not finite, the
/// epoch is repeated, which gives the same bits, up to the step that causes it.
template <class T>
void Trainer<T>::State::diverged(const Rows& x, const Targets& y, const Outcome& outcome) {
  const char* what =
      run.pass().finite() ? "the state of the optimizer became infinite" : "a parameter became infinite";
  run.roll_back();
  const bool began_finite = run.finite();
  const std::size_t good = began_finite ? repeat_while_finite(x, y, outcome.mini_batches) : 0;
  run.inspect(x, y, order, good);
  count(good);
  const std::uint64_t epoch = network->epochs() + 1;
  const bool cost = outcome.end == End::not_finite;
  const std::size_t bad = cost ? outcome.mini_batches : good;
  const std::size_t batch = part_begin / batch_size + bad + 1;
  const double factor = rates.empty() ? 1 : rates[std::min(bad, rates.size() - 1)];
  const double rate = factor * rule.learning_rate();
  throw NonFiniteCost("epoch " + std::to_string(epoch) + ", mini-batch " + std::to_string(batch) + ": " +
                          (cost ? "the cost became " + text(outcome.bad_cost) : what) +
                          (began_finite ? "; the learning rate " + text(rate) +
                                              " is probably too large, or the inputs are not scaled"
                                        : "; the parameters were not finite before training"),
                      epoch, batch);
}

// The members defined in this file.
#define LOCALGRAD_FOR(T) template struct Trainer<T>::State;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
