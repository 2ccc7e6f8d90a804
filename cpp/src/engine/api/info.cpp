#include "localgrad/info.hpp"

#include "engine/team/built_in.hpp"
#include "engine/team/threads.hpp"
#include "kernels/dispatch.hpp"
#include "localgrad/version.h"
#include "model/float_mode.hpp"

namespace localgrad {

Info info() {
  const DefaultFloatMode mode;
  Info info;
  info.version = LOCALGRAD_VERSION_STRING;
  info.isa = kernel_table().name;
  for (const auto* table : available_kernels()) info.isa_available.push_back(table->name);
  info.fused_multiply_add = kernel_table().fused_multiply_add;
  const auto limit = thread_limit();
  info.threads = limit.threads;
  info.threads_from = limit.from;
  info.threading = threading();
  info.openmp = openmp_version();
#if defined(__clang__)
  info.compiler = "Clang " __clang_version__;
#else
  info.compiler = "GCC " __VERSION__;
#endif
  return info;
}

}  // namespace localgrad
