#include "engine/plan/tuner.hpp"

#include <algorithm>

namespace localgrad {
namespace {

constexpr double kSegment =
    2e-3;  // seconds: long compared to the start of a team, short compared to a process's time slice
constexpr double kMostDelay = 4;  // times the expected duration of a segment
constexpr double kFirstTrial =
    0.05;  // seconds of work before the other way is tried again: a trial costs one segment
constexpr double kLastTrial = 1;    // the same after many unsuccessful trials
constexpr double kWorthATrial = 2;  // a way that is predicted to be slower by this factor is not tried
// If steps are long, steps in one way before one is tried in the other way.
constexpr double kStepsApart = 20;

}  // namespace

Tuner::Tuner(bool fixed, double alone, double team)
    : fixed_(fixed),
      alone_(!fixed && alone <= team),
      ways_{{alone, false, kSegment}, {team, false, kSegment}} {
  for (auto& way : ways_) {
    way.trial_after = std::max(kSegment, kStepsApart * way.step);
    if (way.step > kWorthATrial * std::min(alone, team))
      way.trial_after = std::max(kLastTrial, way.trial_after);
  }
}

std::size_t Tuner::steps() const {
  if (fixed_) return ~std::size_t{0};
  const double step = ways_[alone_ ? 0 : 1].step;
  return static_cast<std::size_t>(std::min(1e9, std::max(1.0, kSegment / std::max(step, 1e-9))));
}

double Tuner::deadline() const { return kMostDelay * std::max(kSegment, ways_[alone_ ? 0 : 1].step); }

void Tuner::change() {
  alone_ = !alone_;
  since_change_ = 0;
}

void Tuner::record(std::size_t steps, double seconds) {
  if (fixed_) return;
  unjudged_steps_ += steps;
  unjudged_seconds_ += seconds;
  since_change_ += seconds;
  if (unjudged_steps_ == 0 || unjudged_seconds_ < kSegment / 2) return;
  Way &now = way(alone_), &other = way(!alone_);
  const double step = unjudged_seconds_ / static_cast<double>(unjudged_steps_);
  unjudged_steps_ = 0;
  unjudged_seconds_ = 0;
  // A single slow segment may be a coincidence and only counts half.
  now.step = now.measured && step > now.step ? (now.step + step) / 2 : step;
  now.measured = true;
  if (other.measured ? now.step > other.step : now.step > kWorthATrial * other.step) {
    // Each time this way loses, the wait before its next trial is doubled.
    now.trial_after =
        std::max(kStepsApart * now.step, std::min(kLastTrial, std::max(kFirstTrial, 2 * now.trial_after)));
    change();
  } else if (since_change_ >= other.trial_after) {
    change();
  } else if (since_change_ >= kFirstTrial) {
    now.trial_after = std::max(kFirstTrial, kStepsApart * now.step);  // it was measured to be faster
  }
}

}  // namespace localgrad
