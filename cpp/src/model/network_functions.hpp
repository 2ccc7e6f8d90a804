#pragma once

#include <memory>

#include "functions/list.hpp"
#include "localgrad/network.hpp"
#include "model/standards.hpp"

namespace localgrad {

/// Access of the engine and of files to private members of Network.
struct NetworkAccess {
  template <class T>
  static const auto& functions(const Network<T>& network) {
    return network.functions_;
  }
  /// The standards of a network; null unless it standardizes and they are known.
  template <class T>
  static std::shared_ptr<const Standards<T>> standards(const Network<T>& network) {
    if (!network.options_.standardize) return nullptr;  // without the time of an atomic operation
    return std::atomic_load(&network.standards_);
  }
  /// Sets Options::init of a network whose parameters were read from a file.
  template <class T>
  static void set_init(Network<T>& network, const std::string& init) {
    network.options_.init = init;
  }
};

/// The functions of a network as enumerators of list.hpp, without looking up their names.
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

/// The number in the name of the activation of layer index i; 0 if it has none.
template <class T>
T activation_parameter(const Network<T>& network, std::size_t i) {
  return static_cast<T>(NetworkAccess::functions(network).activation_parameters[i]);
}

/// The cost's parameter for output unit j. Costs with several outputs per target have one parameter per
/// output, other costs one for all.
template <class T>
T column_parameter(const Network<T>& network, std::size_t j) {
  const auto& all = NetworkAccess::functions(network).cost_parameters;
  return all.empty() ? T(0) : static_cast<T>(all[all.size() == 1 ? 0 : j / network.target_width()]);
}

/// The standards of a network, or null. A call keeps them, because another thread may replace them.
template <class T>
std::shared_ptr<const Standards<T>> standards_of(const Network<T>& network) {
  return NetworkAccess::standards(network);
}

/// How inputs are read, with the standards of the network if it has any.
template <class T>
Reading<T> input_reading(const Network<T>& network, const Standards<T>* standards) {
  return {static_cast<T>(network.options().input_scale), standards ? standards->inputs() : nullptr};
}

}  // namespace localgrad
