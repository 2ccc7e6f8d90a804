#include <algorithm>

#include "engine/epoch.hpp"

namespace localgrad {

/// Each member takes its rows through (F), (D1), (D2) without waiting; all meet; then its share of (G1), (G2) and the
/// update, each over the whole mini-batch; all meet.
template <class T>
void EpochRun<T>::work_by_rows(const Member& member, Segment& segment) {
  const auto mine = units_.share(member);
  for (std::size_t s = segment.begin; s < segment.end; ++s) {
    const Step step = this->step(segment, s);
    const Index begin = step.batch * member.index / member.count;
    const Index end = step.batch * (member.index + 1) / member.count;
    gather_x(segment, step, begin, end, begin, {});
    gather_y(segment, step, begin, end, begin, {});
    pass_.forward(begin, end);
    pass_.output(begin, end);
    pass_.backward(begin, end);
    member.meet();
    if (segment.has_bad(step)) return;
    const double cost = cost_of_rows(step.batch, {});
    if (!segment.check_cost(s, cost)) return;  // the same numbers for all
    for (const GradientUnit& unit : mine) update(unit, step.batch, {});
    if (member.index == 0) finish(segment, step, cost);
    member.meet();
    if (segment.stopped_before(s + 1)) return;
  }
}

/// Each member takes whole chunks through (F), (D1), (D2) and (G1), while they are in its cache; all meet; then it adds its
/// share of the gradients up, chunk by chunk, and updates with them; all meet.
template <class T>
void EpochRun<T>::work_by_chunks(const Member& member, Segment& segment) {
  const auto mine = units_.share(member), all = units_.share(Member(0, 1, nullptr));
  const Index base = member.index * plan_.chunk_rows;
  for (std::size_t s = segment.begin; s < segment.end; ++s) {
    const Step step = this->step(segment, s);
    const Index chunks = ceil_div(step.batch, plan_.chunk_rows);
    for (Index c = chunks * member.index / member.count; c < chunks * (member.index + 1) / member.count;
         ++c) {
      const Index begin = c * plan_.chunk_rows, rows = std::min(plan_.chunk_rows, step.batch - begin);
      gather_x(segment, step, begin, begin + rows, base, {});
      gather_y(segment, step, begin, begin + rows, base, {});
      pass_.forward(base, base + rows);
      pass_.output(base, base + rows);
      pass_.backward(base, base + rows);
      double cost = 0;
      for (Index r = 0; r < rows; ++r) cost += *pass_.cost(base + r);
      chunk_costs_.data()[c] = cost;
      for (const GradientUnit& unit : all) {
        const auto i = static_cast<std::size_t>(unit.layer);
        auto g = update_args(unit, rows, base, {}).gradient;
        g.scale = 1;
        g.w.data = sums_[i].data() + c * static_cast<Index>(pass_.w_elements(unit.layer));
        kernels_.gradient(g);
      }
    }
    member.meet();
    if (segment.has_bad(step)) return;
    double cost = 0;
    for (Index c = 0; c < chunks; ++c) cost += chunk_costs_.data()[c];
    if (!segment.check_cost(s, cost)) return;  // the same numbers for all
    for (const GradientUnit& unit : mine) {
      const auto& sums = sums_[static_cast<std::size_t>(unit.layer)];
      kernels_.apply_update[static_cast<int>(rule_.update)](
          update_args(unit, step.batch, 0, {}),
          {sums.data(), chunks, static_cast<Index>(pass_.w_elements(unit.layer))});
    }
    if (member.index == 0) finish(segment, step, cost);
    member.meet();
    if (segment.stopped_before(s + 1)) return;
  }
}

template void EpochRun<float>::work_by_rows(const Member&, Segment&);
template void EpochRun<double>::work_by_rows(const Member&, Segment&);
template void EpochRun<float>::work_by_chunks(const Member&, Segment&);
template void EpochRun<double>::work_by_chunks(const Member&, Segment&);

}  // namespace localgrad
