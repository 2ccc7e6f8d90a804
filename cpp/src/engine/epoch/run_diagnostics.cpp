// Diagnostics: what is measured in sampled mini-batches, without an effect on the result. A sampled step is
// a segment of its own, which keeps every z and writes the gradient to memory.

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/epoch/run.hpp"
#include "engine/pass/norm.hpp"
#include "model/network_functions.hpp"

namespace localgrad {
namespace {

constexpr double kSaturated = 0.05;  // share of the largest derivative

/// The phi' below which a unit is saturated; 0 for activations that are not bounded.
double saturation(Activation phi) {
  const Span& range = traits_of(phi).range;
  if (!std::isfinite(range.lowest) || !std::isfinite(range.highest)) return 0;
  return kSaturated * (phi == Activation::sigmoid ? 1.0 / 4 : phi == Activation::hard_sigmoid ? 1.0 / 6 : 1);
}

/// Examples of a mini-batch that are not sampled can have larger derivatives, so this is not an upper bound.
double size_of(double delta, double a) {
  const double size = std::sqrt(delta * std::max(a, 1.0));
  return size > 0 && std::isfinite(size) ? size : 1;
}

}  // namespace

template <class T>
std::size_t EpochRun<T>::index_in_epoch(std::size_t step) const {
  return static_cast<std::size_t>(position_) / batch_size_ + step;
}

template <class T>
std::size_t EpochRun<T>::until_sample(std::size_t step) const {
  if (!probe_) return std::numeric_limits<std::size_t>::max();
  const std::size_t index = index_in_epoch(step);
  return Probe<T>::samples(index, batch_size_) ? 0 : Probe<T>::until_next(index, batch_size_);
}

/// Copies the weights of layer index i that are compared, from every n-th unit of the layer before.
template <class T>
void EpochRun<T>::copy_weights(Index i, T* to) const {
  const auto& w = pass_.w(i);
  const Index in = pass_.width(i), every = probe_->every(i);
  for (Index k = 0; k < in; k += every) {
    if (pass_.bias_column(i) >= 0) {  // stored transposed
      for (Index j = 0; j < w.rows; ++j) *to++ = w.data[j * w.cols + k];
      continue;
    }
    for (Index p = 0; p < w.panels; ++p) {
      const auto panel = panel_of(w, p, kernels_.lanes);
      to = std::copy_n(panel.data + k * panel.stride, panel.width, to);
    }
  }
}

template <class T>
void EpochRun<T>::begin_sample(const Step& step) {
  sampling_ = true;
  relief_ = relieves_always() ? relief(step) : T(1);
  pass_.keep_z(true);
  probe_->begin();
  for (Index i = 0; i < pass_.layers(); ++i) copy_weights(i, probe_->weights_before(i));
}

/// Measures the sampled rows among rows begin..end-1 of the mini-batch, which are in rows `base`.. of the
/// pass; `relieved` is the factor by which all deltas have been multiplied.
template <class T>
void EpochRun<T>::measure(const Step& step, Index begin, Index end, Index base, Place place, int member,
                          T relieved) {
  Probe<T>& probe = *probe_;
  const Index samples = Probe<T>::rows(step.batch), layers = pass_.layers();
  const LayerRates& rates = penalties_.rates();
  const double restore = 1 / static_cast<double>(relieved);
  const auto each_row = [&](const auto& f) {  // f(sampled row, row of the pass, its index in the pass's part)
    for (Index s = 0; s < samples; ++s)
      if (const Index r = Probe<T>::row(s, step.batch); r >= begin && r < end)
        f(s, base + r - begin, r - begin);
  };
  const auto factors_of = [&](Index i) {
    auto g = gradient_args(i, base, end - begin, place);
    if (pass_.bias_column(i) >= 0) {
      std::swap(g.left, g.right);
      std::swap(g.left_stride, g.right_stride);
    }
    return g;
  };
  each_row([&](Index s, Index, Index) { probe.squared_norm_of(s) = 0; });
  auto g = factors_of(0);
  for (Index i = 0; i < layers; ++i) {
    const auto next = i + 1 < layers ? factors_of(i + 1) : g;
    const Index in = pass_.width(i), out = pass_.width(i + 1);
    const Activation phi = activation_of(*network_, static_cast<std::size_t>(i));
    const T parameter = activation_parameter(*network_, static_cast<std::size_t>(i));
    const auto saturated = static_cast<T>(saturation(phi));
    T* derivatives = probe.derivatives(member);
    T* alive = probe.alive_of(member, i);
    if (!is_unitwise(phi)) std::fill_n(alive, out, T(1));
    each_row([&](Index s, Index row, Index r) {
      const T *z = pass_.z(i, row), *delta = g.right + r * g.right_stride;
      const T* a = i + 1 < layers ? next.left + r * next.left_stride : pass_.a(layers, row, place);
      double* sums = probe.row_of(s, i);
      sums[Probe<T>::delta] = i < rates.lowest() ? std::numeric_limits<double>::quiet_NaN()
                                                 : sum_of_squares_of(out, delta, restore);
      sums[Probe<T>::z] = sum_of_squares_of(out, z, 1);
      sums[Probe<T>::a] = sum_of_squares_of(out, a, 1);
      sums[Probe<T>::saturated] = 0;
      if (rates.trains(i)) {
        const double inputs = i > 0 ? probe.row_of(s, i - 1)[Probe<T>::a]
                                    : sum_of_squares_of(in, g.left + r * g.left_stride, 1);
        probe.squared_norm_of(s) += sums[Probe<T>::delta] * ((rates.trains_weights(i) ? inputs : 0) +
                                                             (rates.trains_biases(i) ? 1 : 0));
      }
      if (!is_unitwise(phi)) return;
      const T* before = pass_.undropped(i, row);
      kernels_.activation_derivative[static_cast<int>(phi)](out, z, before ? before : a, parameter,
                                                            derivatives);
      sums[Probe<T>::saturated] = Probe<T>::count_saturated(out, derivatives, saturated, alive);
    });
    g = next;
  }
  if (pass_.parts() == layers || !rates.trains(layers)) return;
  const auto scale = gradient_args(layers, base, end - begin, place);
  each_row([&](Index s, Index, Index r) {
    probe.squared_norm_of(s) +=
        sum_of_squares_of(pass_.width(0), scale.right + r * scale.right_stride, restore);
  });
}

/// Norm of the mean gradient of part i, from the sums in memory. Squares are those of numbers divided by
/// about `size`, so that they neither overflow nor underflow.
template <class T>
double EpochRun<T>::norm_of_sums(Index i, const Step& step, Place place, Index parts, double size) {
  if (!penalties_.rates().trains(i)) return 0;
  const int power = std::clamp(std::ilogb(size), -100, 100);
  for (const GradientUnit& unit : units_.share({0, 1})) {
    if (unit.layer != i) continue;
    UpdateArgs<T> u{};
    u.gradient = gradient_args(i, 0, step.batch, place);
    unit.apply_to(u.gradient);
    u.gradient.w.data = sums_[static_cast<std::size_t>(i)].data();
    u.gradient.scale = T(1) / static_cast<T>(step.batch) / relief_;
    u.bias_row = u.bias_column = -1;
    u.clip = std::numeric_limits<T>::infinity();
    u.shrink = std::ldexp(T(1), -power);
    u.shrink_more = 1;
    kernels_.gradient_squares(u, sums_of(unit, parts), squares_of(unit));
  }
  return std::ldexp(std::sqrt(sum_of_squares(i, 0)), power);
}

/// Adds a step to the sums, unless it was not completed for another reason than its cost.
template <class T>
void EpochRun<T>::end_sample(const Segment& segment, const Step& step, const Place& place) {
  using P = Probe<T>;
  Probe<T>& probe = *probe_;
  sampling_ = false;
  pass_.keep_z(false);
  const bool done = segment.outcome.end == End::done;
  if (!done && segment.outcome.end != End::not_finite) return;
  const bool chunks = plan_.split == Split::chunks;
  const Index layers = pass_.layers(), samples = P::rows(step.batch);
  const Index parts = chunks ? std::max<Index>(1, ceil_div(step.batch, plan_.chunk_rows)) : 1;
  if (!chunks) measure(step, 0, step.batch, 0, place, 0, relief_);
  if (!done && plan_.split == Split::rows)  // it ended before (G1)
    for (const GradientUnit& unit : units_.share({0, 1}))
      gradient_of(unit, step.batch, 0, sums_[static_cast<std::size_t>(unit.layer)].data(), place);
  probe.add_rows(samples);
  double squared_norm = 0;
  for (Index i = 0; i < pass_.parts(); ++i) {
    double delta = 0, a = 0;
    for (Index s = 0; s < samples && i < layers; ++s) {
      delta += probe.row_of(s, i)[P::delta];
      a += i > 0 ? probe.row_of(s, i - 1)[P::a] : 0;
    }
    const double norm = norm_of_sums(i, step, place, parts, size_of(delta, a));
    squared_norm += norm * norm;
    if (i < layers) probe.of_layer(i, P::gradient_norm) += norm;
  }
  add_noise_estimate(step, squared_norm);
  if (!done) return;
  probe.total(P::updates) += 1;
  for (Index i = 0; i < layers; ++i) {
    const T *before = probe.weights_before(i), *after = probe.weights_after();
    copy_weights(i, probe.weights_after());
    const double change = sum_of_squared_differences(probe.weights(i), after, before);
    if (change != 0)  // also if it is NaN
      probe.of_layer(i, P::update_ratio) +=
          std::sqrt(change / sum_of_squares_of(probe.weights(i), before, 1));
  }
}

/// With the mean m of the squared norms of the gradients of examples, and the squared norm g of the gradient
/// of b examples, the variance is estimated as (m - g) b / (b - 1), and the squared norm of the expectation
/// as g - variance / b.
template <class T>
void EpochRun<T>::add_noise_estimate(const Step& step, double squared_norm) {
  using P = Probe<T>;
  if (step.batch < 2 || slopes_) return;
  const Index samples = P::rows(step.batch);
  double mean = 0;
  for (Index s = 0; s < samples; ++s) mean += probe_->squared_norm_of(s);
  mean /= static_cast<double>(samples);
  const auto b = static_cast<double>(step.batch);
  const double variance = (mean - squared_norm) * (b / (b - 1));
  probe_->total(P::variance) += variance;
  probe_->total(P::squared_norm) += squared_norm - variance / b;
  probe_->total(P::estimates) += 1;
}

template <class T>
Outcome EpochRun<T>::sample(const Rows& x, const Targets& y, const std::vector<std::uint32_t>& order,
                            std::size_t index) {
  Segment segment{x, y, order, index, index + 1, Clock::time_point::max()};
  segment.outcome.mini_batches = index;
  const Step step = this->step(segment, index);
  const int threads = tuner_.alone() ? 1 : plan_.threads;
  if (threads > 1 && !head_shared_) share_head();
  begin_sample(step);
  const auto start = Clock::now();
  try {
    take(segment, threads);
  } catch (...) {
    sampling_ = false;
    pass_.keep_z(false);
    throw;
  }
  if (tuner_.steps() == 1)  // otherwise, a single step takes longer than one of several
    tuner_.record(1, std::chrono::duration<double>(Clock::now() - start).count());
  // The copies that member 0 has used.
  Place place;
  if (plan_.split == Split::units) {
    place.x = segment.members == 1 || plan_.private_x ? 0 : static_cast<int>(index % 3);
    place.turn = step.turn();
  }
  end_sample(segment, step, place);
  return segment.outcome;
}

template <class T>
void EpochRun<T>::inspect(const Rows& x, const Targets& y, const std::vector<std::uint32_t>& order,
                          std::size_t index) {
  if (!probe_) return;
  (void)sample(x, y, order, index);
  const std::vector<double> kept = probe_->state();
  roll_back();
  probe_->set_state(kept);
}

// The members defined in this file.
#define LOCALGRAD_FOR(T) template class EpochRun<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
