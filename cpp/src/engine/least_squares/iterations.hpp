#pragma once

#include <functional>
#include <limits>
#include <vector>

#include "engine/epoch/penalties.hpp"
#include "engine/least_squares/normal_equations.hpp"
#include "localgrad/levenberg_marquardt.hpp"

namespace localgrad {

/// What a network is besides its parameters, for any element type.
struct NetworkKind {
  const std::vector<std::size_t>& sizes;
  const Options& options;
  Cost cost;
  bool operator==(const NetworkKind& other) const;
};

/// The iterations of a LevenbergMarquardt, in double, for networks of any element type.
class Iterations {
 public:
  /// Throws the exceptions of the constructor of LevenbergMarquardt. With `rounds`, all parameters are
  /// rounded to float.
  Iterations(const NetworkKind& kind, const LevenbergMarquardtSettings& wanted,
             const Regularization& regularization, int threads, bool rounds);

  NetworkKind kind() const { return {network_.sizes(), network_.options(), Cost::mse}; }
  /// The network that computes all costs and derivatives. The caller sets its parameters before an iteration;
  /// after a step, they are the new ones.
  Network<double>& network() { return network_; }
  LevenbergMarquardtResult iterate(const Rows& x, const Targets& y, const Chosen& chosen, std::uint64_t epoch,
                                   const std::function<bool()>& interrupt);
  double damping() const { return damping_; }
  void set_damping(double damping);
  double cost() const { return cost_; }
  std::uint64_t steps() const { return steps_; }

 private:
  void set_penalties(Index examples);
  double penalty() const;
  double slope(std::size_t p, double examples) const;
  bool solve_for(double mu, double examples, const std::function<void()>& between);
  template <class F>
  void each_trained(const F& f) const;

  const LevenbergMarquardtSettings settings_;
  const int n_threads_;
  const bool rounds_;
  double damping_, cost_ = std::numeric_limits<double>::quiet_NaN();
  std::uint64_t steps_ = 0;
  const std::vector<TrainedRows> rows_;
  Network<double> network_;
  const Penalties<double> penalties_;
  NormalEquations equations_;
  const Buffer<double> factor_;
  // Of the parameters that are trained: strength of the L2 penalty, values before the step, and the step.
  std::vector<double> l2_, before_, step_;
};

}  // namespace localgrad
