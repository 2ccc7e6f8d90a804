#include "engine/team.hpp"

#include <algorithm>
#include <system_error>
#include <thread>
#include <vector>

#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#endif

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
std::atomic<bool> forked{true};  // as it were, so that the run time's threads are never used
#else
std::atomic<bool> forked{false};
#endif

/// The run time's threads do not survive a fork, and a child that waits for them waits for ever, whoever in the parent has
/// had them started. So forks are watched from the start.
#if defined(__unix__) || defined(__APPLE__)
const int kWatched = pthread_atfork(nullptr, nullptr, [] { forked.store(true); });
#endif

/// The same with threads of its own.
void run_fresh_team(int n_threads, void (*work)(void*, const Member&), void* context) {
  std::vector<Member::Arrivals> arrivals(static_cast<std::size_t>(n_threads));
  std::vector<std::thread> others;
  std::atomic<int> count{0};  // known when all that can be started are
  const auto work_as = [&](int index) {
    while (count.load(std::memory_order_acquire) == 0) std::this_thread::yield();
    work(context, Member(index, count.load(std::memory_order_relaxed), arrivals.data()));
  };
  others.reserve(static_cast<std::size_t>(n_threads));
  try {
    while (static_cast<int>(others.size()) + 1 < n_threads)
      others.emplace_back(work_as, static_cast<int>(others.size()) + 1);
  } catch (const std::system_error&) {  // the system gives no more
  }
  count.store(static_cast<int>(others.size()) + 1, std::memory_order_release);
  work_as(0);
  for (auto& other : others) other.join();
}

}  // namespace

void run_team(int n_threads, void (*work)(void*, const Member&), void* context) {
  if (n_threads <= 1) return work(context, Member(0, 1, nullptr));
  if (in_forked_process()) return run_fresh_team(n_threads, work, context);
  std::vector<Member::Arrivals> arrivals(static_cast<std::size_t>(n_threads));
#pragma omp parallel num_threads(n_threads)
  work(context, Member(omp_get_thread_num(), omp_get_num_threads(), arrivals.data()));
}

bool in_forked_process() { return forked.load(std::memory_order_relaxed); }

int openmp_threads() {
  return omp_in_parallel() ? 1 : std::min(omp_get_max_threads(), omp_get_thread_limit());
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
bool in_forked_process() { return false; }
int openmp_threads() { return 1; }
const char* openmp_version() { return "none"; }

#endif

}  // namespace localgrad
