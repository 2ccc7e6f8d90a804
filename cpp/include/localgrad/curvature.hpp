#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "localgrad/export.h"
#include "localgrad/network.hpp"
#include "localgrad/rows.hpp"

namespace localgrad {

/// A matrix of second derivatives of the cost with respect to all parameters.
enum class Curvature {
  /// The Hessian H of the mean cost. At a kink of an activation or cost, its second derivative counts as 0.
  hessian,
  /// The generalized Gauss-Newton matrix G of Schraudolph 2002, the mean of J^T B J, which is positive
  /// semidefinite.
  ///
  /// Where the cost belongs to the output activation, which is cross-entropy with softmax or sigmoid, and
  /// poisson, J is the Jacobian of z of the output layer, and B the Hessian of the example's cost with
  /// respect to it. For gaussian_nll, B is the Fisher information of the means and log variances instead.
  /// For other costs, J is the Jacobian of a of the output layer.
  gauss_newton
};

/// Multiply the curvature of the mean cost by a vector, without computing the matrix.
///
/// `v` has num_parameters() numbers in the order of Network::parameters, and so has the result. The product
/// with the Hessian is the derivative of the gradient of backprop() in the direction of v (Pearlmutter 1994).
/// It takes about as long as two gradients. Dropout, noise and penalties are not applied; sample weights are,
/// as in backprop(). For standardized targets, the cost is that of the units of the targets.
///
/// At most n_threads threads are used; if it is 0, their number is chosen automatically. The result does not
/// depend on it. `interrupt` is called after at most about a thousand rows; if it returns true, Interrupted
/// is thrown. Throws std::invalid_argument for the same reasons as backprop(), if v contains a number that is
/// not finite, and for a custom cost, which has no second derivative; and OutOfMemory.
template <class T>
LOCALGRAD_API std::vector<T> curvature_product(const Network<T>& network, const Rows& x, const Targets& y,
                                               const T* v, Curvature matrix = Curvature::hessian,
                                               int n_threads = 0,
                                               const std::function<bool()>& interrupt = nullptr);

/// Compute the diagonal of the curvature of the mean cost, exactly.
///
/// That of the Hessian follows from the Hessian with respect to z of each layer (Botev et al. 2017), whose
/// recursion takes time and memory of the squares of the widths for each example. That of the Gauss-Newton
/// matrix follows from as many backward passes as there are outputs. Otherwise it behaves like
/// curvature_product(). Throws OutOfMemory, which names both numbers, before anything is allocated if the
/// squares of the widths do not fit into memory.
template <class T>
LOCALGRAD_API std::vector<T> curvature_diagonal(const Network<T>& network, const Rows& x, const Targets& y,
                                                Curvature matrix = Curvature::hessian, int n_threads = 0,
                                                const std::function<bool()>& interrupt = nullptr);

/// The largest eigenvalue of a curvature, as returned by top_eigenvalue().
template <class T>
struct LOCALGRAD_API Eigenvalue {
  /// The eigenvalue.
  double value = 0;
  /// Its eigenvector of norm 1, in the order of Network::parameters.
  std::vector<T> vector;
  /// Number of products that were computed.
  std::size_t products = 0;
  /// Norm of the product with the vector, minus value times the vector.
  double residual = 0;
};

/// Compute the largest eigenvalue of the curvature of the mean cost by the Lanczos method.
///
/// Computes products until the residual is at most `tol` times the magnitude of the eigenvalue, at most
/// `max_products` of them, from a random vector that depends on Options::seed. They are kept in memory.
/// Otherwise it behaves like curvature_product(). Throws std::invalid_argument if max_products is 0 or tol is
/// negative or not a number, and OutOfMemory, which names both numbers, before anything is allocated if
/// max_products vectors do not fit into memory.
template <class T>
LOCALGRAD_API Eigenvalue<T> top_eigenvalue(const Network<T>& network, const Rows& x, const Targets& y,
                                           std::size_t max_products = 100, double tol = 1e-3,
                                           Curvature matrix = Curvature::hessian, int n_threads = 0,
                                           const std::function<bool()>& interrupt = nullptr);

}  // namespace localgrad
