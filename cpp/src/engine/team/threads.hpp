#pragma once

#include <string>

namespace localgrad {

struct BuiltInLimit;

/// The default number of threads and what limits it.
///
/// It is the smallest of OpenMP's limits (OMP_NUM_THREADS, OMP_THREAD_LIMIT), the number of processors that
/// OpenMP binds threads to (OMP_PROC_BIND), or otherwise of those in the affinity mask, and the processor
/// quota of the container. It is 1 inside a parallel region of the caller and, with OpenMP, in a forked
/// process. With an executor, it is the number that the host has set, or else is found without OpenMP.
struct ThreadLimit {
  int threads = 1;
  std::string from;
};
ThreadLimit thread_limit();

/// The default number of threads, fast enough for every call. The affinity mask of the calling thread is
/// cached for a second; OpenMP's limits are current.
int default_threads();

/// Combines the limits; an affinity or quota of 0 means no limit.
ThreadLimit least(const BuiltInLimit& built_in, int processors, int affinity, int quota);

/// Largest number of threads. A larger number is probably a mistake, and some OpenMP runtimes end the process
/// if a thread cannot be started.
constexpr int kMaxThreads = 1024;

/// Throws std::invalid_argument unless `requested` is in 0..kMaxThreads.
void check_threads(int requested);

}  // namespace localgrad
