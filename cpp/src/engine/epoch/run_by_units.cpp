#include "engine/epoch/run.hpp"

namespace localgrad {

/// Each member owns whole panels of every hidden layer, and computes their (F), (D2), (G1) and update for
/// all rows, so that its weights never leave its core. Every member computes the output layer itself.
/// Members only synchronize where a layer reads all columns of another. While one member still works on a
/// step, another may start the next step, which therefore uses separate copies of activations, input rows
/// and, if they are small, transposed weights. With input scales there is only one member.
template <class T>
void EpochRun<T>::work_by_units(const Team& team, Segment& segment) {
  const bool alone = team.count() == 1, private_x = alone || plan_.private_x;
  const Index head = pass_.layers() - 1, lowest = penalties_.rates().lowest();
  const auto own = [](const Member& member, Index n) {
    return PanelRange{share_begin(n, member.index, member.count),
                      share_begin(n, member.index + 1, member.count)};
  };
  const auto place_of = [&](const Member& member, const Step& step) {
    return Place{private_x ? member.index : static_cast<int>(step.index % 3), member.index, step.turn(),
                 position_of(step), dropout_of(step)};
  };
  const auto gather_own_rows = [&](const Member& member, const Step& step) {
    const PanelRange rows = own(member, step.batch);
    gather_x(segment, step, rows.begin, rows.end, rows.begin, {static_cast<int>(step.index % 3), 0, 0, 0});
  };
  const auto gather = [&](const Member& member, const Step& step, Place place) {
    if (private_x) gather_x(segment, step, 0, step.batch, 0, place);
    gather_y(segment, step, 0, step.batch, 0, place);
    const PanelRange rows = private_x ? PanelRange{0, step.batch} : own(member, step.batch);
    ahead_of(member) = prefetch(segment, step, rows, private_x ? 1 : 2);
  };
  const auto update_own = [&](Index i, const Member& member, const Step& step, Place place) {
    const PanelRange panels = i == head ? pass_.all_panels(i) : own(member, pass_.w(i).panels);
    for (const UpdatedRows& rows : units_.rows(i)) update({i, panels, rows}, step, place, &ahead_of(member));
  };
  // Members own the same columns of transposed weights as of the layer below, because both have the same
  // number of panels. (D2) of the next layer reads all columns of this layer's delta. A single transposed
  // copy may only be overwritten when all members have read it.
  const auto meet_below = [&](Index i) {
    return !alone && (i > lowest + 1 || (head > i && plan_.copies.transposed == 1));
  };

  for (std::size_t s = segment.begin; s < segment.end; ++s) {
    const Step step = this->step(segment, s);
    if (!private_x && s == segment.begin) {
      team.each([&](const Member& member) { gather_own_rows(member, step); });
      team.meet();
    }
    if (head == 0) team.each([&](const Member& member) { gather(member, step, place_of(member, step)); });
    for (Index i = 0; i < head; ++i) {
      team.each([&](const Member& member) {
        const Place place = place_of(member, step);
        if (i == 0) gather(member, step, place);
        pass_.forward_layer(i, 0, step.batch, own(member, pass_.w(i).panels), place, &ahead_of(member));
        const bool gathers = i == 0 && !private_x && s + 1 < segment.end;
        // The rows gathered here must be complete at the next meeting. If members meet once per step, it is
        // the one below.
        if (gathers && head == 1) gather_own_rows(member, this->step(segment, s + 1));
        team.arrive();
        if (gathers && head > 1) gather_own_rows(member, this->step(segment, s + 1));
      });
      team.await();
    }
    if (segment.has_bad(step) || segment.stopped_before(s)) return;

    const auto output = [&](const Member& member, Place place) {
      pass_.forward_layer(head, 0, step.batch, pass_.all_panels(head), place);
      const PanelRange share = own(member, step.batch);
      record(segment, step, share.begin, share.end, share.begin, place);
      pass_.output(0, step.batch, place);
      const double cost = cost_of_rows(step.batch, place);
      if (member.index == 0) segment.step_cost = cost;
      // Each member has read the targets itself, and another thread may have changed them in between.
      // Therefore, members only stop at a point where all of them have seen the error.
      segment.check_cost(s, cost);
    };
    for (Index top = head, bottom;; top = bottom - 1) {
      // From `top` down to the next meeting, or to the end of the step. The update of the layer above fills
      // the wait; with one member, the update uses the delta that is still in the cache.
      for (bottom = top; bottom > lowest && !meet_below(bottom);) --bottom;
      team.each([&](const Member& member) {
        const Place place = place_of(member, step);
        if (top == head) output(member, place);
        for (Index i = top; i > lowest && i >= bottom; --i) {
          pass_.backward_layer(i, 0, step.batch, own(member, pass_.transposed(i, place).panels), place,
                               &ahead_of(member));
          if (i == bottom) team.arrive();
          const Index ready = alone ? i : i + 1;
          if (ready <= head) update_own(ready, member, step, place);
        }
        if (bottom > lowest) return;
        if (!alone && head > lowest) update_own(lowest + 1, member, step, place);
        if (head >= lowest) update_own(lowest < 0 ? pass_.layers() : lowest, member, step, place);
      });
      if (bottom <= lowest) break;
      team.await();
    }
    team.once([&] { finish(segment, step, segment.step_cost); });
  }
}

template class EpochRun<float>;  // the members defined in this file
template class EpochRun<double>;

}  // namespace localgrad
