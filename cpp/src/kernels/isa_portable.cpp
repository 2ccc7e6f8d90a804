#include "kernels/table.hpp"
#include "simd/portable.hpp"

namespace localgrad {

extern const KernelTable kPortableKernels;
constexpr KernelTable kPortableKernels = make_table<Portable>("portable");

}  // namespace localgrad
