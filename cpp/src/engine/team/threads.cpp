#include "engine/team/threads.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <thread>

#include "engine/team/quota.hpp"
#include "engine/team/team.hpp"
#include "text/message.hpp"

#if defined(__linux__)
#include <sched.h>

#include <cerrno>
#endif

namespace localgrad {
namespace {

/// Number of processors in the calling thread's affinity mask; 0 if unknown.
int affinity_threads() {
#if defined(__linux__)
  for (int processors = CPU_SETSIZE; processors <= 1 << 20; processors *= 2) {
    cpu_set_t* set = CPU_ALLOC(static_cast<std::size_t>(processors));
    if (!set) return 0;
    const std::size_t size = CPU_ALLOC_SIZE(static_cast<std::size_t>(processors));
    const int failure = sched_getaffinity(0, size, set) == 0 ? 0 : errno;
    const int count = failure ? 0 : CPU_COUNT_S(size, set);
    CPU_FREE(set);
    if (failure != EINVAL) return count;  // EINVAL: the machine has more processors than the set
  }
#endif
  return 0;
}

/// Number of processors of the machine. Cached, because the system call takes as long as a small prediction.
int processors() {
  static const int count = static_cast<int>(std::thread::hardware_concurrency());
  return count;
}

struct Least {
  int threads;
  const char* from;
};

Least least_of(const OpenMPLimit& openmp, int processors, int affinity, int quota) {
  Least limit{std::max(1, processors), "processors"};
  const auto lower = [&](int threads, const char* from) {
    if (threads > 0 && threads < limit.threads) limit = {threads, from};
  };
  if (openmp.processors > 0)
    limit = {openmp.processors, "OpenMP places"};
  else
    lower(affinity, "affinity mask");
  lower(quota, "cgroup quota");
  // OpenMP counted the processors when its runtime was loaded.
  const bool said = *openmp.from != '\0';
  if (openmp.threads < limit.threads || (said && openmp.threads == limit.threads))
    limit = {openmp.threads, said ? openmp.from : "OpenMP"};
  return limit;
}

bool without_openmp() { return std::strcmp(openmp_version(), "none") == 0; }

}  // namespace

ThreadLimit least(const OpenMPLimit& openmp, int processors, int affinity, int quota) {
  const Least found = least_of(openmp, processors, affinity, quota);
  ThreadLimit limit{found.threads, found.from};
  if (openmp.may_lower && limit.threads > 1) limit.from += ", which OMP_DYNAMIC may lower";
  return limit;
}

ThreadLimit thread_limit() {
  if (without_openmp()) return {1, "built without OpenMP"};
  if (in_forked_process()) return {1, "forked process"};  // starting new threads for every call is too slow
  return least(openmp_limit(), processors(), affinity_threads(), quota_threads());
}

int default_threads() {
  if (without_openmp() || in_forked_process()) return 1;
  using Clock = std::chrono::steady_clock;
  struct Known {
    Clock::time_point until;
    int affinity, quota;
  };
  thread_local Known known{Clock::time_point::min(), 0, 0};
  const Clock::time_point now = Clock::now();
  if (now > known.until) known = {now + std::chrono::seconds(1), affinity_threads(), quota_threads()};
  return least_of(openmp_limit(), processors(), known.affinity, known.quota).threads;
}

void check_threads(int requested) {
  if (requested < 0 || requested > kMaxThreads)
    refuse("n_threads must be between 1 and ", kMaxThreads, ", or 0 for automatic, got ", requested);
}

}  // namespace localgrad
