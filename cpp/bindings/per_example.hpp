#pragma once

#include <pybind11/numpy.h>

#include <string>

#include "localgrad/network.hpp"

namespace localgrad::python {

/// Returns GradientNorms::layers and total. Signals are handled about every 0.1 s, in all of these functions.
template <class T>
pybind11::tuple gradient_norms(const Network<T>& network, const pybind11::object& x,
                               const pybind11::object& y, int n_threads, const std::string& x_name,
                               const std::string& y_name);

/// Returns a matrix (n, n2) of inner products; x2 and y2 may be None for those of x and y.
template <class T>
pybind11::array gradient_dots(const Network<T>& network, const pybind11::object& x, const pybind11::object& y,
                              const pybind11::object& x2, const pybind11::object& y2, int n_threads);

/// Returns the numbers of a GradientNoise: scale, variance, squared_norm.
template <class T>
pybind11::tuple gradient_noise_scale(const Network<T>& network, const pybind11::object& x,
                                     const pybind11::object& y, int n_threads, const std::string& x_name,
                                     const std::string& y_name);

}  // namespace localgrad::python
