#pragma once

namespace localgrad {

/// %AdamW: Adam with decoupled weight decay.
///
/// Before each step of Adam, the weights decay:
///
///     w <- w (1 - learning_rate weight_decay)
///
/// Loshchilov and Hutter, Decoupled weight decay regularization, 2019.
struct AdamW {
  /// Learning rate.
  double learning_rate = 1e-3;
  /// Decay rate of m, the mean of the gradient.
  double beta1 = 0.9;
  /// Decay rate of v, the mean of the squared gradient.
  double beta2 = 0.999;
  /// Added to the denominator for numerical stability.
  double epsilon = 1e-8;
  /// Weight decay, finite and >= 0. Overridden by Regularization::weight_decay.
  double weight_decay = 0.01;
  /// Whether to use the AMSGrad variant, see Adam::amsgrad.
  bool amsgrad = false;
};

}  // namespace localgrad

#ifdef LOCALGRAD_CORE  // used inside the library

#include "localgrad/optimizers/adam.hpp"

namespace localgrad {

template <>
struct UpdateRule<AdamW> : UpdateRule<Adam> {
  static constexpr const char* kName = "AdamW";
  template <class O, class F>
  static void settings(O& o, const F& f) {
    UpdateRule<Adam>::settings(o, f);
    f("weight_decay", o.weight_decay, Range::at_least_0);
  }
};

}  // namespace localgrad

#endif
