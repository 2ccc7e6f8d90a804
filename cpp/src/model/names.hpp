#pragma once

#include <string>
#include <vector>

#include "functions/list.hpp"
#include "localgrad/info.hpp"

namespace localgrad {

/// A function as named in Options: its name and the numbers in parentheses, as in "quantile(0.1, 0.9)".
template <class Function>
struct Spec {
  Function function;
  std::vector<double> parameters;  ///< all parameters; the default if none is specified
  std::string text;  ///< the name, followed by the shortest form of the numbers unless all are defaults
};

/// Returns the function that `text` names. Throws std::invalid_argument, with `argument`, `text` and the
/// valid names in its message.
Spec<Activation> unit_activation(const std::string& text, const char* argument);
Spec<Activation> output_activation(const std::string& text);
Spec<Cost> cost_named(const std::string& text);
/// The outputs that a cost supports, for error messages: "'identity' or 'softplus'".
std::string outputs_of(Cost cost);
void check_init(const std::string& name);

}  // namespace localgrad
