#pragma once

#include <cstddef>

#include "kernels/args.hpp"
#include "localgrad/optimizer.hpp"

namespace localgrad {

/// Factors that are to be applied one after the other.
template <class T>
struct Shrink {
  T first = 1, second = 1;
};

/// What a Regularization asks of each layer's update.
template <class T>
class Penalties {
 public:
  /// For a network with `layers` layers of weights; `own_decay` is the optimizer's. Throws
  /// std::invalid_argument for numbers out of range.
  Penalties(const Regularization& regularization, std::size_t layers, double own_decay);

  /// Neither penalties nor clipping by value: an update need not look further.
  bool plain() const { return plain_; }
  T clip_value() const;
  double clip_norm() const { return asked_.clip_norm; }
  /// PyTorch's rule, g <- g min(1, clip_norm / (norm + 1e-6)), for norm = root 2^exponent, which may be too
  /// large for a double. The 1e-6, there for a norm of 0, is at most a thousandth of clip_norm, so that tiny
  /// bounds are kept too.
  Shrink<T> shrink(double root, int exponent) const;
  double max_norm() const { return asked_.max_norm; }
  /// Fills in what pulls at layer index i in a step with learning rate `rate`.
  void fill(UpdateArgs<T>& u, std::size_t i, double rate) const;

 private:
  Regularization asked_;  // one number for each layer
  bool plain_;
};

/// Whether gradients must be known as a whole before the first of them is used, or weights after the last.
inline bool has_norms(const Regularization& r) { return r.clip_norm > 0 || r.max_norm > 0; }

}  // namespace localgrad
