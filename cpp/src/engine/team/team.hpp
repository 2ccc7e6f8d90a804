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

  /// Lets the members of a team meet: what each did before it arrived, all see behind await. Between the two a member may
  /// do what concerns nobody else.
  void arrive() const {
    if (count > 1) arrivals_[index].count.fetch_add(1, std::memory_order_release);
  }
  /// Spins for about the time a wake-up takes, then gives its turn away, so that a team larger than the machine, or one
  /// that lost a core to another process, still moves.
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

/// Calls work(context, member) once on each of n_threads threads and returns when all are done. There are fewer, down to the
/// calling thread alone, if OpenMP or the system gives fewer; member.count says. They compute in the default floating-point
/// mode, the calling thread in its own. work must not throw; run_team does not. The only place in the library that knows
/// OpenMP.
///
/// OpenMP's run times end the process where the system refuses a thread (ulimit -u or -v, the pids cgroup). So before a team
/// grows, as many threads are tried: trial.hpp. Teams of different calling threads grow one after the other. What can still
/// end the process is somebody else, in another process or in this one, who takes the last threads or memory in the
/// moment between the trial and the growth, and another library that shares the run time, calls it on the same thread for a
/// smaller team, and so has threads ended just before. Where the run time itself gives fewer (OMP_DYNAMIC), it is not
/// asked for more in the next second.
void run_team(int n_threads, void (*work)(void* context, const Member& member), void* context);

template <class Work>
void run_team(int n_threads, Work&& work) {
  run_team(
      n_threads, [](void* context, const Member& member) { (*static_cast<Work*>(context))(member); }, &work);
}

/// Threads beside the calling one that wait for its next team; to start others takes far longer than to wake them.
int helpers_at_hand();

/// Whether this process was forked from one that had this library loaded: a team then starts its threads anew each time.
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
