#include "localgrad/curvature.hpp"

#include <utility>
#include <vector>

#include "arrays.hpp"
#include "curvature.hpp"
#include "examples.hpp"
#include "gil.hpp"

namespace py = pybind11;

namespace localgrad::python {
namespace {

Curvature matrix_of(bool gauss_newton) { return gauss_newton ? Curvature::gauss_newton : Curvature::hessian; }

template <class T>
py::array flat(std::vector<T>&& numbers) {
  const auto n = static_cast<py::ssize_t>(numbers.size());
  return array_from(std::move(numbers), {n});
}

}  // namespace

template <class T>
py::array curvature_product(const Network<T>& network, const py::object& x, const py::object& y,
                            const py::object& weights, const py::object& v, bool gauss_newton, int n_threads,
                            const std::string& x_name, const std::string& y_name) {
  const Examples examples(x, y, weights, x_name, y_name);
  const T* numbers = elements_of<T>(v, "v", network.num_parameters(), 1);
  return flat(without_gil([&] {
    return localgrad::curvature_product(network, examples.x, examples.y, numbers, matrix_of(gauss_newton),
                                        n_threads, handle_signals);
  }));
}

template <class T>
py::array curvature_diagonal(const Network<T>& network, const py::object& x, const py::object& y,
                             const py::object& weights, bool gauss_newton, int n_threads,
                             const std::string& x_name, const std::string& y_name) {
  const Examples examples(x, y, weights, x_name, y_name);
  return flat(without_gil([&] {
    return localgrad::curvature_diagonal(network, examples.x, examples.y, matrix_of(gauss_newton), n_threads,
                                         handle_signals);
  }));
}

template <class T>
py::tuple top_eigenvalue(const Network<T>& network, const py::object& x, const py::object& y,
                         const py::object& weights, std::size_t max_products, double tol, bool gauss_newton,
                         int n_threads, const std::string& x_name, const std::string& y_name) {
  const Examples examples(x, y, weights, x_name, y_name);
  Eigenvalue<T> found = without_gil([&] {
    return localgrad::top_eigenvalue(network, examples.x, examples.y, max_products, tol,
                                     matrix_of(gauss_newton), n_threads, handle_signals);
  });
  return py::make_tuple(found.value, flat(std::move(found.vector)), found.products, found.residual);
}

#define LOCALGRAD_FOR(T)                                                                                    \
  template py::array curvature_product(const Network<T>&, const py::object&, const py::object&,             \
                                       const py::object&, const py::object&, bool, int, const std::string&, \
                                       const std::string&);                                                 \
  template py::array curvature_diagonal(const Network<T>&, const py::object&, const py::object&,            \
                                        const py::object&, bool, int, const std::string&,                   \
                                        const std::string&);                                                \
  template py::tuple top_eigenvalue(const Network<T>&, const py::object&, const py::object&,                \
                                    const py::object&, std::size_t, double, bool, int, const std::string&,  \
                                    const std::string&);
LOCALGRAD_FOR(float)
LOCALGRAD_FOR(double)
#undef LOCALGRAD_FOR

}  // namespace localgrad::python
