#include "kernels/table.hpp"
#include "simd/avx2.hpp"

namespace localgrad {

extern const KernelTable kAvx2Kernels;
constexpr KernelTable kAvx2Kernels = {"avx2", Avx2<float>::kFused, make_kernels<Avx2<float>>(),
                                      make_kernels<Avx2<double>>()};

}  // namespace localgrad
