#include "arrays.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iterator>
#include <utility>

#include "text/message.hpp"

namespace py = pybind11;

namespace localgrad::python {
namespace {

py::array array_of(const py::object& object, const std::string& name) {
  if (!py::isinstance<py::array>(object))
    throw py::type_error(text_of(name, " must be a NumPy array, got ", Py_TYPE(object.ptr())->tp_name));
  return py::reinterpret_borrow<py::array>(object);
}

template <class T>
bool holds(const py::array& array) {
  return array.dtype().equal(py::dtype::of<T>());
}

std::string dtype_name(const py::array& array) { return py::str(array.dtype()).cast<std::string>(); }

void check_rank(const py::array& array, const std::string& name, py::ssize_t rank) {
  if (array.ndim() != rank)
    throw py::value_error(text_of(name, " must have ", rank, " dimensions, got ", array.ndim()));
}

// Indexed by NumPy's type numbers, from NPY_BOOL to NPY_DOUBLE.
constexpr Scalar kScalars[] = {scalar_of<bool>(),
                               scalar_of<signed char>(),
                               scalar_of<unsigned char>(),
                               scalar_of<short>(),
                               scalar_of<unsigned short>(),
                               scalar_of<int>(),
                               scalar_of<unsigned>(),
                               scalar_of<long>(),
                               scalar_of<unsigned long>(),
                               scalar_of<long long>(),
                               scalar_of<unsigned long long>(),
                               scalar_of<float>(),
                               scalar_of<double>()};

Scalar scalar_type(const py::array& array, const std::string& name) {
  const py::dtype type = array.dtype();
  const bool native = type.byteorder() == '=' || type.byteorder() == '|';
  const int number = type.num();
  if (!native || number < 0 || number >= static_cast<int>(std::size(kScalars)))
    throw py::type_error(
        text_of(name, " must have a boolean, integer, float32 or float64 dtype in native byte order, got ",
                dtype_name(array)));
  return kScalars[number];
}

// View of an array of one or two dimensions. An array of one dimension is a single column.
Rows view_of(const py::array& array, const std::string& name) {
  const bool column = array.ndim() == 1;
  Rows rows;
  rows.data = array.data();
  rows.type = scalar_type(array, name);
  rows.n = static_cast<std::size_t>(array.shape(0));
  rows.width = column ? 1 : static_cast<std::size_t>(array.shape(1));
  rows.row_stride = array.strides(0);
  // A single number is contiguous for any stride of its axis.
  rows.column_stride = rows.width == 1 ? array.itemsize() : array.strides(1);
  rows.name = name.c_str();
  return rows;
}

// A contiguous, aligned array (n,).
py::array line_of(const py::handle& object, const std::string& name) {
  const py::array array = array_of(py::reinterpret_borrow<py::object>(object), name);
  check_rank(array, name, 1);
  constexpr int wanted =
      py::detail::npy_api::NPY_ARRAY_C_CONTIGUOUS_ | py::detail::npy_api::NPY_ARRAY_ALIGNED_;
  if ((array.flags() & wanted) != wanted)
    throw py::value_error(text_of(name, " must be contiguous, aligned arrays if it is sparse"));
  return array;
}

Rows sparse_of(const py::tuple& arrays, const std::string& name) {
  if (arrays.size() != 5)
    throw py::type_error(text_of(name, " must be 4 arrays and a width if it is sparse, got ", arrays.size()));
  const py::array values = line_of(arrays[0], name), columns = line_of(arrays[1], name),
                  begins = line_of(arrays[2], name), ends = line_of(arrays[3], name);
  Rows rows = view_of(values, name);
  rows.row_stride = rows.column_stride = 0;
  rows.n = static_cast<std::size_t>(std::min(begins.size(), ends.size()));
  rows.width = arrays[4].cast<std::size_t>();
  const Scalar column = scalar_type(columns, name), begin = scalar_type(begins, name);
  const auto is_index = [](Scalar type) { return type == Scalar::int32 || type == Scalar::int64; };
  if (!is_index(column) || !is_index(begin) || scalar_type(ends, name) != begin)
    throw py::type_error(text_of(name, " must have int32 or int64 indices, got ", dtype_name(columns), ", ",
                                 dtype_name(begins), " and ", dtype_name(ends)));
  const auto stored = static_cast<std::size_t>(std::min(values.size(), columns.size()));
  rows.sparsity = {columns.data(), begins.data(), ends.data(), column, begin, stored};
  return rows;
}

template <class T>
py::array elements(const py::object& object, const std::string& name) {
  py::array array = array_of(object, name);
  const int wanted = py::detail::npy_api::NPY_ARRAY_C_CONTIGUOUS_ | py::detail::npy_api::NPY_ARRAY_ALIGNED_;
  if ((array.flags() & wanted) != wanted)
    throw py::value_error(text_of(name, " must be a C-contiguous, aligned array"));
  if (!holds<T>(array))
    throw py::type_error(text_of(name, " must have dtype ", py::str(py::dtype::of<T>()).cast<std::string>(),
                                 ", got ", dtype_name(array)));
  return array;
}

}  // namespace

Rows rows_of(const py::object& object, const std::string& name) {
  if (py::isinstance<py::tuple>(object)) return sparse_of(object, name);
  const py::array array = array_of(object, name);
  check_rank(array, name, 2);
  return view_of(array, name);
}

py::object held(py::object rows) {
  const bool sparse = !py::isinstance<py::array>(rows) && py::hasattr(rows, "arrays");
  return sparse ? py::tuple(rows.attr("arrays")) : std::move(rows);
}

Targets targets_of(const py::object& object, const std::string& name) {
  const py::array array = array_of(object, name);
  Targets targets =
      array.ndim() == 1 ? Targets::of_labels(view_of(array, name)) : Targets(rows_of(object, name));
  targets.name = name.c_str();
  return targets;
}

void add_weights(Targets& targets, const py::object& object, const std::string& name) {
  if (object.is_none()) return;
  const py::array array = array_of(object, name);
  check_rank(array, name, 1);
  targets.weights = view_of(array, name);
  targets.weights_name = name.c_str();
  if (targets.weights.n != targets.n)  // an empty view would mean weights of 1
    throw py::value_error(text_of(name, " must have ", targets.n, " numbers, got ", targets.weights.n));
}

py::array order_of(const py::object& object) {
  using Order = py::array_t<std::uint32_t, py::array::c_style>;
  constexpr int aligned = py::detail::npy_api::NPY_ARRAY_ALIGNED_;
  if (!py::isinstance<Order>(object) || py::reinterpret_borrow<py::array>(object).ndim() != 1 ||
      !(py::reinterpret_borrow<py::array>(object).flags() & aligned))
    throw py::type_error(text_of("order must be a C-contiguous, aligned uint32 array of 1 dimension, got ",
                                 (py::isinstance<py::array>(object)
                                      ? py::repr(object.attr("dtype")).cast<std::string>() + " of shape " +
                                            py::repr(object.attr("shape")).cast<std::string>()
                                      : std::string(Py_TYPE(object.ptr())->tp_name))));
  return py::reinterpret_borrow<py::array>(object);
}

template <class T>
const T* elements_of(const py::object& object, const std::string& name, std::size_t n, std::size_t width) {
  const py::array array = elements<T>(object, name);
  if (static_cast<std::size_t>(array.size()) != n * width)
    throw py::value_error(text_of(name, " must have ", n * width, " elements, got ", array.size()));
  return static_cast<const T*>(array.data());
}

template <class T>
T* writable_elements_of(const py::object& object, const std::string& name, std::size_t n, std::size_t width) {
  const T* data = elements_of<T>(object, name, n, width);
  if (!py::reinterpret_borrow<py::array>(object).writeable())
    throw py::value_error(text_of(name, " must be writable"));
  return const_cast<T*>(data);
}

Memory::Memory(const void* data, std::size_t bytes, std::string called)
    : begin(static_cast<const char*>(data)), end(begin + bytes), name(std::move(called)) {}

Memory::Memory(const py::object& object, std::string called) : Memory(nullptr, 0, std::move(called)) {
  if (object.is_none()) return;
  const auto array = py::reinterpret_borrow<py::array>(object);
  if (array.size() == 0) return;
  begin = static_cast<const char*>(array.data());
  end = begin + array.itemsize();
  for (py::ssize_t axis = 0; axis < array.ndim(); ++axis) {
    const py::ssize_t way = (array.shape(axis) - 1) * array.strides(axis);
    (way < 0 ? begin : end) += way;
  }
}

std::vector<Memory> Memory::of_rows(const py::object& rows, const std::string& name) {
  if (!py::isinstance<py::tuple>(rows)) return {{rows, name}};
  std::vector<Memory> all;
  for (const py::handle part : rows)
    if (py::isinstance<py::array>(part)) all.emplace_back(py::reinterpret_borrow<py::object>(part), name);
  return all;
}

void check_apart(const Memory& array, const std::vector<Memory>& others) {
  const std::less<const char*> below;
  for (const Memory& other : others)
    if (below(array.begin, other.end) && below(other.begin, array.end))
      throw py::value_error(text_of(array.name, " must not share memory with ", other.name));
}

template <class T>
std::size_t count_elements(const py::object& object, const std::string& name) {
  const py::array array = elements<T>(object, name);
  check_rank(array, name, 1);
  return static_cast<std::size_t>(array.shape(0));
}

template <class T>
std::size_t count_rows(const py::object& object, const std::string& name, std::size_t width) {
  const py::array array = elements<T>(object, name);
  check_rank(array, name, 2);
  if (static_cast<std::size_t>(array.shape(1)) != width)
    throw py::value_error(text_of(name, " must have ", width, " columns, got ", array.shape(1)));
  return static_cast<std::size_t>(array.shape(0));
}

#define LOCALGRAD_FOR(T)                                                                             \
  template const T* elements_of(const py::object&, const std::string&, std::size_t, std::size_t);    \
  template T* writable_elements_of(const py::object&, const std::string&, std::size_t, std::size_t); \
  template std::size_t count_elements<T>(const py::object&, const std::string&);                     \
  template std::size_t count_rows<T>(const py::object&, const std::string&, std::size_t);
LOCALGRAD_FOR(float)
LOCALGRAD_FOR(double)
#undef LOCALGRAD_FOR

}  // namespace localgrad::python
