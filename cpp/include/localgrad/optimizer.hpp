#pragma once

#include <variant>
#include <vector>

namespace localgrad {

// The update rules. g is the mini-batch's mean gradient with the penalties' part, clipped; t = 1, 2, .. counts the mini-batches
// of a Trainer; m, v and other state are 0 at first. learning_rate is finite and >= 0, what is called beta, alpha or momentum lies in
// [0, 1), epsilon is finite and > 0. Rules and defaults are PyTorch's where it has the rule (but SGD's learning rate).

/// Stochastic gradient descent. v is the velocity:
///
///     momentum = 0:             w <- w - learning_rate g
///     otherwise: v <- momentum v + g
///                               w <- w - learning_rate v
///     nesterov:                 w <- w - learning_rate (g + momentum v)
///
/// nesterov needs a momentum above 0.
struct SGD {
  double learning_rate = 0.1;
  double momentum = 0.0;
  bool nesterov = false;
};

/// Kingma and Ba, Adam: a method for stochastic optimization, 2015; with amsgrad Reddi, Kale and Kumar 2018, where the largest v so far
/// takes v's place:
///
///     m <- beta1 m + (1 - beta1) g        v <- beta2 v + (1 - beta2) g^2
///     w <- w - learning_rate m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon)
struct Adam {
  double learning_rate = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  bool amsgrad = false;
};

/// Adam behind w <- w (1 - learning_rate weight_decay). Loshchilov and Hutter, Decoupled weight decay regularization, 2019.
struct AdamW {
  double learning_rate = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.01;
  bool amsgrad = false;
};

/// Adam with Nesterov's momentum, whose share grows: mu_t = beta1 (1 - 0.96^(t momentum_decay) / 2), P_t = mu_1 .. mu_t. Dozat,
/// Incorporating Nesterov momentum into Adam, 2016.
///
///     w <- w - learning_rate ((1 - mu_t) / (1 - P_t) g + mu_t+1 / (1 - P_t+1) m) / (sqrt(v / (1 - beta2^t)) + epsilon)
struct NAdam {
  double learning_rate = 2e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double momentum_decay = 4e-3;
};

/// Tieleman and Hinton, Lecture 6.5, 2012; centered as in Graves, Generating sequences with recurrent neural networks, 2013:
///
///     v <- alpha v + (1 - alpha) g^2      centered: r <- alpha r + (1 - alpha) g, and v - r^2 in v's place
///     w <- w - learning_rate g / (sqrt(v) + epsilon), or with momentum along u <- momentum u + g / (sqrt(v) + epsilon)
struct RMSprop {
  double learning_rate = 1e-2;
  double alpha = 0.99;
  double epsilon = 1e-8;
  double momentum = 0.0;
  bool centered = false;
};

/// Duchi, Hazan and Singer, Adaptive subgradient methods, 2011; s begins as initial_accumulator:
///
///     s <- s + g^2                        w <- w - learning_rate / (1 + (t - 1) lr_decay) g / (sqrt(s) + epsilon)
struct Adagrad {
  double learning_rate = 1e-2;
  double lr_decay = 0.0;
  double initial_accumulator = 0.0;
  double epsilon = 1e-10;
};

/// Riedmiller and Braun, A direct adaptive method for faster backpropagation learning, 1993. Each parameter has a step of its own,
/// learning_rate at first, that grows by eta_plus while the sign of g stays and shrinks by eta_minus when it changes, when w stays:
///
///     w <- w - sign(g) step
struct Rprop {
  double learning_rate = 1e-2;
  double eta_minus = 0.5;
  double eta_plus = 1.2;
  double min_step = 1e-6;
  double max_step = 50;
};

/// Chen et al., Symbolic discovery of optimization algorithms, 2023; behind w <- w (1 - learning_rate weight_decay):
///
///     w <- w - learning_rate sign(beta1 m + (1 - beta1) g)        m <- beta2 m + (1 - beta2) g
struct Lion {
  double learning_rate = 1e-4;
  double beta1 = 0.9;
  double beta2 = 0.99;
  double weight_decay = 0.0;
};

/// Every update rule there is; holds settings only, state belongs to the Trainer.
using Optimizer = std::variant<SGD, Adam, AdamW, NAdam, RMSprop, Adagrad, Rprop, Lion>;

/// What holds parameters down. l1 |w| + l2 w^2 / 2, summed over the weights, is part of the cost that is descended, but not of the cost
/// that is reported; weight_decay shrinks them by itself: w <- w (1 - learning_rate weight_decay). One number for all layers or one for
/// each, finite and >= 0; never divided by the size of a mini-batch. Biases are left alone unless penalize_biases is set.
struct Regularization {
  std::vector<double> l1 = {0};
  std::vector<double> l2 = {0};
  std::vector<double> weight_decay;  ///< empty: the optimizer's own, or 0
  bool penalize_biases = false;
  double clip_value = 0;  ///< every component of g is kept within +- this; 0: not
  double clip_norm = 0;   ///< then g is scaled down to this Euclidean norm, however large its own is; 0: not
  double max_norm = 0;    ///< behind the update, weights into a unit are scaled down to this norm; 0: not
};

}  // namespace localgrad
