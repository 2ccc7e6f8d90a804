#pragma once

#include <chrono>
#include <cstdint>

#include "engine/plan/tuner.hpp"
#include "kernels/args.hpp"
#include "localgrad/network.hpp"

namespace localgrad {

/// What a call that goes through rows once amounts to.
struct RowsWork {
  double seconds = 0;      ///< that one thread is expected to take
  std::uint64_t kind = 0;  ///< the same for calls whose times can be compared: of one function and network
};

/// (F) for `rows` rows of a network, `passes` times as much where (D2), (G1) follow.
template <class T>
RowsWork rows_work(const Network<T>& network, const Kernels<T>& kernels, std::size_t rows, int passes);

/// Decides which of a thread's calls are shared. Very short ones never are, long ones always. In between, a
/// tuner for calls of one kind and about one length begins with what is expected to be faster and continues
/// with what was: a team that has lost a core to another process waits for it in every call, which shows.
class Sharing {
 public:
  struct Slot;
  /// What was decided on a call, and which Tuner wants to know how long it took.
  struct Decision {
    bool shared;
    Slot* slot = nullptr;  // null: none
    std::uint64_t key = 0;
    double ratio = 1;  // of the usual call to this one
  };
  /// For calls that n threads would finish in `team` seconds, a start included. `helpers`: those that run
  /// already. Threads are started only when as much time as that takes has been lost without them.
  Decision share(const RowsWork& work, double team, int n, int helpers);
  /// A call took so long. Others may have begun and ended within.
  static void record(const Decision& decision, double seconds);

  struct Slot {
    std::uint64_t key = 0;
    double usual = 0;  // seconds of the first call: others are measured in its terms
    Tuner tuner{true, 0, 0};
  };

 private:
  static constexpr int kSlots = 16;
  Slot slots_[kSlots];
  double missed_ = 0;  // seconds that helpers would have saved
};

/// The threads for one call of the calling thread, and, on done(), how long it took. Without done() nothing
/// is learned.
class RowsTeam {
 public:
  /// `requested` if it is above 0, else chosen from the work at hand; never more than `parts`, into which the
  /// rows are cut. Throws as check_threads does.
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
