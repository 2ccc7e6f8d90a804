#pragma once

#include <atomic>
#include <mutex>

#include "engine/team/team.hpp"

namespace localgrad {

/// Threads that wait for work. Calls from several threads take different ones.
class ThreadPool {
 public:
  /// The pool of this process. It has no threads at first, also in a process that was forked.
  static ThreadPool& get();

  /// Implements run_team for n_threads > 1. Starts threads if fewer are waiting; if the system refuses, the
  /// team is smaller.
  void run(int n_threads, void (*work)(void* context, const Team& team), void* context);

  /// Whether the calling thread is in run().
  static bool in_team();

  /// Number of threads that wait for work.
  int waiting() const { return waiting_.load(std::memory_order_relaxed); }

  /// Ends and joins all threads that wait for work; later calls use no other threads. Threads that are still
  /// working, because another thread is in a call while the process exits, are left to the system.
  void close();

 private:
  struct Job;
  struct Worker;

  Worker* hire(int wanted);
  void dismiss(Worker* first);
  static Worker* start();
  static void serve(Worker* worker);

  std::mutex mutex_;
  Worker* idle_ = nullptr;  // the last ones that worked first: their caches are warm
  bool closed_ = false;
  std::atomic<int> waiting_{0};
};

}  // namespace localgrad
