#include "arrays.hpp"

#include <cstdint>

namespace py = pybind11;

namespace localgrad::python {
namespace {

// The native array behind a Python object, if the core can read it as it stands.
py::array usable(const py::object& object, const std::string& name) {
  if (!py::isinstance<py::array>(object))
    throw py::type_error(name + " must be a NumPy array, given " +
                         std::string(Py_TYPE(object.ptr())->tp_name));
  auto array = py::reinterpret_borrow<py::array>(object);
  const int wanted = py::detail::npy_api::NPY_ARRAY_C_CONTIGUOUS_ | py::detail::npy_api::NPY_ARRAY_ALIGNED_;
  if ((array.flags() & wanted) != wanted)
    throw py::value_error(name + " must be a C-contiguous, aligned array");
  return array;
}

template <class T>
bool holds(const py::array& array) {
  return array.dtype().equal(py::dtype::of<T>());
}

std::string dtype_name(const py::array& array) { return py::str(array.dtype()).cast<std::string>(); }

void check_rank(const py::array& array, const std::string& name, py::ssize_t rank) {
  if (array.ndim() != rank)
    throw py::value_error(name + " must have " + std::to_string(rank) + " dimensions, given " +
                          std::to_string(array.ndim()));
}

// Rows are taken to be `width` apart, whatever the strides say: NumPy leaves the stride of an axis of length 1,
// and those of an empty array, to chance.
template <class T>
Rows dense_rows(const py::array& array) {
  return Rows(static_cast<const T*>(array.data()), static_cast<std::size_t>(array.shape(0)),
              static_cast<std::size_t>(array.shape(1)));
}

template <class T>
py::array elements(const py::object& object, const std::string& name) {
  py::array array = usable(object, name);
  if (!holds<T>(array))
    throw py::type_error(name + " must be of dtype " + py::str(py::dtype::of<T>()).cast<std::string>() +
                         ", given " + dtype_name(array));
  return array;
}

}  // namespace

Rows rows_of(const py::object& object, const std::string& name) {
  const py::array array = usable(object, name);
  check_rank(array, name, 2);
  Rows rows;
  if (holds<float>(array))
    rows = dense_rows<float>(array);
  else if (holds<double>(array))
    rows = dense_rows<double>(array);
  else if (holds<std::uint8_t>(array))
    rows = dense_rows<std::uint8_t>(array);
  else
    throw py::type_error(name + " must be of dtype float32, float64 or uint8, given " + dtype_name(array));
  rows.name = name.c_str();
  return rows;
}

Targets targets_of(const py::object& object, const std::string& name) {
  const py::array array = usable(object, name);
  Targets targets;
  if (holds<std::int64_t>(array)) {
    check_rank(array, name, 1);
    targets =
        Targets(static_cast<const std::int64_t*>(array.data()), static_cast<std::size_t>(array.shape(0)));
  } else {
    targets = Targets(rows_of(object, name));
  }
  targets.name = name.c_str();
  return targets;
}

template <class T>
const T* elements_of(const py::object& object, const std::string& name, std::size_t n, std::size_t width) {
  const py::array array = elements<T>(object, name);
  if (static_cast<std::size_t>(array.size()) != n * width)
    throw py::value_error(name + " must have " + std::to_string(n * width) + " elements, given " +
                          std::to_string(array.size()));
  return static_cast<const T*>(array.data());
}

template <class T>
std::size_t count_rows(const py::object& object, const std::string& name, std::size_t width) {
  const py::array array = elements<T>(object, name);
  check_rank(array, name, 2);
  if (static_cast<std::size_t>(array.shape(1)) != width)
    throw py::value_error(name + " must have " + std::to_string(width) + " columns, given " +
                          std::to_string(array.shape(1)));
  return static_cast<std::size_t>(array.shape(0));
}

template const float* elements_of(const py::object&, const std::string&, std::size_t, std::size_t);
template const double* elements_of(const py::object&, const std::string&, std::size_t, std::size_t);
template std::size_t count_rows<float>(const py::object&, const std::string&, std::size_t);
template std::size_t count_rows<double>(const py::object&, const std::string&, std::size_t);

}  // namespace localgrad::python
