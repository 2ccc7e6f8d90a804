#pragma once

#include <string>

namespace localgrad {

/// The default number of threads and where it comes from: the smallest of what OpenMP says (OMP_NUM_THREADS included), the
/// affinity mask and the container's processor quota; one, from OpenMP, inside somebody else's parallel region.
struct ThreadLimit {
  int threads = 1;
  std::string from;
};
ThreadLimit thread_limit();

/// The threads for a call: `requested` if it is above 0; otherwise the limit, but 1 where the floating-point operations
/// (of a mini-batch, or of the whole call without barriers) are too few to share. Throws std::invalid_argument below 0.
int choose_threads(int requested, double operations);

}  // namespace localgrad
