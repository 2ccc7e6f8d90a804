#include "engine/team/environment.hpp"

#include <algorithm>
#include <cstdlib>

namespace localgrad {
namespace {

const int kNumThreads = [] {
  const char* text = std::getenv("OMP_NUM_THREADS");
  return text ? std::max(0, std::atoi(text)) : 0;
}();

}  // namespace

int num_threads_at_load() { return kNumThreads; }

}  // namespace localgrad
