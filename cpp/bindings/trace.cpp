#include "localgrad/trace.hpp"

#include <utility>
#include <vector>

#include "arrays.hpp"
#include "examples.hpp"
#include "gil.hpp"
#include "trace.hpp"

namespace py = pybind11;

namespace localgrad::python {
namespace {

// Converts matrices of a trace to arrays (n, sizes[first + i]).
template <class T>
py::list matrices(std::vector<std::vector<T>>&& values, const std::vector<std::size_t>& sizes,
                  std::size_t first, std::size_t n) {
  py::list result;
  for (std::size_t i = 0; i < values.size(); ++i)
    result.append(array_from(std::move(values[i]),
                             {static_cast<py::ssize_t>(n), static_cast<py::ssize_t>(sizes[first + i])}));
  return result;
}

}  // namespace

template <class T>
py::tuple forward(const Network<T>& network, const py::object& x, int n_threads, const std::string& x_name) {
  const py::object kept = held(x);
  const Rows rows = rows_of(kept, x_name);
  auto trace = without_gil([&] { return localgrad::forward(network, rows, n_threads); });
  const auto& sizes = network.sizes();
  return py::make_tuple(matrices(std::move(trace.weighted_inputs), sizes, 1, trace.n),
                        matrices(std::move(trace.activations), sizes, 0, trace.n));
}

template <class T>
py::tuple backprop(const Network<T>& network, const py::object& x, const py::object& y,
                   const py::object& weights, int n_threads, const std::string& x_name,
                   const std::string& y_name, bool standardized, bool wrt_input, bool per_example) {
  const Examples examples(x, y, weights, x_name, y_name);
  const Units units = units_of(standardized);
  const TraceOptions also{wrt_input, per_example};
  Trace<T> trace = without_gil(
      [&] { return localgrad::backprop(network, examples.x, examples.y, n_threads, units, also); });
  const auto& sizes = network.sizes();
  const auto n = static_cast<py::ssize_t>(trace.n), inputs = static_cast<py::ssize_t>(sizes.front()),
             parameters = static_cast<py::ssize_t>(network.num_parameters());
  const auto optional = [n](bool wanted, std::vector<T>& numbers, py::ssize_t columns) -> py::object {
    if (!wanted) return py::none();
    return array_from(std::move(numbers), {n, columns});
  };
  return py::make_tuple(trace.cost, matrices(std::move(trace.weighted_inputs), sizes, 1, trace.n),
                        matrices(std::move(trace.activations), sizes, 0, trace.n),
                        matrices(std::move(trace.local_gradients), sizes, 1, trace.n),
                        array_from(std::move(trace.gradient), {parameters}),
                        optional(wrt_input, trace.input_gradient, inputs),
                        optional(per_example, trace.per_example_gradients, parameters));
}

#define LOCALGRAD_FOR(T)                                                                                  \
  template py::tuple forward(const Network<T>&, const py::object&, int, const std::string&);              \
  template py::tuple backprop(const Network<T>&, const py::object&, const py::object&, const py::object&, \
                              int, const std::string&, const std::string&, bool, bool, bool);
LOCALGRAD_FOR(float)
LOCALGRAD_FOR(double)
#undef LOCALGRAD_FOR

}  // namespace localgrad::python
