#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "localgrad/export.h"

namespace localgrad {

/// A secret of 256 bits, from which the random numbers of private training follow.
using NoiseKey = std::array<std::uint64_t, 4>;

/// Differentially private gradient descent (Abadi et al., Deep learning with differential privacy, 2016).
///
/// Each step computes, over the b rows of its mini-batch,
///
///     g = (sum_i g_i min(1, clip_per_example / |g_i|) + noise_multiplier clip_per_example n) / b
///
/// where g_i is the gradient of example i with respect to all parameters that are trained and n has a number
/// from N(0, 1) per parameter. Penalties, clipping and the rule of the optimizer follow as without privacy.
///
/// **Noise.** The numbers are a function of the key, of the number of mini-batches that the optimizer has
/// processed, and of the parameter; they do not depend on the number of threads. For each step and layer,
/// ChaCha20 (RFC 8439) turns the key into 128 bits, which key Philox4x32-10, whose output becomes normal
/// numbers by the method of Box and Muller. Philox passes statistical tests, but it is not a cryptographic
/// generator. Each number has the resolution of 32 random bits and is at most 6.7 standard deviations.
struct LOCALGRAD_API Privacy {
  /// Largest Euclidean norm C of the gradient of one example; longer ones are scaled down. 0 disables private
  /// training.
  double clip_per_example = 0;
  /// Standard deviation of the noise that is added to a sum of gradients, divided by C. 0 adds none.
  double noise_multiplier = 0;
  /// The secret. Draw it from the system for each Trainer: with it, the noise can be subtracted, and two
  /// runs with the same key and different data reveal the difference.
  NoiseKey key = {};
  /// Whether each step draws its mini-batch by Poisson sampling: every row independently, with probability
  /// batch_size / n. The sum is then divided by batch_size, the expected number of rows. See Trainer::draw.
  bool poisson = false;
};

}  // namespace localgrad
