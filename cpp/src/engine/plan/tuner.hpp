#pragma once

#include <cstddef>

namespace localgrad {

/// Chooses whether the whole team or one thread computes the next mini-batches, based on which was faster
/// recently.
///
/// The choice starts with a prediction. Then both are measured during training, which costs nothing because
/// the results are the same. If another process occupies a core, a team that synchronizes several times per
/// step loses much more than that core's share; the measurements show this within a segment, and training
/// continues on one thread.
class Tuner {
 public:
  /// If `fixed`, the team is always used. `alone` and `team` are the predicted seconds per mini-batch.
  Tuner(bool fixed, double alone, double team);

  bool alone() const { return alone_; }
  /// Number of mini-batches to compute before the next choice.
  std::size_t steps() const;
  /// Time in seconds after which those mini-batches should be interrupted, because something is wrong.
  double deadline() const;
  /// Records the time of completed mini-batches.
  void record(std::size_t steps, double seconds);

 private:
  struct Way {
    double step;  ///< seconds per mini-batch, predicted or measured
    bool measured = false;
    double trial_after;  ///< seconds of work in the other way before this way is tried again
  };
  Way& way(bool alone) { return alone ? ways_[0] : ways_[1]; }
  void change();

  bool fixed_, alone_;
  Way ways_[2];  // alone, team
  double since_change_ = 0, unjudged_seconds_ = 0;
  std::size_t unjudged_steps_ = 0;
};

}  // namespace localgrad
