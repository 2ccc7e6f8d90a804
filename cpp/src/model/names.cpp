#include "model/names.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>

namespace localgrad {
namespace {

// Arrays of literals, not of strings: a network may be built before main, when no constructor here has run.
#define LOCALGRAD_STRING(name, ...) #name,
constexpr const char* kActivationNames[] = {LOCALGRAD_ACTIVATIONS(LOCALGRAD_STRING)
                                                LOCALGRAD_ROW_ACTIVATIONS(LOCALGRAD_STRING)};
constexpr const char* kCostNames[] = {LOCALGRAD_COSTS(LOCALGRAD_STRING)};
#undef LOCALGRAD_STRING
constexpr const char* kInitNames[] = {"auto", "he", "xavier", "normal", "zeros"};

#define LOCALGRAD_FAMILY(name, Type, relu_family) relu_family,
constexpr bool kReluFamily[] = {LOCALGRAD_ACTIVATIONS(LOCALGRAD_FAMILY)
                                    LOCALGRAD_ROW_ACTIVATIONS(LOCALGRAD_FAMILY)};
#undef LOCALGRAD_FAMILY

int find(const char* const* known, std::size_t count, const std::string& name, const std::string& argument) {
  const auto* end = known + count;
  const auto* at = std::find(known, end, name);
  if (at != end) return static_cast<int>(at - known);
  std::string message = argument + " must be one of ";
  for (std::size_t i = 0; i < count; ++i) message += std::string(i ? ", '" : "'") + known[i] + "'";
  throw std::invalid_argument(message + ", given '" + name + "'");
}

}  // namespace

Activation unit_activation(const std::string& name, const char* argument) {
  return static_cast<Activation>(find(kActivationNames, kUnitActivations, name, argument));
}
Activation output_activation(const std::string& name) {
  return static_cast<Activation>(find(kActivationNames, kActivations, name, "output"));
}
Cost cost_named(const std::string& name) { return static_cast<Cost>(find(kCostNames, kCosts, name, "cost")); }
bool in_relu_family(Activation activation) { return kReluFamily[static_cast<int>(activation)]; }
void check_init(const std::string& name) { find(kInitNames, std::size(kInitNames), name, "init"); }

Names names() {
  return {{kActivationNames, kActivationNames + kUnitActivations},
          {std::begin(kActivationNames), std::end(kActivationNames)},
          {std::begin(kCostNames), std::end(kCostNames)},
          {std::begin(kInitNames), std::end(kInitNames)}};
}

}  // namespace localgrad
