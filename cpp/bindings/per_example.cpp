#include "localgrad/per_example.hpp"

#include <utility>
#include <vector>

#include "arrays.hpp"
#include "examples.hpp"
#include "gil.hpp"
#include "per_example.hpp"

namespace py = pybind11;

namespace localgrad::python {

template <class T>
py::tuple gradient_norms(const Network<T>& network, const py::object& x, const py::object& y, int n_threads,
                         const std::string& x_name, const std::string& y_name) {
  const Examples examples(x, y, py::none(), x_name, y_name);
  GradientNorms norms = without_gil(
      [&] { return localgrad::gradient_norms(network, examples.x, examples.y, n_threads, handle_signals); });
  const auto n = static_cast<py::ssize_t>(norms.n), parts = static_cast<py::ssize_t>(norms.parts);
  return py::make_tuple(array_from(std::move(norms.layers), {n, parts}),
                        array_from(std::move(norms.total), {n}));
}

template <class T>
py::array gradient_dots(const Network<T>& network, const py::object& x, const py::object& y,
                        const py::object& x2, const py::object& y2, int n_threads) {
  const bool same = x2.is_none();
  const Examples one(x, y, py::none(), "X", "y");
  const Examples other(same ? x : x2, same ? y : y2, py::none(), "X2", "y2");
  std::vector<T> dots = without_gil([&] {
    if (same) return localgrad::gradient_dots(network, one.x, one.y, n_threads, handle_signals);
    return localgrad::gradient_dots(network, one.x, one.y, other.x, other.y, n_threads, handle_signals);
  });
  return array_from(std::move(dots),
                    {static_cast<py::ssize_t>(one.x.n), static_cast<py::ssize_t>(other.x.n)});
}

template <class T>
py::tuple gradient_noise_scale(const Network<T>& network, const py::object& x, const py::object& y,
                               int n_threads, const std::string& x_name, const std::string& y_name) {
  const Examples examples(x, y, py::none(), x_name, y_name);
  const GradientNoise noise = without_gil([&] {
    return localgrad::gradient_noise_scale(network, examples.x, examples.y, n_threads, handle_signals);
  });
  return py::make_tuple(noise.scale, noise.variance, noise.squared_norm);
}

#define LOCALGRAD_FOR(T)                                                                                \
  template py::tuple gradient_norms(const Network<T>&, const py::object&, const py::object&, int,       \
                                    const std::string&, const std::string&);                            \
  template py::array gradient_dots(const Network<T>&, const py::object&, const py::object&,             \
                                   const py::object&, const py::object&, int);                          \
  template py::tuple gradient_noise_scale(const Network<T>&, const py::object&, const py::object&, int, \
                                          const std::string&, const std::string&);
LOCALGRAD_FOR(float)
LOCALGRAD_FOR(double)
#undef LOCALGRAD_FOR

}  // namespace localgrad::python
