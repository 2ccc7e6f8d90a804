#include "localgrad/derivatives.hpp"

#include "arrays.hpp"
#include "derivatives.hpp"
#include "exact_arrays.hpp"
#include "gil.hpp"

namespace py = pybind11;

namespace localgrad::python {
namespace {

/// Returns a new array for the Jacobians of n rows, after checking that they fit into memory; without the
/// batch axis if `single`, for n = 1.
template <class T>
py::object make_jacobian(const Network<T>& network, std::size_t n, bool single) {
  const std::size_t inputs = network.sizes().front(), outputs = network.sizes().back();
  jacobian_size(network, n);
  const Py_intptr_t shape[] = {static_cast<Py_intptr_t>(n), static_cast<Py_intptr_t>(outputs),
                               static_cast<Py_intptr_t>(inputs)};
  return single ? new_array<T>(2, shape + 1) : new_array<T>(3, shape);
}

/// Calls f(rows of x, rows of the vectors, out), where `out` is the array that make(n) returns. `vectors` may
/// be None.
template <class T, class Make, class F>
py::object computed(const py::object& x, const py::object& vectors, const char* name, const Make& make,
                    const F& f) {
  const std::string x_name = "X", vector_name = name;
  const py::object kept = held(x), second = held(vectors);
  const Rows rows = rows_of(kept, x_name);
  const Rows others = second.is_none() ? Rows() : rows_of(second, vector_name);
  py::object result = make(rows.n);
  T* const out = data_of<T>(result);
  without_gil([&] { f(rows, others, out); });
  return result;
}

/// The same for an array (n, width).
template <class T, class F>
py::object product_of(const py::object& x, const py::object& vectors, const char* name, std::size_t width,
                      const F& f) {
  const auto make = [&](std::size_t n) {
    const Py_intptr_t shape[] = {static_cast<Py_intptr_t>(n), static_cast<Py_intptr_t>(width)};
    return new_array<T>(2, shape);
  };
  return computed<T>(x, vectors, name, make, f);
}

}  // namespace

template <class T>
py::object jacobian(const Network<T>& network, const py::object& x, int n_threads) {
  const auto make = [&](std::size_t n) { return make_jacobian(network, n, false); };
  return computed<T>(x, py::none(), "", make, [&](const Rows& rows, const Rows&, T* out) {
    localgrad::jacobian(network, rows, out, n_threads, handle_signals);
  });
}

template <class T>
py::object jacobian_array(const Network<T>& network, py::handle x, int n_threads) {
  const auto* from = exact_array<T>(x);
  const auto width = static_cast<Py_intptr_t>(network.sizes().front());
  if (!from || from->nd < 1 || from->nd > 2 || from->dimensions[from->nd - 1] != width) return py::none();
  const std::size_t n = from->nd == 2 ? static_cast<std::size_t>(from->dimensions[0]) : 1;
  py::object result = make_jacobian(network, n, from->nd == 1);
  Rows rows(reinterpret_cast<const T*>(from->data), n, static_cast<std::size_t>(width));
  rows.name = "X";
  T* const out = data_of<T>(result);
  without_gil([&] { localgrad::jacobian(network, rows, out, n_threads, handle_signals); });
  return result;
}

template <class T>
py::object jvp(const Network<T>& network, const py::object& x, const py::object& u, int n_threads) {
  const std::size_t outputs = network.sizes().back();
  return product_of<T>(x, u, "U", outputs, [&](const Rows& rows, const Rows& directions, T* out) {
    localgrad::jvp(network, rows, directions, out, n_threads, handle_signals);
  });
}

template <class T>
py::object vjp(const Network<T>& network, const py::object& x, const py::object& v, int n_threads) {
  const std::size_t inputs = network.sizes().front();
  return product_of<T>(x, v, "V", inputs, [&](const Rows& rows, const Rows& factors, T* out) {
    localgrad::vjp(network, rows, factors, out, n_threads, handle_signals);
  });
}

template <class T>
py::object input_gradient(const Network<T>& network, const py::object& x, std::size_t output, int n_threads) {
  const std::size_t inputs = network.sizes().front();
  return product_of<T>(x, py::none(), "", inputs, [&](const Rows& rows, const Rows&, T* out) {
    localgrad::input_gradient(network, rows, output, out, n_threads, handle_signals);
  });
}

#define LOCALGRAD_FOR(T)                                                                 \
  template py::object jacobian(const Network<T>&, const py::object&, int);               \
  template py::object jacobian_array(const Network<T>&, py::handle, int);                \
  template py::object jvp(const Network<T>&, const py::object&, const py::object&, int); \
  template py::object vjp(const Network<T>&, const py::object&, const py::object&, int); \
  template py::object input_gradient(const Network<T>&, const py::object&, std::size_t, int);
LOCALGRAD_FOR(float)
LOCALGRAD_FOR(double)
#undef LOCALGRAD_FOR

}  // namespace localgrad::python
