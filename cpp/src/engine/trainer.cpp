#include "localgrad/trainer.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>

#include "engine/data.hpp"
#include "engine/epoch.hpp"
#include "engine/shuffle.hpp"
#include "kernels/dispatch.hpp"
#include "localgrad/error.hpp"

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
  State(Network<T>& net, const Optimizer& settings, std::size_t batch_size, int n_threads)
      : network(net),
        sizes(net.sizes()),
        options(net.options()),
        optimizer(settings),
        run(net, kernels<T>(), rule_of<T>(settings), batch_size,
            make_plan(net, kernels<T>(), batch_size, n_threads)) {}

  /// Mini-batches of `order` from the network's state, which changes if they can be run.
  double train(const Rows& x, const Targets& y);
  std::size_t repeat_while_finite(const Rows& x, const Targets& y, std::size_t last);
  [[noreturn]] void diverged(const Rows& x, const Targets& y, const Outcome& outcome);

  /// Throws if the network is no longer what the workspace was made for: it may have been assigned another.
  void check_network() const;

  Network<T>& network;
  const std::vector<std::size_t> sizes;
  const Options options;
  Optimizer optimizer;
  EpochRun<T> run;
  std::vector<std::uint32_t> order;
};

template <class T>
void Trainer<T>::State::check_network() const {
  const Options& now = network.options();
  if (network.sizes() != sizes || now.activation != options.activation || now.output != options.output ||
      now.cost != options.cost)
    throw std::invalid_argument(
        "network must have the sizes, activations and cost that its Trainer was made for, given others");
}

template <class T>
double Trainer<T>::State::train(const Rows& x, const Targets& y) {
  run.begin();
  Outcome outcome;
  try {
    outcome = run.mini_batches(x, y, order);
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
  if (outcome.end == End::interrupted) throw Interrupted();
  return outcome.cost_sum / static_cast<double>(x.n);
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
    if (run.finite() && outcome.end == End::interrupted) {
      run.commit();
      throw Interrupted();
    }
    if (run.finite() && outcome.mini_batches == next) {
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
  const std::size_t epoch = network.epochs() + 1;
  const bool cost = outcome.end == End::not_finite;
  const std::size_t batch = cost ? outcome.mini_batches + 1 : good + 1;
  const double rate = std::visit([](const auto& o) { return o.learning_rate; }, optimizer);
  throw NonFiniteCost(
      "epoch " + std::to_string(epoch) + ", mini-batch " + std::to_string(batch) + ": " +
          (cost ? "the cost became " + text(outcome.bad_cost) : "a parameter became infinite") +
          (began_finite
               ? "; the learning rate " + text(rate) + " is probably too large, or the inputs are not scaled"
               : "; the parameters were not finite when the epoch began"),
      epoch, batch);
}

template <class T>
Trainer<T>::Trainer(Network<T>& network, const Optimizer& optimizer, std::size_t batch_size, int n_threads) {
  if (batch_size == 0) throw std::invalid_argument("batch_size must be at least 1, given 0");
  state_ = std::make_unique<State>(network, optimizer, batch_size, n_threads);
}

template <class T>
Trainer<T>::~Trainer() = default;
template <class T>
Trainer<T>::Trainer(Trainer&&) noexcept = default;

template <class T>
double Trainer<T>::step(const Rows& x, const Targets& y) {
  auto& s = *state_;
  s.check_network();
  check_examples(s.network, x, y);
  if (x.n > s.run.batch_size())
    throw std::invalid_argument(std::string(x.name) + " must have at most " +
                                std::to_string(s.run.batch_size()) + " rows, the batch_size, given " +
                                std::to_string(x.n));
  s.order.resize(x.n);
  std::iota(s.order.begin(), s.order.end(), std::uint32_t{0});
  return s.train(x, y);
}

template <class T>
double Trainer<T>::epoch(const Rows& x, const Targets& y, bool shuffle) {
  auto& s = *state_;
  s.check_network();
  check_examples(s.network, x, y);
  s.order.resize(x.n);
  if (shuffle && x.n > s.run.batch_size())  // the sum over a single mini-batch knows no order
    shuffle_rows(s.network.options().seed, s.network.epochs(), s.order);
  else
    std::iota(s.order.begin(), s.order.end(), std::uint32_t{0});
  const double cost = s.train(x, y);
  s.network.set_epochs(s.network.epochs() + 1);
  return cost;
}

template <class T>
void Trainer<T>::set_interrupt(std::function<bool()> asked) {
  state_->run.set_interrupt(std::move(asked));
}

template class Trainer<float>;
template class Trainer<double>;

}  // namespace localgrad
