#pragma once

#include <cstddef>

namespace localgrad {

/// Chooses whether the whole team or one thread takes the next mini-batches: whichever was faster lately. A
/// prediction says where to begin; then both are measured while they do real work, which costs nothing, as
/// the bits are the same. If another process takes a core away, a team that meets several times a step loses
/// far more than that core's share: it shows within a segment, and one thread continues.
class Tuner {
 public:
  /// `fixed`: always the team. Seconds a mini-batch, as predicted.
  Tuner(bool fixed, double alone, double team);

  bool alone() const { return alone_; }
  /// How many mini-batches to take before asking again.
  std::size_t steps() const;
  /// Seconds after which they should be cut short, because something is wrong.
  double deadline() const;
  /// What became of them.
  void record(std::size_t steps, double seconds);

 private:
  struct Way {
    double step;  ///< seconds a mini-batch, predicted or measured
    bool measured = false;
    double trial_after;  ///< seconds of work the other way until this one is tried again
  };
  Way& way(bool alone) { return alone ? ways_[0] : ways_[1]; }
  void change();

  bool fixed_, alone_;
  Way ways_[2];  // alone, team
  double since_change_ = 0, unjudged_seconds_ = 0;
  std::size_t unjudged_steps_ = 0;
};

}  // namespace localgrad
