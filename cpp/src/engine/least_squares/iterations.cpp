#include "engine/least_squares/iterations.hpp"

#include <algorithm>
#include <cmath>

#include "engine/least_squares/cholesky.hpp"
#include "engine/pass/deltas.hpp"
#include "engine/plan/sharing.hpp"
#include "engine/team/threads.hpp"
#include "kernels/dispatch.hpp"
#include "localgrad/error.hpp"
#include "localgrad/predict.hpp"
#include "model/check.hpp"
#include "text/message.hpp"

namespace localgrad {
namespace {

constexpr double kLeastDamping = 1e-20;

bool any_above_0(const std::vector<double>& values) {
  return std::any_of(values.begin(), values.end(), [](double value) { return value > 0; });
}
bool any_scales(const std::vector<double>& factors) {
  return std::any_of(factors.begin(), factors.end(), [](double value) { return value != 0 && value != 1; });
}

void check_supported(const NetworkKind& kind, const Regularization& r) {
  const auto& options = kind.options;
  if (kind.cost != Cost::mse) refuse("cost must be 'mse' for LevenbergMarquardt, got '", options.cost, "'");
  if (any_above_0(options.dropout) || options.input_dropout > 0 || options.input_noise > 0)
    refuse("LevenbergMarquardt does not support dropout and noise");
  if (any_above_0(r.l1) || any_above_0(r.weight_decay) || r.clip_value > 0 || r.clip_norm > 0 ||
      r.max_norm > 0)
    refuse("LevenbergMarquardt does not support regularization other than l2");
  if (any_scales(r.weight_lr_factor) || any_scales(r.bias_lr_factor) || any_scales({r.input_scale_lr_factor}))
    refuse("LevenbergMarquardt does not support learning rate factors other than 0 and 1");
}

void check_settings(const LevenbergMarquardtSettings& s) {
  const struct {
    const char* name;
    double value;
    Range range;
  } all[] = {{"damping", s.damping, Range::above_0},
             {"damping_decrease", s.damping_decrease, Range::between_0_and_1},
             {"damping_increase", s.damping_increase, Range::above_1},
             {"max_damping", s.max_damping, Range::above_0},
             {"tolerance", s.tolerance, Range::at_least_0}};
  for (const auto& one : all) check(one.range, one.value, one.name);
  check(s.max_damping >= s.damping, "max_damping", "at least damping", s.max_damping);
}

/// Returns the rows that are trained, if they have few enough parameters and everything is supported.
std::vector<TrainedRows> checked_rows(const NetworkKind& kind, const LevenbergMarquardtSettings& settings,
                                      const Regularization& regularization) {
  check_supported(kind, regularization);
  check_settings(settings);
  const bool learns_scale = kind.options.learn_input_scale;
  auto rows =
      trained_rows(kind.sizes, LayerRates(regularization, kind.sizes.size() - 1, learns_scale), learns_scale);
  std::size_t count = 0;
  for (const TrainedRows& one : rows) count += one.size();
  constexpr std::size_t most = LevenbergMarquardt<double>::kMostParameters;
  if (count > most)
    refuse("LevenbergMarquardt requires at most ", most, " parameters that are trained, got ", count);
  if (count == 0) refuse("LevenbergMarquardt requires at least 1 parameter that is trained, got 0");
  return rows;
}

}  // namespace

bool NetworkKind::operator==(const NetworkKind& other) const {
  return sizes == other.sizes && cost == other.cost && options.activation == other.options.activation &&
         options.output == other.options.output && options.input_scale == other.options.input_scale &&
         options.standardize == other.options.standardize &&
         options.learn_input_scale == other.options.learn_input_scale;
}

Iterations::Iterations(const NetworkKind& kind, const LevenbergMarquardtSettings& wanted,
                       const Regularization& regularization, int threads, bool rounds)
    : settings_(wanted),
      n_threads_((check_threads(threads), threads)),
      rounds_(rounds),
      damping_(wanted.damping),
      rows_(checked_rows(kind, wanted, regularization)),  // before anything large is allocated
      network_(kind.sizes, kind.options),
      penalties_(regularization, network_, 0),
      equations_(network_, rows_),
      factor_(static_cast<std::size_t>(equations_.parameters() * equations_.stride()), "normal equations",
              Fill::nothing),
      l2_(static_cast<std::size_t>(equations_.parameters())),
      before_(l2_.size()),
      step_(l2_.size()) {}

void Iterations::set_damping(double damping) {
  check(Range::above_0, damping, "damping");
  damping_ = damping;
}

/// Sets the strengths of the L2 penalty for the mean cost of some examples.
void Iterations::set_penalties(Index examples) {
  auto to = l2_.begin();
  for (const TrainedRows& one : rows_) {
    UpdateArgs<double> u{};
    penalties_.fill(u, one.part, 0, examples);
    to = std::fill_n(to, one.size(), u.plain ? 0 : (one.biases ? u.biases : u.weights).l2);
  }
}

/// Calls f(position in Network::parameters, position in the equations).
template <class F>
void Iterations::each_trained(const F& f) const {
  std::size_t p = 0;
  for (const TrainedRows& one : rows_)
    for (std::size_t i = 0; i < one.size(); ++i, ++p) f(one.begin + i, p);
}

double Iterations::penalty() const {
  double sum = 0;
  each_trained([&](std::size_t at, std::size_t p) {
    const double w = network_.parameters()[at];
    sum += l2_[p] * (w * w);
  });
  return sum / 2;
}

/// Component of the gradient of cost and penalty.
double Iterations::slope(std::size_t p, double examples) const {
  return equations_.slope(static_cast<Index>(p)) / examples + l2_[p] * before_[p];
}

/// Computes the step for a mu. Returns false if the matrix is not positive definite in double.
bool Iterations::solve_for(double mu, double examples, const std::function<void()>& between) {
  const Index n = equations_.parameters(), stride = equations_.stride();
  double* a = factor_.data();
  for (Index p = 0; p < n; ++p) {
    const double* from = equations_.row(p);
    double* row = a + p * stride;
    for (Index q = p; q < n; ++q) row[q] = from[q] / examples;
    row[p] += l2_[static_cast<std::size_t>(p)] + mu;
    step_[static_cast<std::size_t>(p)] = -slope(static_cast<std::size_t>(p), examples);
  }
  const double size = static_cast<double>(n);
  RowsWork work;
  work.seconds = size * size * size / 3 / nominal_speed(static_cast<double>(kernels<double>().lanes));
  work.kind = static_cast<std::uint64_t>(n) * 64 + 61;
  RowsTeam team(n_threads_, work, n);
  if (!factorize(n, a, stride, team.threads(), between)) return false;
  team.done();
  solve(n, a, stride, step_.data());
  return true;
}

LevenbergMarquardtResult Iterations::iterate(const Rows& x, const Targets& y, const Chosen& chosen,
                                             std::uint64_t epoch, const std::function<bool()>& interrupt) {
  double* parameters = network_.parameters();
  const auto cost_now = [&] {
    return evaluate(network_, x, y, chosen.order, chosen.n, n_threads_, nullptr, interrupt,
                    Units::standardized)
        .cost;
  };
  const double examples = static_cast<double>(chosen.n);
  set_penalties(static_cast<Index>(chosen.n));
  each_trained([&](std::size_t at, std::size_t p) { before_[p] = parameters[at]; });
  cost_ = cost_now();
  const double before = cost_ + penalty();
  if (!std::isfinite(before))
    throw NonFiniteCost("epoch " + std::to_string(epoch) + ": the cost became " + text(before) +
                            "; the inputs or the parameters may be too large",
                        epoch, 1);
  equations_.compute(network_, x, y, chosen, n_threads_, interrupt);
  double steepest = 0;
  for (std::size_t p = 0; p < before_.size(); ++p)
    steepest = std::max(steepest, std::fabs(slope(p, examples)));
  if (steepest <= settings_.tolerance) return LevenbergMarquardtResult::converged;
  const auto between = [&] { check_interrupt(interrupt); };
  for (double mu = damping_; mu <= settings_.max_damping; mu *= settings_.damping_increase) {
    if (!solve_for(mu, examples, between)) continue;
    // Rounded before the cost is computed, so that the caller's network has exactly this cost.
    each_trained([&](std::size_t at, std::size_t p) {
      const double next = before_[p] + step_[p];
      parameters[at] = rounds_ ? static_cast<double>(static_cast<float>(next)) : next;
    });
    const double next = cost_now();
    if (!(next + penalty() < before)) continue;  // or NaN
    cost_ = next;
    ++steps_;
    damping_ = std::max(mu * settings_.damping_decrease, kLeastDamping);
    return LevenbergMarquardtResult::stepped;
  }
  return LevenbergMarquardtResult::no_decrease;
}

}  // namespace localgrad
