// The extension module localgrad._core: it converts between Python and the public C++ API and contains no
// arithmetic. The Python package wraps it and checks the arguments of users; python/localgrad/_core.pyi
// documents it.

#include <pybind11/pybind11.h>

#include <algorithm>
#include <array>

#include "localgrad/info.hpp"
#include "register.hpp"

PYBIND11_MODULE(_core_of_main, m) {
  m.doc() = "Native core of localgrad. Internal: use the localgrad package instead.";
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
  localgrad::python::register_levenberg_marquardt(m);
}

namespace {

/// Returns 0 in the main interpreter; otherwise sets ImportError and returns -1. pybind11 and WithGil use
/// PyGILState_Ensure, which deadlocks in other interpreters.
int only_in_main(PyObject*) {
  if (PyInterpreterState_Get() == PyInterpreterState_Main()) return 0;
  PyErr_SetString(
      PyExc_ImportError,
      "localgrad does not support subinterpreters; import it in the main interpreter (for mod_wsgi: set "
      "'WSGIApplicationGroup %{GLOBAL}')");
  return -1;
}

}  // namespace

/// Called by Python to import the module. It checks the interpreter before any code of pybind11 runs. So
/// does the first slot of the module, because since Python 3.13 this function always runs in the main
/// interpreter.
extern "C" PYBIND11_EXPORT PyObject* PyInit__core() {
  if (only_in_main(nullptr) != 0) return nullptr;
  PyObject* made = PyInit__core_of_main();
  if (!made) return nullptr;
  static std::array<PyModuleDef_Slot, 16> slots{};
  auto* definition = reinterpret_cast<PyModuleDef*>(made);
  if (definition->m_slots != slots.data()) {
    std::size_t count = 0;
    while (definition->m_slots[count].slot != 0) ++count;
    if (count + 2 > slots.size()) Py_FatalError("localgrad: too many slots");
    slots[0] = {Py_mod_exec, reinterpret_cast<void*>(only_in_main)};
    std::copy_n(definition->m_slots, count, slots.begin() + 1);
    definition->m_slots = slots.data();
  }
  return made;
}
