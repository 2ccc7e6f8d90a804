#include "localgrad/checkpoint.hpp"

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "arrays.hpp"
#include "errors.hpp"
#include "files/network_file.hpp"
#include "gil.hpp"
#include "native_class.hpp"
#include "register.hpp"

namespace py = pybind11;

namespace localgrad::python {
namespace {

using State =
    std::tuple<std::string, std::uint64_t, double, std::uint64_t, py::list>;  // as TrainerState has it
using Notes = std::map<std::string, std::string>;

template <class T>
std::vector<T> numbers_of(const py::handle& object, const std::string& name) {
  const auto array = py::reinterpret_borrow<py::object>(object);
  const std::size_t n = count_elements<T>(array, name);
  const T* data = elements_of<T>(array, name, n, 1);
  return {data, data + n};
}

template <class T>
py::array array_of(std::vector<T>&& numbers) {
  const auto n = static_cast<py::ssize_t>(numbers.size());
  return array_from(std::move(numbers), {n});
}

template <class T>
void save_as(const std::string& path, const Network<T>& network, const State& state, const Notes& notes,
             const py::dict& arrays) {
  TrainerState<T> trainer;
  py::list states;
  std::tie(trainer.rule, trainer.t, trainer.mu_product, trainer.position, states) = state;
  for (const py::handle array : states) trainer.arrays.push_back(numbers_of<T>(array, "array of the state"));
  std::map<std::string, std::vector<T>> named;
  for (const std::pair<py::handle, py::handle> item : arrays) {
    const auto name = item.first.cast<std::string>();
    named.emplace(name, numbers_of<T>(item.second, "array '" + name + "'"));
  }
  WithoutGil without_gil;
  localgrad::save_checkpoint(path, network, trainer, notes, named);
}

void save(const py::bytes& path, const py::object& network, const State& state, const Notes& notes,
          const py::dict& arrays) {
  const std::string name = path;
  with_path(name, [&] {
    if (py::isinstance<Network<double>>(network))
      save_as(name, network.cast<const Network<double>&>(), state, notes, arrays);
    else
      save_as(name, network.cast<const Network<float>&>(), state, notes, arrays);
  });
}

template <class T>
py::tuple objects_of(Checkpoint<T>& checkpoint) {
  py::list states;
  for (auto& array : checkpoint.trainer.arrays) states.append(array_of(std::move(array)));
  py::dict arrays;
  for (auto& [name, array] : checkpoint.arrays) arrays[py::str(name)] = array_of(std::move(array));
  const TrainerState<T>& trainer = checkpoint.trainer;
  return py::make_tuple(adopt(std::make_unique<Network<T>>(std::move(checkpoint.network))),
                        py::make_tuple(trainer.rule, trainer.t, trainer.mu_product, trainer.position, states),
                        checkpoint.notes, arrays);
}

py::tuple load(const py::bytes& path) {
  const std::string name = path;
  return with_path(name, [&] {
    auto checkpoint = without_gil([&] { return load_any_checkpoint(name); });
    return std::visit([](auto& c) { return objects_of(c); }, checkpoint);
  });
}

}  // namespace

void register_checkpoints(py::module_& m) {
  m.def("save_checkpoint", &save, py::arg("path"), py::arg("network"), py::arg("state"), py::arg("notes"),
        py::arg("arrays"));
  m.def("load_checkpoint", &load, py::arg("path"));
}

}  // namespace localgrad::python
