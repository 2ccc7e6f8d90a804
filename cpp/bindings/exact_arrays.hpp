#pragma once

#include <pybind11/numpy.h>

namespace localgrad::python {

template <class T>
constexpr int kNumber = sizeof(T) == 4 ? pybind11::detail::npy_api::NPY_FLOAT_
                                       : pybind11::detail::npy_api::NPY_DOUBLE_;

/// Returns the array if it is an ndarray (not a subclass) of T, C-contiguous, aligned and in native byte
/// order; otherwise null.
template <class T>
const pybind11::detail::PyArray_Proxy* exact_array(pybind11::handle object) {
  using pybind11::detail::npy_api;
  if (Py_TYPE(object.ptr()) != npy_api::get().PyArray_Type_) return nullptr;
  const auto* array = pybind11::detail::array_proxy(object.ptr());
  const auto* type = pybind11::detail::array_descriptor_proxy(array->descr);
  constexpr int wanted = npy_api::NPY_ARRAY_C_CONTIGUOUS_ | npy_api::NPY_ARRAY_ALIGNED_;
  const bool exact = type->type_num == kNumber<T> && (type->byteorder == '=' || type->byteorder == '|') &&
                     (array->flags & wanted) == wanted;
  return exact ? array : nullptr;
}

/// Returns a new array of T, whose elements are not initialized.
template <class T>
pybind11::object new_array(int axes, const Py_intptr_t* shape) {
  const auto& api = pybind11::detail::npy_api::get();
  auto array = pybind11::reinterpret_steal<pybind11::object>(api.PyArray_NewFromDescr_(
      api.PyArray_Type_, api.PyArray_DescrFromType_(kNumber<T>), axes, shape, nullptr, nullptr, 0, nullptr));
  if (!array) throw pybind11::error_already_set();
  return array;
}

/// The elements of an ndarray.
template <class T>
T* data_of(pybind11::handle array) {
  return reinterpret_cast<T*>(pybind11::detail::array_proxy(array.ptr())->data);
}

}  // namespace localgrad::python
