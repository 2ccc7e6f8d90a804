#include "engine/plan/machine.hpp"

#include "gil.hpp"
#include "register.hpp"

namespace py = pybind11;

namespace localgrad::python {

void register_machine(py::module_& m) {
  m.def(
      "measure_machine",
      [](int threads, double seconds) {
        MachineSpeed speed;
        {
          const WithoutGil released;
          speed = measure_machine(threads, seconds);
        }
        py::dict result;
        result["flops"] = speed.flops;
        result["bandwidth"] = speed.bandwidth;
        result["handover"] = speed.handover;
        return result;
      },
      py::arg("threads"), py::arg("seconds"));
}

}  // namespace localgrad::python
