#include "localgrad/plan.hpp"

#include <pybind11/stl.h>

#include "gil.hpp"
#include "register.hpp"

namespace py = pybind11;

namespace localgrad::python {
namespace {

template <class T>
py::dict plan_of(const Network<T>& network, const SGD& optimizer, std::size_t batch_size, int n_threads) {
  TrainingPlan plan;
  {
    WithoutGil without_gil;
    plan = localgrad::plan(network, Optimizer(optimizer), batch_size, n_threads);
  }
  py::list layers;
  for (const LayerPlan& layer : plan.layers)
    layers.append(
        py::make_tuple(layer.fan_in, layer.fan_out, layer.panels, layer.tile_rows, layer.tile_columns));
  py::dict result;
  result["threads"] = plan.threads;
  result["fixed"] = plan.fixed;
  result["split"] = plan.split;
  result["staged"] = plan.staged;
  result["chunks"] = plan.chunks;
  result["layers"] = layers;
  result["workspace"] = plan.workspace;
  result["operations"] = plan.operations;
  result["seconds"] = plan.seconds;
  result["bound"] = plan.bound;
  return result;
}

}  // namespace

void register_plans(py::module_& m) {
  m.def("plan", &plan_of<float>, py::arg("network"), py::arg("optimizer"), py::arg("batch_size"),
        py::arg("n_threads"));
  m.def("plan", &plan_of<double>, py::arg("network"), py::arg("optimizer"), py::arg("batch_size"),
        py::arg("n_threads"));
}

}  // namespace localgrad::python
