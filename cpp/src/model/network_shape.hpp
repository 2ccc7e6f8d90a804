#pragma once

#include <cstddef>
#include <vector>

#include "model/network_functions.hpp"

namespace localgrad {

/// The sizes and functions of a network, to notice if a network with others has been assigned to it.
template <class T>
class NetworkShape {
 public:
  explicit NetworkShape(const Network<T>& network)
      : sizes_(network.sizes()),
        functions_(NetworkAccess::functions(network)),
        learns_scale_(network.options().learn_input_scale) {}
  bool fits(const Network<T>& network) const {
    const auto& now = NetworkAccess::functions(network);
    return network.sizes() == sizes_ && now.activations == functions_.activations &&
           now.activation_parameters == functions_.activation_parameters && now.cost == functions_.cost &&
           now.cost_parameters == functions_.cost_parameters &&
           network.options().learn_input_scale == learns_scale_;
  }

 private:
  std::vector<std::size_t> sizes_;
  std::decay_t<decltype(NetworkAccess::functions(std::declval<const Network<T>&>()))> functions_;
  bool learns_scale_;
};

}  // namespace localgrad
