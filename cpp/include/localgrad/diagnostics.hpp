#pragma once

#include <cstddef>
#include <vector>

#include "localgrad/export.h"

namespace localgrad {

/// Statistics of some mini-batches of an epoch, as returned by Trainer::diagnostics().
///
/// The vectors have one number for each layer l = 2..L. Sampled are the first mini-batch of each epoch and
/// about one of every 4096 rows, at most one of 32; of a mini-batch of b rows, b / 4 rows, but at least 16
/// and at most 256, evenly spaced. Which ones depends on b alone, so all numbers are the same, bit for bit,
/// for any number of threads. If a cost or a parameter became infinite or NaN, the mini-batch that caused it
/// is sampled too. All numbers are NaN if nothing was sampled, and can be infinite or NaN if training
/// diverged.
///
/// Derivatives are those of the costs of examples, with sample weights, in standardized units if the network
/// standardizes, and activations those with dropout.
struct LOCALGRAD_API Diagnostics {
  std::size_t mini_batches = 0;  ///< Number of sampled mini-batches.
  std::size_t examples = 0;      ///< Number of sampled rows in them.
  /// Root mean square of the local gradients delta over examples and units. NaN for frozen layers below the
  /// lowest layer that is trained.
  std::vector<double> delta_rms;
  std::vector<double> z_rms;  ///< Root mean square of the weighted inputs z.
  std::vector<double> a_rms;  ///< Root mean square of the activations a.
  /// Share of the units and examples with phi'(z) below 5 % of the largest derivative of phi. 0 for
  /// activations that are not bounded, and for softmax.
  std::vector<double> saturated;
  /// Share of the units with abs(phi'(z)) below 1e-4 for all examples, through which no gradient flows. 0 for
  /// softmax.
  std::vector<double> dead;
  /// Root mean square of the change of the weights in one step, divided by that of the weights before it;
  /// mean over the mini-batches. Of a layer with more than 1024 weights, those of every n-th unit of the
  /// layer before are compared.
  std::vector<double> update_ratio;
  /// Norm of the gradient of the mean cost of all rows of a mini-batch, before penalties and clipping; mean
  /// over the mini-batches. 0 for frozen layers.
  std::vector<double> gradient_norm;
  /// The simple gradient noise scale of McCandlish et al. 2018, as in GradientNoise: the trace of the
  /// covariance matrix of the examples' gradients divided by the squared norm of their expectation, both
  /// estimated from the norms of gradients of examples and mini-batches. Infinite if the estimated squared
  /// norm is not above 0. NaN for mini-batches of one row, and with TrainerOptions::slope_weight.
  double gradient_noise_scale = 0;
};

}  // namespace localgrad
