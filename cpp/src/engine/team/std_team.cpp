// LOCALGRAD_THREADS=std: a pool of std::threads.

#include <limits>

#include "engine/team/built_in.hpp"
#include "engine/team/environment.hpp"
#include "engine/team/pool.hpp"

namespace localgrad {

void run_threads(int n_threads, void (*work)(void*, const Team&), void* context) {
  ThreadPool::get().run(n_threads, work, context);
}
int waiting_threads() { return ThreadPool::in_team() ? 0 : ThreadPool::get().waiting(); }
bool lacks_threads() { return false; }  // a forked process has a new pool

BuiltInLimit built_in_limit() {
  if (ThreadPool::in_team()) return {1, "parallel region of the caller", 0, false};  // in a custom cost
  const int asked = num_threads_at_load();
  if (asked > 0) return {asked, "OMP_NUM_THREADS", 0, false};
  return {std::numeric_limits<int>::max(), "", 0, false};
}
const char* threading() { return "std"; }
const char* openmp_version() { return "none"; }

}  // namespace localgrad
