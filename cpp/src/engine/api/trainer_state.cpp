// What a Trainer consists of, and the checks at the start of a call.

#include "engine/api/trainer_state.hpp"

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "engine/data/poisson.hpp"
#include "kernels/dispatch.hpp"
#include "model/check.hpp"
#include "model/network_functions.hpp"
#include "text/message.hpp"

namespace localgrad {
namespace {

int threads_of(const TrainerOptions& options) {
  if (!options.online || options.n_threads == 1) return options.n_threads;
  if (options.n_threads != 0) refuse("n_threads must be 0 or 1 for online training, got ", options.n_threads);
  return 1;
}

template <class T>
Plan plan_of(const Network<T>& network, const Kernels<T>& of, std::size_t batch_size,
             const TrainerOptions& options) {
  const bool slopes = options.slope_weight > 0;
  Plan plan = make_plan(network, of, batch_size, threads_of(options), options.regularization,
                        options.privacy.clip_per_example > 0 || slopes, slopes ? network.sizes().front() : 0);
  plan.copies.dense = options.online && batch_size == 1;
  return plan;
}

/// Returns the checked settings of private training with mini-batches of up to `rows` rows.
template <class T>
Privacy checked(const Privacy& privacy, const TrainerOptions& options, std::size_t rows) {
  check_at_least_0(privacy.clip_per_example, "clip_per_example");
  check_at_least_0(privacy.noise_multiplier, "noise_multiplier");
  if (privacy.clip_per_example == 0) {
    if (privacy.noise_multiplier > 0)
      throw std::invalid_argument("noise_multiplier requires clip_per_example");
    if (privacy.poisson) throw std::invalid_argument("poisson requires clip_per_example");
    return privacy;
  }
  if (options.weighted) throw std::invalid_argument("clip_per_example does not support sample weights");
  // Neither the sum of the clipped gradients nor the noise overflows then.
  check_fits<T>(privacy.clip_per_example * (static_cast<double>(rows) + 10 * privacy.noise_multiplier),
                "clip_per_example times the number of rows and the noise");
  return privacy;
}

/// Returns the checked weight of slopes.
template <class T>
double slope_weight_of(const Network<T>& network, const TrainerOptions& given) {
  const double weight = given.slope_weight;
  check_at_least_0(weight, "slope_weight");
  check_fits<T>(weight, "slope_weight");
  if (weight == 0) return 0;
  const Options& options = network.options();
  if (output_of(network) == Activation::softmax)
    throw std::invalid_argument("slope_weight requires an output that works unit by unit, got 'softmax'");
  if (network.target_width() != network.sizes().back())
    refuse("slope_weight requires a cost with one output per target, got '", options.cost, "'");
  const auto is_0 = [](double rate) { return rate == 0; };
  if (!std::all_of(options.dropout.begin(), options.dropout.end(), is_0) || options.input_dropout > 0 ||
      options.input_noise > 0)
    throw std::invalid_argument("slope_weight does not support dropout and noise");
  if (given.privacy.clip_per_example > 0)
    throw std::invalid_argument("slope_weight does not support clip_per_example");
  return weight;
}

/// Returns whether to measure mini-batches.
bool checked_diagnostics(const TrainerOptions& options) {
  if (options.diagnostics && options.online)
    throw std::invalid_argument("online training does not support diagnostics");
  if (options.diagnostics && options.privacy.clip_per_example > 0)
    throw std::invalid_argument(
        "clip_per_example does not support diagnostics, which would reveal more about the examples than the "
        "parameters do");
  return options.diagnostics;
}

/// Number of rows for which a Trainer needs room.
std::size_t room_of(std::size_t batch_size, const Privacy& privacy) {
  return privacy.poisson ? poisson_room(batch_size) : batch_size;
}

}  // namespace

template <class T>
Trainer<T>::State::State(Network<T>& net, const Optimizer& settings, std::size_t size,
                         const TrainerOptions& given)
    : tracker(net),
      network(&net),
      shape(net),
      options(net.options()),
      rule(settings),
      smoothing(TargetRule<T>(net).smoothing),
      penalties(given.regularization, net, rule.weight_decay()),
      online(given.online),
      privacy(checked<T>(given.privacy, given, room_of(size, given.privacy))),
      batch_size(size),
      kernel(kernels<T>()),
      arena(given.workspace),
      run(net, kernel, rule, penalties, room_of(size, privacy),
          plan_of(net, kernel, room_of(size, privacy), given), given.weighted, &arena, privacy,
          slope_weight_of(net, given), checked_diagnostics(given)) {
  arena.check();
  order.reserve(run.batch_size());
}

template <class T>
Trainer<T>::State::~State() {
  try {
    (void)sync();
  } catch (...) {  // the network has been destroyed or replaced
  }
}

template <class T>
void Trainer<T>::State::find_network() {
  Network<T>* const found = tracker.get();
  if (!found) throw std::invalid_argument("network must not be destroyed before its Trainer is used");
  if (found != network) run.follow(*found);
  network = found;
}

template <class T>
void Trainer<T>::State::start(const Rows& x, const Targets& y) {
  run.advance(0);
  end_online();
  find_network();
  check_network();
  begin(x, y);
}

template <class T>
void Trainer<T>::State::check_network() const {
  const Options& now = network->options();
  if (!shape.fits(*network) || now.dropout != options.dropout || now.input_dropout != options.input_dropout ||
      now.input_noise != options.input_noise)
    throw std::invalid_argument(
        "network must have the sizes, activations, cost, dropout, noise and learn_input_scale with which its "
        "Trainer was created");
  if (cost_of(*network) == Cost::custom) cost_function_of(*network);
}

template <class T>
void Trainer<T>::State::begin(const Rows& x, const Targets& y) {
  run.advance(0);  // discards the costs of the previous call
  if (network->epochs() >= kMostCounted)
    refuse("epochs of the network must be below ", kMostCounted, " for training, got ", network->epochs());
  check_examples(*network, x, y);
  if ((y.weights.n > 0) != run.pass().weighted())
    throw std::invalid_argument(run.pass().weighted()
                                    ? "weights must be set for a weighted Trainer"
                                    : "weights must not be set for a Trainer that is not weighted");
  const Rows& slopes = y.slopes;
  if ((slopes.n > 0) != run.fits_slopes())
    throw std::invalid_argument(run.fits_slopes() ? "slopes must be set for a Trainer with slope_weight"
                                                  : "slopes must not be set without slope_weight");
  const std::size_t width = network->sizes().front() * network->sizes().back();
  if (slopes.n > 0 && slopes.is_sparse()) refuse("slopes must be dense, got a sparse matrix");
  if (slopes.n > 0 && (slopes.n != x.n || slopes.width != width))
    refuse("slopes must have shape (", x.n, ", ", width, "), got (", slopes.n, ", ", slopes.width, ")");
}

template <class T>
void Trainer<T>::State::check_rows_of_step(const Rows& x) const {
  if (x.n > batch_size) refuse(x.name, " must have at most ", batch_size, " rows (batch_size), got ", x.n);
}

template <class T>
void Trainer<T>::State::set_order(std::size_t n) {
  order.resize(n);
  std::iota(order.begin(), order.end(), std::uint32_t{0});
}

template <class T>
void Trainer<T>::State::check_given_batches(const char* name) const {
  if (privacy.poisson) refuse(name, " does not support Poisson sampling; call draw() or epoch()");
}

template <class T>
double Trainer<T>::State::largest_dropout() const {
  return std::accumulate(options.dropout.begin(), options.dropout.end(), options.input_dropout,
                         [](double a, double b) { return std::max(a, b); });
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
  counts.scheduled += mini_batches;
  counts.position = part_begin + rows_of(mini_batches);
}

// The members defined in this file.
#define LOCALGRAD_FOR(T) template struct Trainer<T>::State;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
