#include "kernels/table.hpp"
#include "simd/avx2.hpp"

namespace localgrad {

extern const KernelTable kAvx2Kernels;
constexpr KernelTable kAvx2Kernels = make_table<Avx2>("avx2");

}  // namespace localgrad
