// What the OpenMP run time reports about itself, and its place in memory.

#include "engine/team/openmp_runtime.hpp"

#include <omp.h>

#include "engine/team/built_in.hpp"
#include "engine/team/environment.hpp"

#if defined(__ELF__)
#include <dlfcn.h>
// Weak, so that a program that is linked statically, which cannot unload anything, does not contain them, and
// older C libraries do not need another library at link time.
#pragma weak dladdr
#pragma weak dlopen
#endif

namespace localgrad {

void keep_openmp_loaded() {
#if defined(__ELF__)
  static const bool kept = [] {
    Dl_info run_time;
    if (!dladdr || !dlopen || !dladdr(reinterpret_cast<void*>(&omp_get_max_threads), &run_time)) return false;
    return dlopen(run_time.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE) != nullptr;
  }();
  static_cast<void>(kept);
#endif
}

namespace {

const int kMaxThreadsAtLoad = omp_get_max_threads();

/// Number of processors that OpenMP binds threads to. OpenMP also binds the calling thread to one place, so
/// that the affinity mask of that thread is no longer the mask of the process.
int bound_processors() {
  if (omp_get_proc_bind() == omp_proc_bind_false) return 0;
  // All threads are in the caller's place.
  if (omp_get_proc_bind() == omp_proc_bind_master && omp_get_place_num() >= 0)
    return omp_get_place_num_procs(omp_get_place_num());
  int processors = 0;
  for (int place = 0; place < omp_get_num_places(); ++place) processors += omp_get_place_num_procs(place);
  return processors;
}

}  // namespace

BuiltInLimit built_in_limit() {
  BuiltInLimit limit;
  if (omp_in_parallel()) return {1, "parallel region of the caller", 0, false};
  limit.processors = bound_processors();
  limit.may_lower = omp_get_dynamic() != 0;
  limit.threads = omp_get_max_threads();
  if (limit.threads == num_threads_at_load())
    limit.from = "OMP_NUM_THREADS";
  else if (limit.threads != kMaxThreadsAtLoad)
    limit.from = "omp_set_num_threads";
  if (omp_get_thread_limit() < limit.threads) {
    limit.threads = omp_get_thread_limit();
    limit.from = "OMP_THREAD_LIMIT";
  }
  return limit;
}

const char* openmp_version() {
  switch (_OPENMP) {
    case 201511:
      return "4.5";
    case 201811:
      return "5.0";
    case 202011:
      return "5.1";
    case 202111:
      return "5.2";
    default:
      return "unknown";
  }
}

}  // namespace localgrad
