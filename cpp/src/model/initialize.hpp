#pragma once

#include "localgrad/network.hpp"

namespace localgrad {

/// Draws the initial parameters by Options::init: weights N(0, std^2) with std^2 = 2/fan_in (he), 2/(fan_in +
/// fan_out) (xavier), 1/fan_in (lecun) or 1 (normal, which draws the biases too), biases 0; auto is
/// list.hpp's choice for each layer's activation. Drawn in double and rounded once. He et al. 2015, Glorot
/// and Bengio 2010, LeCun et al. 1998.
template <class T>
void initialize(Network<T>& network);

}  // namespace localgrad
