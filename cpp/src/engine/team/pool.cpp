#include "engine/team/pool.hpp"

#include <exception>
#include <memory>
#include <new>
#include <thread>
#include <utility>

#include "engine/team/signal.hpp"
#include "model/float_mode.hpp"

#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#endif

namespace localgrad {

/// What one team computes.
struct ThreadPool::Job {
  void (*work)(void*, const Team&);
  void* context;
  int count;
  Team::Arrivals* arrivals;
};

struct alignas(128) ThreadPool::Worker {
  Signal signal;
  const Job* job = nullptr;  // while busy
  int index = 0;
  Worker* next = nullptr;  // idle, or of the same team
  std::thread thread;
};

namespace {

/// Not destroyed, because another thread may be in a call while the process exits.
alignas(ThreadPool) unsigned char pool_memory[sizeof(ThreadPool)];

ThreadPool* pool() { return std::launder(reinterpret_cast<ThreadPool*>(pool_memory)); }

/// Exists from the first use, perhaps by a constructor of a static object of the host, until the process
/// exits or a plug-in that contains the library is unloaded.
struct Opened {
  Opened() {
    new (pool_memory) ThreadPool;
#if defined(__unix__) || defined(__APPLE__)
    // The threads of the parent process, and what they have locked, do not exist in the child.
    pthread_atfork(nullptr, nullptr, [] { new (pool_memory) ThreadPool; });
#endif
  }
  ~Opened() { pool()->close(); }
};

thread_local bool in_run = false;

}  // namespace

bool ThreadPool::in_team() { return in_run; }

ThreadPool& ThreadPool::get() {
  static const Opened opened;
  return *pool();
}

void ThreadPool::serve(Worker* worker) {
  while (worker->signal.wait_while(Signal::idle) == Signal::busy) {
    {
      const Job& job = *worker->job;
      const DefaultFloatMode mode;  // a thread inherits the mode of the thread that started it
      job.work(job.context, Team({worker->index, job.count}, job.arrivals));
    }
    worker->signal.set(Signal::idle);
  }
}

/// Starts a thread; null if the system refuses.
ThreadPool::Worker* ThreadPool::start() {
  std::unique_ptr<Worker> worker(new (std::nothrow) Worker);
  if (!worker) return nullptr;
  try {
    worker->thread = std::thread(serve, worker.get());
  } catch (const std::exception&) {
    return nullptr;
  }
  return worker.release();
}

/// Returns up to `wanted` threads, linked.
ThreadPool::Worker* ThreadPool::hire(int wanted) {
  Worker* first = nullptr;
  Worker** end = &first;
  int missing = wanted;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (closed_) return nullptr;
    for (; missing > 0 && idle_; --missing) {
      *end = idle_;
      end = &idle_->next;
      idle_ = idle_->next;
      waiting_.fetch_sub(1, std::memory_order_relaxed);
    }
  }
  *end = nullptr;
  for (; missing > 0; --missing) {
    Worker* const worker = start();
    if (!worker) break;
    *end = worker;
    end = &worker->next;
  }
  return first;
}

/// Keeps the order, so that the next team of the same size has the same threads in the same places.
void ThreadPool::dismiss(Worker* first) {
  if (!first) return;
  Worker* last = first;
  int count = 1;
  for (; last->next; last = last->next) ++count;
  const std::lock_guard<std::mutex> lock(mutex_);
  last->next = idle_;
  idle_ = first;
  waiting_.fetch_add(count, std::memory_order_relaxed);
}

void ThreadPool::run(int n_threads, void (*work)(void*, const Team&), void* context) {
  const std::unique_ptr<Team::Arrivals[]> arrivals(new (std::nothrow)
                                                       Team::Arrivals[static_cast<std::size_t>(n_threads)]);
  Worker* const team = arrivals ? hire(n_threads - 1) : nullptr;
  if (!team) return work(context, Team({}, nullptr));
  Job job{work, context, 1, arrivals.get()};
  for (const Worker* worker = team; worker; worker = worker->next) ++job.count;
  int index = 0;
  for (Worker* worker = team; worker; worker = worker->next) {
    worker->job = &job;
    worker->index = ++index;
    worker->signal.set(Signal::busy);
  }
  const bool nested = std::exchange(in_run, true);
  work(context, Team({0, job.count}, arrivals.get()));
  in_run = nested;
  for (Worker* worker = team; worker; worker = worker->next) worker->signal.wait_while(Signal::busy);
  dismiss(team);
}

void ThreadPool::close() {
  Worker* first = nullptr;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    closed_ = true;
    std::swap(first, idle_);
    waiting_.store(0, std::memory_order_relaxed);
  }
  for (Worker* worker = first; worker; worker = worker->next) worker->signal.set(Signal::stop);
  while (first) {
    const std::unique_ptr<Worker> worker(first);
    first = worker->next;
    worker->thread.join();
  }
}

}  // namespace localgrad
