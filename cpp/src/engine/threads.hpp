#pragma once

#include <string>

namespace localgrad {

/// The default number of threads and where it comes from: the smallest of what OpenMP says (OMP_NUM_THREADS included), the
/// affinity mask and the container's processor quota; "parallel region" when called inside somebody else's.
struct ThreadLimit {
  int threads = 1;
  std::string from;
};
ThreadLimit thread_limit();

/// The threads for a call: `requested` if it is above 0; otherwise the limit, but 1 for fewer floating-point operations
/// than are `worth` sharing. Throws std::invalid_argument below 0.
int choose_threads(int requested, double operations, double worth = 1e7);

}  // namespace localgrad
