#include "kernels/dispatch.hpp"

#include <cstdlib>
#include <stdexcept>

namespace localgrad {

extern const KernelTable kPortableKernels;
#if defined(LOCALGRAD_AVX2)
extern const KernelTable kAvx2Kernels;
#endif
#if defined(LOCALGRAD_AVX512)
extern const KernelTable kAvx512Kernels;
#endif

std::vector<const KernelTable*> available_kernels() {
  std::vector<const KernelTable*> tables = {&kPortableKernels};
// These check both the processor and whether the operating system saves the wide registers.
#if defined(LOCALGRAD_AVX2)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) tables.push_back(&kAvx2Kernels);
#endif
#if defined(LOCALGRAD_AVX512)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("fma"))
    tables.push_back(&kAvx512Kernels);
#endif
  return tables;
}

const KernelTable& kernel_table() {
  static const KernelTable& chosen = []() -> const KernelTable& {
    const auto tables = available_kernels();
    const char* forced = std::getenv("LOCALGRAD_ISA");
    if (!forced || !*forced) return *tables.back();
    std::string have;
    for (const auto* table : tables) {
      if (std::string(forced) == table->name) return *table;
      have += std::string(have.empty() ? "" : ", ") + table->name;
    }
    throw std::invalid_argument("LOCALGRAD_ISA must be an available instruction set (" + have + "), got '" +
                                forced + "'");
  }();
  return chosen;
}

}  // namespace localgrad
