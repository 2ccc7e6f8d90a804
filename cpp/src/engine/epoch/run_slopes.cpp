// Training on slopes: what a SlopeCost needs in each step.

#include <algorithm>

#include "engine/epoch/run.hpp"

namespace localgrad {

template <class T>
void EpochRun<T>::load_slopes(const Team& team) {
  if (!slopes_) return;
  team.each([&](const Member& member) { slopes_->load(pass_, member); });
  team.meet();
}

/// Slopes along many inputs take long, so that their rows are computed in blocks.
template <class T>
void EpochRun<T>::backward(Segment& segment, Index begin, Index end, Place place, Frame frame, T factor) {
  const Index lowest = penalties_.rates().lowest();
  if (!slopes_) return pass_.backward(begin, end, place, lowest);
  for (Index first = begin; first < end && !segment.left; first += slopes_->block()) {
    slopes_->compute(pass_, first, std::min(end, first + slopes_->block()), frame, factor, lowest);
    ask_midway(segment);
  }
}

template <class T>
void EpochRun<T>::ask_midway(Segment& segment) {
  if (std::this_thread::get_id() != segment.caller || !asked_to_stop(Clock::now())) return;
  segment.outcome.end = End::interrupted;
  segment.left = true;
}

template <class T>
void EpochRun<T>::add_slopes(const Team& team, Frame frame) {
  if (!slopes_ || penalties_.rates().lowest() > 0) return;
  team.each([&](const Member& member) {
    slopes_->add_inputs(frame, share_begin(slopes_->inputs(), member.index, member.count),
                        share_begin(slopes_->inputs(), member.index + 1, member.count));
  });
  team.meet();
}

template <class T>
GradientArgs<T> EpochRun<T>::gradient_args(Index i, Index first, Index batch, Place place) {
  auto g = pass_.gradient_args(i, first, batch, place);
  if (slopes_) slopes_->replace(g, i, frame_of(first, batch), pass_.bias_column(i) >= 0);
  return g;
}

// The members defined in this file.
#define LOCALGRAD_FOR(T) template class EpochRun<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
