#include "localgrad/trainer.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>

#include "engine/check.hpp"
#include "engine/data.hpp"
#include "engine/epoch.hpp"
#include "engine/shuffle.hpp"
#include "kernels/dispatch.hpp"
#include "localgrad/error.hpp"
#include "model/functions.hpp"

namespace localgrad {
namespace {

std::string text(double value) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%g", value);
  return std::isnan(value) ? "nan" : digits;
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
        run(net, kernels<T>(), rule, {regularization, net.sizes().size() - 1, rule.weight_decay()},
            batch_size, make_plan(net, kernels<T>(), batch_size, n_threads, regularization), weighted) {}

  /// The first mini-batches of `order`, whose random numbers begin at `position` of the epoch, from the network's state, which changes
  /// if they can be run.
  double train(const Rows& x, const Targets& y, std::uint64_t position, std::size_t mini_batches);
  std::size_t repeat_while_finite(const Rows& x, const Targets& y, std::size_t last);
  /// The network and the optimiser's state stand behind so many more mini-batches.
  void count(std::size_t mini_batches);
  [[noreturn]] void diverged(const Rows& x, const Targets& y, const Outcome& outcome);

  void check_data(const Rows& x, const Targets& y) const;

  /// Throws if the network is no longer what the workspace was made for: it may have been assigned another.
  void check_network() const;

  Network<T>& network;
  const std::vector<std::size_t> sizes;
  const Options options;
  const Rule<T> rule;
  EpochRun<T> run;
  std::vector<std::uint32_t> order;
  std::function<double(std::size_t)> schedule;
  std::vector<double> factors;  // of the schedule, for the mini-batches of a call
  std::size_t scheduled = 0;    // mini-batches, since the schedule was set
  std::uint64_t stepped = 0;    // rows, by step(), since an epoch was counted
};

template <class T>
void Trainer<T>::State::check_network() const {
  const Options& now = network.options();
  if (network.sizes() != sizes || now.activation != options.activation || now.output != options.output ||
      now.cost != options.cost || now.dropout != options.dropout ||
      now.input_dropout != options.input_dropout || now.input_noise != options.input_noise)
    throw std::invalid_argument(
        "network must have the sizes, activations, cost, dropout and noise its Trainer was made for, given "
        "others");
  if (cost_of(network) == Cost::custom) cost_function_of(network);
}

template <class T>
void Trainer<T>::State::check_data(const Rows& x, const Targets& y) const {
  check_network();
  check_examples(network, x, y);
  if ((y.weights.n > 0) != run.pass().weighted())
    throw std::invalid_argument(run.pass().weighted() ? "weights must be given to a Trainer made for them"
                                                      : "weights must be given to a Trainer made `weighted`");
}

template <class T>
double Trainer<T>::State::train(const Rows& x, const Targets& y, std::uint64_t position,
                                std::size_t mini_batches) {
  factors.clear();
  for (std::size_t s = 0; schedule && s < mini_batches; ++s) {
    factors.push_back(schedule(scheduled + s));
    check_at_least_0(factors.back(), "schedule's factor");
  }
  run.prepare(network.epochs(), position, mini_batches, schedule ? factors.data() : nullptr);
  run.begin();
  Outcome outcome;
  try {
    outcome = run.mini_batches(x, y, order, 0, mini_batches);
  } catch (...) {  // a team that could not be started, an interrupt that threw
    run.restore();
    throw;
  }
  if (outcome.end == End::bad_row) {
    run.restore();  // the optimiser's state; the network has not changed
    throw std::invalid_argument(describe_bad_row(network, kernels<T>(), x, y, outcome.row));
  }
  if (outcome.end == End::not_finite || !run.finite()) diverged(x, y, outcome);
  run.commit();
  count(outcome.mini_batches);
  if (outcome.end == End::interrupted) throw Interrupted();
  if (outcome.end == End::failed) std::rethrow_exception(outcome.failure);
  return outcome.cost_sum / static_cast<double>(std::min(order.size(), mini_batches * run.batch_size()));
}

template <class T>
void Trainer<T>::State::count(std::size_t mini_batches) {
  run.advance(mini_batches);
  scheduled += mini_batches;
}

/// Runs mini-batches up to `last` again, as long as all parameters are finite; leaves the network behind the last good one
/// and says how many were good. In strides, because looking at all parameters costs as much as a small mini-batch does; what
/// is not finite stays so.
template <class T>
std::size_t Trainer<T>::State::repeat_while_finite(const Rows& x, const Targets& y, std::size_t last) {
  std::size_t good = 0;
  for (std::size_t stride = 64; good < last;) {
    const std::size_t next = std::min(good + stride, last);
    const Outcome outcome = run.mini_batches(x, y, order, good, next);
    const bool finite = run.finite();
    if (outcome.end == End::interrupted || (outcome.end == End::failed && finite)) {
      finite ? run.commit() : run.restore();
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
    run.restore();
    if (stride == 1) break;
    stride /= 8;
  }
  return good;
}

/// The hot loop does not look at the parameters; when a cost (or a parameter at the epoch's end) is not finite, the epoch
/// is run again, which gives the same bits, up to the step that spoils them.
template <class T>
void Trainer<T>::State::diverged(const Rows& x, const Targets& y, const Outcome& outcome) {
  run.restore();
  const bool began_finite = run.finite();
  const std::size_t good = began_finite ? repeat_while_finite(x, y, outcome.mini_batches) : 0;
  count(good);
  const std::size_t epoch = network.epochs() + 1;
  const bool cost = outcome.end == End::not_finite;
  const std::size_t batch = cost ? outcome.mini_batches + 1 : good + 1;
  const double factor = factors.empty() ? 1 : factors[std::min(batch, factors.size()) - 1];
  const double rate = factor * rule.learning_rate();
  throw NonFiniteCost(
      "epoch " + std::to_string(epoch) + ", mini-batch " + std::to_string(batch) + ": " +
          (cost ? "the cost became " + text(outcome.bad_cost) : "a parameter became infinite") +
          (began_finite
               ? "; the learning rate " + text(rate) + " is probably too large, or the inputs are not scaled"
               : "; the parameters were not finite when the epoch began"),
      epoch, batch);
}

template <class T>
Trainer<T>::Trainer(Network<T>& network, const Optimizer& optimizer, std::size_t batch_size, int n_threads,
                    const Regularization& regularization, bool weighted) {
  if (batch_size == 0) throw std::invalid_argument("batch_size must be at least 1, given 0");
  state_ = std::make_unique<State>(network, optimizer, batch_size, n_threads, regularization, weighted);
}

template <class T>
Trainer<T>::~Trainer() = default;
template <class T>
Trainer<T>::Trainer(Trainer&&) noexcept = default;

template <class T>
double Trainer<T>::step(const Rows& x, const Targets& y) {
  auto& s = *state_;
  s.check_data(x, y);
  if (x.n > s.run.batch_size())
    throw std::invalid_argument(std::string(x.name) + " must have at most " +
                                std::to_string(s.run.batch_size()) + " rows, the batch_size, given " +
                                std::to_string(x.n));
  s.order.resize(x.n);
  std::iota(s.order.begin(), s.order.end(), std::uint32_t{0});
  const double cost = s.train(x, y, s.stepped, 1);
  s.stepped += x.n;
  return cost;
}

template <class T>
double Trainer<T>::epoch(const Rows& x, const Targets& y, bool shuffle, std::size_t mini_batches) {
  auto& s = *state_;
  s.check_data(x, y);
  if (mini_batches == 0) throw std::invalid_argument("mini_batches must be at least 1, given 0");
  s.order.resize(x.n);
  if (shuffle && x.n > s.run.batch_size())  // the sum over a single mini-batch knows no order
    shuffle_rows(s.network.options().seed, s.network.epochs(), s.order);
  else
    std::iota(s.order.begin(), s.order.end(), std::uint32_t{0});
  const std::size_t all = (x.n - 1) / s.run.batch_size() + 1;
  const double cost = s.train(x, y, 0, std::min(all, mini_batches));
  if (mini_batches < all) return cost;
  s.network.set_epochs(s.network.epochs() + 1);
  s.stepped = 0;
  return cost;
}

template <class T>
void Trainer<T>::set_interrupt(std::function<bool()> asked) {
  state_->run.set_interrupt(std::move(asked));
}

template <class T>
void Trainer<T>::set_schedule(std::function<double(std::size_t)> factor) {
  state_->schedule = std::move(factor);
  state_->scheduled = 0;
}

template <class T>
const std::vector<double>& Trainer<T>::step_costs() const {
  return state_->run.step_costs();
}

template class Trainer<float>;
template class Trainer<double>;

}  // namespace localgrad
