#include "engine/epoch/run.hpp"

namespace localgrad {

/// Each member computes (F), (D1) and (D2) for its rows of the mini-batch without waiting. Then all members
/// synchronize and call update_whole. A custom cost is called between (F) and (D1), for all rows.
template <class T>
void EpochRun<T>::work_by_rows(const Member& member, Segment& segment) {
  const bool custom = custom_.given();
  const Index lowest = penalties_.rates().lowest();
  for (std::size_t s = segment.begin; s < segment.end; ++s) {
    const Step step = this->step(segment, s);
    const Index begin = share_begin(step.batch, member.index, member.count);
    const Index end = share_begin(step.batch, member.index + 1, member.count);
    const Place place{0, 0, 0, position_of(step), dropout_of(step)};
    gather_x(segment, step, begin, end, begin, place);
    gather_y(segment, step, begin, end, begin, place);
    pass_.forward(begin, end, place);
    record(segment, step, begin, end, begin, place);
    if (custom) {
      member.meet();
      if (segment.has_bad(step)) return;
      if (member.index == 0) call_custom_cost(segment, step);
      member.meet();
      if (segment.failed) return;
    }
    custom ? pass_.output_delta(begin, end, place) : pass_.output(begin, end, place);
    const auto relieve = [&] { pass_.scale_delta(begin, end, relief(step), place); };
    if (relieves_always()) relieve();
    pass_.backward(begin, end, place, lowest);
    member.meet();
    if (segment.has_bad(step)) return;
    const double cost = cost_of_rows(step.batch, {});
    if (!segment.check_cost(s, cost)) return;  // all members read the same numbers
    if (!update_whole(member, step, 0, relieves_always())) {
      relieve();
      pass_.backward(begin, end, place, lowest);
      member.meet();
      (void)update_whole(member, step, 0, true);
    }
    if (member.index == 0) finish(segment, step, cost);
    member.meet();
    if (segment.stopped_before(s + 1)) return;
  }
}

// The members defined in this file.
#define LOCALGRAD_FOR(T) template class EpochRun<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
