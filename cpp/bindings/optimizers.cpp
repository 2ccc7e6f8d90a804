#include "optimizers.hpp"

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <stdexcept>
#include <string>

#include "native_class.hpp"
#include "register.hpp"

namespace py = pybind11;

namespace localgrad::python {
namespace {

/// Reads settings from a dict, all of which must be there.
class Settings {
 public:
  explicit Settings(const py::dict& values) : values_(values) {}
  Settings& operator()(const char* name, double& setting) {
    setting = at(name).cast<double>();
    return *this;
  }
  Settings& operator()(const char* name, bool& setting) {
    setting = at(name).cast<bool>();
    return *this;
  }

 private:
  py::object at(const char* name) const {
    if (!values_.contains(name)) throw py::key_error(name);
    return values_[name];
  }
  const py::dict& values_;
};

void read(Settings s, SGD& o) {
  s("learning_rate", o.learning_rate)("momentum", o.momentum)("nesterov", o.nesterov);
}
void read(Settings s, Adam& o) {
  s("learning_rate", o.learning_rate)("beta1", o.beta1)("beta2", o.beta2)("epsilon", o.epsilon);
  s("amsgrad", o.amsgrad);
}
void read(Settings s, AdamW& o) {
  s("learning_rate", o.learning_rate)("beta1", o.beta1)("beta2", o.beta2)("epsilon", o.epsilon);
  s("weight_decay", o.weight_decay)("amsgrad", o.amsgrad);
}
void read(Settings s, NAdam& o) {
  s("learning_rate", o.learning_rate)("beta1", o.beta1)("beta2", o.beta2)("epsilon", o.epsilon);
  s("momentum_decay", o.momentum_decay);
}
void read(Settings s, RMSprop& o) {
  s("learning_rate", o.learning_rate)("alpha", o.alpha)("epsilon", o.epsilon)("momentum", o.momentum);
  s("centered", o.centered);
}
void read(Settings s, Adagrad& o) {
  s("learning_rate", o.learning_rate)("lr_decay", o.lr_decay)("initial_accumulator", o.initial_accumulator);
  s("epsilon", o.epsilon);
}
void read(Settings s, Rprop& o) {
  s("learning_rate", o.learning_rate)("eta_minus", o.eta_minus)("eta_plus", o.eta_plus);
  s("min_step", o.min_step)("max_step", o.max_step);
}
void read(Settings s, Lion& o) {
  s("learning_rate", o.learning_rate)("beta1", o.beta1)("beta2", o.beta2);
  s("weight_decay", o.weight_decay);
}

#define LOCALGRAD_OPTIMIZERS(X) X(SGD) X(Adam) X(AdamW) X(NAdam) X(RMSprop) X(Adagrad) X(Rprop) X(Lion)

OptimizerSettings make_optimizer(const std::string& kind, const py::dict& settings) {
#define LOCALGRAD_ENTRY(Type)            \
  if (kind == #Type) {                   \
    Type optimizer;                      \
    read(Settings(settings), optimizer); \
    return {optimizer};                  \
  }
  LOCALGRAD_OPTIMIZERS(LOCALGRAD_ENTRY)
#undef LOCALGRAD_ENTRY
  throw std::invalid_argument("kind must be the name of an optimizer, got '" + kind + "'");
}

}  // namespace

std::vector<std::string> optimizer_kinds() {
#define LOCALGRAD_ENTRY(Type) #Type,
  return {LOCALGRAD_OPTIMIZERS(LOCALGRAD_ENTRY)};
#undef LOCALGRAD_ENTRY
}

Regularization regularization_of(const py::dict& values) {
  Regularization r;
  r.l1 = values["l1"].cast<std::vector<double>>();
  r.l2 = values["l2"].cast<std::vector<double>>();
  if (!values["weight_decay"].is_none()) r.weight_decay = values["weight_decay"].cast<std::vector<double>>();
  Settings s(values);
  s("penalize_biases", r.penalize_biases)("clip_value", r.clip_value)("clip_norm", r.clip_norm);
  s("max_norm", r.max_norm);
  return r;
}

void register_optimizers(py::module_& m) {
  NativeClass<OptimizerSettings>(m, "Optimizer");
  m.def("optimizer", &make_optimizer, py::arg("kind"), py::arg("settings"));
}

}  // namespace localgrad::python
