#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "localgrad/export.h"
#include "localgrad/network.hpp"
#include "localgrad/optimizer.hpp"
#include "localgrad/rows.hpp"

namespace localgrad {

/// Settings of LevenbergMarquardt. The defaults are those of MATLAB's trainlm.
struct LevenbergMarquardtSettings {
  /// Initial mu, finite and > 0.
  double damping = 1e-3;
  /// Factor of mu after a step, above 0 and below 1.
  double damping_decrease = 0.1;
  /// Factor of mu after a step that would not decrease the cost, finite and above 1.
  double damping_increase = 10;
  /// Largest mu, finite and >= damping.
  double max_damping = 1e10;
  /// Training ends when no component of the gradient exceeds this value; finite and >= 0.
  double tolerance = 1e-7;
};

/// The outcome of LevenbergMarquardt::iterate().
enum class LevenbergMarquardtResult {
  stepped,     ///< the cost is lower than before
  converged,   ///< no component of the gradient exceeds the tolerance; the parameters are unchanged
  no_decrease  ///< mu exceeds max_damping, and no step decreased the cost; the parameters are unchanged
};

/// The Levenberg-Marquardt method for small networks with the cost "mse".
///
///     localgrad::LevenbergMarquardt<double> optimizer(net);
///     while (optimizer.iterate(x, y) == localgrad::LevenbergMarquardtResult::stepped) {
///     }
///
/// With the residuals e = a^L - y of all examples and the Jacobian matrix J of the outputs with respect to
/// the parameters, the mean cost of n examples is e^T e / (2n), and an iteration solves
///
///     (J^T J / n + mu I) d = -J^T e / n
///
/// and adds d to the parameters if the cost decreases; mu is then multiplied by damping_decrease. Otherwise
/// mu is multiplied by damping_increase, and the equation is solved again. The rows of J come from
/// backpropagation, one pass for each output, and J^T J is summed up in chunks of rows. Everything is
/// computed in double, with a copy of the network; for float, the new parameters are rounded before their
/// cost is computed. The result is the same, bit for bit, for any number of threads.
///
/// Of Regularization, l2, l2_by_rows and penalize_biases are supported, and learning rate factors of 0 and 1,
/// of which 0 freezes parameters. With standardized targets, the cost is that of the standardized targets, as
/// in training.
///
/// **Memory.** With P parameters that are trained, about 16 P^2 bytes, and up to 16 MB for rows of J.
///
/// **Network.** The network must not be destroyed before the last call of iterate(), which throws
/// std::invalid_argument otherwise. If it is moved, the optimizer follows it. Between calls, its parameters
/// can be read and changed.
template <class T>
class LOCALGRAD_API LevenbergMarquardt {
 public:
  /// Largest number of parameters that are trained.
  static constexpr std::size_t kMostParameters = 5000;

  /// Create an optimizer for a network.
  ///
  /// Throws std::invalid_argument, before anything is allocated, if more than kMostParameters parameters are
  /// to be trained, the cost is not "mse", a setting is out of range, or dropout, noise or a regularization
  /// is not supported. Throws OutOfMemory, which names both numbers, if the matrices do not fit into memory.
  explicit LevenbergMarquardt(Network<T>& network, const LevenbergMarquardtSettings& settings = {},
                              const Regularization& regularization = {}, int n_threads = 0);
  ~LevenbergMarquardt();
  /// Move an optimizer. It must then be destroyed or assigned to.
  LevenbergMarquardt(LevenbergMarquardt&&) noexcept;
  /// Move an optimizer. It must then be destroyed or assigned to.
  LevenbergMarquardt& operator=(LevenbergMarquardt&&) noexcept;

  /// Train one iteration on all rows of x.
  ///
  /// Network::epochs is not changed. `interrupt` is called about every 0.1 s; if it returns true, Interrupted
  /// is thrown. Throws std::invalid_argument for the same reasons as evaluate(), NonFiniteCost if the cost of
  /// the current parameters is not finite, and OutOfMemory. After an exception the network is unchanged.
  LevenbergMarquardtResult iterate(const Rows& x, const Targets& y,
                                   const std::function<bool()>& interrupt = nullptr);
  /// The same with the rows order[0..n-1] of x and y.
  LevenbergMarquardtResult iterate(const Rows& x, const Targets& y, const std::uint32_t* order, std::size_t n,
                                   const std::function<bool()>& interrupt = nullptr);

  /// Mean cost after the last iteration, without penalties; NaN before the first one.
  double cost() const;
  /// Number of steps that were made by this object.
  std::uint64_t steps() const;
  /// The mu with which the next iteration starts. With the parameters, it is the whole state.
  double damping() const;
  /// Set the mu with which the next iteration starts. Throws std::invalid_argument unless it is finite and
  /// above 0.
  void set_damping(double damping);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace localgrad
