// Training on slopes: what a SlopeCost needs in each step.

#include "engine/epoch/run.hpp"

namespace localgrad {

template <class T>
void EpochRun<T>::load_slopes(const Team& team) {
  if (!slopes_) return;
  team.each([&](const Member& member) { slopes_->load(pass_, member); });
  team.meet();
}

template <class T>
void EpochRun<T>::backward(Index begin, Index end, Place place, Frame frame, T factor) {
  const Index lowest = penalties_.rates().lowest();
  if (slopes_)
    slopes_->compute(pass_, begin, end, frame, factor, lowest);
  else
    pass_.backward(begin, end, place, lowest);
}

template <class T>
GradientArgs<T> EpochRun<T>::gradient_args(Index i, Index first, Index batch, Place place) {
  auto g = pass_.gradient_args(i, first, batch, place);
  if (slopes_) slopes_->replace(g, i, {first, batch}, pass_.bias_column(i) >= 0);
  return g;
}

// The members defined in this file.
#define LOCALGRAD_FOR(T) template class EpochRun<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
