#include "engine/team/team.hpp"

#include <thread>

#include "engine/team/built_in.hpp"
#include "engine/team/spin.hpp"

namespace localgrad {
namespace {

constexpr int kSpins = 500;  // about 20 us, longer than a wait in a balanced step of a small network

}  // namespace

void Team::wait_a_little(int spin) {
  if (spin < kSpins)
    pause();
  else
    std::this_thread::yield();
}

void Team::await_all() const {
  const std::uint32_t mine = arrivals_[member_.index].count.load(std::memory_order_relaxed);
  for (int other = 0; other < member_.count; ++other)
    await_until([&] {
      const std::uint32_t theirs = arrivals_[other].count.load(std::memory_order_acquire);
      return static_cast<std::int32_t>(theirs - mine) >= 0;
    });
}

void Team::run_tasks(void (*work)(const void*, const Member&), const void* context) const {
  tasks_->run(count(), work, context);
}

void run_team(int n_threads, void (*work)(void*, const Team&), void* context) {
  if (n_threads > 1 && has_executor()) {
    ExecutorTasks tasks(n_threads);
    if (tasks.ready()) return work(context, Team(n_threads, tasks));
  } else if (n_threads > 1) {
    return run_threads(n_threads, work, context);
  }
  work(context, Team({}, nullptr));
}

int helpers_at_hand() { return has_executor() ? executor_concurrency() - 1 : waiting_threads(); }

}  // namespace localgrad
