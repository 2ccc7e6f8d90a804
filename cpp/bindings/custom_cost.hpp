#pragma once

#include <pybind11/pybind11.h>

#include "localgrad/network.hpp"

namespace localgrad::python {

/// Gives a network with the cost "custom" its function, f(a, y) -> (costs, gradient) with a and y arrays (n, m_L) of its own,
/// costs (n,) and gradient dc/da (n, m_L); None takes it away. Whatever else f returns is a TypeError or ValueError.
template <class T>
void set_custom_cost(Network<T>& network, const pybind11::object& f);

}  // namespace localgrad::python
