#pragma once

#include <string>

namespace localgrad {

/// The default number of threads and where it comes from: the smallest of what OpenMP says (OMP_NUM_THREADS included), the
/// affinity mask and the container's processor quota; one inside somebody else's parallel region and in a forked process.
struct ThreadLimit {
  int threads = 1;
  std::string from;
};
ThreadLimit thread_limit();

constexpr int kMaxThreads =
    1024;  ///< more are a slip, and what cannot be started ends the process in some run times

/// Throws std::invalid_argument unless `requested` is in 0..kMaxThreads.
void check_threads(int requested);

/// The threads for a call: `requested` if it is above 0; otherwise the limit, but 1 where the call's floating-point
/// operations are too few to share. Throws as check_threads.
int choose_threads(int requested, double operations);

}  // namespace localgrad
