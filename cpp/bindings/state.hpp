#pragma once

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "arrays.hpp"
#include "localgrad/trainer.hpp"
#include "text/message.hpp"

namespace localgrad::python {

/// A TrainerState as a Python tuple: rule, t, mu_product, position, arrays, diagnostics (None: none).
using State = std::tuple<std::string, std::uint64_t, double, std::uint64_t, pybind11::list, pybind11::object>;

template <class T>
std::vector<T> numbers_of(const pybind11::handle& object, const std::string& name) {
  const auto array = pybind11::reinterpret_borrow<pybind11::object>(object);
  const std::size_t n = count_elements<T>(array, name);
  const T* data = elements_of<T>(array, name, n, 1);
  return {data, data + n};
}

template <class T>
pybind11::array array_of(std::vector<T>&& numbers) {
  const auto n = static_cast<pybind11::ssize_t>(numbers.size());
  return array_from(std::move(numbers), {n});
}

template <class T>
TrainerState<T> state_of(const State& state) {
  const auto& [rule, t, mu_product, position, arrays, diagnostics] = state;
  TrainerState<T> result{rule, t, mu_product, position, {}, {}};
  if (!diagnostics.is_none()) result.diagnostics = numbers_of<double>(diagnostics, "diagnostics");
  for (const pybind11::handle array : arrays)
    result.arrays.push_back(numbers_of<T>(array, text_of("arrays[", result.arrays.size(), "]")));
  return result;
}

template <class T>
pybind11::tuple tuple_of(TrainerState<T>&& state) {
  pybind11::list arrays;
  for (auto& array : state.arrays) arrays.append(array_of(std::move(array)));
  return pybind11::make_tuple(state.rule, state.t, state.mu_product, state.position, arrays,
                              array_of(std::move(state.diagnostics)));
}

}  // namespace localgrad::python
