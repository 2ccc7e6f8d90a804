#include "engine/epoch/run.hpp"

namespace localgrad {

/// Each member computes (F), (D1) and (D2) for its rows of the mini-batch without waiting. Then all members
/// synchronize and call update_whole. A custom cost is called between (F) and (D1), for all rows.
template <class T>
void EpochRun<T>::work_by_rows(const Team& team, Segment& segment) {
  const bool custom = custom_.given();
  for (std::size_t s = segment.begin; s < segment.end; ++s) {
    const Step step = this->step(segment, s);
    const Place place{0, 0, 0, position_of(step), dropout_of(step)};
    const Frame frame = frame_of(0, step.batch);
    load_slopes(team);
    const auto each_own_rows = [&](const auto& work) {  // work(begin, end)
      team.each([&](const Member& member) {
        work(share_begin(step.batch, member.index, member.count),
             share_begin(step.batch, member.index + 1, member.count));
      });
    };
    const auto forward = [&](Index begin, Index end) {
      gather_x(segment, step, begin, end, begin, place);
      gather_y(segment, step, begin, end, begin, place);
      pass_.forward(begin, end, place);
      record(segment, step, begin, end, begin, place);
    };
    const auto relieve_and_go_back = [&](Index begin, Index end) {
      pass_.scale_delta(begin, end, relief(step), place);
      this->backward(segment, begin, end, place, frame, relief(step));
    };
    const auto backward = [&](Index begin, Index end) {
      custom ? pass_.output_delta(begin, end, place) : pass_.output(begin, end, place);
      if (relieves_always()) return relieve_and_go_back(begin, end);
      this->backward(segment, begin, end, place, frame, 1);
      if (is_private()) clip_rows(begin, end);
    };
    if (custom) {
      each_own_rows(forward);
      team.meet();
      if (segment.has_bad(step)) return;
      team.once([&] { call_custom_cost(segment, step); });
      team.meet();
      if (segment.failed) return;
      each_own_rows(backward);
    } else {
      each_own_rows([&](Index begin, Index end) {
        forward(begin, end);
        backward(begin, end);
      });
    }
    team.meet();
    if (segment.has_bad(step) || segment.left) return;
    add_slopes(team, frame);
    const double cost = cost_of_rows(step.batch, {});
    if (!segment.check_cost(s, cost)) return;  // all members read the same numbers
    if (!update_whole(team, step, 0, relieves_always())) {
      team.once([&] { relief_ = relief(step); });
      each_own_rows(relieve_and_go_back);
      team.meet();
      (void)update_whole(team, step, 0, true);
    }
    team.once([&] { finish(segment, step, cost); });
    team.meet();
    if (segment.stopped_before(s + 1)) return;
  }
}

// The members defined in this file.
#define LOCALGRAD_FOR(T) template class EpochRun<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
