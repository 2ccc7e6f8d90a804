#pragma once

#include <vector>

#include "engine/jacobian/output_derivatives.hpp"
#include "engine/pass/pass.hpp"
#include "model/buffer.hpp"

namespace localgrad {

/// Derivatives along directions of the inputs, from the input to the output: the derivative of z is that of
/// (F) without bias, and the derivative of a is phi'(z) times that of z.
///
/// They are stored in a Pass with Buffers::tangents: those of the inputs in x_delta, those of a of layer
/// index i in delta(i).
template <class T>
class Tangents {
 public:
  /// Packs the weights, with biases of -0, which change no sum.
  explicit Tangents(const OutputDerivatives<T>& of);

  /// Replaces z by phi'(z) for some rows of a pass, except for softmax.
  void prepare(Pass<T>& pass, Index begin, Index end) const;
  /// Sets the tangent of input k in row `row` to u[k] for all k, from derivatives with respect to the inputs
  /// as they were passed, which are already in x_delta.
  void read(Pass<T>& pass, Index row) const;
  /// Computes rows from.. from + rows - 1 from the tangents of their inputs. Row r belongs to example
  /// of + step (r - from) of the pass.
  void push_forward(Pass<T>& pass, Index from, Index rows, Index of, Index step) const;

 private:
  const OutputDerivatives<T>& of_;
  std::vector<Buffer<T>> weights_;
  std::vector<PanelMatrix<T>> panels_;
};

#define LOCALGRAD_FOR(T) extern template class Tangents<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
