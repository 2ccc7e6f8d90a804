#pragma once

#include "functions/list.hpp"
#include "localgrad/network.hpp"

namespace localgrad {

/// What the engine and the files read or set beyond Network's public interface.
struct NetworkAccess {
  template <class T>
  static const auto& functions(const Network<T>& network) {
    return network.functions_;
  }
  /// For parameters that were not drawn but read.
  template <class T>
  static void set_init(Network<T>& network, const std::string& init) {
    network.options_.init = init;
  }
};

/// The functions of a network as the enumerations of list.hpp, without looking their names up again.
template <class T>
Activation activation_of(const Network<T>& network, std::size_t i) {
  return static_cast<Activation>(NetworkAccess::functions(network).activations[i]);
}
template <class T>
Activation output_of(const Network<T>& network) {
  return activation_of(network, network.sizes().size() - 2);
}
template <class T>
Cost cost_of(const Network<T>& network) {
  return static_cast<Cost>(NetworkAccess::functions(network).cost);
}

/// The number in the name of that activation, 0 where it has none.
template <class T>
T activation_parameter(const Network<T>& network, std::size_t i) {
  return static_cast<T>(NetworkAccess::functions(network).activation_parameters[i]);
}

/// The cost's parameter for output unit j: its own where each target has several outputs, else the one for
/// all.
template <class T>
T column_parameter(const Network<T>& network, std::size_t j) {
  const auto& all = NetworkAccess::functions(network).cost_parameters;
  return all.empty() ? T(0) : static_cast<T>(all[all.size() == 1 ? 0 : j / network.target_width()]);
}

/// Options::input_scale as it is used.
template <class T>
T input_scale(const Network<T>& network) {
  return static_cast<T>(network.options().input_scale);
}

}  // namespace localgrad
