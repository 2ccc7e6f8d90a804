#include "errors.hpp"

#include <cerrno>
#include <exception>

#include "localgrad/error.hpp"
#include "register.hpp"

namespace py = pybind11;

namespace localgrad::python {
namespace {

/// Raises localgrad.BadExample. It is defined in Python, so that it can be pickled.
void set_bad_example(const BadExample& e) {
  py::object column = py::none();
  if (e.column()) column = py::int_(*e.column());
  const auto kind = py::module_::import("localgrad.errors").attr("BadExample");
  const py::object error = kind(e.argument(), e.row(), e.reason(), py::arg("column") = column);
  PyErr_SetObject(kind.ptr(), error.ptr());
}

}  // namespace

// pybind11 converts std::invalid_argument to ValueError, and std::bad_alloc, the base class of OutOfMemory,
// to MemoryError with its message. Interrupted is handled in trainer.cpp.
void register_errors() {
  py::register_local_exception_translator([](std::exception_ptr error) {
    try {
      if (error) std::rethrow_exception(error);
    } catch (const BadExample& e) {
      set_bad_example(e);
    } catch (const NonFiniteCost& e) {
      py::set_error(PyExc_FloatingPointError, e.what());
    }
  });
}

void throw_os_error(const std::system_error& error, const std::string& path) {
#ifdef _WIN32
  if (error.code().category() == std::system_category()) {
    PyErr_SetExcFromWindowsErrWithFilename(PyExc_OSError, error.code().value(), path.c_str());
    throw py::error_already_set();
  }
#endif
  errno = error.code().value();
  PyErr_SetFromErrnoWithFilename(PyExc_OSError, path.c_str());
  throw py::error_already_set();
}

}  // namespace localgrad::python
