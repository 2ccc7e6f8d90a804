#include "engine/team/executor.hpp"

#include <new>

#include "engine/team/team.hpp"
#include "engine/team/threads.hpp"
#include "model/float_mode.hpp"
#include "text/message.hpp"

namespace localgrad {
namespace {

std::atomic<ExecutorRun> run_of_host{nullptr};
// Written before run_of_host.
void* context_of_host = nullptr;
int tasks_of_host = 0;
std::atomic<std::uint32_t> generation{0};

}  // namespace

void set_executor(ExecutorRun run, void* context, int concurrency) {
  if (concurrency < 0 || concurrency > kMaxThreads)
    refuse("concurrency must be between 1 and ", kMaxThreads, ", or 0 for automatic, got ", concurrency);
  context_of_host = context;
  tasks_of_host = run ? concurrency : 0;
  run_of_host.store(run, std::memory_order_release);
  generation.fetch_add(1);
}

bool has_executor() { return run_of_host.load(std::memory_order_acquire) != nullptr; }
int executor_tasks() { return tasks_of_host; }
int executor_concurrency() { return tasks_of_host > 0 ? tasks_of_host : default_threads(); }
std::uint32_t executor_generation() { return generation.load(std::memory_order_relaxed); }

struct ExecutorTasks::Run {
  std::atomic<std::uint32_t>* taken;
  std::uint32_t number;
  int count;
  void (*work)(const void*, const Member&);
  const void* context;

  void call(int index) const {
    if (index < 0 || index >= count || taken[index].exchange(number) == number) return;
    const DefaultFloatMode mode;
    work(context, {index, count});
  }
};

ExecutorTasks::ExecutorTasks(int count)
    : taken_(new (std::nothrow) std::atomic<std::uint32_t>[static_cast<std::size_t>(count)]()) {}

void ExecutorTasks::run(int count, void (*work)(const void*, const Member&), const void* context) {
  Run run{taken_.get(), ++runs_, count, work, context};
  const auto task = [](void* argument, int index) { static_cast<const Run*>(argument)->call(index); };
  {
    const CallersFloatMode callers;
    run_of_host.load(std::memory_order_relaxed)(context_of_host, count, task, &run);
  }
  for (int index = 0; index < count; ++index) run.call(index);
}

}  // namespace localgrad
