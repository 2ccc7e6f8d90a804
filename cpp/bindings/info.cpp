#include "localgrad/info.hpp"

#include <pybind11/stl.h>

#include "optimizers.hpp"
#include "register.hpp"

namespace py = pybind11;

namespace localgrad::python {

void register_info(py::module_& m) {
  m.def("names", [] {
    const Names names = localgrad::names();
    py::dict result;
    result["activations"] = names.activations;
    result["outputs"] = names.outputs;
    result["costs"] = names.costs;
    result["inits"] = names.inits;
    result["optimizers"] = optimizer_kinds();
    return result;
  });
  m.def("info", [] {
    const Info info = localgrad::info();
    py::dict result;
    result["version"] = info.version;
    result["isa"] = info.isa;
    result["isa_available"] = info.isa_available;
    result["fused_multiply_add"] = info.fused_multiply_add;
    result["threads"] = info.threads;
    result["threads_from"] = info.threads_from;
    result["openmp"] = info.openmp;
    result["compiler"] = info.compiler;
    return result;
  });
}

}  // namespace localgrad::python
