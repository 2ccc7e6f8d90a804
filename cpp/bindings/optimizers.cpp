#include "localgrad/optimizer.hpp"
#include "register.hpp"

namespace py = pybind11;

namespace localgrad::python {

void register_optimizers(py::module_& m) {
  py::class_<SGD>(m, "SGD").def(py::init([](double learning_rate, double momentum, bool nesterov) {
                                  return SGD{learning_rate, momentum, nesterov};
                                }),
                                py::arg("learning_rate"), py::arg("momentum"), py::arg("nesterov"));
}

}  // namespace localgrad::python
