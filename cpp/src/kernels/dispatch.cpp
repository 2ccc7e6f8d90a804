#include "kernels/dispatch.hpp"

#include <atomic>
#include <cstdlib>
#include <stdexcept>

#include "localgrad/info.hpp"

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

namespace {

std::atomic<const KernelTable*> chosen{nullptr};

/// Returns the table of this name. `what` names the setting in the message of an exception.
const KernelTable& table_named(const std::string& name, const char* what) {
  std::string have;
  for (const auto* table : available_kernels()) {
    if (name == table->name) return *table;
    have += std::string(have.empty() ? "" : ", ") + table->name;
  }
  throw std::invalid_argument(std::string(what) + " must be an available instruction set (" + have +
                              "), got '" + name + "'");
}

const KernelTable& default_table() {
  static const KernelTable& table = []() -> const KernelTable& {
    const char* forced = std::getenv("LOCALGRAD_ISA");
    return forced && *forced ? table_named(forced, "LOCALGRAD_ISA") : *available_kernels().back();
  }();
  return table;
}

}  // namespace

const KernelTable& kernel_table() {
  if (const KernelTable* table = chosen.load(std::memory_order_acquire)) return *table;
  const KernelTable* none = nullptr;  // another thread may call set_isa at the same time
  chosen.compare_exchange_strong(none, &default_table());
  return *chosen.load();
}

void set_isa(const std::string& name) {
  chosen = name.empty() ? &default_table() : &table_named(name, "isa");
}

}  // namespace localgrad
