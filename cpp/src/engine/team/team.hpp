#pragma once

#include <atomic>
#include <cstdint>

namespace localgrad {

/// One member of a running team of threads.
class Member {
 public:
  /// Number of times a member has arrived at a barrier, on a separate cache line: one member writes it and
  /// the others read it.
  struct alignas(128) Arrivals {
    std::atomic<std::uint32_t> count{0};
  };

  const int index, count;

  Member(int member_index, int team_size, Arrivals* arrivals)
      : index(member_index), count(team_size), arrivals_(arrivals) {}

  /// A barrier in two halves: after await(), a member sees everything that the others did before their
  /// arrive(). Between the two, a member may do work that concerns no other member.
  void arrive() const {
    if (count > 1) arrivals_[index].count.fetch_add(1, std::memory_order_release);
  }
  /// Spins for about as long as waking a thread takes, then yields, so that a team still makes progress if it
  /// is larger than the machine or has lost a core to another process.
  void await() const {
    if (count > 1) await_all();
  }
  void meet() const {
    arrive();
    await();
  }

 private:
  void await_all() const;
  Arrivals* arrivals_;
};

/// Calls work(context, member) once on each of n_threads threads and returns when all calls have returned.
///
/// If OpenMP or the system provides fewer threads, the team is smaller, down to only the calling thread: see
/// member.count. Threads other than the calling one compute in the default floating-point mode. `work` must
/// not throw. This is the only code in the library that uses OpenMP.
///
/// OpenMP runtimes end the process if the system refuses to start a thread (ulimit -u or -v, the pids
/// cgroup). Therefore, a trial (trial.hpp) tests whether threads can be started before a team grows, and the
/// teams of different calling threads grow one at a time. The process can still end if other code takes the
/// last threads or memory between the trial and the growth, or if another library shares the runtime and uses
/// it on the same thread with a smaller team. If the runtime itself provides fewer threads (OMP_DYNAMIC), no
/// more are requested for a second.
void run_team(int n_threads, void (*work)(void* context, const Member& member), void* context);

template <class Work>
void run_team(int n_threads, Work&& work) {
  run_team(
      n_threads, [](void* context, const Member& member) { (*static_cast<Work*>(context))(member); }, &work);
}

/// Number of threads, besides the calling one, that wait for its next team. Starting new threads takes much
/// longer than waking these.
int helpers_at_hand();

/// Whether this process was forked from one that had loaded this library. A team then starts new threads for
/// each call.
bool in_forked_process();

/// OpenMP's limits for a team that is started on the calling thread.
struct OpenMPLimit {
  int threads = 1;        ///< largest number of threads; 1 without OpenMP
  const char* from = "";  ///< what limits `threads`; empty if it is OpenMP's own count of processors
  /// Number of processors in the places that threads are bound to; 0 if they are not bound.
  int processors = 0;
  bool may_lower = false;  ///< whether OMP_DYNAMIC allows the runtime to use fewer threads
};
OpenMPLimit openmp_limit();

/// Version of the OpenMP specification, or "none" without OpenMP.
const char* openmp_version();

}  // namespace localgrad
