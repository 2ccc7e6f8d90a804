// The extension module localgrad._core: translation between Python and the public C++ API, no arithmetic.
// The package wraps it and checks its users' arguments; python/localgrad/_core.pyi describes it.

#include <pybind11/pybind11.h>

#include "localgrad/info.hpp"
#include "register.hpp"

PYBIND11_MODULE(_core, m) {
  m.doc() = "The native core of localgrad, for the package alone.";
  m.attr("__version__") = localgrad::info().version;

  localgrad::python::register_errors();
  localgrad::python::register_info(m);
  localgrad::python::register_float_modes(m);
  localgrad::python::register_machine(m);
  localgrad::python::register_optimizers(m);
  localgrad::python::register_networks(m);
  localgrad::python::register_orders(m);
  localgrad::python::register_checkpoints(m);
  localgrad::python::register_trainers(m);
}
