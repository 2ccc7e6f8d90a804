#pragma once

#include <pybind11/pybind11.h>

#include <string>
#include <vector>

#include "localgrad/optimizer.hpp"

namespace localgrad::python {

/// An Optimizer as an object of Python's; a variant itself would be taken apart on its way.
struct OptimizerSettings {
  Optimizer optimizer;
};

/// The kinds that optimizer() knows.
std::vector<std::string> optimizer_kinds();

/// From a dict with l1, l2, weight_decay (lists; the last may be None), penalize_biases, clip_value,
/// clip_norm, max_norm.
Regularization regularization_of(const pybind11::dict& values);

}  // namespace localgrad::python
