#include "predict.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "arrays.hpp"
#include "exact_arrays.hpp"
#include "gil.hpp"
#include "localgrad/predict.hpp"

namespace py = pybind11;

namespace localgrad::python {
namespace {

constexpr double kBrief = 1e5;  // operations that take as long as releasing and acquiring the GIL

template <class T>
void run(const Network<T>& network, const Rows& rows, T* out, int n_threads) {
  std::optional<WithoutGil> without_gil;
  if (2.0 * static_cast<double>(network.num_parameters()) * static_cast<double>(rows.n) > kBrief)
    without_gil.emplace();
  localgrad::predict(network, rows, out, n_threads);
}

bool overlap(const char* a, Py_intptr_t n, const char* b, Py_intptr_t m, std::size_t size) {
  const auto first = reinterpret_cast<std::uintptr_t>(a), second = reinterpret_cast<std::uintptr_t>(b);
  return first < second + static_cast<std::size_t>(m) * size &&
         second < first + static_cast<std::size_t>(n) * size;
}

}  // namespace

template <class T>
void predict(const Network<T>& network, const py::object& x, const py::object& out, int n_threads,
             const std::string& x_name) {
  const py::object kept = held(x);
  const Rows rows = rows_of(kept, x_name);
  run(network, rows, writable_elements_of<T>(out, "out", rows.n, network.sizes().back()), n_threads);
}

template <class T>
py::object predict_array(const Network<T>& network, py::handle x, py::handle out, int n_threads) {
  const auto* from = exact_array<T>(x);
  const auto width = static_cast<Py_intptr_t>(network.sizes().front());
  if (!from || from->nd < 1 || from->nd > 2 || from->dimensions[from->nd - 1] != width) return py::none();
  const int axes = from->nd;
  const Py_intptr_t shape[] = {axes == 2 ? from->dimensions[0] : 1,
                               static_cast<Py_intptr_t>(network.sizes().back())};
  const Py_intptr_t* out_shape = axes == 2 ? shape : shape + 1;
  py::object result;
  if (out.is_none()) {
    result = new_array<T>(axes, out_shape);
  } else {
    const auto* to = exact_array<T>(out);
    if (!to || to->nd != axes || !std::equal(out_shape, out_shape + axes, to->dimensions) ||
        !(to->flags & py::detail::npy_api::NPY_ARRAY_WRITEABLE_) ||
        overlap(from->data, shape[0] * width, to->data, shape[0] * shape[1], sizeof(T)) ||
        overlap(reinterpret_cast<const char*>(network.parameters()),
                static_cast<Py_intptr_t>(network.num_parameters()), to->data, shape[0] * shape[1], sizeof(T)))
      return py::none();
    result = py::reinterpret_borrow<py::object>(out);
  }
  Rows rows(reinterpret_cast<const T*>(from->data), static_cast<std::size_t>(shape[0]),
            static_cast<std::size_t>(width));
  rows.name = "X";
  run(network, rows, data_of<T>(result), n_threads);
  return result;
}

#define LOCALGRAD_FOR(T)                                                                                   \
  template void predict(const Network<T>&, const py::object&, const py::object&, int, const std::string&); \
  template py::object predict_array(const Network<T>&, py::handle, py::handle, int);
LOCALGRAD_FOR(float)
LOCALGRAD_FOR(double)
#undef LOCALGRAD_FOR

}  // namespace localgrad::python
