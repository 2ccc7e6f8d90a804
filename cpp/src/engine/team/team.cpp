#include "engine/team/team.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <thread>
#include <vector>

#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#endif

#include "engine/team/trial.hpp"
#include "model/float_mode.hpp"

#if defined(_OPENMP)
#include <omp.h>
#endif
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace localgrad {
namespace {

constexpr int kSpins =
    500;  // about 20 us of pauses, longer than a wait in a balanced step of a small network

void pause() {
#if defined(__x86_64__)
  _mm_pause();
#endif
}

}  // namespace

void Member::await_all() const {
  const std::uint32_t mine = arrivals_[index].count.load(std::memory_order_relaxed);
  for (int other = 0; other < count; ++other) {
    const auto behind = [&] {
      return static_cast<std::int32_t>(arrivals_[other].count.load(std::memory_order_acquire) - mine) < 0;
    };
    for (int spin = 0; behind(); ++spin) {
      if (spin < kSpins)
        pause();
      else
        std::this_thread::yield();
    }
  }
}

#if defined(_OPENMP)
namespace {

#if defined(LOCALGRAD_FRESH_TEAMS)
std::atomic<bool> forked{true};  // as if forked, so that the runtime's threads are never used
#else
std::atomic<bool> forked{false};
#endif

/// The threads of the OpenMP runtime do not survive a fork. A child process that waits for them waits
/// forever, even if another library started them. Forks are therefore tracked from the start.
#if defined(__unix__) || defined(__APPLE__)
const int kWatched = pthread_atfork(nullptr, nullptr, [] { forked.store(true); });
#endif

/// Calls work in the default floating-point mode: a thread inherits the mode of the thread that started it.
void work_in_default_mode(void (*work)(void*, const Member&), void* context, const Member& member) {
  const DefaultFloatMode mode;
  work(context, member);
}

/// Runs a team of newly started threads.
void run_fresh_team(int n_threads, void (*work)(void*, const Member&), void* context,
                    Member::Arrivals* arrivals) {
  std::vector<std::thread> others;
  std::atomic<int> count{0};  // set when all threads are started
  const auto work_as = [&](int index) {
    while (count.load(std::memory_order_acquire) == 0) std::this_thread::yield();
    const Member member(index, count.load(std::memory_order_relaxed), arrivals);
    index == 0 ? work(context, member) : work_in_default_mode(work, context, member);
  };
  try {
    others.reserve(static_cast<std::size_t>(n_threads));
    while (static_cast<int>(others.size()) + 1 < n_threads)
      others.emplace_back(work_as, static_cast<int>(others.size()) + 1);
  } catch (const std::exception&) {  // no more threads, or no memory for them
  }
  count.store(static_cast<int>(others.size()) + 1, std::memory_order_release);
  work_as(0);
  for (auto& other : others) other.join();
}

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kPatience{1};

/// The runtime's threads that wait for the next team of one calling thread. The runtime keeps the threads of
/// the last team. Threads that a smaller team does not use end, even if another library starts that team.
struct Roll {
  std::shared_ptr<std::atomic<int>> living;  // number of living threads that have been in one of our teams
  int last = 1;                              // size of our last team
  int most = 0;  // if the runtime provided fewer threads than requested: the largest number to request
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

/// Makes the runtime start threads for a team of n; returns the size of the team.
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
  int have = there;
  for (int had = 1; had > 0 && have < n; have += had) {
    if (have > there && enlist(have, *roll) < have) break;
    had = threads_to_be_had(nested ? n - have : std::min(n - have, std::max(stacks_kept(), have / 4)));
  }
  if (have == there) growing.unlock();
  return have;
}

}  // namespace

void run_team(int n_threads, void (*work)(void*, const Member&), void* context) {
  const bool fresh = in_forked_process();
  std::unique_lock<std::mutex> growing(growth, std::defer_lock);
  if (n_threads > 1 && !fresh) n_threads = granted(n_threads, growing);
  const std::unique_ptr<Member::Arrivals[]> arrivals(
      n_threads > 1 ? new (std::nothrow) Member::Arrivals[static_cast<std::size_t>(n_threads)] : nullptr);
  if (!arrivals) {
    if (growing) growing.unlock();
    return work(context, Member(0, 1, nullptr));
  }
  if (fresh) return run_fresh_team(n_threads, work, context, arrivals.get());
  Roll* const roll = own_roll();
  const bool nested = omp_get_level() > 0;
#pragma omp parallel num_threads(n_threads)
  {
    const Member member(omp_get_thread_num(), omp_get_num_threads(), arrivals.get());
    if (member.index == 0) {
      if (growing) growing.unlock();  // all threads are started before any of them works
      if (!nested) roll->came(n_threads, member.count);
      work(context, member);
    } else {
      enrol(roll->living);
      work_in_default_mode(work, context, member);
    }
  }
}

int helpers_at_hand() {
  const Roll* roll = in_forked_process() || omp_get_level() > 0 ? nullptr : own_roll();
  return roll ? roll->at_hand() : 0;
}

bool in_forked_process() { return forked.load(std::memory_order_relaxed); }

namespace {

/// OMP_NUM_THREADS for the outermost level when this library was loaded; 0 if it was not set.
const int kNumThreads = [] {
  const char* text = std::getenv("OMP_NUM_THREADS");
  return text ? std::max(0, std::atoi(text)) : 0;
}();
const int kMaxThreadsAtLoad = omp_get_max_threads();

/// Number of processors that OpenMP binds threads to. OpenMP also binds the calling thread to one place, so
/// that the affinity mask of that thread is no longer the mask of the process.
int bound_processors() {
  if (omp_get_proc_bind() == omp_proc_bind_false) return 0;
  // All threads are in the caller's place.
  if (omp_get_proc_bind() == omp_proc_bind_master && omp_get_place_num() >= 0)
    return omp_get_place_num_procs(omp_get_place_num());
  int processors = 0;
  for (int place = 0; place < omp_get_num_places(); ++place) processors += omp_get_place_num_procs(place);
  return processors;
}

}  // namespace

OpenMPLimit openmp_limit() {
  OpenMPLimit limit;
  if (omp_in_parallel()) return {1, "parallel region of the caller", 0, false};
  limit.processors = bound_processors();
  limit.may_lower = omp_get_dynamic() != 0;
  limit.threads = omp_get_max_threads();
  if (limit.threads == kNumThreads)
    limit.from = "OMP_NUM_THREADS";
  else if (limit.threads != kMaxThreadsAtLoad)
    limit.from = "omp_set_num_threads";
  if (omp_get_thread_limit() < limit.threads) {
    limit.threads = omp_get_thread_limit();
    limit.from = "OMP_THREAD_LIMIT";
  }
  return limit;
}

const char* openmp_version() {
  switch (_OPENMP) {
    case 201511:
      return "4.5";
    case 201811:
      return "5.0";
    case 202011:
      return "5.1";
    case 202111:
      return "5.2";
    default:
      return "unknown";
  }
}

#else

void run_team(int, void (*work)(void*, const Member&), void* context) {
  work(context, Member(0, 1, nullptr));
}
int helpers_at_hand() { return 0; }
bool in_forked_process() { return false; }
OpenMPLimit openmp_limit() { return {}; }
const char* openmp_version() { return "none"; }

#endif

}  // namespace localgrad
