#include "custom_cost.hpp"

#include <pybind11/numpy.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "gil.hpp"
#include "model/float_mode.hpp"
#include "text/message.hpp"

namespace py = pybind11;

namespace localgrad::python {
namespace {

std::string shape_text(const std::vector<py::ssize_t>& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + (shape.size() == 1 ? ",)" : ")");
}

/// Copies the part `what` of the function's result to `out`.
template <class T>
void copy_numbers(const py::handle& returned, const char* what, const std::vector<py::ssize_t>& shape,
                  T* out) {
  const std::string expected = std::string("cost must return ") + what + " of shape " + shape_text(shape);
  const py::array any = never_unwound([&] { return py::array::ensure(returned); });
  if (!any) PyErr_Clear();
  const char kind = any ? any.dtype().kind() : 'O';
  if (kind != 'f' && kind != 'i' && kind != 'u' && kind != 'b')
    throw py::type_error(text_of(expected, " with real numbers, got ",
                                 (any ? "an array of dtype " + py::str(any.dtype()).cast<std::string>()
                                      : std::string(Py_TYPE(returned.ptr())->tp_name))));
  const std::vector<py::ssize_t> given(any.shape(), any.shape() + any.ndim());
  if (given != shape) throw py::value_error(text_of(expected, ", got ", shape_text(given)));
  const DefaultFloatMode mode;  // the conversion to T is part of the core
  const auto numbers = py::array_t<T, py::array::c_style | py::array::forcecast>::ensure(any);
  if (!numbers) throw py::error_already_set();
  std::copy_n(numbers.data(), numbers.size(), out);
}

template <class T>
class PythonCost {
 public:
  explicit PythonCost(py::object f) : f_(f.release().ptr()) {}
  // Networks may be copied and destroyed without the GIL. Each copy owns a reference, because the garbage
  // collector counts one per copy.
  PythonCost(const PythonCost& other) : f_(other.f_) {
    const WithGil with_gil;
    Py_XINCREF(f_);
  }
  PythonCost(PythonCost&& other) noexcept : f_(std::exchange(other.f_, nullptr)) {}
  PythonCost& operator=(PythonCost other) noexcept {
    std::swap(f_, other.f_);
    return *this;
  }
  ~PythonCost() {
    if (!f_ || !Py_IsInitialized()) return;
    const WithGil with_gil;
    Py_DECREF(f_);
  }

  PyObject* function() const { return f_; }

  void operator()(std::size_t n, std::size_t width, const T* a, const T* y, double* cost, T* gradient) const {
    const WithGil with_gil;
    const auto f = py::reinterpret_borrow<py::object>(f_);  // it may be replaced while it runs
    const auto rows = static_cast<py::ssize_t>(n), columns = static_cast<py::ssize_t>(width);
    const py::object answer =
        call(f, py::make_tuple(py::array_t<T>({rows, columns}, a), py::array_t<T>({rows, columns}, y)));
    if (!py::isinstance<py::tuple>(answer) || py::len(answer) != 2)
      throw py::type_error(text_of("cost must return a tuple of 2 arrays, the costs and their gradient, got ",
                                   Py_TYPE(answer.ptr())->tp_name));
    const auto both = py::reinterpret_borrow<py::tuple>(answer);
    copy_numbers(both[0], "costs", {rows}, cost);
    copy_numbers(both[1], "a gradient", {rows, columns}, gradient);
  }

 private:
  PyObject* f_;
};

}  // namespace

template <class T>
void set_custom_cost(Network<T>& network, const py::object& f) {
  if (f.is_none()) return network.set_cost_function(nullptr);
  if (!PyCallable_Check(f.ptr()))
    throw py::type_error(text_of("cost must be callable, got ", Py_TYPE(f.ptr())->tp_name));
  network.set_cost_function(PythonCost<T>(f));
}

template <class T>
PyObject* custom_cost(const Network<T>& network) {
  const auto* cost = network.cost_function().template target<PythonCost<T>>();
  return cost ? cost->function() : nullptr;
}

#define LOCALGRAD_FOR(T)                                         \
  template void set_custom_cost(Network<T>&, const py::object&); \
  template PyObject* custom_cost(const Network<T>&);
LOCALGRAD_FOR(float)
LOCALGRAD_FOR(double)
#undef LOCALGRAD_FOR

}  // namespace localgrad::python
