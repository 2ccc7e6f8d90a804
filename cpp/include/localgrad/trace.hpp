#pragma once

#include <vector>

#include "localgrad/export.h"
#include "localgrad/network.hpp"
#include "localgrad/rows.hpp"

namespace localgrad {

/// The quantities of the forward pass (F) for n examples, as returned by forward().
///
/// Index i runs from 0 over the layers that have weights. Each matrix is (n, width) row-major, one example
/// per row. Labels such as (F) refer to the equations of the documentation.
template <class T>
struct LOCALGRAD_API ForwardTrace {
  /// Number of examples.
  std::size_t n = 0;
  /// Weighted inputs: [i] is z of layer i+2.
  std::vector<std::vector<T>> weighted_inputs;
  /// Activations: [i] is a of layer i+1; [0] is x, not multiplied by Network::input_scales.
  std::vector<std::vector<T>> activations;
};

/// All quantities that backpropagation computes for n examples, as returned by backprop().
template <class T>
struct LOCALGRAD_API Trace : ForwardTrace<T> {
  /// Mean cost of the examples, (C). With sample weights w: the sum of w c, divided by n.
  double cost = 0;
  /// Local gradients: [i] is delta of layer i+2, the derivative of each example's cost, not multiplied by its
  /// sample weight.
  std::vector<std::vector<T>> local_gradients;
  /// Gradient of the cost, (G1) and (G2), in the order of Network::parameters. That of the input scales, at
  /// the end, is the mean over the examples of (w^T delta) a, with w and delta of layer 2, and a = x.
  std::vector<T> gradient;
  /// Derivative of each example's own cost with respect to its row of x, (X): (n, m_1) row-major. Empty
  /// without TraceOptions::input_gradient.
  std::vector<T> input_gradient;
  /// Gradient of each example's own cost, (n, num_parameters) row-major, in the order of
  /// Network::parameters. Empty without TraceOptions::per_example_gradients.
  std::vector<T> per_example_gradients;
};

/// What backprop() returns in addition, because it takes time and memory.
struct LOCALGRAD_API TraceOptions {
  /// Whether to compute Trace::input_gradient.
  bool input_gradient = false;
  /// Whether to compute Trace::per_example_gradients. See gradient_norms() and gradient_dots() for what does
  /// not need them.
  bool per_example_gradients = false;
};

/// Run the forward pass (F) on all rows of x and keep the quantities of every layer.
///
/// If the network standardizes, activations[0] is the standardized x, and with standardized targets the
/// outputs are in the units of the targets. At most n_threads threads are used; if it is 0, their number is
/// chosen automatically. Throws std::invalid_argument if x has the wrong width or contains a number that is
/// not finite, and OutOfMemory.
template <class T>
LOCALGRAD_API ForwardTrace<T> forward(const Network<T>& network, const Rows& x, int n_threads = 0);

/// Run backpropagation, (F), (D1), (D2), (G1), (G2) and (C), on all rows of x, without changing the network.
///
/// If the network standardizes, activations[0] is the standardized x. With standardized targets, the cost,
/// the outputs and all derivatives are those of `units`; weighted inputs are always in standardized units. At
/// most n_threads threads are used; if it is 0, their number is chosen automatically. Throws the same
/// exceptions as evaluate(), except that sample weights may all be 0, and OutOfMemory, which names both
/// numbers if the gradients of all examples do not fit into memory.
template <class T>
LOCALGRAD_API Trace<T> backprop(const Network<T>& network, const Rows& x, const Targets& y, int n_threads = 0,
                                Units units = Units::original, const TraceOptions& also = {});

/// Compute phi'(z) of layer i+2, the second factor of (D1), for n rows of z and a = phi(z).
///
/// For standardized targets, phi of the output layer includes the conversion to the units of the targets. z
/// and a are (n, width) row-major. `out` is (n, width) row-major; for softmax it is the Jacobian of each
/// row, (n, width, width), with element [r][j][k] = da_j/dz_k.
template <class T>
LOCALGRAD_API void activation_derivative(const Network<T>& network, std::size_t i, std::size_t n, const T* z,
                                         const T* a, T* out);

/// Compute dc/da^L, the first factor of (D1), for y.n rows of outputs `a`.
///
/// `a` and `out` are (y.n, m_L) row-major. The result is infinite where the derivative of the cost is
/// infinite. Throws std::invalid_argument for targets that evaluate() does not accept.
template <class T>
LOCALGRAD_API void cost_gradient(const Network<T>& network, const T* a, const Targets& y, T* out);

}  // namespace localgrad
