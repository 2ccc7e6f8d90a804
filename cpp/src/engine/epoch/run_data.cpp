// The data of a mini-batch: examples, sample weights, custom cost, prefetching and recorded outputs.

#include <algorithm>

#include "engine/epoch/run.hpp"
#include "model/network_functions.hpp"

namespace localgrad {

template <class T>
void EpochRun<T>::gather_x(Segment& segment, const Step& step, Index begin, Index end, Index to,
                           Place place) {
  const std::size_t first = step.first + static_cast<std::size_t>(begin);
  const Index good = gather_rows(kernels_, segment.x, segment.order.data() + first, end - begin,
                                 pass_.a(0, to, place), pass_.stride(0), reading_);
  if (good < end - begin) segment.bad(first + static_cast<std::size_t>(good));
  place.position = position_of(step, begin, to);
  place.dropout = dropout_of(step);
  pass_.disturb_x(to, to + end - begin, place);
}

template <class T>
void EpochRun<T>::gather_y(Segment& segment, const Step& step, Index begin, Index end, Index to,
                           Place place) {
  const std::size_t first = step.first + static_cast<std::size_t>(begin);
  const auto* order = segment.order.data() + first;
  const double* smoothing = factors_.label_smoothing;
  const auto rule = smoothing ? target_rule_.smoothed(smoothing[step.index]) : target_rule_;
  Index good =
      gather_targets(kernels_, rule, segment.y, order, end - begin, pass_.y(to, place), pass_.y_stride());
  for (Index r = 0; pass_.weighted() && r < good; ++r)
    if (!weight_of(segment.y, order[r], pass_.weight(to + r, place))) good = r;
  if (slopes_ && good == end - begin)
    good =
        gather_rows(kernels_, segment.y.slopes, order, good, slopes_->target(to), slopes_->target_stride());
  if (good < end - begin) segment.bad(first + static_cast<std::size_t>(good));
}

/// Called by member 0 for all rows. An exception is stored in the outcome.
template <class T>
void EpochRun<T>::call_custom_cost(Segment& segment, const Step& step) {
  try {
    custom_.call(*network_, pass_, step.batch);
  } catch (...) {
    segment.outcome.failure = std::current_exception();
    segment.failed = true;
  }
}

template <class T>
void EpochRun<T>::copy_outputs(const Segment& segment, const Step& step, Index begin, Index end, Index at,
                               Place place) {
  const Index width = pass_.width(pass_.layers());
  const std::uint32_t* order = segment.order.data() + step.first;
  for (Index r = begin; r < end; ++r) {
    T* out = outputs_ + static_cast<std::size_t>(order[r]) * static_cast<std::size_t>(width);
    std::copy_n(pass_.a(pass_.layers(), r - begin + at, place), width, out);
    if (standards_) standards_->restore(out);
  }
}

template <class T>
Prefetch EpochRun<T>::prefetch(const Segment& segment, const Step& step, PanelRange rows,
                               std::size_t steps) const {
  if (step.index + steps >= segment.end) return {};
  const Step next = this->step(segment, step.index + steps);
  if (rows.begin >= next.batch) return {};
  const Rows& x = segment.x;
  const auto size = static_cast<std::ptrdiff_t>(scalar_size(x.type));
  if (x.column_stride != size) return {};  // a row is not in consecutive cache lines
  Prefetch ahead;
  ahead.data = static_cast<const char*>(x.data);
  ahead.row_bytes = x.row_stride;
  ahead.next = segment.order.data() + next.first + rows.begin;
  ahead.end = segment.order.data() + next.first + std::min(rows.end, next.batch);
  ahead.lines = static_cast<Index>(x.width) * size / 64 + 1;
  const auto lines = static_cast<double>((rows.end - rows.begin) * ahead.lines + 1);
  ahead.every = static_cast<Index>(std::clamp(rounds_ / lines, 1.0, 1e9));
  begin_row(ahead);
  return ahead;
}

// The members defined in this file.
#define LOCALGRAD_FOR(T) template class EpochRun<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
