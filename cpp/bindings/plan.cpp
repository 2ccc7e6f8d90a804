#include "plan.hpp"

#include "gil.hpp"
#include "localgrad/plan.hpp"

namespace py = pybind11;

namespace localgrad::python {

template <class T>
py::dict plan(const Network<T>& network, const OptimizerSettings& optimizer, const py::dict& regularization,
              std::size_t batch_size, int n_threads) {
  const Regularization penalties = regularization_of(regularization);
  TrainingPlan found;
  {
    WithoutGil without_gil;
    found = localgrad::plan(network, optimizer.optimizer, batch_size, n_threads, penalties);
  }
  py::list layers;
  for (const LayerPlan& layer : found.layers)
    layers.append(py::make_tuple(layer.fan_in, layer.fan_out, layer.panels, layer.tile_rows,
                                 layer.tile_columns, layer.transposed));
  py::dict result;
  result["threads"] = found.threads;
  result["fixed"] = found.fixed;
  result["split"] = found.split;
  result["staged"] = found.staged;
  result["chunks"] = found.chunks;
  result["layers"] = layers;
  result["workspace"] = found.workspace;
  result["operations"] = found.operations;
  result["seconds"] = found.seconds;
  result["bound"] = found.bound;
  return result;
}

template py::dict plan(const Network<float>&, const OptimizerSettings&, const py::dict&, std::size_t, int);
template py::dict plan(const Network<double>&, const OptimizerSettings&, const py::dict&, std::size_t, int);

}  // namespace localgrad::python
