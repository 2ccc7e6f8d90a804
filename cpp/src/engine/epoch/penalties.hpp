#pragma once

#include <cstddef>

#include "engine/pass/layer_rates.hpp"
#include "kernels/args.hpp"
#include "localgrad/network.hpp"
#include "localgrad/optimizer.hpp"

namespace localgrad {

/// Two factors to be applied one after the other.
template <class T>
struct Shrink {
  T first = 1, second = 1;
};

/// The regularization and the learning rate of each layer's update.
template <class T>
class Penalties {
 public:
  /// Creates the regularization of a network; `own_decay` is the weight decay of the optimizer. Throws
  /// std::invalid_argument for numbers out of range.
  Penalties(const Regularization& regularization, const Network<T>& network, double own_decay);

  /// Whether there are neither penalties nor clipping, so that only the optimizer determines an update.
  bool plain() const { return plain_; }
  bool decays() const;  ///< whether there is weight decay
  T clip_value() const;
  double clip_norm() const { return asked_.clip_norm; }
  /// Returns the factors that clip a gradient of norm root 2^exponent, which may exceed the range of a
  /// double. This is PyTorch's rule, g <- g min(1, clip_norm / (norm + 1e-6)). The 1e-6, which is needed for
  /// a norm of 0, is limited to a thousandth of clip_norm, so that tiny bounds are observed too.
  Shrink<T> shrink(double root, int exponent) const;
  double max_norm() const { return asked_.max_norm; }
  const LayerRates& rates() const { return rates_; }
  /// Sets the penalties of layer index i for a step of `rows` rows; `decay` is the factor of the weight decay
  /// before that of the layer. Input scales, whose index is the number of layers, have none.
  void fill(UpdateArgs<T>& u, Index i, double decay, Index rows) const;

 private:
  Regularization asked_;  // one number for each layer
  LayerRates rates_;
  bool plain_;
};

/// Whether the whole gradient must be known before the update, or all weights after it.
inline bool has_norms(const Regularization& r) { return r.clip_norm > 0 || r.max_norm > 0; }

}  // namespace localgrad
