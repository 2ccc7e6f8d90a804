#pragma once

#include "localgrad/network.hpp"

namespace localgrad {

/// Draws the initial parameters as Options::init says: weights N(0, std^2) with he 2/fan_in, xavier 2/(fan_in + fan_out)
/// and normal 1 for std^2 (normal draws the biases too), biases 0; auto is he for the relu family, else xavier, each layer
/// by its own activation. Drawn in double and rounded once. He et al. 2015, Glorot and Bengio 2010.
template <class T>
void initialise(Network<T>& network);

}  // namespace localgrad
