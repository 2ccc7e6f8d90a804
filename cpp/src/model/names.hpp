#pragma once

#include <string>
#include <vector>

#include "functions/list.hpp"
#include "localgrad/info.hpp"

namespace localgrad {

/// A function as it was asked for: its name and the numbers in parentheses, "quantile(0.1, 0.9)".
template <class Function>
struct Spec {
  Function function;
  std::vector<double> parameters;  ///< all of them, with the default if none was given
  std::string text;                ///< the name alone if all are the default, else with the shortest numbers
};

/// The function that `text` names. Throws std::invalid_argument with `argument`, `text` and the names that
/// are expected.
Spec<Activation> unit_activation(const std::string& text, const char* argument);
Spec<Activation> output_activation(const std::string& text);
Spec<Cost> cost_named(const std::string& text);
/// The outputs that a cost fits, for a message: "'identity' or 'softplus'".
std::string outputs_of(Cost cost);
void check_init(const std::string& name);

}  // namespace localgrad
