#pragma once

#include <pybind11/pybind11.h>

#include "localgrad/network.hpp"
#include "native_class.hpp"

namespace localgrad::python {

/// Gives a network with the cost "custom" its function f(a, y) -> (costs, gradient): a and y are arrays (n,
/// m_L) of their own, costs is (n,) and the gradient dc/da (n, m_L). None removes it. Anything else that f
/// returns is a TypeError or ValueError.
template <class T>
void set_custom_cost(Network<T>& network, const pybind11::object& f);

/// The function that set_custom_cost gave, null if there is none. It stays the network's.
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
