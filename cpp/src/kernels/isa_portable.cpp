#include "kernels/table.hpp"
#include "simd/portable.hpp"

namespace localgrad {

extern const KernelTable kPortableKernels;
constexpr KernelTable kPortableKernels = {"portable", Portable<float>::kFused,
                                          make_kernels<Portable<float>>(), make_kernels<Portable<double>>()};

}  // namespace localgrad
