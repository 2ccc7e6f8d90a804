#include "engine/plan/machine.hpp"

#include "gil.hpp"
#include "register.hpp"

namespace py = pybind11;
using namespace py::literals;

namespace localgrad::python {

void register_machine(py::module_& m) {
  m.def(
      "measure_machine",
      [](int threads, double seconds) {
        const MachineSpeed speed = without_gil([&] { return measure_machine(threads, seconds); });
        return py::dict("flops"_a = speed.flops, "bandwidth"_a = speed.bandwidth,
                        "handover"_a = speed.handover);
      },
      py::arg("threads"), py::arg("seconds"));
}

}  // namespace localgrad::python
