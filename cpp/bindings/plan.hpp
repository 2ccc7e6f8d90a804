#pragma once

#include <pybind11/pybind11.h>

#include "localgrad/network.hpp"
#include "optimizers.hpp"

namespace localgrad::python {

/// Returns a TrainingPlan as a dict.
template <class T>
pybind11::dict plan(const Network<T>& network, const OptimizerSettings& optimizer,
                    const pybind11::dict& regularization, std::size_t batch_size, int n_threads);

}  // namespace localgrad::python
