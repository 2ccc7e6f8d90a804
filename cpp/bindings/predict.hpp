#pragma once

#include <pybind11/numpy.h>

#include <string>

#include "localgrad/network.hpp"

namespace localgrad::python {

/// a^L of the rows of x into out, a C-contiguous, writable array of n m_L numbers of type T.
template <class T>
void predict(const Network<T>& network, const pybind11::object& x, const pybind11::object& out, int n_threads,
             const std::string& x_name);

/// The shortest way from an array to its prediction, in `out` or, if that is None, in a new array. Returns
/// None unless x is a plain array of T, C-contiguous, aligned and of shape (m_1,) or (n, m_1), and `out` fits
/// and overlaps neither x nor the parameters: the caller then reports what is wrong.
template <class T>
pybind11::object predict_array(const Network<T>& network, pybind11::handle x, pybind11::handle out,
                               int n_threads);

}  // namespace localgrad::python
