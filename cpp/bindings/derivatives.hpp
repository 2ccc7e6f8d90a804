#pragma once

#include <pybind11/numpy.h>

#include "localgrad/network.hpp"

namespace localgrad::python {

/// Returns the Jacobians of the rows of x, (n, m_L, m_1). Signals are handled about every 0.1 s, in all of
/// these functions.
template <class T>
pybind11::object jacobian(const Network<T>& network, const pybind11::object& x, int n_threads);

/// Fast path of jacobian: returns None unless x is a plain, C-contiguous, aligned array of T with shape
/// (m_1,) or (n, m_1). The Jacobian of a single example has no batch axis.
template <class T>
pybind11::object jacobian_array(const Network<T>& network, pybind11::handle x, int n_threads);

/// Returns (n, m_L) and (n, m_1): products with the rows of u and v.
template <class T>
pybind11::object jvp(const Network<T>& network, const pybind11::object& x, const pybind11::object& u,
                     int n_threads);
template <class T>
pybind11::object vjp(const Network<T>& network, const pybind11::object& x, const pybind11::object& v,
                     int n_threads);

/// Returns the derivatives of one output, (n, m_1).
template <class T>
pybind11::object input_gradient(const Network<T>& network, const pybind11::object& x, std::size_t output,
                                int n_threads);

}  // namespace localgrad::python
