// The end of a step that is split by rows or chunks. Members synchronize between its parts if norms are
// needed.

#include <algorithm>
#include <cmath>

#include "engine/epoch/run.hpp"

namespace localgrad {

template <class T>
T* EpochRun<T>::squares_of(const GradientUnit& unit) {
  const Index columns = panel_size(1, pass_.w(unit.layer).cols, kernels_.lanes);
  return squares_[static_cast<std::size_t>(unit.layer)].data() +
         ceil_div(unit.rows.k_begin, GradientUnits<T>::kRows) * columns;
}

/// Adds the squares of part i of the gradient to `total`, from the sums of its columns, in a fixed order:
/// four partial sums per block. Padding adds zeros. Frozen parameters do not count.
template <class T>
double EpochRun<T>::sum_of_squares(Index i, double total) const {
  const auto& w = pass_.w(i);
  const Index stride = panel_size(1, w.cols, kernels_.lanes);
  const LayerRates& rates = penalties_.rates();
  if (!rates.trains(i)) return total;
  const Index bias = biases_apart(i) ? pass_.bias_column(i) : -1;
  for (Index block = 0; block < square_blocks(i); ++block) {
    const T* squares = squares_[static_cast<std::size_t>(i)].data() + block * stride;
    double sums[4] = {};
    for (Index c = 0; c < w.cols; ++c)
      if (bias < 0 || (c == bias ? rates.trains_biases(i) : rates.trains_weights(i)))
        sums[c % 4] += static_cast<double>(squares[c]);
    total += (sums[0] + sums[1]) + (sums[2] + sums[3]);
  }
  return total;
}

template <class T>
T EpochRun<T>::relief(const Step& step) const {
  int power = 0;
  std::frexp(static_cast<double>(step.batch), &power);  // batch <= 2^power
  return std::ldexp(T(1), -power);
}

template <class T>
Shrink<T> EpochRun<T>::clip(const Team& team, const Step& step, Index parts, T mean) {
  using Squares = SquareRange<T>;
  const auto squares = [&](T scale) {
    team.each([&](const Member& member) {
      for (const GradientUnit& unit : units_.share(member)) {
        UpdateArgs<T> u = update_args(unit, step, {});
        u.gradient.scale = mean;
        u.shrink = scale;
        kernels_.gradient_squares(u, sums_of(unit, parts), squares_of(unit));
      }
    });
    team.meet();
    double sum = 0;
    for (Index i = 0; i < pass_.parts(); ++i) sum = sum_of_squares(i, sum);
    return sum;
  };
  const double sum = squares(1), bound = penalties_.clip_norm();
  const bool vanish =
      sum < Squares::kLeast && bound * bound < Squares::kLeast;  // otherwise the gradient is below the bound
  if (!vanish && sum <= Squares::kMost) return penalties_.shrink(std::sqrt(sum), 0);
  team.meet();  // all members have read the squares
  return vanish ? penalties_.shrink(std::sqrt(squares(Squares::kUp)), -Squares::kShift)
                : penalties_.shrink(std::sqrt(squares(Squares::kDown)), Squares::kShift);
}

template <class T>
bool EpochRun<T>::update_whole(const Team& team, const Step& step, Index parts, bool relieved) {
  const T mean = T(1) / static_cast<T>(divisor(step)) / (relieved ? relief(step) : 1);
  Shrink<T> shrink;
  if (penalties_.clip_norm() > 0 || is_private() || sampling_) {
    if (parts == 0)
      team.each([&](const Member& member) {
        for (const GradientUnit& unit : units_.share(member))
          gradient_of(unit, step.batch, 0, sums_[static_cast<std::size_t>(unit.layer)].data());
      });
    if (is_private()) add_noise(team, step);
    parts = std::max<Index>(parts, 1);
  }
  if (penalties_.clip_norm() > 0) {
    shrink = clip(team, step, parts, mean);
    // Sums of clipped gradients do not overflow.
    if (std::isnan(shrink.first) && !relieved && !is_private()) return false;
  }
  const bool bounds = penalties_.max_norm() > 0;
  team.each([&](const Member& member) {
    for (const GradientUnit& unit : units_.share(member)) {
      if (parts == 0 && !bounds) {
        update(unit, step, {});
        continue;
      }
      UpdateArgs<T> u = update_args(unit, step, {});
      u.gradient.scale = mean;
      u.shrink = shrink.first;
      u.shrink_more = shrink.second;
      if (bounds) u.w_transposed.data = nullptr;
      const SumsInParts<T> sums = parts == 0 ? SumsInParts<T>{} : sums_of(unit, parts);
      descend(unit, step, u, parts == 0 ? nullptr : &sums, {});
    }
  });
  if (!bounds) return true;
  team.meet();
  team.each([&](const Member& member) {
    Index turn = 0;
    for (Index i = 0; i < pass_.layers(); ++i)
      for (Index p = 0; p < pass_.w(i).panels && penalties_.rates().trains_weights(i); ++p)
        if (turn++ % member.count == member.index)
          kernels_.bound_norms({pass_.w(i), next_transposed(i, {}), pass_.bias_row(i), pass_.bias_column(i),
                                static_cast<T>(penalties_.max_norm())},
                               p);
  });
  return true;
}

// The members defined in this file.
#define LOCALGRAD_FOR(T) template class EpochRun<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
