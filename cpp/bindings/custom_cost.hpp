#pragma once

#include <pybind11/pybind11.h>

#include "localgrad/network.hpp"
#include "native_class.hpp"

namespace localgrad::python {

/// Sets the function of a network with the cost "custom": f(a, y) -> (costs, gradient). a and y are copies
/// of shape (n, m_L), costs is (n,), and the gradient dc/da is (n, m_L). None removes the function. Any
/// other result of f raises TypeError or ValueError.
template <class T>
void set_custom_cost(Network<T>& network, const pybind11::object& f);

/// Returns the function set by set_custom_cost, as a borrowed reference; null if there is none.
template <class T>
PyObject* custom_cost(const Network<T>& network);

template <class T>
struct Held<Network<T>> {
  static constexpr bool any = true;
  static int visit(const Network<T>& network, visitproc visit, void* arg) {
    Py_VISIT(custom_cost(network));
    return 0;
  }
  static void clear(Network<T>& network) { network.set_cost_function(nullptr); }
};

}  // namespace localgrad::python
