#pragma once

#include <atomic>
#include <cstdint>

namespace localgrad {

/// Lets the members of a team meet: spins for about the time a wake-up takes, then gives its turn away, so that a team
/// larger than the machine, or one that lost a core to another process, still moves.
class Barrier {
 public:
  void set_count(int count) { count_ = count; }
  void wait();

 private:
  int count_ = 1;
  alignas(128) std::atomic<int> arrived_{0};
  alignas(128) std::atomic<std::uint32_t> round_{0};
};

/// One member of a team at work.
struct Member {
  int index, count;
  Barrier* barrier;
  void wait() const {
    if (count > 1) barrier->wait();
  }
};

/// Calls work(context, member) once on each of n_threads threads (fewer if OpenMP gives fewer; member.count says) and returns
/// when all are done. work must not throw. The only place in the library that knows OpenMP.
void run_team(int n_threads, void (*work)(void* context, const Member& member), void* context);

template <class Work>
void run_team(int n_threads, Work&& work) {
  run_team(
      n_threads, [](void* context, const Member& member) { (*static_cast<Work*>(context))(member); }, &work);
}

/// What OpenMP says: omp_get_max_threads (1 inside somebody's parallel region or without OpenMP), and its version.
int openmp_threads();
const char* openmp_version();

}  // namespace localgrad
