#include "optimizers.hpp"

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <stdexcept>
#include <string>

#include "functions/updates.hpp"
#include "native_class.hpp"
#include "register.hpp"
#include "text/message.hpp"

namespace py = pybind11;

namespace localgrad::python {
namespace {

/// Reads settings from a dict, which must have all of them.
class Settings {
 public:
  explicit Settings(const py::dict& values) : values_(values) {}
  template <class Setting, class... Range>
  void operator()(const char* name, Setting& setting, Range...) const {
    if (!values_.contains(name)) throw py::key_error(name);
    setting = values_[name].cast<Setting>();
  }

 private:
  const py::dict& values_;
};

template <class... O>
std::vector<std::string> kinds_of(const std::variant<O...>*) {
  return {UpdateRule<O>::kName...};
}

template <class O>
bool read(const std::string& kind, const Settings& settings, Optimizer& optimizer) {
  if (kind != UpdateRule<O>::kName) return false;
  UpdateRule<O>::settings(optimizer.emplace<O>(), settings);
  return true;
}
template <class... O>
bool read_any(const std::string& kind, const Settings& settings, std::variant<O...>& optimizer) {
  return (read<O>(kind, settings, optimizer) || ...);
}

OptimizerSettings make_optimizer(const std::string& kind, const py::dict& settings) {
  Optimizer optimizer;
  if (read_any(kind, Settings(settings), optimizer)) return {optimizer};
  refuse("kind must be the name of an optimizer, got '", kind, "'");
}

}  // namespace

std::vector<std::string> optimizer_kinds() { return kinds_of(static_cast<const Optimizer*>(nullptr)); }

Regularization regularization_of(const py::dict& values) {
  Regularization r;
  const Settings read(values);
  each_regularization(r, [&](const std::string& name, auto& setting) {
    const bool optional =
        name == "l2_by_rows" || (name == "weight_decay" && values["weight_decay"].is_none());
    if (!optional || (values.contains(name) && !values[name.c_str()].is_none())) read(name.c_str(), setting);
  });
  return r;
}

void register_optimizers(py::module_& m) {
  NativeClass<OptimizerSettings>(m, "Optimizer");
  m.def("optimizer", &make_optimizer, py::arg("kind"), py::arg("settings"));
}

}  // namespace localgrad::python
