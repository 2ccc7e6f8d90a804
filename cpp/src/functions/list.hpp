#pragma once

#include "functions/range.hpp"
#include "localgrad/config.h"

/// The list of activations and costs; that of optimizers is in localgrad/optimizer.hpp. The enumerations,
/// the tables of kernels, error messages, checks and bindings are generated from it. Type is a struct in
/// activations.hpp or costs.hpp.
///
/// Activations are X(name, Type, initialization, parameter, range of a). Those that work unit by unit can be
/// used in any layer; those of whole rows only in the output layer. Costs are X(name, Type, parameter,
/// traits), where the traits specify the outputs that a cost supports.

#define LOCALGRAD_ACTIVATIONS(X)                                                          \
  X(identity, Identity, Init::xavier, Parameter(), Span())                                \
  X(sigmoid, Sigmoid, Init::xavier, Parameter(), Span(0, 1))                              \
  X(tanh, Tanh, Init::xavier, Parameter(), Span(-1, 1))                                   \
  X(relu, Relu, Init::he, Parameter(), Span(0, kNoLimit))                                 \
  X(leaky_relu, LeakyRelu, Init::he, Parameter("slope", 0.01, Range::at_least_0), Span()) \
  X(elu, Elu, Init::he, Parameter("alpha", 1, Range::above_0), Span())                    \
  X(selu, Selu, Init::lecun, Parameter(), Span())                                         \
  X(gelu, Gelu, Init::he, Parameter(), Span())                                            \
  X(gelu_tanh, GeluTanh, Init::he, Parameter(), Span())                                   \
  X(silu, Silu, Init::he, Parameter(), Span())                                            \
  X(softplus, Softplus, Init::xavier, Parameter(), Span(0, kNoLimit))                     \
  X(softsign, Softsign, Init::xavier, Parameter(), Span(-1, 1))                           \
  X(mish, Mish, Init::he, Parameter(), Span())                                            \
  X(hard_sigmoid, HardSigmoid, Init::xavier, Parameter(), Span(0, 1))                     \
  X(hard_tanh, HardTanh, Init::xavier, Parameter(), Span(-1, 1))

#define LOCALGRAD_ROW_ACTIVATIONS(X) X(softmax, Softmax, Init::xavier, Parameter(), Span(0, 1))

#define LOCALGRAD_COSTS(X)                                                              \
  X(mse, Mse, Parameter(), CostTraits(kOutputs).shifts())                               \
  X(mae, Mae, Parameter(), CostTraits(kOutputs).shifts())                               \
  X(huber, Huber, Parameter("delta", 1, Range::above_0), CostTraits(kOutputs).shifts()) \
  X(log_cosh, LogCosh, Parameter(), CostTraits(kOutputs).shifts())                      \
  X(cross_entropy, CrossEntropy, Parameter("smoothing", 0, Range::share),               \
    CostTraits(only(Activation::sigmoid, Activation::softmax)).smooths().targets(0, 1)) \
  X(binary_cross_entropy, CrossEntropy, Parameter("smoothing", 0, Range::share),        \
    CostTraits(only(Activation::sigmoid)).smooths().by_unit().targets(0, 1))            \
  X(hinge, Hinge, Parameter(), CostTraits(kUnitOutputs).by_sign().targets(-1, 1))       \
  X(poisson, Poisson, Parameter(),                                                      \
    CostTraits(only(Activation::identity, Activation::softplus)).targets(0, kNoLimit))  \
  X(quantile, Quantile, Parameter("q", 0.5, Range::between_0_and_1, true),              \
    CostTraits(kUnitOutputs).each_target(0).shifts())                                   \
  X(gaussian_nll, GaussianNll, Parameter(),                                             \
    CostTraits(only(Activation::identity)).each_target(2).couples_columns().shifts())

namespace localgrad {

#define LOCALGRAD_NAME(name, ...) name,
enum class Activation { LOCALGRAD_ACTIVATIONS(LOCALGRAD_NAME) LOCALGRAD_ROW_ACTIVATIONS(LOCALGRAD_NAME) };
enum class Cost {
  LOCALGRAD_COSTS(LOCALGRAD_NAME) custom
};  ///< custom: a user-defined function without kernels
#undef LOCALGRAD_NAME

#define LOCALGRAD_ONE(...) +1
constexpr int kUnitActivations = 0 LOCALGRAD_ACTIVATIONS(LOCALGRAD_ONE);
constexpr int kActivations = kUnitActivations LOCALGRAD_ROW_ACTIVATIONS(LOCALGRAD_ONE);
constexpr int kCosts = 0 LOCALGRAD_COSTS(LOCALGRAD_ONE);
#undef LOCALGRAD_ONE

#define LOCALGRAD_STRING(name, ...) #name,
constexpr const char* kActivationNames[] = {LOCALGRAD_ACTIVATIONS(LOCALGRAD_STRING)
                                                LOCALGRAD_ROW_ACTIVATIONS(LOCALGRAD_STRING)};
constexpr const char* kCostNames[] = {LOCALGRAD_COSTS(LOCALGRAD_STRING) "custom"};
#undef LOCALGRAD_STRING

constexpr const char* name_of(Activation activation) {
  return kActivationNames[static_cast<int>(activation)];
}

/// Whether an activation works unit by unit.
constexpr bool is_unitwise(Activation activation) { return static_cast<int>(activation) < kUnitActivations; }

/// How the weights of a layer are drawn: xavier N(0, 2/(fan_in + fan_out)), he N(0, 2/fan_in), lecun N(0,
/// 1/fan_in).
enum class Init { xavier, he, lecun };

/// The number in parentheses after a function's name, as in "leaky_relu(0.2)". A null `name` means that the
/// function has no parameter; `many` allows several numbers.
struct Parameter {
  const char* name = nullptr;
  double standard = 0;
  Range range = Range::at_least_0;
  bool many = false;
  constexpr Parameter() = default;
  constexpr Parameter(const char* label, double value, Range allowed, bool several = false)
      : name(label), standard(value), range(allowed), many(several) {}
};

constexpr double kNoLimit = __builtin_huge_val();

/// Limits of a number.
struct Span {
  double lowest = -kNoLimit, highest = kNoLimit;
  constexpr Span() = default;
  constexpr Span(double from, double to) : lowest(from), highest(to) {}
};

/// A set of output activations, as bits.
constexpr unsigned only() { return 0; }
template <class... Rest>
constexpr unsigned only(Activation first, Rest... rest) {
  return 1u << static_cast<int>(first) | only(rest...);
}
constexpr unsigned kOutputs = (1u << kActivations) - 1, kUnitOutputs = (1u << kUnitActivations) - 1;

/// Properties of a cost. Each target has `outputs_per_target` of the m_L outputs: a fixed number, or 0 for
/// one per parameter of the cost. Output unit h m_L/outputs_per_target + t is output h of target t.
struct CostTraits {
  unsigned outputs;
  int outputs_per_target = 1;
  /// The parameter is label smoothing: targets are moved toward the mean of all classes.
  bool smooth = false;
  bool each_unit = false;  ///< every unit is classified separately, for multi-label targets
  bool signs = false;      ///< the sign of the output is the class: labels become -1 and 1 for any output
  bool couples = false;    ///< the term of a column depends on other columns
  bool shifted = false;    ///< it has a meaning for targets of any mean and scale
  Span target;
  constexpr explicit CostTraits(unsigned fitting) : outputs(fitting) {}

 private:  // first, because Clang does not evaluate a member template before its definition
  template <class M>
  constexpr CostTraits with(M CostTraits::*member, M value) const {
    CostTraits changed = *this;
    changed.*member = value;
    return changed;
  }

 public:
  constexpr CostTraits each_target(int n) const { return with(&CostTraits::outputs_per_target, n); }
  constexpr CostTraits smooths() const { return with(&CostTraits::smooth, true); }
  constexpr CostTraits by_unit() const { return with(&CostTraits::each_unit, true); }
  constexpr CostTraits by_sign() const { return with(&CostTraits::signs, true); }
  constexpr CostTraits targets(double from, double to) const {
    return with(&CostTraits::target, Span(from, to));
  }
  constexpr CostTraits couples_columns() const { return with(&CostTraits::couples, true); }
  constexpr CostTraits shifts() const { return with(&CostTraits::shifted, true); }
  constexpr bool fits(Activation output) const { return outputs >> static_cast<int>(output) & 1; }
};

struct ActivationTraits {
  Init init;
  Parameter parameter;
  Span range;  ///< range of a
};

#define LOCALGRAD_TRAITS(name, Type, ...) {__VA_ARGS__},
constexpr ActivationTraits kActivationTraits[] = {LOCALGRAD_ACTIVATIONS(LOCALGRAD_TRAITS)
                                                      LOCALGRAD_ROW_ACTIVATIONS(LOCALGRAD_TRAITS)};
#undef LOCALGRAD_TRAITS
#define LOCALGRAD_TRAITS(name, Type, parameter, traits) traits,
constexpr CostTraits kCostTraits[] = {LOCALGRAD_COSTS(LOCALGRAD_TRAITS) CostTraits(kOutputs).shifts()};
#undef LOCALGRAD_TRAITS
#define LOCALGRAD_TRAITS(name, Type, parameter, traits) parameter,
constexpr Parameter kCostParameters[] = {LOCALGRAD_COSTS(LOCALGRAD_TRAITS) Parameter()};
#undef LOCALGRAD_TRAITS

constexpr const ActivationTraits& traits_of(Activation activation) {
  return kActivationTraits[static_cast<int>(activation)];
}
constexpr const CostTraits& traits_of(Cost cost) { return kCostTraits[static_cast<int>(cost)]; }

}  // namespace localgrad
