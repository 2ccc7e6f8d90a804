#pragma once

#include <chrono>
#include <cstdint>

#include "engine/plan/tuner.hpp"
#include "kernels/args.hpp"
#include "localgrad/network.hpp"

namespace localgrad {

/// Estimated work of a call that processes each row once.
struct RowsWork {
  double seconds = 0;      ///< expected time of one thread
  std::uint64_t kind = 0;  ///< equal for calls whose times are comparable: of the same function and network
};

/// Nominal operations per second: two fused multiply-adds of a vector per cycle at 2.5 GHz, of which about
/// two thirds are reached. On other machines, measurements correct it.
double nominal_speed(double lanes);

/// Returns the work of (F) for `rows` rows of a network, times `passes` if (D2) and (G1) follow.
template <class T>
RowsWork rows_work(const Network<T>& network, const Kernels<T>& kernels, std::size_t rows, int passes);

/// Decides which calls of a thread are computed by a team. Very short calls never are, long calls always. In
/// between, there is one tuner for calls of the same kind and similar duration, which starts with the choice
/// that is predicted to be faster and continues with the one that is measured to be faster. If another
/// process occupies a core, a team waits for it in every call, which the measurements show.
class Sharing {
 public:
  struct Slot;
  /// The decision for one call, and the slot whose tuner records its time.
  struct Decision {
    bool shared;
    Slot* slot = nullptr;  // null if no time is recorded
    std::uint64_t key = 0;
    double ratio = 1;  // duration of the slot's first call divided by that of this call, as predicted
  };
  /// Decides for a call that n threads would complete in `team` seconds, including the start of the team.
  /// `helpers` is the number of helper threads that are running. New threads are only started after calls
  /// have lost as much time without them as starting them takes.
  Decision share(const RowsWork& work, double team, int n, int helpers);
  /// Records the duration of a call. Other calls may have started and ended within it.
  static void record(const Decision& decision, double seconds);

  struct Slot {
    std::uint64_t key = 0;
    double usual = 0;  // predicted seconds of the first call; the times of other calls are scaled to it
    Tuner tuner{true, 0, 0};
  };

 private:
  static constexpr int kSlots = 16;
  Slot slots_[kSlots];
  double missed_ = 0;  // seconds that helper threads would have saved
};

/// Chooses the number of threads of one call and records its duration when done() is called. Without done(),
/// nothing is recorded.
class RowsTeam {
 public:
  /// Uses `requested` threads if it is above 0; otherwise chooses their number from the work. There are
  /// never more threads than `parts`, the number of blocks of rows. Throws the exceptions of check_threads.
  RowsTeam(int requested, const RowsWork& work, Index parts);
  int threads() const { return threads_; }
  void done();

 private:
  using Clock = std::chrono::steady_clock;
  int threads_ = 1;
  Sharing::Decision decision_{false};
  Clock::time_point start_;
};

}  // namespace localgrad
