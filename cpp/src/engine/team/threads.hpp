#pragma once

#include <string>

namespace localgrad {

struct OpenMPLimit;

/// The default number of threads and where it comes from: the smallest of what OpenMP says (OMP_NUM_THREADS, OMP_THREAD_LIMIT),
/// the processors to which it binds threads (OMP_PROC_BIND) or else those in the affinity mask, and the container's processor
/// quota; one inside somebody else's parallel region and in a forked process.
struct ThreadLimit {
  int threads = 1;
  std::string from;
};
ThreadLimit thread_limit();

/// The number alone, for every call: the affinity mask of the calling thread may be as old as a second. OpenMP's own numbers
/// are of now.
int default_threads();

/// The same from its parts; an affinity or a quota of 0 says nothing.
ThreadLimit least(const OpenMPLimit& openmp, int processors, int affinity, int quota);

constexpr int kMaxThreads =
    1024;  ///< more are a slip, and what cannot be started ends the process in some run times

/// Throws std::invalid_argument unless `requested` is in 0..kMaxThreads.
void check_threads(int requested);

}  // namespace localgrad
