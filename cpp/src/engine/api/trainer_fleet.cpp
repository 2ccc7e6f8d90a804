// Training of several networks at the same time.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <thread>

#include "engine/team/team.hpp"
#include "engine/team/threads.hpp"
#include "kernels/dispatch.hpp"
#include "localgrad/error.hpp"
#include "localgrad/fleet.hpp"
#include "model/float_mode.hpp"
#include "text/message.hpp"

namespace localgrad {
namespace {

/// Distributes the epochs of a fleet among threads. A thread takes the member with the fewest epochs, trains
/// it for one epoch or a short time, and returns it. All members advance together, so that none is left to be
/// trained by a single thread at the end.
template <class T>
class Fleet {
 public:
  Fleet(std::vector<FleetMember<T>>& members, const FleetOptions& options)
      : members_(members), options_(options), turns_(new Turn[members.size()]), left_(members.size()) {
    for (auto& member : members) {
      member.costs.clear();
      member.failure = nullptr;
      member.trainer->set_interrupt([this] { return stopped(); });
    }
  }
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;
  ~Fleet() {
    for (auto& member : members_) member.trainer->set_interrupt(nullptr);
  }

  /// Trains members until each of them is complete or being trained by another thread.
  void work() {
    for (std::size_t k = take(); k < members_.size() && !stopped(); k = take()) train(members_[k], turns_[k]);
  }
  /// Whether there is nothing left to wait for.
  bool over() { return left_.load(std::memory_order_acquire) == 0 || stopped(); }

  void report() const {
    for (const auto& member : members_)
      if (member.failure) std::rethrow_exception(member.failure);
    if (stop_) throw Interrupted();
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kAskEvery{20};
  // Much longer than it takes to load the member's parameters into the caches of the thread.
  static constexpr std::chrono::milliseconds kTurn{2};

  struct Turn {
    std::atomic<bool> taken{false};  // remains true when the member is complete
    std::atomic<std::size_t> epochs{0};
  };

  /// Takes a member; the number of members if there is none to take.
  std::size_t take() {
    for (;;) {
      std::size_t found = members_.size(), fewest = ~std::size_t{0};
      for (std::size_t k = 0; k < members_.size(); ++k) {
        const std::size_t epochs = turns_[k].epochs.load(std::memory_order_relaxed);
        if (epochs >= fewest || turns_[k].taken.load(std::memory_order_relaxed)) continue;
        found = k;
        fewest = epochs;
      }
      if (found == members_.size() || !turns_[found].taken.exchange(true, std::memory_order_acquire))
        return found;
    }
  }

  void train(FleetMember<T>& member, Turn& turn) {
    const auto end = Clock::now() + kTurn;
    try {
      while (member.costs.size() < member.epochs) {
        member.costs.push_back(
            member.rows ? member.trainer->epoch(member.x, member.y, member.rows, member.n, options_.shuffle)
                        : member.trainer->epoch(member.x, member.y, options_.shuffle));
        if (stopped() || Clock::now() >= end) break;
      }
    } catch (const Interrupted&) {  // of this fleet: no thread takes another member
      return;
    } catch (...) {
      member.failure = std::current_exception();
      if (options_.is_fatal && options_.is_fatal(member.failure))
        stop_.store(true, std::memory_order_relaxed);
    }
    if (member.failure || member.costs.size() == member.epochs) {
      left_.fetch_sub(1, std::memory_order_release);
      return;
    }
    turn.epochs.store(member.costs.size(), std::memory_order_relaxed);
    turn.taken.store(false, std::memory_order_release);
  }

  /// Whether to stop. Only the thread that called train_fleet calls the interrupt function.
  bool stopped() {
    if (stop_.load(std::memory_order_relaxed)) return true;
    if (!options_.interrupt || std::this_thread::get_id() != caller_) return false;
    const auto now = Clock::now();
    if (now - last_asked_ < kAskEvery) return false;
    last_asked_ = now;
    const CallersFloatMode mode;
    if (options_.interrupt()) stop_.store(true, std::memory_order_relaxed);
    return stop_.load(std::memory_order_relaxed);
  }

  std::vector<FleetMember<T>>& members_;
  const FleetOptions& options_;
  const std::unique_ptr<Turn[]> turns_;
  std::atomic<std::size_t> left_;  // number of members that are not complete
  std::atomic<bool> stop_{false};
  const std::thread::id caller_ = std::this_thread::get_id();
  Clock::time_point last_asked_ = Clock::now();
};

template <class T>
void check_members(const std::vector<FleetMember<T>>& members) {
  std::vector<const Trainer<T>*> trainers;
  for (const auto& member : members) {
    if (!member.trainer) refuse("trainer must be set for each member, got null for member ", trainers.size());
    trainers.push_back(member.trainer);
  }
  std::sort(trainers.begin(), trainers.end());
  if (std::adjacent_find(trainers.begin(), trainers.end()) != trainers.end())
    throw std::invalid_argument(
        "trainer must be a different one for each member, got the same for two members");
}

}  // namespace

template <class T>
void train_fleet(std::vector<FleetMember<T>>& members, const FleetOptions& options) {
  const DefaultFloatMode mode;
  check_threads(options.n_threads);
  check_members(members);
  const int wanted = options.n_threads > 0 ? options.n_threads : default_threads();
  const int threads = static_cast<int>(std::min(members.size(), static_cast<std::size_t>(wanted)));
  Fleet<T> fleet(members, options);
  run_team(threads, [&](const Team& team) {
    team.each([&](const Member&) { fleet.work(); });
    team.once([&] { team.await_until([&] { return fleet.over(); }); });
  });
  fleet.report();
}

#define LOCALGRAD_FOR(T) template void train_fleet(std::vector<FleetMember<T>>&, const FleetOptions&);
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
