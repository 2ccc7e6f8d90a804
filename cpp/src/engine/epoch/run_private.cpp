// Differentially private training: clipped gradients of examples, and noise.

#include <algorithm>

#include "engine/epoch/run.hpp"
#include "engine/pass/norm.hpp"
#include "model/chacha.hpp"

namespace localgrad {

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
      const auto g = pass_.gradient_args(i, r, 1, {}, true);  // the gradient is the outer product of these two
      const Index weights = rates.trains_weights(i) ? g.w.rows - 1 : 0;
      const Index first = g.w.rows - 1 - weights;  // the last number is the 1 of the biases
      norm = norm_of(weights + rates.trains_biases(i), g.left + first) * norm_of(g.w.cols, g.right);
    }
    const double norm = norm_of(pass_.parts(), norms_.data() + r * pass_.parts());
    if (!(norm > most)) continue;
    const T factor = static_cast<T>(most / norm);
    for (Index i = 0; i < pass_.parts(); ++i) {
      if (!rates.trains(i)) continue;
      T* delta = pass_.delta(i, r);
      const Index width = pass_.width(i == pass_.layers() ? 0 : i + 1);
      for (Index j = 0; j < width; ++j) delta[j] *= factor;
    }
  }
}

/// Adds noise to the sums of a unit. The weights from unit k of the layer before, and last the biases, have the
/// numbers of row k of the stream of their layer and step.
template <class T>
void EpochRun<T>::add_noise(const GradientUnit& unit, const Step& step, T* sums) {
  if (privacy_.noise_multiplier == 0) return;
  const Index i = unit.layer, bias = pass_.bias_column(i);
  PanelMatrix<T> m = pass_.w(i);
  m.data = sums;
  const auto words = chacha(privacy_.key, static_cast<std::uint32_t>(i),
                            static_cast<std::uint32_t>(SecretPurpose::noise), progress_.t + step.index);
  RandomArgs<T> r{};
  r.seed = words[0] | std::uint64_t{words[1]} << 32;
  r.epoch = words[2];
  r.purpose = words[3];
  r.scale = static_cast<T>(privacy_.noise_multiplier * privacy_.clip_per_example);
  const auto add = [&](T* to, Index stride, Index first, Index rows) {
    r.to = to;
    r.from = to;
    r.from_stride = r.to_stride = stride;
    r.position = static_cast<std::uint64_t>(first);
    r.rows = rows;
    kernels_.noise(r);
  };
  for (Index p = unit.panels.begin; p < unit.panels.end; ++p) {
    const auto panel = panel_of(m, p, kernels_.lanes);
    if (bias < 0) {
      r.width = m.cols;
      r.column_begin = panel.column;
      r.column_end = panel.column + panel.width;
      add(panel.data + unit.rows.k_begin * panel.stride - panel.column, panel.stride, unit.rows.k_begin,
          unit.rows.k_end - unit.rows.k_begin);
      continue;
    }
    // A narrow layer is stored transposed, with padding after the biases.
    constexpr Index block = 32;
    const Index end = std::min(panel.column + panel.width, bias + 1);
    r.width = r.column_end = m.rows;
    for (Index k = panel.column; k < end; k += block) {
      T drawn[2 * block] = {};
      const Index count = std::min(block, end - k);
      add(drawn, m.rows, k, count);
      for (Index j = unit.rows.k_begin; j < unit.rows.k_end; ++j)
        for (Index n = 0; n < count; ++n)
          panel.data[j * panel.stride + k + n - panel.column] += drawn[n * m.rows + j];
    }
  }
}

// The members defined in this file.
#define LOCALGRAD_FOR(T)                                 \
  template void EpochRun<T>::clip_rows(Index, Index);    \
  template void EpochRun<T>::add_noise(const GradientUnit&, const Step&, T*);
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
