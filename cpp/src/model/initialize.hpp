#pragma once

#include "localgrad/network.hpp"

namespace localgrad {

/// Draws the initial parameters as Options::init says: weights N(0, std^2) with he 2/fan_in, xavier 2/(fan_in + fan_out),
/// lecun 1/fan_in and normal 1 for std^2 (normal draws the biases too), biases 0; auto is what list.hpp says of each layer's
/// own activation. Drawn in double and rounded once. He et al. 2015, Glorot and Bengio 2010, LeCun et al. 1998.
template <class T>
void initialise(Network<T>& network);

}  // namespace localgrad
