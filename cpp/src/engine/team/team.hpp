#pragma once

#include <atomic>
#include <cstdint>

#include "engine/team/executor.hpp"

namespace localgrad {

/// One member of a team.
struct Member {
  int index = 0, count = 1;
};

/// A team that computes one call: a function that run_team calls with it.
///
/// Threads of the library's own are members for the whole call: each executes the whole function, and they
/// wait for each other at meetings. The tasks of a host's executor must not wait for each other. With an
/// executor, only the calling thread executes the function, each() is one run of the executor, and meetings
/// have no effect because the members have already finished. Therefore:
///
/// - Work of the members belongs into each(). It must not wait, except by arrive() at its end, and its
///   results are passed on in shared memory, not in variables of the function.
/// - Other code is executed by every member or only by the calling thread. It must depend only on what all
///   members have seen at the last meeting, so that all take the same branches.
class Team {
 public:
  /// Number of times a member has arrived at a meeting, on a separate cache line: one member writes it and
  /// the others read it.
  struct alignas(128) Arrivals {
    std::atomic<std::uint32_t> count{0};
  };
  using Work = void(void* context, const Member& member);

  Team(Member member, Arrivals* arrivals) : member_(member), arrivals_(arrivals) {}  ///< one thread's view
  Team(int count, ExecutorTasks& tasks) : member_{0, count}, tasks_(&tasks) {}

  int count() const { return member_.count; }

  /// Calls work(member) once for each member: here for the member that this thread is, or for all of them by
  /// the executor. When it returns, other members may not have finished unless there is an executor.
  template <class F>
  void each(const F& work) const {
    if (!tasks_) return work(member_);
    const auto call = [](const void* f, const Member& member) { (*static_cast<const F*>(f))(member); };
    run_tasks(call, &work);
  }
  /// Calls work() once, on the thread that called run_team.
  template <class F>
  void once(const F& work) const {
    if (member_.index == 0) work();
  }

  /// A meeting in two halves: after await(), a member sees everything that the others did before their
  /// arrive(). Between the two, a member may do work that concerns no other member.
  void arrive() const {
    if (arrivals_) arrivals_[member_.index].count.fetch_add(1, std::memory_order_release);
  }
  /// Spins for about as long as waking a thread takes, then yields, so that a team still makes progress if it
  /// is larger than the machine or has lost a core to another process.
  void await() const {
    if (arrivals_) await_all();
  }
  void meet() const {
    arrive();
    await();
  }
  /// Waits after an each() until done() is true because of what the members have done in it.
  template <class Done>
  void await_until(const Done& done) const {
    for (int spin = 0; !done(); ++spin) wait_a_little(spin);
  }

 private:
  void await_all() const;
  static void wait_a_little(int spin);
  void run_tasks(void (*work)(const void*, const Member&), const void* context) const;

  Member member_;
  Arrivals* arrivals_ = nullptr;  // null for one thread and with an executor
  ExecutorTasks* tasks_ = nullptr;
};

/// Calls work(context, team) on each of n_threads threads, or once with an executor, and returns when all
/// calls have returned.
///
/// If OpenMP or the system provides fewer threads, the team is smaller, down to only the calling thread: see
/// team.count(). Members other than the calling thread compute in the default floating-point mode. `work`
/// must not throw.
void run_team(int n_threads, void (*work)(void* context, const Team& team), void* context);

template <class Work>
void run_team(int n_threads, Work&& work) {
  run_team(
      n_threads, [](void* context, const Team& team) { (*static_cast<Work*>(context))(team); }, &work);
}

/// Calls work(member) once for each member of a team.
template <class Work>
void run_members(int n_threads, const Work& work) {
  run_team(n_threads, [&](const Team& team) { team.each(work); });
}

/// Number of threads, besides the calling one, that wait for its next team. Starting new threads takes much
/// longer than waking these.
int helpers_at_hand();

}  // namespace localgrad
