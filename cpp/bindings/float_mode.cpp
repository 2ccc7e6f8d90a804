#include "model/float_mode.hpp"

#include <memory>
#include <optional>

#include "native_class.hpp"
#include "register.hpp"

namespace py = pybind11;

namespace localgrad::python {
namespace {

/// A context manager that sets a floating-point mode.
template <class Mode>
class During {
 public:
  static std::unique_ptr<During> make() { return std::make_unique<During>(); }
  void enter() { mode_.emplace(); }
  void exit(py::args) { mode_.reset(); }

 private:
  std::optional<Mode> mode_;
};

template <class Mode>
void register_mode(py::module_& m, const char* name) {
  NativeClass<During<Mode>> type(m, name, &During<Mode>::make);
  type->def("__enter__", method(&During<Mode>::enter)).def("__exit__", method(&During<Mode>::exit));
}

}  // namespace

void register_float_modes(py::module_& m) {
  register_mode<DefaultFloatMode>(m, "DefaultFloatMode");
  register_mode<CallersFloatMode>(m, "CallersFloatMode");
}

}  // namespace localgrad::python
