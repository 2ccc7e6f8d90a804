#pragma once

#include <pybind11/numpy.h>

#include <string>

#include "localgrad/network.hpp"

namespace localgrad::python {

/// Writes a^L of the rows of x to `out`, a C-contiguous, writable array of n m_L numbers of type T.
template <class T>
void predict(const Network<T>& network, const pybind11::object& x, const pybind11::object& out, int n_threads,
             const std::string& x_name);

/// Fast path of prediction: writes the result to `out` or, if that is None, to a new array, and returns it.
///
/// Returns None unless x is a plain, C-contiguous, aligned array of T with shape (m_1,) or (n, m_1), and
/// `out` has the matching shape and overlaps neither x nor the parameters. The caller then reports the error
/// or converts the arrays.
template <class T>
pybind11::object predict_array(const Network<T>& network, pybind11::handle x, pybind11::handle out,
                               int n_threads);

}  // namespace localgrad::python
