#pragma once

#include "kernels/args.hpp"
#include "localgrad/network.hpp"

namespace localgrad {

/// Writes phi''(z) times `factor` of n numbers to `out`, which may be any of the inputs; `slope` is phi'(z).
/// Returns false, and writes nothing, if phi'' is 0 everywhere.
template <class T>
bool times_second_derivative(Activation phi, Index n, const T* z, const T* a, const T* slope, const T* factor,
                             T* out);

/// The variable of which the second derivative of a cost is computed, and whether it is a sum over the units.
enum class CurvedIn {
  a,        ///< of a^L, unit by unit
  z,        ///< of z^L, unit by unit: the output activation belongs to the cost
  softmax,  ///< of z^L: cross-entropy of softmax outputs
  pairs     ///< of means and log variances
};
CurvedIn curved_in(Cost cost, Activation output);

/// Writes the second derivatives of a cost that is curved unit by unit, of a row of n outputs.
template <class T>
void cost_second_derivative(Cost cost, Activation output, Index n, const T* z, const T* a, const T* y,
                            const T* parameters, T* out);

/// e^x with the operations of functions/math.hpp.
template <class T>
T exp_of(T x);

}  // namespace localgrad
