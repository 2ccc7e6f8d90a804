#pragma once

#include <cstdint>
#include <functional>

#include "localgrad/network.hpp"

namespace localgrad {

/// Draws the initial parameters according to Options::init.
///
/// Weights are drawn from N(0, std^2) with std^2 = 2/fan_in (he), 2/(fan_in + fan_out) (xavier), 1/fan_in
/// (lecun) or 1 (normal), and multiplied by Options::init_gain. "auto" uses the method that list.hpp
/// specifies for the activation of each layer. Biases are 0, except for "normal", which also draws biases.
/// Input scales are 1. Numbers are drawn in double and rounded once. He et al. 2015, Glorot and Bengio 2010,
/// LeCun et al. 1998.
template <class T>
void initialize(Network<T>& network);
/// The same with random words from `bits`, in order, in place of those that Options::seed determines. An
/// exception of `bits` leaves the parameters unchanged.
template <class T>
void initialize(Network<T>& network, const std::function<std::uint64_t()>& bits);

}  // namespace localgrad
