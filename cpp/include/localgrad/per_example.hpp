#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "localgrad/export.h"
#include "localgrad/network.hpp"
#include "localgrad/rows.hpp"

namespace localgrad {

/// Norms of the gradients of n examples, as returned by gradient_norms().
struct LOCALGRAD_API GradientNorms {
  /// Number of examples.
  std::size_t n = 0;
  /// Number of parts of the parameters: the layers with weights and, last, the input scales, if any.
  std::size_t parts = 0;
  /// Norm of the part of each gradient that belongs to weights(i) and biases(i), or to the input scales:
  /// (n, parts) row-major.
  std::vector<double> layers;
  /// Norm of each gradient.
  std::vector<double> total;
};

/// Compute the Euclidean norm of the gradient of each example's own cost, without computing the gradients.
///
/// From a and delta alone, (N): the norm of layer l is the norm of its delta times the square root of
/// 1 + the squared norm of a of layer l-1. The memory that is needed does not depend on the number of rows,
/// except for the result. Squares neither overflow nor underflow. For standardized targets, the cost is that
/// of the units of the targets. Sample weights have no effect.
///
/// At most n_threads threads are used; if it is 0, their number is chosen automatically. `interrupt` is
/// called about every 0.1 s; if it returns true, Interrupted is thrown. Throws std::invalid_argument for the
/// same reasons as evaluate(), and OutOfMemory.
template <class T>
LOCALGRAD_API GradientNorms gradient_norms(const Network<T>& network, const Rows& x, const Targets& y,
                                           int n_threads = 0,
                                           const std::function<bool()>& interrupt = nullptr);

/// Compute the inner products of the gradients of the examples' own costs, without computing the gradients.
///
/// Returns a symmetric matrix (x.n, x.n). Element (i, j) is the sum over the layers of (delta_i delta_j)
/// (1 + a_i a_j), (K), with delta of a layer and a of the layer before it; products of input scales are
/// added. The local gradients and activations of all examples are in memory. The sums of each layer are
/// computed in T, and added up in double. Otherwise it behaves like gradient_norms(). Throws OutOfMemory,
/// which names both numbers, before anything is allocated if the result does not fit into memory.
template <class T>
LOCALGRAD_API std::vector<T> gradient_dots(const Network<T>& network, const Rows& x, const Targets& y,
                                           int n_threads = 0,
                                           const std::function<bool()>& interrupt = nullptr);

/// The same for the gradients of two sets of examples: a matrix (x.n, x2.n), whose element (i, j) belongs to
/// row i of x and row j of x2.
template <class T>
LOCALGRAD_API std::vector<T> gradient_dots(const Network<T>& network, const Rows& x, const Targets& y,
                                           const Rows& x2, const Targets& y2, int n_threads = 0,
                                           const std::function<bool()>& interrupt = nullptr);

/// How much the gradients of single examples differ, as returned by gradient_noise_scale().
struct LOCALGRAD_API GradientNoise {
  /// variance / squared_norm: infinite if squared_norm is not above 0, and 0 if all gradients are equal.
  double scale = 0;
  /// Unbiased estimate of the trace of the covariance matrix of the examples' gradients.
  double variance = 0;
  /// Unbiased estimate of the squared norm of their expectation; it can be negative.
  double squared_norm = 0;
};

/// Estimate the simple gradient noise scale of McCandlish et al. 2018, "An Empirical Model of Large-Batch
/// Training": the size of mini-batches whose gradients consist of equal parts of signal and noise.
///
/// With the mean m of the squared norms of the gradients of n examples, and the squared norm g of their mean,
/// the variance is (m - g) n / (n - 1), and the squared norm is g - variance / n. Needs memory for about a
/// thousand rows. Otherwise it behaves like gradient_norms(). Throws std::invalid_argument for fewer than 2
/// rows.
template <class T>
LOCALGRAD_API GradientNoise gradient_noise_scale(const Network<T>& network, const Rows& x, const Targets& y,
                                                 int n_threads = 0,
                                                 const std::function<bool()>& interrupt = nullptr);

}  // namespace localgrad
