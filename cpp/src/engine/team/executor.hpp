#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "localgrad/executor.hpp"

namespace localgrad {

struct Member;

bool has_executor();
/// Number of tasks at a time that set_executor was given; 0 if it was given none, or without an executor.
int executor_tasks();
/// Largest number of members that a call chooses with an executor.
int executor_concurrency();
/// A number that changes with each set_executor.
std::uint32_t executor_generation();

/// The runs of one team: one run for each Team::each.
class ExecutorTasks {
 public:
  explicit ExecutorTasks(int count);
  bool ready() const { return taken_ != nullptr; }  ///< false if there was no memory
  /// Calls work(context, member) for `count` members by the executor, each in the default floating-point
  /// mode. Members that the executor has not called are called here.
  void run(int count, void (*work)(const void*, const Member&), const void* context);

 private:
  struct Run;
  // Number of the last run in which each member was called, so that none is called twice.
  std::unique_ptr<std::atomic<std::uint32_t>[]> taken_;
  std::uint32_t runs_ = 0;
};

}  // namespace localgrad
