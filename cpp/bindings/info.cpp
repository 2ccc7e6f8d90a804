#include "localgrad/info.hpp"

#include <pybind11/stl.h>

#include "functions/list.hpp"
#include "optimizers.hpp"
#include "register.hpp"

namespace py = pybind11;

namespace localgrad::python {
namespace {

py::tuple limits(const Span& span) { return py::make_tuple(span.lowest, span.highest); }

}  // namespace

void register_info(py::module_& m) {
  m.def("names", [] {
    const Names names = localgrad::names();
    py::dict result;
    result["activations"] = names.activations;
    result["outputs"] = names.outputs;
    result["costs"] = names.costs;
    result["inits"] = names.inits;
    result["optimizers"] = optimizer_kinds();
    py::dict ranges, targets;
    for (std::size_t i = 0; i < names.outputs.size(); ++i)
      ranges[names.outputs[i].c_str()] = limits(kActivationTraits[i].range);
    for (std::size_t i = 0; i < names.costs.size(); ++i)
      targets[names.costs[i].c_str()] = limits(kCostTraits[i].target);
    result["ranges"] = ranges;
    result["targets"] = targets;
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
