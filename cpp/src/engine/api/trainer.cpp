#include "localgrad/trainer.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <stdexcept>

#include "engine/data/examples.hpp"
#include "engine/data/shuffle.hpp"
#include "engine/epoch/run.hpp"
#include "kernels/dispatch.hpp"
#include "localgrad/error.hpp"
#include "model/check.hpp"
#include "model/float_mode.hpp"
#include "model/network_functions.hpp"
#include "text/message.hpp"

namespace localgrad {
namespace {

std::string text(double value) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%g", value);
  return std::isnan(value) ? "nan" : digits;
}

/// Checks a count that mini-batches or rows will be added to.
void check_counts_on(std::uint64_t count, const char* name, std::uint64_t most = kMostCounted) {
  if (count > most) refuse(name, " must be at most ", most, ", got ", count);
}

}  // namespace

template <class T>
struct Trainer<T>::State {
  State(Network<T>& net, const Optimizer& settings, std::size_t batch_size, int n_threads,
        const Regularization& regularization, bool weighted)
      : network(net),
        sizes(net.sizes()),
        options(net.options()),
        rule(settings),
        smoothing(TargetRule<T>(net).smoothing),
        penalties(regularization, net, rule.weight_decay()),
        run(net, kernels<T>(), rule, penalties, batch_size,
            make_plan(net, kernels<T>(), batch_size, n_threads, regularization), weighted) {}

  /// Trains on the rows in `order`, which begin at position `start` of the epoch. Returns their mean cost.
  double train(const Rows& x, const Targets& y, std::size_t start);
  std::size_t repeat_while_finite(const Rows& x, const Targets& y, std::size_t last);
  /// Updates the counters after `mini_batches` mini-batches of `order`.
  void count(std::size_t mini_batches);
  /// Returns the factors of a schedule for the mini-batches of a call, null without a schedule. `most` is the
  /// largest number that they multiply, if the products must be below 1.
  const double* evaluate(const Schedules::Factor& schedule, std::vector<double>& values,
                         std::size_t mini_batches, const char* name, double most = 0) const;
  double largest_dropout() const {
    return std::accumulate(options.dropout.begin(), options.dropout.end(), options.input_dropout,
                           [](double a, double b) { return std::max(a, b); });
  }
  /// Number of rows in the first mini-batches of `order`.
  std::size_t rows_of(std::size_t mini_batches) const {
    return std::min(order.size(), mini_batches * run.batch_size());
  }
  double cost_sum(double start) const;
  [[noreturn]] void diverged(const Rows& x, const Targets& y, const Outcome& outcome);

  /// Checks the data at the start of a call.
  void begin(const Rows& x, const Targets& y);

  /// Throws std::invalid_argument if a network that does not fit the workspace has been assigned to
  /// `network`.
  void check_network() const;

  Network<T>& network;
  const std::vector<std::size_t> sizes;
  const Options options;
  const Rule<T> rule;
  const double smoothing;  // label smoothing of the cost
  const Penalties<T> penalties;
  EpochRun<T> run;
  std::vector<std::uint32_t> order;
  Schedules schedules;
  // Factors of the schedules for the mini-batches of a call.
  std::vector<double> rates, dropouts, decays, smoothings;
  std::size_t scheduled = 0;   // mini-batches since the schedules were set
  std::size_t part_begin = 0;  // position of the rows in `order` in the epoch
  std::size_t position = 0;    // position in the epoch after the rows trained so far
};

template <class T>
void Trainer<T>::State::check_network() const {
  const Options& now = network.options();
  if (network.sizes() != sizes || now.activation != options.activation || now.output != options.output ||
      now.cost != options.cost || now.dropout != options.dropout ||
      now.input_dropout != options.input_dropout || now.input_noise != options.input_noise ||
      now.learn_input_scale != options.learn_input_scale)
    throw std::invalid_argument(
        "network must have the sizes, activations, cost, dropout, noise and learn_input_scale with which its "
        "Trainer was created");
  if (cost_of(network) == Cost::custom) cost_function_of(network);
}

template <class T>
void Trainer<T>::State::begin(const Rows& x, const Targets& y) {
  run.advance(0);  // discards the costs of the previous call
  check_network();
  if (network.epochs() >= kMostCounted)
    refuse("epochs of the network must be below ", kMostCounted, " for training, got ", network.epochs());
  check_examples(network, x, y);
  if ((y.weights.n > 0) != run.pass().weighted())
    throw std::invalid_argument(run.pass().weighted()
                                    ? "weights must be set for a weighted Trainer"
                                    : "weights must not be set for a Trainer that is not weighted");
}

template <class T>
double Trainer<T>::State::train(const Rows& x, const Targets& y, std::size_t start) {
  part_begin = start;
  const std::size_t mini_batches = (order.size() - 1) / run.batch_size() + 1;
  Factors factors;
  factors.learning_rate = evaluate(schedules.learning_rate, rates, mini_batches, "learning_rate");
  factors.dropout = evaluate(schedules.dropout, dropouts, mini_batches, "dropout", largest_dropout());
  factors.weight_decay = evaluate(schedules.weight_decay, decays, mini_batches, "weight_decay");
  factors.label_smoothing =
      evaluate(schedules.label_smoothing, smoothings, mini_batches, "label_smoothing", smoothing);
  run.prepare(network.epochs(), start, mini_batches, factors);
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
    refuse_example(network, kernels<T>(), &x, &y, outcome.row);
  }
  if (outcome.end == End::not_finite || !run.finite()) diverged(x, y, outcome);
  run.commit();
  count(outcome.mini_batches);
  if (outcome.end == End::interrupted) throw Interrupted();
  if (outcome.end == End::failed) std::rethrow_exception(outcome.failure);
  return cost_sum(0) / static_cast<double>(order.size());
}

template <class T>
const double* Trainer<T>::State::evaluate(const Schedules::Factor& schedule, std::vector<double>& values,
                                          std::size_t mini_batches, const char* name, double most) const {
  values.clear();
  if (!schedule) return nullptr;
  {
    const CallersFloatMode mode;
    for (std::size_t s = 0; s < mini_batches; ++s) values.push_back(schedule(scheduled + s));
  }
  const std::string what = std::string("the factor of the schedule of ") + name;
  for (const double factor : values) {
    check_at_least_0(factor, what);
    if (factor * most >= 1)
      refuse(name, " must be below 1, got ", text(most), " times ", text(factor),
             ", the factor of its schedule");
  }
  return values.data();
}

template <class T>
double Trainer<T>::State::cost_sum(double start) const {
  const auto& costs = run.step_costs();
  for (std::size_t s = 0; s < costs.size(); ++s)
    start += costs[s] * static_cast<double>(rows_of(s + 1) - rows_of(s));
  return start;
}

template <class T>
void Trainer<T>::State::count(std::size_t mini_batches) {
  run.advance(mini_batches);
  scheduled += mini_batches;
  position = part_begin + rows_of(mini_batches);
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
  count(good);
  const std::uint64_t epoch = network.epochs() + 1;
  const bool cost = outcome.end == End::not_finite;
  const std::size_t bad = cost ? outcome.mini_batches : good;
  const std::size_t batch = part_begin / run.batch_size() + bad + 1;
  const double factor = rates.empty() ? 1 : rates[std::min(bad, rates.size() - 1)];
  const double rate = factor * rule.learning_rate();
  throw NonFiniteCost("epoch " + std::to_string(epoch) + ", mini-batch " + std::to_string(batch) + ": " +
                          (cost ? "the cost became " + text(outcome.bad_cost) : what) +
                          (began_finite ? "; the learning rate " + text(rate) +
                                              " is probably too large, or the inputs are not scaled"
                                        : "; the parameters were not finite before training"),
                      epoch, batch);
}

template <class T>
Trainer<T>::Trainer(Network<T>& network, const Optimizer& optimizer, std::size_t batch_size, int n_threads,
                    const Regularization& regularization, bool weighted) {
  const DefaultFloatMode mode;
  if (batch_size == 0) throw std::invalid_argument("batch_size must be at least 1, got 0");
  state_ = std::make_unique<State>(network, optimizer, batch_size, n_threads, regularization, weighted);
}

template <class T>
Trainer<T>::~Trainer() = default;
template <class T>
Trainer<T>::Trainer(Trainer&&) noexcept = default;
template <class T>
Trainer<T>& Trainer<T>::operator=(Trainer&&) noexcept = default;

template <class T>
double Trainer<T>::step(const Rows& x, const Targets& y) {
  const DefaultFloatMode mode;
  auto& s = *state_;
  s.begin(x, y);
  if (x.n > s.run.batch_size())
    refuse(x.name, " must have at most ", s.run.batch_size(), " rows (batch_size), got ", x.n);
  s.order.resize(x.n);
  std::iota(s.order.begin(), s.order.end(), std::uint32_t{0});
  return s.train(x, y, s.position);
}

template <class T>
double Trainer<T>::epoch(const Rows& x, const Targets& y, bool shuffle) {
  const DefaultFloatMode mode;
  auto& s = *state_;
  s.begin(x, y);
  s.order.resize(x.n);
  epoch_order(s.network.options().seed, s.network.epochs(), s.run.batch_size(), shuffle, s.order);
  const double cost = s.train(x, y, 0);
  end_epoch();
  return cost;
}

template <class T>
double Trainer<T>::part(const Rows& x, const Targets& y, const std::uint32_t* order, std::size_t n) {
  const DefaultFloatMode mode;
  auto& s = *state_;
  s.begin(x, y);
  copy_order(x, order, n, s.order);
  return s.train(x, y, s.position);
}

template <class T>
void Trainer<T>::end_epoch() {
  state_->network.set_epochs(state_->network.epochs() + 1);
  state_->position = 0;
}

template <class T>
std::size_t Trainer<T>::position() const {
  return state_->position;
}

template <class T>
TrainerState<T> Trainer<T>::state() const {
  state_->check_network();
  const auto& run = state_->run;
  TrainerState<T> state;
  state.rule = state_->rule.name();
  state.t = run.progress().t;
  state.mu_product = run.progress().mu_product;
  state.position = state_->position;
  for (int s = 0; s < run.states(); ++s) {
    state.arrays.emplace_back(state_->network.num_parameters());
    run.copy_state(s, state.arrays.back().data());
  }
  return state;
}

template <class T>
void Trainer<T>::set_state(const TrainerState<T>& state) {
  const DefaultFloatMode mode;
  state_->check_network();
  auto& run = state_->run;
  const auto& arrays = state.arrays;
  const std::size_t count = static_cast<std::size_t>(run.states()), n = state_->network.num_parameters();
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
  for (int s = 0; s < run.states(); ++s) run.set_state(s, arrays[static_cast<std::size_t>(s)].data());
  run.set_progress({state.t, state.mu_product});
  state_->position = static_cast<std::size_t>(state.position);
}

template <class T>
void Trainer<T>::set_interrupt(std::function<bool()> interrupt) {
  state_->run.set_interrupt(std::move(interrupt));
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
  s.schedules = std::move(schedules);
  s.scheduled = 0;
}

template <class T>
const std::vector<double>& Trainer<T>::step_costs() const {
  return state_->run.step_costs();
}

template <class T>
double Trainer<T>::cost_sum(double start) const {
  const DefaultFloatMode mode;
  return state_->cost_sum(start);
}

template <class T>
void Trainer<T>::record_outputs(T* out) {
  state_->run.record_outputs(out);
}

#define LOCALGRAD_FOR(T) template class Trainer<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
