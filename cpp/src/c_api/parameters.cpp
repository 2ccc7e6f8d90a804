#include <cmath>

#include "c_api/arrays.hpp"
#include "c_api/objects.hpp"
#include "engine/data/elements.hpp"
#include "localgrad/error.hpp"
#include "text/to_text.hpp"

using namespace localgrad;
using namespace localgrad::c_api;

namespace {

template <class T>
void set_view(localgrad_matrix& view, T* data, std::size_t rows, std::size_t columns) {
  view = localgrad_matrix_of(static_cast<int>(scalar_of<T>()), data, rows, columns);
}

/// Returns a view of the parameters between two layers.
template <class Set>
localgrad_status view_layer(localgrad_network* network, std::size_t i, localgrad_matrix* view,
                            const char* name, const Set& set) {
  return guarded([&] {
    auto& result = given(view, name);
    with_network(network, [&](auto& net) {
      const auto& sizes = net.sizes();
      if (i >= sizes.size() - 1) refuse("i must be below ", sizes.size() - 1, ", got ", i);
      set(net, result);
    });
  });
}

}  // namespace

localgrad_status localgrad_network_parameters(localgrad_network* network, localgrad_matrix* parameters) {
  return guarded([&] {
    auto& view = given(parameters, "parameters");
    with_network(network, [&](auto& net) { set_view(view, net.parameters(), 1, net.num_parameters()); });
  });
}

localgrad_status localgrad_network_weights(localgrad_network* network, size_t i, localgrad_matrix* weights) {
  return view_layer(network, i, weights, "weights", [i](auto& net, localgrad_matrix& view) {
    set_view(view, net.weights(i), net.sizes()[i], net.sizes()[i + 1]);
  });
}

localgrad_status localgrad_network_biases(localgrad_network* network, size_t i, localgrad_matrix* biases) {
  return view_layer(network, i, biases, "biases", [i](auto& net, localgrad_matrix& view) {
    set_view(view, net.biases(i), 1, net.sizes()[i + 1]);
  });
}

localgrad_status localgrad_network_input_scales(localgrad_network* network, localgrad_matrix* scales) {
  return guarded([&] {
    auto& view = given(scales, "scales");
    with_network(network, [&](auto& net) {
      auto* data = net.input_scales();
      set_view(view, data, data ? 1 : 0, net.sizes()[0]);
    });
  });
}

localgrad_status localgrad_network_get_parameters(const localgrad_network* network,
                                                  const localgrad_matrix* parameters) {
  return guarded([&] {
    with_network(network, [&](const auto& net) {
      const auto copy_to = [&](auto result) {
        std::copy_n(net.parameters(), net.num_parameters(), result.data());
        result.finish();
      };
      const std::size_t n = net.num_parameters();
      if (given(parameters, "parameters").type == LOCALGRAD_FLOAT64)
        copy_to(Result<double>(parameters, "parameters", 1, n));
      else
        copy_to(Result<float>(parameters, "parameters", 1, n));
    });
  });
}

localgrad_status localgrad_network_set_parameters(localgrad_network* network,
                                                  const localgrad_rows* parameters) {
  return guarded([&] {
    with_network(network, [&](auto& net) {
      using T = Element<decltype(net)>;
      const Rows from = rows_of(parameters, "parameters");
      const std::size_t n = net.num_parameters();
      if (from.n != 1 || from.width != n)
        refuse("parameters must have shape (1, ", n, "), got (", from.n, ", ", from.width, ")");
      std::vector<T> numbers(n);
      if (!copy_elements(from.data, from.type, from.column_stride, numbers.data(), n)) {
        const auto bad = std::find_if(numbers.begin(), numbers.end(), [](T v) { return !std::isfinite(v); });
        throw BadExample("parameters", 0, "must be finite, got " + to_text(*bad),
                         static_cast<std::size_t>(bad - numbers.begin()));
      }
      std::copy(numbers.begin(), numbers.end(), net.parameters());
    });
  });
}
