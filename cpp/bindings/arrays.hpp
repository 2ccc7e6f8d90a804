#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "localgrad/rows.hpp"

namespace localgrad::python {

/// Views of NumPy arrays for the core. Arrays are not converted: an unsupported element type, byte order or
/// number of dimensions raises TypeError or ValueError. The array and `name` must outlive the view.

/// View of an array (n, width) of booleans, integers, float32 or float64 in native byte order, in any
/// layout, or of a sparse matrix as returned by `held`.
Rows rows_of(const pybind11::object& array, const std::string& name);

/// Returns the arrays of a sparse matrix, its attribute `arrays`: (values, columns, begins, ends, width), as
/// in localgrad::Sparsity. Returns other objects unchanged. They are what a view keeps alive.
pybind11::object held(pybind11::object rows);

/// Targets from an array: labels for shape (n,), otherwise real targets as accepted by `rows_of`.
Targets targets_of(const pybind11::object& array, const std::string& name);

/// Adds sample weights of shape (n,) to the targets; None adds none. `name` must outlive the targets.
void add_weights(Targets& targets, const pybind11::object& array, const std::string& name);

/// The n * width elements of a C-contiguous, aligned array of type T with any number of dimensions.
template <class T>
const T* elements_of(const pybind11::object& array, const std::string& name, std::size_t n,
                     std::size_t width);

/// The same for a writable array.
template <class T>
T* writable_elements_of(const pybind11::object& array, const std::string& name, std::size_t n,
                        std::size_t width);

/// Returns a C-contiguous array (n,) of row indices.
pybind11::array order_of(const pybind11::object& array);

/// The memory of an array, and its name. The range is empty for None.
struct Memory {
  /// The memory of an array or of each array of a sparse matrix.
  static std::vector<Memory> of_rows(const pybind11::object& rows, const std::string& name);
  Memory(const pybind11::object& array, std::string name);
  Memory(const void* data, std::size_t bytes, std::string name);
  const char *begin, *end;
  std::string name;
};

/// Raises ValueError if an array shares memory with one of the others.
void check_apart(const Memory& array, const std::vector<Memory>& others);

/// Number of elements of such an array (n,).
template <class T>
std::size_t count_elements(const pybind11::object& array, const std::string& name);

/// Number of rows of such a matrix (n, width).
template <class T>
std::size_t count_rows(const pybind11::object& array, const std::string& name, std::size_t width);

/// Moves a vector to a NumPy array without copying its elements.
template <class T>
pybind11::array array_from(std::vector<T>&& values, std::vector<pybind11::ssize_t> shape) {
  auto owner = std::make_unique<std::vector<T>>(std::move(values));
  const T* data = owner->data();
  pybind11::capsule base(owner.get(), [](void* vector) { delete static_cast<std::vector<T>*>(vector); });
  owner.release();
  return pybind11::array(pybind11::dtype::of<T>(), std::move(shape), data, base);
}

}  // namespace localgrad::python
