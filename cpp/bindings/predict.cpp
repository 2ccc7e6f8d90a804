#include "predict.hpp"

#include <optional>

#include "arrays.hpp"
#include "gil.hpp"

namespace py = pybind11;

namespace localgrad::python {
namespace {

constexpr double kBrief = 1e5;  // operations; to release the GIL and wait for it again would take as long

template <class T>
void run(const Network<T>& network, const Rows& rows, T* out, int n_threads) {
  std::optional<WithoutGil> without_gil;
  if (2.0 * static_cast<double>(network.num_parameters()) * static_cast<double>(rows.n) > kBrief)
    without_gil.emplace();
  network.predict(rows, out, n_threads);
}

}  // namespace

template <class T>
void predict(const Network<T>& network, const py::object& x, const py::object& out, int n_threads,
             const std::string& x_name) {
  const Rows rows = rows_of(x, x_name);
  const T* to = elements_of<T>(out, "out", rows.n, network.sizes().back());
  if (!py::reinterpret_borrow<py::array>(out).writeable()) throw py::value_error("out must be writable");
  run(network, rows, const_cast<T*>(to), n_threads);
}

template <class T>
py::object predict_array(const Network<T>& network, py::handle x) {
  using py::detail::npy_api;
  const auto& api = npy_api::get();
  if (Py_TYPE(x.ptr()) != api.PyArray_Type_) return py::none();
  const auto* array = py::detail::array_proxy(x.ptr());
  const auto* type = py::detail::array_descriptor_proxy(array->descr);
  constexpr int wanted = npy_api::NPY_ARRAY_C_CONTIGUOUS_ | npy_api::NPY_ARRAY_ALIGNED_;
  constexpr int number = sizeof(T) == 4 ? npy_api::NPY_FLOAT_ : npy_api::NPY_DOUBLE_;
  const auto width = static_cast<Py_intptr_t>(network.sizes().front());
  const int axes = array->nd;
  if (type->type_num != number || (type->byteorder != '=' && type->byteorder != '|') ||
      (array->flags & wanted) != wanted || axes < 1 || axes > 2 || array->dimensions[axes - 1] != width)
    return py::none();

  const Py_intptr_t n = axes == 2 ? array->dimensions[0] : 1;
  Py_intptr_t shape[] = {n, static_cast<Py_intptr_t>(network.sizes().back())};
  auto out = py::reinterpret_steal<py::object>(
      api.PyArray_NewFromDescr_(api.PyArray_Type_, api.PyArray_DescrFromType_(number), axes,
                                axes == 2 ? shape : shape + 1, nullptr, nullptr, 0, nullptr));
  if (!out) throw py::error_already_set();
  Rows rows(reinterpret_cast<const T*>(array->data), static_cast<std::size_t>(n),
            static_cast<std::size_t>(width));
  rows.name = "X";
  run(network, rows, reinterpret_cast<T*>(py::detail::array_proxy(out.ptr())->data), 0);
  return out;
}

#define LOCALGRAD_FOR(T)                                                                                   \
  template void predict(const Network<T>&, const py::object&, const py::object&, int, const std::string&); \
  template py::object predict_array(const Network<T>&, py::handle);
LOCALGRAD_FOR(float)
LOCALGRAD_FOR(double)
#undef LOCALGRAD_FOR

}  // namespace localgrad::python
