// The end of a step that is shared by rows or chunks: members meet between its parts where norms ask for it.

#include <algorithm>
#include <cmath>

#include "engine/epoch.hpp"

namespace localgrad {

template <class T>
T* EpochRun<T>::squares_of(const GradientUnit& unit) {
  const Index columns = panel_size(1, pass_.w(unit.layer).cols, kernels_.lanes);
  return squares_[static_cast<std::size_t>(unit.layer)].data() +
         unit.k_begin / GradientUnits<T>::kRows * columns;
}

/// The Euclidean norm of the whole gradient from the squares of its columns, in four sums that are added up in the end: an order that
/// depends on nothing. Padding adds zeros.
template <class T>
double EpochRun<T>::gradient_norm() const {
  double total = 0;
  for (Index i = 0; i < pass_.layers(); ++i) {
    const auto& w = pass_.w(i);
    const Index stride = panel_size(1, w.cols, kernels_.lanes);
    for (Index block = 0; block < ceil_div(w.rows, GradientUnits<T>::kRows); ++block) {
      const T* squares = squares_[static_cast<std::size_t>(i)].data() + block * stride;
      double sums[4] = {};
      for (Index c = 0; c < w.cols; ++c) sums[c % 4] += static_cast<double>(squares[c]);
      total += (sums[0] + sums[1]) + (sums[2] + sums[3]);
    }
  }
  return std::sqrt(total);
}

template <class T>
void EpochRun<T>::update_whole(const Member& member, const Step& step, Index parts) {
  const auto mine = units_.share(member);
  const auto rule = static_cast<int>(rule_.update());
  const auto sums_of = [&](const GradientUnit& unit, Index count) {
    const auto& sums = sums_[static_cast<std::size_t>(unit.layer)];
    return SumsInParts<T>{sums.data(), count, static_cast<Index>(pass_.w_elements(unit.layer))};
  };
  T shrink = 1;
  if (penalties_.clip_norm() > 0) {
    for (const GradientUnit& unit : mine) {
      if (parts == 0) gradient_of(unit, step.batch, 0, sums_[static_cast<std::size_t>(unit.layer)].data());
      kernels_.gradient_squares(update_args(unit, step, {}), sums_of(unit, std::max<Index>(parts, 1)),
                                squares_of(unit));
    }
    parts = std::max<Index>(parts, 1);
    member.meet();
    // PyTorch's rule, with its 1e-6 against a norm of 0.
    shrink = static_cast<T>(std::min(1.0, penalties_.clip_norm() / (gradient_norm() + 1e-6)));
  }
  const bool bounds = penalties_.max_norm() > 0;
  for (const GradientUnit& unit : mine) {
    if (parts == 0 && !bounds) {
      update(unit, step, {});
      continue;
    }
    UpdateArgs<T> u = update_args(unit, step, {});
    u.shrink = shrink;
    if (bounds) u.w_transposed.data = nullptr;
    parts == 0 ? kernels_.update[rule](u) : kernels_.apply_update[rule](u, sums_of(unit, parts));
  }
  if (!bounds) return;
  member.meet();
  Index turn = 0;
  for (Index i = 0; i < pass_.layers(); ++i)
    for (Index p = 0; p < pass_.w(i).panels; ++p)
      if (turn++ % member.count == member.index)
        kernels_.bound_norms({pass_.w(i), pass_.next_transposed(i, {}), pass_.bias_row(i),
                              pass_.bias_column(i), static_cast<T>(penalties_.max_norm())},
                             p);
}

#define LOCALGRAD_FOR(T)                                    \
  template T* EpochRun<T>::squares_of(const GradientUnit&); \
  template double EpochRun<T>::gradient_norm() const;       \
  template void EpochRun<T>::update_whole(const Member&, const Step&, Index);
LOCALGRAD_FOR(float)
LOCALGRAD_FOR(double)
#undef LOCALGRAD_FOR

}  // namespace localgrad
