#include <algorithm>

#include "engine/epoch/run.hpp"

namespace localgrad {

/// Each member computes (F), (D1), (D2) and (G1) for whole chunks, one after the other, while they are in
/// its cache. Then all members synchronize and call update_whole.
template <class T>
void EpochRun<T>::work_by_chunks(const Team& team, Segment& segment) {
  const auto all = units_.share({0, 1});
  for (std::size_t s = segment.begin; s < segment.end; ++s) {
    const Step step = this->step(segment, s);
    const Index chunks = std::max<Index>(1, ceil_div(step.batch, plan_.chunk_rows));
    const auto sum_chunk = [&](Index c, int member, bool relieved) {
      const Index base = member * plan_.chunk_rows;  // first of the member's rows of the pass
      const Index begin = c * plan_.chunk_rows, rows = std::min(plan_.chunk_rows, step.batch - begin);
      const Place place{0, 0, 0, position_of(step, begin, base), dropout_of(step)};
      gather_x(segment, step, begin, begin + rows, base, place);
      gather_y(segment, step, begin, begin + rows, base, place);
      pass_.forward(base, base + rows, place);
      record(segment, step, begin, begin + rows, base, place);
      pass_.output(base, base + rows, place);
      if (relieved) pass_.scale_delta(base, base + rows, relief(step), place);
      const Frame frame = frame_of(base, rows);
      backward(segment, base, base + rows, place, frame, relieved ? relief(step) : 1);
      if (segment.left) return;
      add_slopes(Team(Member{}, nullptr), frame);
      if (is_private()) clip_rows(base, base + rows);
      const T factor = relieved ? relief(step) : 1;
      if (sampling_) measure(step, begin, begin + rows, base, place, c, member, factor);
      double cost = 0;
      for (Index r = 0; r < rows; ++r) cost += *pass_.cost(base + r);
      chunk_costs_.data()[c] = cost;
      for (const GradientUnit& unit : all)
        gradient_of(unit, rows, base,
                    sums_[static_cast<std::size_t>(unit.layer)].data() +
                        c * static_cast<Index>(pass_.w_elements(unit.layer)));
    };
    load_slopes(team);
    const auto sum_chunks = [&](bool relieved) {
      team.each([&](const Member& member) {
        const Index end = share_begin(chunks, member.index + 1, member.count);
        for (Index c = share_begin(chunks, member.index, member.count); c < end && !segment.left; ++c)
          sum_chunk(c, member.index, relieved);
      });
      team.meet();
    };
    sum_chunks(relieves_always());
    if (segment.has_bad(step) || segment.left) return;
    double cost = 0;
    for (Index c = 0; c < chunks; ++c) cost += chunk_costs_.data()[c];
    if (!segment.check_cost(s, cost)) return;  // all members read the same numbers
    if (!update_whole(team, step, chunks, relieves_always())) {
      team.once([&] { relief_ = relief(step); });
      sum_chunks(true);
      (void)update_whole(team, step, chunks, true);
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
