#include "kernels/table.hpp"
#include "simd/avx512.hpp"

namespace localgrad {

extern const KernelTable kAvx512Kernels;
constexpr KernelTable kAvx512Kernels = {"avx512", Avx512<float>::kFused, make_kernels<Avx512<float>>(),
                                        make_kernels<Avx512<double>>()};

}  // namespace localgrad
