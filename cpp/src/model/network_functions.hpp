#pragma once

#include "functions/list.hpp"
#include "localgrad/network.hpp"

namespace localgrad {

/// The functions of a network as the enumerations of list.hpp, without looking their names up again.
template <class T>
Activation activation_of(const Network<T>& network, std::size_t i) {
  return static_cast<Activation>(network.activation_index(i));
}
template <class T>
Activation output_of(const Network<T>& network) {
  return activation_of(network, network.sizes().size() - 2);
}
template <class T>
Cost cost_of(const Network<T>& network) {
  return static_cast<Cost>(network.cost_index());
}

/// The cost's parameter for output unit j: its own where each head has one, else the one for all.
template <class T>
T column_parameter(const Network<T>& network, std::size_t j) {
  const auto& all = network.cost_parameters();
  if (all.empty()) return 0;
  return static_cast<T>(all[all.size() == network.heads() ? j / network.target_width() : 0]);
}

}  // namespace localgrad
