#pragma once

#include <string>
#include <vector>

#include "kernels/args.hpp"
#include "localgrad/export.h"

namespace localgrad {

/// Returns the tables of the instruction sets that this build, the processor and the operating system
/// support, slowest first.
std::vector<const KernelTable*> available_kernels();

/// Returns the table in use: that of set_isa(); before it is called, the one that the environment variable
/// LOCALGRAD_ISA names, which is read once, or the last available one. Throws std::invalid_argument if
/// LOCALGRAD_ISA is unknown or not supported.
LOCALGRAD_API const KernelTable& kernel_table();

template <class T>
const Kernels<T>& kernels();
template <>
inline const Kernels<float>& kernels<float>() {
  return kernel_table().float32;
}
#if LOCALGRAD_HAS_DOUBLE || LOCALGRAD_HAS_TRAINING
template <>
inline const Kernels<double>& kernels<double>() {
  return kernel_table().float64;
}
#endif

}  // namespace localgrad
