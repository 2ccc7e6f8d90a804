// LOCALGRAD_THREADS=openmp: the threads of the OpenMP run time.
//
// OpenMP run times end the process if the system refuses to start a thread (ulimit -u or -v, the pids
// cgroup). Therefore, a trial (trial.hpp) tests whether threads can be started before a team grows, and the
// teams of different calling threads grow one at a time. The process can still end if other code takes the
// last threads or memory between the trial and the growth, or if another library shares the run time and uses
// it on the same thread with a smaller team. If the run time itself provides fewer threads (OMP_DYNAMIC), no
// more are requested for a second.

#include <omp.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <new>

#include "engine/team/built_in.hpp"
#include "engine/team/openmp_runtime.hpp"
#include "engine/team/pool.hpp"
#include "engine/team/trial.hpp"
#include "model/float_mode.hpp"

#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#endif

namespace localgrad {
namespace {

/// The threads of the OpenMP run time do not survive a fork. A child process that waits for them waits
/// forever, even if another library started them. Forks are therefore tracked from the start, and a forked
/// process uses the pool instead.
std::atomic<bool> forked{false};
#if defined(__unix__) || defined(__APPLE__)
const int kWatched = pthread_atfork(nullptr, nullptr, [] { forked.store(true); });
#endif

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kPatience{1};

/// The run time's threads that wait for the next team of one calling thread. The run time keeps the threads
/// of the last team. Threads that a smaller team does not use end, even if another library starts that team.
struct Roll {
  std::shared_ptr<std::atomic<int>> living;  // number of living threads that have been in one of our teams
  int last = 1;                              // size of our last team
  int most = 0;  // if the run time provided fewer threads than requested: the largest number to request
  Clock::time_point until;  // when `most` expires
  int at_hand() const { return std::min(living->load(), last - 1); }
  void came(int granted, int members) {
    last = members;
    if (members >= granted) return;
    most = members;
    until = Clock::now() + kPatience;
  }
};

/// The Roll of the calling thread; null if there is no memory for it.
Roll* own_roll() {
  thread_local Roll roll;
  try {
    if (!roll.living) roll.living = std::make_shared<std::atomic<int>>(0);
    return &roll;
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void enrol(const std::shared_ptr<std::atomic<int>>& living) {
  struct Entry {
    std::shared_ptr<std::atomic<int>> in;
    ~Entry() { sign_off(); }
    void sign_off() const {
      if (in) in->fetch_sub(1);
    }
  };
  thread_local Entry entry;
  if (entry.in == living) return;
  entry.sign_off();
  entry.in = living;
  living->fetch_add(1);
}

/// Makes the run time start threads for a team of n; returns the size of the team.
int enlist(int n, const Roll& roll) {
  int count = 1;
#pragma omp parallel num_threads(n)
  {
    if (omp_get_thread_num() == 0)
      count = omp_get_num_threads();
    else
      enrol(roll.living);
  }
  return count;
}

/// Locked from a trial until the team has its threads. Otherwise another thread's team could take the
/// threads that were tried. A forked process never locks it, because the thread that holds it may not exist
/// there.
std::mutex growth;

/// Number of threads that a team of n may have: limited by OpenMP and, for threads that must be started, by
/// the system. If any must be started, `growing` holds the lock.
///
/// A few threads are tested and started at a time: the C library keeps the stacks of the tested threads,
/// so that the memory of other threads cannot take their place.
int granted(int n, std::unique_lock<std::mutex>& growing) {
  const bool nested = omp_get_level() > 0;  // a nested team always starts new threads
  if (nested && omp_get_active_level() >= omp_get_max_active_levels()) return 1;
  const Roll* roll = own_roll();
  if (!roll) return 1;
  n = std::min(n, omp_get_thread_limit());
  const int there = 1 + (nested ? 0 : roll->at_hand());
  if (n > there && !nested && roll->most > 0 && Clock::now() < roll->until)
    n = std::min(n, std::max(there, roll->most));
  if (n <= there) return n;
  growing.lock();
  keep_openmp_loaded();
  int have = there;
  for (int had = 1; had > 0 && have < n; have += had) {
    if (have > there && enlist(have, *roll) < have) break;
    had = threads_to_be_had(nested ? n - have : std::min(n - have, std::max(stacks_kept(), have / 4)));
  }
  if (have == there) growing.unlock();
  return have;
}

}  // namespace

void run_threads(int n_threads, void (*work)(void*, const Team&), void* context) {
  if (forked.load(std::memory_order_relaxed)) return ThreadPool::get().run(n_threads, work, context);
  std::unique_lock<std::mutex> growing(growth, std::defer_lock);
  n_threads = granted(n_threads, growing);
  const std::unique_ptr<Team::Arrivals[]> arrivals(
      n_threads > 1 ? new (std::nothrow) Team::Arrivals[static_cast<std::size_t>(n_threads)] : nullptr);
  if (!arrivals) {
    if (growing) growing.unlock();
    return work(context, Team({}, nullptr));
  }
  Roll* const roll = own_roll();
  const bool nested = omp_get_level() > 0;
#pragma omp parallel num_threads(n_threads)
  {
    const Member member{omp_get_thread_num(), omp_get_num_threads()};
    const Team team(member, arrivals.get());
    if (member.index == 0) {
      if (growing) growing.unlock();  // all threads are started before any of them works
      if (!nested) roll->came(n_threads, member.count);
      work(context, team);
    } else {
      enrol(roll->living);
      const DefaultFloatMode mode;  // a thread inherits the mode of the thread that started it
      work(context, team);
    }
  }
}

int waiting_threads() {
  const Roll* roll = lacks_threads() || omp_get_level() > 0 ? nullptr : own_roll();
  return roll ? roll->at_hand() : 0;
}

bool lacks_threads() { return forked.load(std::memory_order_relaxed); }
const char* threading() { return "openmp"; }

}  // namespace localgrad
