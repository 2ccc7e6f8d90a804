#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstddef>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "localgrad/rows.hpp"

namespace localgrad::python {

/// Views of NumPy arrays for the core. Nothing is converted: an array of another element type, byte order or
/// rank than the function names is a TypeError or ValueError. The array and `name` must outlive the view.

/// (n, width) of booleans, integers, float32 or float64 in native byte order, in any layout.
Rows rows_of(const pybind11::object& array, const std::string& name);

/// One label an example for an array of shape (n,), otherwise real targets as `rows_of` takes them.
Targets targets_of(const pybind11::object& array, const std::string& name);

/// Gives the targets the weights of shape (n,) that `array` holds, None for none. `name` as above.
void add_weights(Targets& targets, const pybind11::object& array, const std::string& name);

/// n * width elements of type T, any rank, C-contiguous and aligned.
template <class T>
const T* elements_of(const pybind11::object& array, const std::string& name, std::size_t n,
                     std::size_t width);

/// The same for writing.
template <class T>
T* writable_elements_of(const pybind11::object& array, const std::string& name, std::size_t n,
                        std::size_t width);

/// A C-contiguous array (n,) of row numbers.
pybind11::array order_of(const pybind11::object& array);

/// What lies from one address to another, and its name. Of None, nothing.
struct Memory {
  Memory(const pybind11::object& array, std::string name);
  Memory(const void* data, std::size_t bytes, std::string name);
  const char *begin, *end;
  std::string name;
};

/// Throws a ValueError if an array shares memory with one of the others.
void check_apart(const Memory& array, std::initializer_list<Memory> others);

/// The number of elements of such an array (n,).
template <class T>
std::size_t count_elements(const pybind11::object& array, const std::string& name);

/// The number of rows of such a matrix (n, width).
template <class T>
std::size_t count_rows(const pybind11::object& array, const std::string& name, std::size_t width);

/// Hands the vector over to NumPy without copying its elements.
template <class T>
pybind11::array array_from(std::vector<T>&& values, std::vector<pybind11::ssize_t> shape) {
  auto owner = std::make_unique<std::vector<T>>(std::move(values));
  const T* data = owner->data();
  pybind11::capsule base(owner.get(), [](void* vector) { delete static_cast<std::vector<T>*>(vector); });
  owner.release();
  return pybind11::array(pybind11::dtype::of<T>(), std::move(shape), data, base);
}

}  // namespace localgrad::python
