#pragma once

#include <variant>

namespace localgrad {

/// Stochastic gradient descent. g is the mini-batch's mean gradient, v the velocity (0 at first):
///
///     momentum = 0:             w <- w - learning_rate g
///     otherwise: v <- momentum v + g
///                               w <- w - learning_rate v
///     nesterov:                 w <- w - learning_rate (g + momentum v)
///
/// learning_rate is finite and >= 0, momentum in [0, 1); nesterov needs a momentum above 0.
struct SGD {
  double learning_rate = 0.1;
  double momentum = 0.0;
  bool nesterov = false;
};

/// Every update rule there is; holds settings only, state belongs to the Trainer.
using Optimizer = std::variant<SGD>;

}  // namespace localgrad
