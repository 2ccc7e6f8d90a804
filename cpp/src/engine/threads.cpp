#include "engine/threads.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "engine/team.hpp"

#if defined(__linux__)
#include <sched.h>
#endif

namespace localgrad {
namespace {

// Operations of a whole call from which a team is chosen: some milliseconds, the time for which another process may hold one
// of its members up.
constexpr double kWorthSharing = 1e9;

int affinity_threads() {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
  return 0;
}

/// quota / period of a cgroup, rounded up, or 0 where there is no quota; version 2 first, then version 1.
int quota_threads() {
  const auto whole = [](double quota, double period) {
    return quota > 0 && period > 0 ? std::max(1, static_cast<int>((quota + period - 1) / period)) : 0;
  };
  std::ifstream v2("/sys/fs/cgroup/cpu.max");
  std::string quota;
  double period = 0;
  if (v2 >> quota >> period) return quota == "max" ? 0 : whole(std::strtod(quota.c_str(), nullptr), period);
  std::ifstream v1_quota("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"),
      v1_period("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
  double number = 0;
  if (v1_quota >> number && v1_period >> period) return whole(number, period);
  return 0;
}

}  // namespace

ThreadLimit thread_limit() {
  const int processors = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const int team = openmp_threads(), affinity = affinity_threads(), quota = quota_threads();
  ThreadLimit limit{processors, "processors"};
  const auto lower = [&](int threads, const char* from) {
    if (threads > 0 && threads < limit.threads) limit = {threads, from};
  };
  lower(affinity, "affinity mask");
  lower(quota, "cgroup quota");
  if (std::string(openmp_version()) == "none")
    limit = {1, "built without OpenMP"};
  else if (in_forked_process())
    limit = {1, "forked process"};  // starting a team anew for every call does not pay
  else if (team < limit.threads || (std::getenv("OMP_NUM_THREADS") && team == limit.threads))
    limit = {team, std::getenv("OMP_NUM_THREADS") ? "OMP_NUM_THREADS" : "OpenMP"};
  return limit;
}

void check_threads(int requested) {
  if (requested < 0 || requested > kMaxThreads)
    throw std::invalid_argument("n_threads must be in 1.." + std::to_string(kMaxThreads) +
                                ", or 0 to choose, given " + std::to_string(requested));
}

int choose_threads(int requested, double operations) {
  check_threads(requested);
  if (requested > 0) return requested;
  return operations < kWorthSharing ? 1 : thread_limit().threads;
}

}  // namespace localgrad
