#pragma once

#include <pybind11/pybind11.h>

#include <string>

#include "localgrad/network.hpp"

namespace localgrad::python {

/// Returns the weighted inputs and the activations of a ForwardTrace.
template <class T>
pybind11::tuple forward(const Network<T>& network, const pybind11::object& x, int n_threads,
                        const std::string& x_name);

/// Returns the cost, weighted inputs, activations, local gradients and the gradient of a Trace, the gradient
/// with respect to x and the gradients of the examples; None for those that are not wanted.
template <class T>
pybind11::tuple backprop(const Network<T>& network, const pybind11::object& x, const pybind11::object& y,
                         const pybind11::object& weights, int n_threads, const std::string& x_name,
                         const std::string& y_name, bool standardized, bool wrt_input, bool per_example);

}  // namespace localgrad::python
