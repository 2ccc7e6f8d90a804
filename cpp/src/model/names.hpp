#pragma once

#include <string>
#include <vector>

#include "functions/list.hpp"
#include "localgrad/info.hpp"

namespace localgrad {

/// The function of a name. Throws std::invalid_argument naming `argument`, the given name and those that exist.
Activation unit_activation(const std::string& name, const char* argument);
Activation output_activation(const std::string& name);
Cost cost_named(const std::string& name);
bool in_relu_family(Activation activation);
void check_init(const std::string& name);

}  // namespace localgrad
