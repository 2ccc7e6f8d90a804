#pragma once

#include <pybind11/pybind11.h>

#include <string>
#include <utility>

#include "arrays.hpp"
#include "localgrad/network.hpp"

namespace localgrad::python {

inline Units units_of(bool standardized) { return standardized ? Units::standardized : Units::original; }

/// The arrays of a call, which are kept alive, and views of them. `weights` and `slopes` may be None.
struct Examples {
  Examples(pybind11::object x_rows, pybind11::object y_targets, pybind11::object y_weights,
           std::string x_called, std::string y_called, pybind11::object y_slopes = pybind11::none())
      : x_array(held(std::move(x_rows))),
        y_array(std::move(y_targets)),
        weights_array(std::move(y_weights)),
        slopes_array(std::move(y_slopes)),
        x_name(std::move(x_called)),
        y_name(std::move(y_called)),
        x(rows_of(x_array, x_name)),
        y(targets_of(y_array, y_name)) {
    add_weights(y, weights_array, weights_name);
    if (!slopes_array.is_none()) y.slopes = rows_of(slopes_array, slopes_name);
  }
  Examples(const Examples&) = delete;
  Examples& operator=(const Examples&) = delete;

  /// Address for a^L of n examples: null for None, otherwise memory that is not shared with the other arrays
  /// or the parameters.
  template <class T>
  T* outputs_of(const pybind11::object& outputs, std::size_t n, const Network<T>& network) const {
    if (outputs.is_none()) return nullptr;
    T* out = writable_elements_of<T>(outputs, "outputs", n, network.sizes().back());
    auto others = Memory::of_rows(x_array, x_name);
    others.emplace_back(y_array, y_name);
    others.emplace_back(weights_array, weights_name);
    others.emplace_back(slopes_array, slopes_name);
    others.emplace_back(network.parameters(), network.num_parameters() * sizeof(T), "the parameters");
    check_apart({outputs, "outputs"}, others);
    return out;
  }

  const pybind11::object x_array, y_array, weights_array, slopes_array;
  const std::string x_name, y_name, weights_name = "sample_weight", slopes_name = "y_slope";
  const Rows x;
  Targets y;
};

}  // namespace localgrad::python
