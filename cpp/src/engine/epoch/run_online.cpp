// One mini-batch on the calling thread, for a Trainer that keeps the parameters in the panels.

#include <cmath>

#include "engine/epoch/run.hpp"

namespace localgrad {

template <class T>
Outcome EpochRun<T>::step_online(const Rows& x, const Targets& y, const std::vector<std::uint32_t>& order) {
  Segment segment{x, y, order, 0, 1, Clock::time_point::max()};
  const Team alone(Member{}, nullptr);
  if (plan_.split == Split::units)
    step_by_layers(segment);
  else if (plan_.split == Split::rows)
    work_by_rows(alone, segment);
  else
    work_by_chunks(alone, segment);
  set_end(segment);
  return segment.outcome;
}

/// The step of work_by_units for a single member. It stops before the update if the cost is not finite.
template <class T>
void EpochRun<T>::step_by_layers(Segment& segment) {
  const Step step{0, 0, static_cast<Index>(segment.order.size())};
  const Place place{0, 0, 0, position_of(step), dropout_of(step)};
  const Index head = pass_.layers() - 1, lowest = penalties_.rates().lowest();
  gather_x(segment, step, 0, step.batch, 0, place);
  gather_y(segment, step, 0, step.batch, 0, place);
  if (segment.has_bad(step)) return;
  pass_.forward(0, step.batch, place);
  record(segment, step, 0, step.batch, 0, place);
  pass_.output(0, step.batch, place);
  const double cost = cost_of_rows(step.batch, place);
  if (!segment.check_cost(0, cost)) return;
  const auto update_all = [&](Index i) {
    for (const UpdatedRows& rows : units_.rows(i)) update({i, pass_.all_panels(i), rows}, step, place);
  };
  for (Index i = head; i > lowest; --i) {
    pass_.backward_layer(i, 0, step.batch, {0, pass_.transposed(i, place).panels}, place);
    update_all(i);
  }
  if (head >= lowest) update_all(lowest < 0 ? pass_.layers() : lowest);
  finish(segment, step, cost);
}

template class EpochRun<float>;  // the members defined in this file
template class EpochRun<double>;

}  // namespace localgrad
