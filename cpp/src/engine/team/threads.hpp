#pragma once

#include <string>

namespace localgrad {

struct OpenMPLimit;

/// The default number of threads and what limits it: the smallest of OpenMP's limits (OMP_NUM_THREADS,
/// OMP_THREAD_LIMIT), the processors to which it binds threads (OMP_PROC_BIND) or else those in the affinity
/// mask, and the container's processor quota; one inside a foreign parallel region and in a forked process.
struct ThreadLimit {
  int threads = 1;
  std::string from;
};
ThreadLimit thread_limit();

/// The number alone, for every call: the calling thread's affinity mask may be a second old; OpenMP's numbers
/// are current.
int default_threads();

/// The same from its parts; an affinity or a quota of 0 says nothing.
ThreadLimit least(const OpenMPLimit& openmp, int processors, int affinity, int quota);

/// More are a mistake, and threads that cannot be started end the process in some run times.
constexpr int kMaxThreads = 1024;

/// Throws std::invalid_argument unless `requested` is in 0..kMaxThreads.
void check_threads(int requested);

}  // namespace localgrad
