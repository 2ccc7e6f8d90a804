#include "plan.hpp"

#include "gil.hpp"
#include "localgrad/plan.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace localgrad::python {

template <class T>
py::dict plan(const Network<T>& network, const OptimizerSettings& optimizer, const py::dict& regularization,
              std::size_t batch_size, int n_threads) {
  const Regularization penalties = regularization_of(regularization);
  const TrainingPlan found = without_gil(
      [&] { return localgrad::plan(network, optimizer.optimizer, batch_size, n_threads, penalties); });
  py::list layers;
  for (const LayerPlan& layer : found.layers)
    layers.append(py::make_tuple(layer.fan_in, layer.fan_out, layer.panels, layer.tile_rows,
                                 layer.tile_columns, layer.transposed));
  return py::dict("threads"_a = found.threads, "fixed"_a = found.fixed, "split"_a = found.split,
                  "staged"_a = found.staged, "chunks"_a = found.chunks, "layers"_a = layers,
                  "workspace"_a = found.workspace, "operations"_a = found.operations,
                  "seconds"_a = found.seconds, "bound"_a = found.bound);
}

template py::dict plan(const Network<float>&, const OptimizerSettings&, const py::dict&, std::size_t, int);
template py::dict plan(const Network<double>&, const OptimizerSettings&, const py::dict&, std::size_t, int);

}  // namespace localgrad::python
