#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "engine/team/spin.hpp"

namespace localgrad {

/// A state that one thread sets and another waits for: spinning at first, then blocked. At most one thread
/// waits at a time.
class Signal {
 public:
  enum State : unsigned { idle, busy, stop };

  void set(State state) {
    if ((state_.exchange(state, std::memory_order_acq_rel) & kBlocked) == 0) return;
    { const std::lock_guard<std::mutex> lock(mutex_); }  // the other thread is now waiting or awake
    changed_.notify_one();
  }
  bool is(State state) const { return (state_.load(std::memory_order_acquire) & ~kBlocked) == state; }

  /// Returns the next state after `state`.
  State wait_while(State state) {
    for (int spin = 0; spin < kSpins; ++spin) {
      if (!is(state)) return current();
      pause();
    }
    std::unique_lock<std::mutex> lock(mutex_);
    unsigned expected = state;
    if (state_.compare_exchange_strong(expected, state | kBlocked))
      changed_.wait(lock, [&] { return !is(state); });
    return current();
  }

 private:
  static constexpr unsigned kBlocked = 4;  // added to the state while the other thread is blocked
  static constexpr int kSpins = 2500;      // about 100 us, as long as several wake-ups of a thread

  State current() const { return static_cast<State>(state_.load(std::memory_order_acquire) & ~kBlocked); }

  std::atomic<unsigned> state_{idle};
  std::mutex mutex_;
  std::condition_variable changed_;
};

}  // namespace localgrad
