#include "engine/epoch/run.hpp"

namespace localgrad {

/// Each member owns whole panels of every hidden layer, and computes their (F), (D2), (G1) and update for
/// all rows, so that its weights never leave its core. Every member computes the output layer itself.
/// Members only synchronize where a layer reads all columns of another. While one member still works on a
/// step, another may start the next step, which therefore uses separate copies of activations, input rows
/// and, if they are small, transposed weights. With input scales there is only one member.
template <class T>
void EpochRun<T>::work_by_units(const Member& member, Segment& segment) {
  const bool alone = member.count == 1, private_x = alone || plan_.private_x;
  const Index head = pass_.layers() - 1, lowest = penalties_.rates().lowest();
  const auto own = [&](Index n) {
    return PanelRange{share_begin(n, member.index, member.count),
                      share_begin(n, member.index + 1, member.count)};
  };
  const auto gather_own_rows = [&](const Step& step) {
    const PanelRange rows = own(step.batch);
    gather_x(segment, step, rows.begin, rows.end, rows.begin, {static_cast<int>(step.index % 3), 0, 0, 0});
  };
  const auto update_own = [&](Index i, const Step& step, Place place, Prefetch* ahead) {
    const PanelRange panels = i == head ? pass_.all_panels(i) : own(pass_.w(i).panels);
    for (const UpdatedRows& rows : units_.rows(i)) update({i, panels, rows}, step, place, ahead);
  };

  for (std::size_t s = segment.begin; s < segment.end; ++s) {
    const Step step = this->step(segment, s);
    const Place place{private_x ? member.index : static_cast<int>(s % 3), member.index, step.turn(),
                      position_of(step), dropout_of(step)};
    if (private_x) {
      gather_x(segment, step, 0, step.batch, 0, place);
    } else if (s == segment.begin) {
      gather_own_rows(step);
      member.meet();
    }
    gather_y(segment, step, 0, step.batch, 0, place);
    Prefetch ahead =
        prefetch(segment, step, private_x ? PanelRange{0, step.batch} : own(step.batch), private_x ? 1 : 2);
    for (Index i = 0; i < head; ++i) {
      pass_.forward_layer(i, 0, step.batch, own(pass_.w(i).panels), place, &ahead);
      const bool gathers = i == 0 && !private_x && s + 1 < segment.end;
      // The rows gathered here must be complete at the next synchronization. If members synchronize once per
      // step, this is the one below.
      if (gathers && head == 1) gather_own_rows(this->step(segment, s + 1));
      member.arrive();
      if (gathers && head > 1) gather_own_rows(this->step(segment, s + 1));
      member.await();
    }
    if (segment.has_bad(step) || segment.stopped_before(s)) return;
    pass_.forward_layer(head, 0, step.batch, pass_.all_panels(head), place);
    const PanelRange share = own(step.batch);
    record(segment, step, share.begin, share.end, share.begin, place);
    pass_.output(0, step.batch, place);
    const double cost = cost_of_rows(step.batch, place);
    // Each member has read the targets itself, and another thread may have changed them in between.
    // Therefore, members only stop at a point where all of them have seen the error.
    segment.check_cost(s, cost);

    // Members own the same columns of transposed weights as of the layer below, because both have the same
    // number of panels. (D2) of the next layer reads all columns of this layer's delta. A single transposed
    // copy may only be overwritten when all members have read it. The update of the layer above fills the
    // wait; with one member, the update uses the delta that is still in the cache.
    for (Index i = head; i > lowest; --i) {
      pass_.backward_layer(i, 0, step.batch, own(pass_.transposed(i, place).panels), place, &ahead);
      const bool last = i == lowest + 1;
      const bool meet = !alone && (!last || (head > i && plan_.copies.transposed == 1));
      if (meet) member.arrive();
      const Index ready = alone ? i : i + 1;
      if (ready <= head) update_own(ready, step, place, &ahead);
      if (meet) member.await();
    }
    if (!alone && head > lowest) update_own(lowest + 1, step, place, &ahead);
    if (head >= lowest) update_own(lowest < 0 ? pass_.layers() : lowest, step, place, &ahead);
    if (member.index == 0) finish(segment, step, cost);
  }
}

// The members defined in this file.
#define LOCALGRAD_FOR(T) template class EpochRun<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
