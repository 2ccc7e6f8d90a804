#pragma once

namespace localgrad {

/// Adam after w <- w (1 - learning_rate weight_decay). Loshchilov and Hutter, Decoupled weight decay
/// regularization, 2019.
struct AdamW {
  double learning_rate = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.01;
  bool amsgrad = false;
};

}  // namespace localgrad

#ifdef LOCALGRAD_CORE  // the rest is for the library itself

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
