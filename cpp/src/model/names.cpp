#include "model/names.hpp"

#include <algorithm>
#include <stdexcept>

namespace localgrad {
namespace {

#define LOCALGRAD_STRING(name, ...) #name,
const std::vector<std::string> kActivationNames = {LOCALGRAD_ACTIVATIONS(LOCALGRAD_STRING)
                                                       LOCALGRAD_ROW_ACTIVATIONS(LOCALGRAD_STRING)};
const std::vector<std::string> kCostNames = {LOCALGRAD_COSTS(LOCALGRAD_STRING)};
#undef LOCALGRAD_STRING
const std::vector<std::string> kInitNames = {"auto", "he", "xavier", "normal", "zeros"};

#define LOCALGRAD_FAMILY(name, Type, relu_family) relu_family,
constexpr bool kReluFamily[] = {LOCALGRAD_ACTIVATIONS(LOCALGRAD_FAMILY)
                                    LOCALGRAD_ROW_ACTIVATIONS(LOCALGRAD_FAMILY)};
#undef LOCALGRAD_FAMILY

int find(const std::vector<std::string>& known, std::size_t count, const std::string& name,
         const std::string& argument) {
  const auto end = known.begin() + static_cast<std::ptrdiff_t>(count);
  const auto at = std::find(known.begin(), end, name);
  if (at != end) return static_cast<int>(at - known.begin());
  std::string message = argument + " must be one of ";
  for (std::size_t i = 0; i < count; ++i) message += (i ? ", '" : "'") + known[i] + "'";
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
void check_init(const std::string& name) { find(kInitNames, kInitNames.size(), name, "init"); }

Names names() {
  const auto hidden = kActivationNames.begin() + kUnitActivations;
  return {{kActivationNames.begin(), hidden}, kActivationNames, kCostNames, kInitNames};
}

}  // namespace localgrad
