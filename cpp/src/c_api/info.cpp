// Properties of a network.

#include <string>

#include "c_api/arrays.hpp"
#include "c_api/objects.hpp"
#include "localgrad/options.hpp"
#include "text/to_text.hpp"

using namespace localgrad;
using namespace localgrad::c_api;

namespace {

/// Returns a property of a network, or `otherwise` after an error.
template <class Result, class Get>
Result property(const localgrad_network* network, Result otherwise, const Get& get) {
  return guarded_or(otherwise, [&] { return static_cast<Result>(with_network(network, get)); });
}

std::string text_of_option(const std::string& value) { return value; }
template <class V>
std::string text_of_option(const V& value) {
  return to_text(static_cast<std::conditional_t<std::is_same_v<V, bool>, int, V>>(value));
}

/// Returns the value of an option, which has one value unless it is a vector.
template <class V>
std::string value_at(const V& value, std::size_t index, const char* name) {
  if (index > 0) refuse("index must be 0 for the option '", name, "', got ", index);
  return text_of_option(value);
}
template <class V>
std::string value_at(const std::vector<V>& values, std::size_t index, const char* name) {
  if (index >= values.size())
    refuse("index must be below ", values.size(), " for the option '", name, "', got ", index);
  return text_of_option(values[index]);
}

}  // namespace

localgrad_type localgrad_network_type(const localgrad_network* network) {
  return property(network, -1, [](const auto& net) { return scalar_of<Element<decltype(net)>>(); });
}

size_t localgrad_network_num_layers(const localgrad_network* network) {
  return property(network, std::size_t{0}, [](const auto& net) { return net.sizes().size(); });
}

size_t localgrad_network_layer_size(const localgrad_network* network, size_t layer) {
  return property(network, std::size_t{0}, [&](const auto& net) {
    if (layer >= net.sizes().size()) refuse("layer must be below ", net.sizes().size(), ", got ", layer);
    return net.sizes()[layer];
  });
}

size_t localgrad_network_num_parameters(const localgrad_network* network) {
  return property(network, std::size_t{0}, [](const auto& net) { return net.num_parameters(); });
}

size_t localgrad_network_target_width(const localgrad_network* network) {
  return property(network, std::size_t{0}, [](const auto& net) { return net.target_width(); });
}

int localgrad_network_classifies(const localgrad_network* network) {
  return property(network, 0, [](const auto& net) { return net.classifies(); });
}

uint64_t localgrad_network_epochs(const localgrad_network* network) {
  return property(network, std::uint64_t{0}, [](const auto& net) { return net.epochs(); });
}

localgrad_status localgrad_network_option(const localgrad_network* network, const char* name, size_t index,
                                          char* text, size_t bytes, size_t* needed) {
  return guarded([&] {
    with_network(network, [&](const auto& net) {
      const std::string wanted = &given(name, "name");
      bool found = false;
      each_option(net.options(), [&](const char* option, const auto& value, auto...) {
        if (wanted != option) return;
        found = true;
        write_text(value_at(value, index, option), text, bytes, needed);
      });
      if (!found) refuse("name must be that of an option of a network, got '", wanted, "'");
    });
  });
}

localgrad_status localgrad_network_feature_name(const localgrad_network* network, size_t input, char* text,
                                                size_t bytes, size_t* needed) {
  return guarded([&] {
    with_network(network, [&](const auto& net) {
      if (input >= net.sizes()[0]) refuse("input must be below ", net.sizes()[0], ", got ", input);
      const auto names = net.feature_names();
      write_text(names.empty() ? std::string() : names[input], text, bytes, needed);
    });
  });
}
