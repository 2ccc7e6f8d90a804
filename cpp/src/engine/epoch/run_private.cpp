// Differentially private training: clipped gradients of examples, and noise.

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/epoch/run.hpp"
#include "engine/pass/norm.hpp"
#include "model/chacha.hpp"

namespace localgrad {
namespace {

template <class T>
void add_numbers(T* __restrict to, const T* __restrict from, Index n) {
  for (Index j = 0; j < n; ++j) to[j] += from[j];
}

/// Multiplies n numbers by a factor. Products too small for the precision of T become 0, because rounding
/// them up could make a gradient longer than the bound.
template <class T>
void scale_numbers(T* v, T factor, Index n) {
  constexpr T least = std::numeric_limits<T>::min();
  if (factor < least) factor = 0;
  for (Index j = 0; j < n; ++j) {
    const T product = v[j] * factor;
    v[j] = std::abs(product) < least ? T{0} : product;
  }
}

}  // namespace

/// Multiplies the deltas of each row by min(1, C / |gradient of the row|), where the norm follows from (N)
/// and includes what is trained.
template <class T>
void EpochRun<T>::clip_rows(Index begin, Index end) {
  const LayerRates& rates = penalties_.rates();
  const double most = privacy_.clip_per_example;
  for (Index r = begin; r < end; ++r) {
    for (Index i = 0; i < pass_.parts(); ++i) {
      double& norm = norms_.data()[r * pass_.parts() + i];
      norm = 0;
      if (!rates.trains(i)) continue;
      const auto g =
          pass_.gradient_args(i, r, 1, {}, true);  // the gradient is the outer product of these two
      const Index weights = rates.trains_weights(i) ? g.w.rows - 1 : 0;
      const Index first = g.w.rows - 1 - weights;  // the last number is the 1 of the biases
      norm = norm_of(weights + rates.trains_biases(i), g.left + first) * norm_of(g.w.cols, g.right);
    }
    const double norm = norm_of(pass_.parts(), norms_.data() + r * pass_.parts());
    if (!(norm > most)) continue;
    const T factor = static_cast<T>(most / norm);
    for (Index i = 0; i < pass_.parts(); ++i) {
      if (!rates.trains(i)) continue;
      scale_numbers(pass_.delta(i, r), factor, pass_.width(i == pass_.layers() ? 0 : i + 1));
    }
  }
}

/// Adds noise to the sums of rows begin..end-1 of layer index i: to the weights from unit k of the layer
/// before and, in the last row, to the biases. Row k has the numbers of row k of the stream of the layer and
/// the step.
template <class T>
void EpochRun<T>::add_noise(const Step& step, Index i, Index begin, Index end) {
  constexpr Index size = 2048;  // numbers drawn at once: a run of them takes less time per number
  static const T zeros[size] = {};
  PanelMatrix<T> m = pass_.w(i);
  m.data = sums_[static_cast<std::size_t>(i)].data();
  const bool narrow = pass_.bias_column(i) >= 0;
  const Index width = narrow ? m.rows : m.cols, columns = std::min(width, size), rows = size / columns;
  const auto words = chacha(privacy_.key, static_cast<std::uint32_t>(i),
                            static_cast<std::uint32_t>(SecretPurpose::noise), progress_.t + step.index);
  alignas(64) T drawn[size];
  RandomArgs<T> r{};
  r.seed = words[0] | std::uint64_t{words[1]} << 32;
  r.epoch = words[2];
  r.purpose = words[3];
  r.scale = static_cast<T>(privacy_.noise_multiplier * privacy_.clip_per_example);
  r.width = width;
  r.to_stride = columns;
  for (Index k = begin; k < end; k += rows) {
    r.position = static_cast<std::uint64_t>(k);
    r.rows = std::min(rows, end - k);
    for (Index c = 0; c < width; c += columns) {
      r.column_begin = c;
      r.column_end = std::min(c + columns, width);
      r.to = drawn - c;
      r.from = zeros - c;
      kernels_.noise(r);
      for (Index p = 0; p < m.panels; ++p) {
        const auto panel = panel_of(m, p, kernels_.lanes);
        if (narrow) {  // stored transposed: its columns are the rows here
          const Index from = std::max(k, panel.column), to = std::min(k + r.rows, panel.column + panel.width);
          for (Index j = c; j < r.column_end; ++j)
            for (Index n = from; n < to; ++n)
              panel.data[j * panel.stride + n - panel.column] += drawn[(n - k) * columns + j - c];
          continue;
        }
        const Index from = std::max(c, panel.column), to = std::min(r.column_end, panel.column + panel.width);
        for (Index n = 0; n < r.rows && from < to; ++n)
          add_numbers(panel.data + (k + n) * panel.stride + from - panel.column,
                      drawn + n * columns + from - c, to - from);
      }
    }
  }
}

/// Adds noise to the sums of all parameters that are trained.
template <class T>
void EpochRun<T>::add_noise(const Team& team, const Step& step) {
  if (privacy_.noise_multiplier == 0) return;
  team.meet();
  const LayerRates& rates = penalties_.rates();
  team.each([&](const Member& member) {
    for (Index i = 0; i < pass_.parts(); ++i) {
      const Index bias = std::max(pass_.bias_row(i), pass_.bias_column(i));
      const Index begin = rates.trains_weights(i) ? 0 : bias, end = rates.trains_biases(i) ? bias + 1 : bias;
      if (!rates.trains(i)) continue;
      add_noise(step, i, begin + share_begin(end - begin, member.index, member.count),
                begin + share_begin(end - begin, member.index + 1, member.count));
    }
  });
  team.meet();
}

// The members defined in this file.
#define LOCALGRAD_FOR(T) template class EpochRun<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
