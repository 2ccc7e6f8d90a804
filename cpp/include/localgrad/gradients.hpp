#pragma once

#include <cstddef>
#include <memory>

#include "localgrad/export.h"
#include "localgrad/network.hpp"
#include "localgrad/rows.hpp"
#include "localgrad/status.hpp"
#include "localgrad/view.hpp"

namespace localgrad {

/// Gradients of the cost of a network, for optimizers of the caller.
///
///     localgrad::Gradients<float> gradients(net, 32);
///     std::vector<float> gradient(net.num_parameters());
///     double cost = 0;
///     gradients.forward_backward(x, y, gradient.data(), &cost);
///
/// The results are bit-identical to those of backprop(), which also returns all other quantities. All memory
/// is allocated by the constructor. The network may be moved, and its parameters may change between calls.
template <class T>
class LOCALGRAD_API Gradients {
 public:
  /// Create buffers for up to max_rows examples per call, in the workspace if it is not empty.
  ///
  /// Throws std::invalid_argument if max_rows is 0 or the workspace is too small, and OutOfMemory.
  Gradients(const Network<T>& network, std::size_t max_rows, Workspace workspace = {});
  /// Return the size of the workspace that these arguments need, in bytes, which depends on the instruction
  /// set. The buffers are allocated temporarily to determine it.
  static std::size_t bytes(const Network<T>& network, std::size_t max_rows);
  /// Destroy the object.
  ~Gradients();
  /// Move the object. forward_backward() of a moved-from object returns Status::invalid_argument.
  Gradients(Gradients&&) noexcept;
  /// Move the object.
  Gradients& operator=(Gradients&&) noexcept;

  /// Run (F), (D1), (D2), (G1), (G2) and (C) on all rows of x, without changing the network.
  ///
  /// Writes the gradient of the mean cost, num_parameters() numbers in the order of Network::parameters, to
  /// `gradient`; the mean cost to `cost` unless it is null; and the derivative of each example's own cost
  /// with respect to its row of x, (x.n, m_1) row-major, to `x_gradient` unless it is null. x and y can be
  /// a MatrixView. Dropout and noise are not applied.
  ///
  /// It runs on the calling thread. It does not allocate memory, take locks or call the system, unless a
  /// custom cost does so or the network standardizes, which takes a lock. Returns Status::invalid_argument
  /// for a wrong shape, too many rows or a null `gradient`, Status::bad_example for a number that is not
  /// finite or a target or label out of range, Status::not_finite if the cost is not finite, and the Status
  /// of an exception of a custom cost. Unless it returns Status::ok, the contents of the results are
  /// unspecified.
  Status forward_backward(const Rows& x, const Targets& y, T* gradient, double* cost = nullptr,
                          T* x_gradient = nullptr) noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

#if LOCALGRAD_HAS_FLOAT
extern template class Gradients<float>;
#endif
#if LOCALGRAD_HAS_DOUBLE
extern template class Gradients<double>;
#endif

}  // namespace localgrad
