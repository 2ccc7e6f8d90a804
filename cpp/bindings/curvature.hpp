#pragma once

#include <pybind11/numpy.h>

#include <string>

#include "localgrad/network.hpp"

namespace localgrad::python {

/// Signals are handled in all of these functions. `weights` may be None; `gauss_newton` chooses the matrix.
template <class T>
pybind11::array curvature_product(const Network<T>& network, const pybind11::object& x,
                                  const pybind11::object& y, const pybind11::object& weights,
                                  const pybind11::object& v, bool gauss_newton, int n_threads,
                                  const std::string& x_name, const std::string& y_name);

template <class T>
pybind11::array curvature_diagonal(const Network<T>& network, const pybind11::object& x,
                                   const pybind11::object& y, const pybind11::object& weights,
                                   bool gauss_newton, int n_threads, const std::string& x_name,
                                   const std::string& y_name);

/// Returns the members of an Eigenvalue: value, vector, products, residual.
template <class T>
pybind11::tuple top_eigenvalue(const Network<T>& network, const pybind11::object& x,
                               const pybind11::object& y, const pybind11::object& weights,
                               std::size_t max_products, double tol, bool gauss_newton, int n_threads,
                               const std::string& x_name, const std::string& y_name);

}  // namespace localgrad::python
