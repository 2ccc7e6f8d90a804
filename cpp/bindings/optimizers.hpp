#pragma once

#include <pybind11/pybind11.h>

#include <string>
#include <vector>

#include "localgrad/optimizer.hpp"

namespace localgrad::python {

/// An Optimizer as a Python object. pybind11 would convert the variant itself to one of its alternatives.
struct OptimizerSettings {
  Optimizer optimizer;
};

/// Names of the optimizers that optimizer() accepts.
std::vector<std::string> optimizer_kinds();

/// Creates a Regularization from a dict with l1, l2, weight_lr_factor, bias_lr_factor, weight_decay (lists;
/// the last may be None), input_scale_lr_factor, penalize_biases, clip_value, clip_norm, max_norm and
/// l2_by_rows, which may be missing.
Regularization regularization_of(const pybind11::dict& values);

}  // namespace localgrad::python
