#include "localgrad/info.hpp"

#include <pybind11/stl.h>

#include "functions/list.hpp"
#include "optimizers.hpp"
#include "register.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace localgrad::python {
namespace {

py::tuple limits(const Span& span) { return py::make_tuple(span.lowest, span.highest); }

}  // namespace

void register_info(py::module_& m) {
  m.def("names", [] {
    const Names names = localgrad::names();
    py::dict ranges, targets;
    for (std::size_t i = 0; i < names.outputs.size(); ++i)
      ranges[names.outputs[i].c_str()] = limits(kActivationTraits[i].range);
    for (std::size_t i = 0; i < names.costs.size(); ++i)
      targets[names.costs[i].c_str()] = limits(kCostTraits[i].target);
    return py::dict("activations"_a = names.activations, "outputs"_a = names.outputs, "costs"_a = names.costs,
                    "inits"_a = names.inits, "optimizers"_a = optimizer_kinds(), "ranges"_a = ranges,
                    "targets"_a = targets);
  });
  m.def("info", [] {
    const Info info = localgrad::info();
    return py::dict("version"_a = info.version, "isa"_a = info.isa, "isa_available"_a = info.isa_available,
                    "fused_multiply_add"_a = info.fused_multiply_add, "threads"_a = info.threads,
                    "threads_from"_a = info.threads_from, "threading"_a = info.threading,
                    "openmp"_a = info.openmp, "compiler"_a = info.compiler);
  });
}

}  // namespace localgrad::python
