#pragma once

#include <atomic>
#include <cstdint>

namespace localgrad {

/// One member of a team at work.
class Member {
 public:
  /// How many times a member has arrived: on a cache line of its own, which it writes and the others read.
  struct alignas(128) Arrivals {
    std::atomic<std::uint32_t> count{0};
  };

  const int index, count;

  Member(int member_index, int team_size, Arrivals* arrivals)
      : index(member_index), count(team_size), arrivals_(arrivals) {}

  /// Lets the members of a team meet: what each did before it arrived, all see after await. Between the two a
  /// member may do what concerns no other.
  void arrive() const {
    if (count > 1) arrivals_[index].count.fetch_add(1, std::memory_order_release);
  }
  /// Spins for about the time a wake-up takes, then yields, so that a team larger than the machine, or one
  /// that lost a core to another process, still advances.
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

/// Calls work(context, member) once on each of n_threads threads and returns when all are done. There are
/// fewer, down to the calling thread alone, if OpenMP or the system gives fewer: see member.count. They
/// compute in the default floating-point mode, the calling thread in its own. work must not throw; run_team
/// does not. The only code in the library that uses OpenMP.
///
/// OpenMP's run times end the process if the system refuses a thread (ulimit -u or -v, the pids cgroup). So
/// threads are tried (trial.hpp) before a team grows, and teams of different calling threads grow one after
/// the other. What can still end the process: other code that takes the last threads or memory between trial
/// and growth, and another library that shares the run time and uses it on the same thread for a smaller
/// team. Where the run time itself gives fewer (OMP_DYNAMIC), it is not asked for more in the next second.
void run_team(int n_threads, void (*work)(void* context, const Member& member), void* context);

template <class Work>
void run_team(int n_threads, Work&& work) {
  run_team(
      n_threads, [](void* context, const Member& member) { (*static_cast<Work*>(context))(member); }, &work);
}

/// Threads beside the calling one that wait for its next team; starting others takes far longer than waking
/// them.
int helpers_at_hand();

/// Whether this process was forked from one that had loaded this library: a team then starts its threads anew
/// each time.
bool in_forked_process();

/// What OpenMP says about the size of a team started here.
struct OpenMPLimit {
  int threads = 1;         ///< at most; 1 without OpenMP
  const char* from = "";   ///< what says so; empty if it is OpenMP's own count of processors
  int processors = 0;      ///< in the places to which it binds the team's threads; 0 if it binds none
  bool may_lower = false;  ///< OMP_DYNAMIC
};
OpenMPLimit openmp_limit();

/// The version that it implements; "none" without.
const char* openmp_version();

}  // namespace localgrad
