// The extension module localgrad._core: translation between Python and the public C++ API, no arithmetic.
// The package wraps it and checks its users' arguments; python/localgrad/_core.pyi describes it.

#include <pybind11/pybind11.h>

#include <algorithm>
#include <array>

#include "localgrad/info.hpp"
#include "register.hpp"

PYBIND11_MODULE(_core_of_main, m) {
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

namespace {

/// 0, or an ImportError. pybind11 and WithGil use PyGILState_Ensure, which deadlocks in any interpreter but
/// the main one.
int only_in_main(PyObject*) {
  if (PyInterpreterState_Get() == PyInterpreterState_Main()) return 0;
  PyErr_SetString(
      PyExc_ImportError,
      "localgrad does not support subinterpreters: import it in the main interpreter; under mod_wsgi, "
      "'WSGIApplicationGroup %{GLOBAL}' runs an application there");
  return -1;
}

}  // namespace

/// What Python calls. It checks the interpreter before anything of pybind11 runs. So does the module's first
/// slot, since from Python 3.13 on this function always runs in the main interpreter.
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
