#include "localgrad/network.hpp"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "arrays.hpp"
#include "curvature.hpp"
#include "custom_cost.hpp"
#include "derivatives.hpp"
#include "errors.hpp"
#include "examples.hpp"
#include "files/network_file.hpp"
#include "gil.hpp"
#include "localgrad/predict.hpp"
#include "localgrad/trace.hpp"
#include "per_example.hpp"
#include "plan.hpp"
#include "predict.hpp"
#include "register.hpp"
#include "text/message.hpp"
#include "trace.hpp"

namespace py = pybind11;

namespace localgrad::python {
namespace {

template <class V>
V option_from(const char* name, const py::handle& value) {
  try {
    return value.cast<V>();
  } catch (const py::cast_error&) {
    throw py::type_error(
        text_of(name, " must have the right type, got ", py::str(py::type::of(value)).cast<std::string>()));
  }
}

template <class T>
std::unique_ptr<Network<T>> make_network(std::vector<std::size_t> sizes, const py::dict& given) {
  Options options;
  std::size_t known = 0;
  each_option(options, [&](const char* name, auto& option, auto...) {
    PyObject* value = PyDict_GetItemWithError(given.ptr(), py::str(name).ptr());
    if (PyErr_Occurred()) throw py::error_already_set();
    if (!value) return;
    option = option_from<std::decay_t<decltype(option)>>(name, value);
    ++known;
  });
  if (known != given.size())
    throw py::type_error(
        text_of("options must only have options of a network, got ", py::repr(given).cast<std::string>()));
  WithoutGil without_gil;
  return std::make_unique<Network<T>>(std::move(sizes), options);
}

template <class T>
py::dict options_of(const Network<T>& network) {
  py::dict all;
  each_option(network.options(), [&](const char* name, const auto& option, auto...) { all[name] = option; });
  return all;
}

// A writable view of the network's buffer, which keeps the buffer alive but not the network: arrays do not
// take part in garbage collection, and a custom cost may refer to both.
template <class T>
py::array view(const Network<T>& network, T* data, std::vector<py::ssize_t> shape,
               std::vector<py::ssize_t> strides) {
  using Owner = std::shared_ptr<const void>;
  auto owner = std::make_unique<Owner>(network.buffer());
  const py::capsule base(owner.get(), [](void* one) { delete static_cast<Owner*>(one); });
  owner.release();
  return py::array(py::dtype::of<T>(), std::move(shape), std::move(strides), data, base);
}

template <class T>
void check_index(const Network<T>& network, std::size_t i) {
  if (i + 1 >= network.sizes().size())
    throw py::index_error(text_of("i must be below ", network.sizes().size() - 1, ", got ", i));
}

template <class T>
py::array parameters(Network<T>& network) {
  return view<T>(network, network.parameters(), {static_cast<py::ssize_t>(network.num_parameters())},
                 {sizeof(T)});
}

template <class T>
py::array weights(Network<T>& network, std::size_t i) {
  check_index(network, i);
  const auto fan_in = static_cast<py::ssize_t>(network.sizes()[i]);
  const auto fan_out = static_cast<py::ssize_t>(network.sizes()[i + 1]);
  const auto size = static_cast<py::ssize_t>(sizeof(T));
  return view<T>(network, network.weights(i), {fan_out, fan_in}, {size, fan_out * size});
}

template <class T>
py::array biases(Network<T>& network, std::size_t i) {
  check_index(network, i);
  return view<T>(network, network.biases(i), {static_cast<py::ssize_t>(network.sizes()[i + 1])}, {sizeof(T)});
}

/// The vectors of a Standardization as a tuple of arrays, or None.
py::object arrays_of(Standardization&& learned) {
  if (learned.input_mean.empty()) return py::none();
  const auto array = [](std::vector<double>&& numbers) {
    const auto n = static_cast<py::ssize_t>(numbers.size());
    return array_from(std::move(numbers), {n});
  };
  return py::make_tuple(array(std::move(learned.input_mean)), array(std::move(learned.input_std)),
                        array(std::move(learned.target_mean)), array(std::move(learned.target_std)));
}

template <class T>
void set_standardization(Network<T>& network, const py::object& given) {
  Standardization learned;
  if (!given.is_none()) {
    const auto arrays = given.cast<std::vector<py::object>>();
    if (arrays.size() != 4) refuse("standardization must have 4 arrays, got ", arrays.size());
    const auto numbers = [&](std::size_t i) {
      const std::size_t n = count_elements<double>(arrays[i], "standardization");
      const double* data = elements_of<double>(arrays[i], "standardization", n, 1);
      return std::vector<double>(data, data + n);
    };
    learned = {numbers(0), numbers(1), numbers(2), numbers(3)};
    if (learned.input_mean.empty())
      throw std::invalid_argument("standardization must have at least 1 input, got 0");
  }
  network.set_standardization(std::move(learned));
}

template <class T>
py::object input_scales(Network<T>& network) {
  T* data = network.input_scales();
  if (!data) return py::none();
  return view<T>(network, data, {static_cast<py::ssize_t>(network.sizes().front())}, {sizeof(T)});
}

template <class T>
py::object moments(const Network<T>& network, const py::iterable& blocks, int n_threads,
                   const std::string& x_name, const std::string& y_name) {
  Moments<T> all(network);
  for (const py::handle block : blocks) {
    const auto [x, y, weights, order] =
        block.cast<std::tuple<py::object, py::object, py::object, py::object>>();
    const Examples examples(x, y, weights, x_name, y_name);
    const py::array numbers = order.is_none() ? py::array() : order_of(order);
    const auto* picked = order.is_none() ? nullptr : static_cast<const std::uint32_t*>(numbers.data());
    const auto n = static_cast<std::size_t>(numbers.size());
    without_gil([&] { all.add(examples.x, examples.y, picked, n, n_threads, handle_signals); });
  }
  return arrays_of(all.standardization());
}

template <class T>
std::pair<double, double> evaluate(const Network<T>& network, const py::object& x, const py::object& y,
                                   const py::object& weights, int n_threads, const std::string& x_name,
                                   const std::string& y_name, const py::object& outputs,
                                   const py::object& order, bool standardized) {
  const Examples examples(x, y, weights, x_name, y_name);
  const std::uint32_t* picked = nullptr;
  std::size_t n = examples.x.n;
  if (!order.is_none()) {
    const py::array numbers = order_of(order);
    picked = static_cast<const std::uint32_t*>(numbers.data());
    n = static_cast<std::size_t>(numbers.size());
  }
  T* a = examples.outputs_of(outputs, n, network);
  const WithoutGil without_gil;
  const Evaluation result = localgrad::evaluate(network, examples.x, examples.y, picked, n, n_threads, a,
                                                handle_signals, units_of(standardized));
  return {result.cost, result.accuracy};
}

template <class T>
py::array activation_derivative(const Network<T>& network, std::size_t i, const py::object& z,
                                const py::object& a) {
  check_index(network, i);
  const std::size_t width = network.sizes()[i + 1];
  const std::size_t n = count_rows<T>(z, "z", width);
  const T* z_data = elements_of<T>(z, "z", n, width);
  const T* a_data = elements_of<T>(a, "a", n, width);
  const bool is_output = i + 2 == network.sizes().size();
  std::vector<std::size_t> shape = {n, width};
  if (is_output && network.options().output == "softmax") shape.push_back(width);
  py::array_t<T> out(shape);
  T* data = out.mutable_data();
  without_gil([&] { localgrad::activation_derivative(network, i, n, z_data, a_data, data); });
  return out;
}

template <class T>
py::array cost_gradient(const Network<T>& network, const py::object& a, const py::object& y) {
  const std::size_t width = network.sizes().back();
  const std::string y_name = "y";
  const Targets targets = targets_of(y, y_name);
  const T* a_data = elements_of<T>(a, "a", targets.n, width);
  py::array_t<T> out({targets.n, width});
  T* data = out.mutable_data();
  without_gil([&] { localgrad::cost_gradient(network, a_data, targets, data); });
  return out;
}

template <class T>
void save(const Network<T>& network, const py::bytes& path) {
  const std::string name = path;
  with_path(name, [&] { without_gil([&] { network.save(name); }); });
}

template <class T>
py::object copy(const Network<T>& network) {
  return adopt(without_gil([&] { return std::make_unique<Network<T>>(network); }));
}

py::object load(const py::bytes& path) {
  const std::string name = path;
  return with_path(name, [&] {
    auto network = without_gil([&] { return load_any_network(name); });
    return std::visit(
        [](auto& n) { return adopt(std::make_unique<std::decay_t<decltype(n)>>(std::move(n))); }, network);
  });
}

template <class T>
void register_network(py::module_& m, const char* name) {
  using N = Network<T>;
  NativeClass<N> type(m, name, &make_network<T>, py::arg("sizes"), py::arg("options") = py::dict());
  type->def_property_readonly("sizes", method(&N::sizes))
      .def_property_readonly("options", &options_of<T>)
      .def_property(
          "init_given", [](const N& n) { return n.options().init_given; }, method(&N::set_init_given))
      .def_property(
          "seed", [](const N& n) { return n.options().seed; }, method(&N::set_seed))
      .def_property_readonly("target_width", method(&N::target_width))
      .def_property_readonly("classifies", method(&N::classifies))
      .def("set_custom_cost", &set_custom_cost<T>, py::arg("f").none(true))
      .def_property("feature_names", method(&N::feature_names), method(&N::set_feature_names))
      .def_property(
          "standardization", [](const N& n) { return arrays_of(n.standardization()); },
          &set_standardization<T>)
      .def_property_readonly("standardizes_targets", method(&N::standardizes_targets))
      .def("moments", &moments<T>, py::arg("blocks"), py::arg("n_threads"), py::arg("x_name"),
           py::arg("y_name"))
      .def_property("epochs", method(&N::epochs), method(&N::set_epochs))
      .def_property_readonly("parameters", &parameters<T>)
      .def_property_readonly("input_scales", &input_scales<T>)
      .def("weights", &weights<T>, py::arg("i"))
      .def("biases", &biases<T>, py::arg("i"))
      .def("copy", &copy<T>)
      .def("predict", &predict<T>, py::arg("x"), py::arg("out"), py::arg("n_threads"), py::arg("x_name"))
      .def("predict_array", &predict_array<T>, py::arg("x"), py::arg("out"), py::arg("n_threads"))
      .def("plan", &plan<T>, py::arg("optimizer"), py::arg("regularization"), py::arg("batch_size"),
           py::arg("n_threads"))
      .def("evaluate", &evaluate<T>, py::arg("x"), py::arg("y"), py::arg("weights").none(true),
           py::arg("n_threads"), py::arg("x_name"), py::arg("y_name"), py::arg("outputs") = py::none(),
           py::arg("order") = py::none(), py::arg("standardized") = false)
      .def("backprop", &backprop<T>, py::arg("x"), py::arg("y"), py::arg("weights").none(true),
           py::arg("n_threads"), py::arg("x_name"), py::arg("y_name"), py::arg("standardized") = false,
           py::arg("wrt_input") = false, py::arg("per_example") = false)
      .def("forward", &forward<T>, py::arg("x"), py::arg("n_threads"), py::arg("x_name"))
      .def("gradient_norms", &gradient_norms<T>, py::arg("x"), py::arg("y"), py::arg("n_threads"),
           py::arg("x_name"), py::arg("y_name"))
      .def("gradient_dots", &gradient_dots<T>, py::arg("x"), py::arg("y"), py::arg("x2").none(true),
           py::arg("y2").none(true), py::arg("n_threads"))
      .def("gradient_noise_scale", &gradient_noise_scale<T>, py::arg("x"), py::arg("y"), py::arg("n_threads"),
           py::arg("x_name"), py::arg("y_name"))
      .def("curvature_product", &curvature_product<T>, py::arg("x"), py::arg("y"),
           py::arg("weights").none(true), py::arg("v"), py::arg("gauss_newton"), py::arg("n_threads"),
           py::arg("x_name"), py::arg("y_name"))
      .def("curvature_diagonal", &curvature_diagonal<T>, py::arg("x"), py::arg("y"),
           py::arg("weights").none(true), py::arg("gauss_newton"), py::arg("n_threads"), py::arg("x_name"),
           py::arg("y_name"))
      .def("top_eigenvalue", &top_eigenvalue<T>, py::arg("x"), py::arg("y"), py::arg("weights").none(true),
           py::arg("max_products"), py::arg("tol"), py::arg("gauss_newton"), py::arg("n_threads"),
           py::arg("x_name"), py::arg("y_name"))
      .def("jacobian", &jacobian<T>, py::arg("x"), py::arg("n_threads"))
      .def("jacobian_array", &jacobian_array<T>, py::arg("x"), py::arg("n_threads"))
      .def("jvp", &jvp<T>, py::arg("x"), py::arg("u"), py::arg("n_threads"))
      .def("vjp", &vjp<T>, py::arg("x"), py::arg("v"), py::arg("n_threads"))
      .def("input_gradient", &input_gradient<T>, py::arg("x"), py::arg("output"), py::arg("n_threads"))
      .def("activation_derivative", &activation_derivative<T>, py::arg("i"), py::arg("z"), py::arg("a"))
      .def("cost_gradient", &cost_gradient<T>, py::arg("a"), py::arg("y"))
      .def("save", &save<T>, py::arg("path"));
}

}  // namespace

void register_networks(py::module_& m) {
  register_network<float>(m, "Network32");
  register_network<double>(m, "Network64");
  m.def("load", &load, py::arg("path"));
}

}  // namespace localgrad::python
