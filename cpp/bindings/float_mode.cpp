#include "model/float_mode.hpp"

#include <optional>

#include "register.hpp"

namespace py = pybind11;

namespace localgrad::python {
namespace {

/// A mode for the time of a with statement.
template <class Mode>
class During {
 public:
  void enter() { mode_.emplace(); }
  void exit(const py::args&) { mode_.reset(); }

 private:
  std::optional<Mode> mode_;
};

template <class Mode>
void register_mode(py::module_& m, const char* name) {
  py::class_<During<Mode>>(m, name)
      .def(py::init<>())
      .def("__enter__", &During<Mode>::enter)
      .def("__exit__", &During<Mode>::exit);
}

}  // namespace

void register_float_modes(py::module_& m) {
  register_mode<DefaultFloatMode>(m, "DefaultFloatMode");
  register_mode<CallersFloatMode>(m, "CallersFloatMode");
}

}  // namespace localgrad::python
