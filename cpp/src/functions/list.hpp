#pragma once

/// The one list of names. An entry X(name, Type, relu_family) brings a function into the enumerations, the tables of
/// kernels, the messages and the bindings; Type is its template in activations.hpp, costs.hpp.
///
/// Activations work unit by unit and may stand in any layer; whole-row functions stand in the output layer alone.

#define LOCALGRAD_ACTIVATIONS(X) \
  X(identity, Identity, false)   \
  X(sigmoid, Sigmoid, false)     \
  X(tanh, Tanh, false)           \
  X(relu, Relu, true)

#define LOCALGRAD_ROW_ACTIVATIONS(X) X(softmax, Softmax, false)

#define LOCALGRAD_COSTS(X) \
  X(mse, Mse)              \
  X(cross_entropy, CrossEntropy)

#define LOCALGRAD_UPDATES(X)                            \
  X(sgd, Sgd)                                           \
  X(momentum, Momentum)                                 \
  X(adam, AdamStep)                                     \
  X(amsgrad, AmsgradStep)                               \
  X(nadam, NadamStep)                                   \
  X(rmsprop, Rmsprop)                                   \
  X(rmsprop_momentum, RmspropMomentum)                  \
  X(rmsprop_centered, RmspropCentered)                  \
  X(rmsprop_centered_momentum, RmspropCenteredMomentum) \
  X(adagrad, AdagradStep)                               \
  X(rprop, RpropStep)                                   \
  X(lion, LionStep)

namespace localgrad {

#define LOCALGRAD_NAME(name, ...) name,
enum class Activation { LOCALGRAD_ACTIVATIONS(LOCALGRAD_NAME) LOCALGRAD_ROW_ACTIVATIONS(LOCALGRAD_NAME) };
enum class Cost { LOCALGRAD_COSTS(LOCALGRAD_NAME) };
enum class Update { LOCALGRAD_UPDATES(LOCALGRAD_NAME) };
#undef LOCALGRAD_NAME

#define LOCALGRAD_ONE(...) +1
constexpr int kUnitActivations = 0 LOCALGRAD_ACTIVATIONS(LOCALGRAD_ONE);
constexpr int kActivations = kUnitActivations LOCALGRAD_ROW_ACTIVATIONS(LOCALGRAD_ONE);
constexpr int kCosts = 0 LOCALGRAD_COSTS(LOCALGRAD_ONE);
constexpr int kUpdates = 0 LOCALGRAD_UPDATES(LOCALGRAD_ONE);
#undef LOCALGRAD_ONE

}  // namespace localgrad
