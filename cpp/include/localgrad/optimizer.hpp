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

/// Settings of an optimizer. The optimizer's state belongs to the Trainer.
///
/// In the equations of the optimizers, g is the gradient of the mini-batch: the mean over its examples, plus
/// the derivatives of the penalties, after clipping. t = 1, 2, .. counts the mini-batches of a Trainer. m, v
/// and other state variables are 0 initially, unless stated otherwise.
///
/// learning_rate must be finite and >= 0; beta1, beta2, alpha and momentum must be in [0, 1); epsilon must
/// be finite and > 0. The update rules and default values are those of PyTorch where it has the same
/// optimizer, except for SGD's learning rate.
using Optimizer = std::variant<SGD, Adam, AdamW, NAdam, RMSprop, Adagrad, Rprop, Lion>;

/// Penalties, clipping, norm constraints and learning rates of layers.
///
/// The penalties l1 |w| + l2 w^2 / 2, summed over the weights, are added to the cost that is minimized, but
/// not to the cost that is reported. Weight decay is decoupled from the gradient:
///
///     w <- w (1 - learning_rate weight_decay)
///
/// l1, l2 and weight_decay are finite and >= 0: one number for all layers, or one per layer. They are not
/// divided by the batch size; only l2_by_rows, for all layers, is. Biases are not affected unless
/// penalize_biases is true.
///
/// The learning rate of a layer is that of the optimizer and the schedule times weight_lr_factor for its
/// weights and bias_lr_factor for its biases. Factors are finite and >= 0: one number for all layers, or one
/// per layer. That of Network::input_scales is input_scale_lr_factor. A factor of 0 freezes parameters: they
/// keep their values and their optimizer state, regardless of the other settings, and are not included in
/// the norm for clip_norm. Gradients of frozen layers, and local gradients below the lowest layer that is
/// trained, are not computed.
struct Regularization {
  /// Strength of the L1 penalty.
  std::vector<double> l1 = {0};
  /// Strength of the L2 penalty.
  std::vector<double> l2 = {0};
  /// Strength of a further L2 penalty, which is divided by the number of rows of each mini-batch, as alpha is
  /// in scikit-learn. Finite and >= 0.
  double l2_by_rows = 0;
  /// Decoupled weight decay. If empty, the weight decay of the optimizer, or 0 if it has none.
  std::vector<double> weight_decay;
  /// Whether l1, l2 and weight_decay also apply to biases.
  bool penalize_biases = false;
  /// Largest absolute value of a component of the gradient; larger ones are clipped. 0 disables clipping.
  double clip_value = 0;
  /// Largest Euclidean norm of the gradient. A longer gradient is scaled down, after clip_value is applied. 0
  /// disables clipping.
  double clip_norm = 0;
  /// Largest Euclidean norm of the incoming weights of a unit. Longer weight vectors are scaled down after
  /// each update. 0 disables the constraint.
  double max_norm = 0;
  /// Factor of the learning rate for weights.
  std::vector<double> weight_lr_factor = {1};
  /// Factor of the learning rate for biases.
  std::vector<double> bias_lr_factor = {1};
  /// Factor of the learning rate for input scales; no effect without Options::learn_input_scale.
  double input_scale_lr_factor = 1;
};

}  // namespace localgrad

#ifdef LOCALGRAD_CORE  // used inside the library

namespace localgrad {

/// Calls f(name, setting) for every setting of Regularization. Bindings and the C interface read them so.
template <class R, class F>
void each_regularization(R& r, F&& f) {
  f("l1", r.l1);
  f("l2", r.l2);
  f("l2_by_rows", r.l2_by_rows);
  f("weight_decay", r.weight_decay);
  f("penalize_biases", r.penalize_biases);
  f("clip_value", r.clip_value);
  f("clip_norm", r.clip_norm);
  f("max_norm", r.max_norm);
  f("weight_lr_factor", r.weight_lr_factor);
  f("bias_lr_factor", r.bias_lr_factor);
  f("input_scale_lr_factor", r.input_scale_lr_factor);
}

}  // namespace localgrad

#endif
