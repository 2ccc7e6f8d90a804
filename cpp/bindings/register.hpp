#pragma once

#include <pybind11/pybind11.h>

namespace localgrad::python {

/// Converts exceptions of the core that pybind11 does not convert.
void register_errors();
/// names(), info()
void register_info(pybind11::module_& m);
/// DefaultFloatMode, CallersFloatMode
void register_float_modes(pybind11::module_& m);
/// measure_machine()
void register_machine(pybind11::module_& m);
/// Optimizer, optimizer()
void register_optimizers(pybind11::module_& m);
/// Network32, Network64, load(). Requires the optimizers.
void register_networks(pybind11::module_& m);
/// epoch_order(), split_order(), buffer_order()
void register_orders(pybind11::module_& m);
/// save_checkpoint(), load_checkpoint(). Requires the networks.
void register_checkpoints(pybind11::module_& m);
/// Trainer32, Trainer64. Requires the networks and the optimizers.
void register_trainers(pybind11::module_& m);
/// LevenbergMarquardt. Requires the networks.
void register_levenberg_marquardt(pybind11::module_& m);

}  // namespace localgrad::python
