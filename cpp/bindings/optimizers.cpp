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
  r.l1 = values["l1"].cast<std::vector<double>>();
  r.l2 = values["l2"].cast<std::vector<double>>();
  r.weight_lr_factor = values["weight_lr_factor"].cast<std::vector<double>>();
  r.bias_lr_factor = values["bias_lr_factor"].cast<std::vector<double>>();
  if (!values["weight_decay"].is_none()) r.weight_decay = values["weight_decay"].cast<std::vector<double>>();
  const Settings read(values);
  read("input_scale_lr_factor", r.input_scale_lr_factor);
  read("penalize_biases", r.penalize_biases);
  if (values.contains("l2_by_rows")) read("l2_by_rows", r.l2_by_rows);
  read("clip_value", r.clip_value);
  read("clip_norm", r.clip_norm);
  read("max_norm", r.max_norm);
  return r;
}

void register_optimizers(py::module_& m) {
  NativeClass<OptimizerSettings>(m, "Optimizer");
  m.def("optimizer", &make_optimizer, py::arg("kind"), py::arg("settings"));
}

}  // namespace localgrad::python
