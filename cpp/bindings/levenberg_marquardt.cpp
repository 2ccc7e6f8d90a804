#include "localgrad/levenberg_marquardt.hpp"

#include <pybind11/numpy.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "arrays.hpp"
#include "examples.hpp"
#include "gil.hpp"
#include "native_class.hpp"
#include "optimizers.hpp"
#include "register.hpp"

namespace py = pybind11;

namespace localgrad::python {
namespace {

/// A LevenbergMarquardt for a network of any element type.
using AnyOptimizer = std::variant<LevenbergMarquardt<float>, LevenbergMarquardt<double>>;

struct LeastSquares {
  AnyOptimizer optimizer;
};

template <class T>
AnyOptimizer optimizer_of(const py::object& network, const LevenbergMarquardtSettings& settings,
                          const Regularization& penalties, int n_threads) {
  auto& native = network.cast<Network<T>&>();
  return without_gil([&] { return LevenbergMarquardt<T>(native, settings, penalties, n_threads); });
}

std::unique_ptr<LeastSquares> make(const py::object& network, const py::dict& settings,
                                   const py::dict& regularization, int n_threads) {
  LevenbergMarquardtSettings s;
  for (const auto& [name, setting] :
       {std::pair{"damping", &s.damping}, std::pair{"damping_decrease", &s.damping_decrease},
        std::pair{"damping_increase", &s.damping_increase}, std::pair{"max_damping", &s.max_damping},
        std::pair{"tolerance", &s.tolerance}})
    *setting = settings[name].cast<double>();
  const Regularization penalties = regularization_of(regularization);
  const bool is_double = py::isinstance<Network<double>>(network);
  return std::make_unique<LeastSquares>(
      LeastSquares{is_double ? optimizer_of<double>(network, s, penalties, n_threads)
                             : optimizer_of<float>(network, s, penalties, n_threads)});
}

std::string iterate(LeastSquares& self, const py::object& x, const py::object& y, const py::object& weights,
                    const py::object& order, const std::string& x_name, const std::string& y_name) {
  const Examples examples(x, y, weights, x_name, y_name);
  const std::uint32_t* picked = nullptr;
  std::size_t n = examples.x.n;
  if (!order.is_none()) {
    const py::array rows = order_of(order);
    picked = static_cast<const std::uint32_t*>(rows.data());
    n = static_cast<std::size_t>(rows.size());
  }
  const auto result = without_gil([&] {
    return std::visit(
        [&](auto& one) { return one.iterate(examples.x, examples.y, picked, n, handle_signals); },
        self.optimizer);
  });
  if (result == LevenbergMarquardtResult::stepped) return "";
  return result == LevenbergMarquardtResult::converged ? "converged" : "damping";
}

double cost(const LeastSquares& self) {
  return std::visit([](const auto& one) { return one.cost(); }, self.optimizer);
}
std::uint64_t steps(const LeastSquares& self) {
  return std::visit([](const auto& one) { return one.steps(); }, self.optimizer);
}
double damping(const LeastSquares& self) {
  return std::visit([](const auto& one) { return one.damping(); }, self.optimizer);
}
void set_damping(LeastSquares& self, double damping) {
  std::visit([&](auto& one) { one.set_damping(damping); }, self.optimizer);
}

}  // namespace

void register_levenberg_marquardt(py::module_& m) {
  NativeClass<LeastSquares> type(m, "LevenbergMarquardt", &make, py::arg("network"), py::arg("settings"),
                                 py::arg("regularization"), py::arg("n_threads"));
  type->def("iterate", &iterate, py::arg("x"), py::arg("y"), py::arg("weights").none(true),
            py::arg("order").none(true), py::arg("x_name"), py::arg("y_name"))
      .def_property_readonly("cost", &cost)
      .def_property_readonly("steps", &steps)
      .def_property("damping", &damping, &set_damping);
}

}  // namespace localgrad::python
