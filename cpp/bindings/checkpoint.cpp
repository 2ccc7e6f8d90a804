#include "localgrad/checkpoint.hpp"

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include "errors.hpp"
#include "files/network_file.hpp"
#include "gil.hpp"
#include "native_class.hpp"
#include "register.hpp"
#include "state.hpp"

namespace py = pybind11;

namespace localgrad::python {
namespace {

using Notes = std::map<std::string, std::string>;

template <class T>
void save_as(const std::string& path, const Network<T>& network, const State& state, const Notes& notes,
             const py::dict& arrays) {
  const TrainerState<T> trainer = state_of<T>(state);
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
  py::dict arrays;
  for (auto& [name, array] : checkpoint.arrays) arrays[py::str(name)] = array_of(std::move(array));
  return py::make_tuple(adopt(std::make_unique<Network<T>>(std::move(checkpoint.network))),
                        tuple_of(std::move(checkpoint.trainer)), checkpoint.notes, arrays);
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
