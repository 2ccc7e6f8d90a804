#pragma once

#include <variant>
#include <vector>

#include "localgrad/optimizers/adagrad.hpp"
#include "localgrad/optimizers/adam.hpp"
#include "localgrad/optimizers/adamw.hpp"
#include "localgrad/optimizers/lion.hpp"
#include "localgrad/optimizers/nadam.hpp"
#include "localgrad/optimizers/rmsprop.hpp"
#include "localgrad/optimizers/rprop.hpp"
#include "localgrad/optimizers/sgd.hpp"

namespace localgrad {

/// Every optimizer; holds settings only, state belongs to the Trainer.
///
/// In the equations of their headers g is the mini-batch's mean gradient with the penalties' part, clipped; t
/// = 1, 2, .. counts the mini-batches of a Trainer; m, v and other state are 0 at first. learning_rate is
/// finite and >= 0, what is called beta, alpha or momentum lies in [0, 1), epsilon is finite and > 0. Rules
/// and defaults are PyTorch's where it has the rule (but SGD's learning rate).
///
/// This is the one list: names, readers of settings, checks and kernels follow from it.
using Optimizer = std::variant<SGD, Adam, AdamW, NAdam, RMSprop, Adagrad, Rprop, Lion>;

/// What holds parameters down. l1 |w| + l2 w^2 / 2, summed over the weights, is part of the cost that is
/// descended, but not of the cost that is reported; weight_decay shrinks them by itself: w <- w (1 -
/// learning_rate weight_decay). One number for all layers or one for each, finite and >= 0; never divided by
/// the size of a mini-batch. Biases are left alone unless penalize_biases is set.
struct Regularization {
  std::vector<double> l1 = {0};
  std::vector<double> l2 = {0};
  std::vector<double> weight_decay;  ///< empty: the optimizer's own, or 0
  bool penalize_biases = false;
  double clip_value = 0;  ///< every component of g is kept within +- this; 0: not
  double clip_norm = 0;   ///< then g is scaled down to this Euclidean norm, however large its own is; 0: not
  double max_norm = 0;    ///< after the update, weights into a unit are scaled down to this norm; 0: not
};

}  // namespace localgrad
