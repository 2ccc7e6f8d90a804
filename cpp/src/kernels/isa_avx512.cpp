#include "kernels/table.hpp"
#include "simd/avx512.hpp"

namespace localgrad {

extern const KernelTable kAvx512Kernels;
constexpr KernelTable kAvx512Kernels = make_table<Avx512>("avx512");

}  // namespace localgrad
