#include "engine/team/threads.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <stdexcept>
#include <thread>

#include "engine/team/built_in.hpp"
#include "engine/team/quota.hpp"
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

Least least_of(const BuiltInLimit& built_in, int processors, int affinity, int quota) {
  Least limit{std::max(1, processors), "processors"};
  const auto lower = [&](int threads, const char* from) {
    if (threads > 0 && threads < limit.threads) limit = {threads, from};
  };
  if (built_in.processors > 0)
    limit = {built_in.processors, "OpenMP places"};
  else
    lower(affinity, "affinity mask");
  lower(quota, "cgroup quota");
  // OpenMP counted the processors when its runtime was loaded.
  const bool said = *built_in.from != '\0';
  if (built_in.threads < limit.threads || (said && built_in.threads == limit.threads))
    limit = {built_in.threads, said ? built_in.from : "OpenMP"};
  return limit;
}

/// The limit of the executor or of the library's own threads.
BuiltInLimit current_limit() {
  if (!has_executor()) return built_in_limit();
  if (executor_tasks() > 0) return {executor_tasks(), "executor", 0, false};
  return {std::numeric_limits<int>::max(), "", 0, false};
}

/// Whether the limit is 1 or the host's number, whatever the machine has.
bool is_final(const BuiltInLimit& limit) { return limit.threads == 1 || executor_tasks() > 0; }

}  // namespace

ThreadLimit least(const BuiltInLimit& built_in, int processors, int affinity, int quota) {
  const Least found = least_of(built_in, processors, affinity, quota);
  ThreadLimit limit{found.threads, found.from};
  if (built_in.may_lower && limit.threads > 1) limit.from += ", which OMP_DYNAMIC may lower";
  return limit;
}

ThreadLimit thread_limit() {
  // Starting new threads in every forked process would be too slow.
  if (!has_executor() && lacks_threads()) return {1, "forked process"};
  const BuiltInLimit limit = current_limit();
  if (is_final(limit) && *limit.from != '\0') return {limit.threads, limit.from};
  return least(limit, processors(), affinity_threads(), quota_threads());
}

int default_threads() {
  if (!has_executor() && lacks_threads()) return 1;
  const BuiltInLimit limit = current_limit();
  if (is_final(limit)) return limit.threads;
  using Clock = std::chrono::steady_clock;
  struct Known {
    Clock::time_point until;
    int affinity, quota;
  };
  thread_local Known known{Clock::time_point::min(), 0, 0};
  const Clock::time_point now = Clock::now();
  if (now > known.until) known = {now + std::chrono::seconds(1), affinity_threads(), quota_threads()};
  return least_of(limit, processors(), known.affinity, known.quota).threads;
}

void check_threads(int requested) {
  if (requested < 0 || requested > kMaxThreads)
    refuse("n_threads must be between 1 and ", kMaxThreads, ", or 0 for automatic, got ", requested);
}

}  // namespace localgrad
