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
  const Index in = pass_.width(i), out = pass_.width(i + 1), every = probe_->every(i);
  if (pass_.bias_column(i) >= 0) {  // stored transposed
    for (Index k = 0; k < in; k += every)
      for (Index j = 0; j < out; ++j) *to++ = w.data[j * w.cols + k];
    return;
  }
  for (Index p = 0; p < w.panels; ++p) {
    const auto panel = panel_of(w, p, kernels_.lanes);
    T* column = to + panel.column;
    for (Index k = 0; k < in; k += every, column += out)
      std::copy_n(panel.data + k * panel.stride, panel.width, column);
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
/// pass, as one group; `relieved` is the factor by which all deltas have been multiplied.
template <class T>
void EpochRun<T>::measure(const Step& step, Index begin, Index end, Index base, Place place, Index group,
                          int member, T relieved) {
  using P = Probe<T>;
  P& probe = *probe_;
  const Index samples = P::rows(step.batch), layers = pass_.layers();
  const LayerRates& rates = penalties_.rates();
  const double restore = 1 / static_cast<double>(relieved);
  // The sampled rows, counted from `begin`, and their numbers.
  Index count = 0, *rows = probe.chosen(member), *numbers = rows + P::kMostRows;
  for (Index s = 0; s < samples; ++s)
    if (const Index r = P::row(s, step.batch); r >= begin && r < end) {
      probe.squared_norm_of(s) = 0;
      rows[count] = r - begin;
      numbers[count++] = s;
    }
  const auto factors_of = [&](Index i) {
    auto g = gradient_args(i, base, end - begin, place);
    if (pass_.bias_column(i) >= 0) {
      std::swap(g.left, g.right);
      std::swap(g.left_stride, g.right_stride);
    }
    if (slopes_ && i == 0) {  // the sums over the tangents come first
      g.left += slopes_->inputs() * g.left_stride;
      g.right += slopes_->inputs() * g.right_stride;
    }
    return g;
  };
  auto g = factors_of(0);
  for (Index i = 0; i < layers; ++i) {
    const auto next = i + 1 < layers ? factors_of(i + 1) : g;
    const Index in = pass_.width(i), out = pass_.width(i + 1);
    const T* a = i + 1 < layers ? next.left : pass_.a(layers, base, place);
    const Index a_stride = i + 1 < layers ? next.left_stride : pass_.stride(layers);
    double* sums = probe.group_sums(group, i);
    sums[P::delta] = i < rates.lowest()
                         ? std::numeric_limits<double>::quiet_NaN()
                         : sum_of_squares_of_rows(count, rows, out, g.right, g.right_stride, restore);
    sums[P::z] = sum_of_squares_of_rows(count, rows, out, pass_.z(i, base), pass_.z_stride(i), 1);
    sums[P::a] = sum_of_squares_of_rows(count, rows, out, a, a_stride, 1);
    sums[P::saturated] = 0;
    for (Index n = 0; n < count && rates.trains(i) && step.batch > 1; ++n) {
      if (!P::has_norm(numbers[n], step.batch)) continue;
      const T *left = g.left + rows[n] * g.left_stride, *right = g.right + rows[n] * g.right_stride;
      probe.squared_norm_of(numbers[n]) +=
          sum_of_squares_of(out, right, restore) *
          ((rates.trains_weights(i) ? sum_of_squares_of(in, left, 1) : 0) + (rates.trains_biases(i) ? 1 : 0));
    }
    measure_units(i, base, rows, count, a, a_stride, member, sums[P::saturated]);
    g = next;
  }
  if (pass_.parts() == layers || !rates.trains(layers)) return;
  const auto scale = gradient_args(layers, base, end - begin, place);
  for (Index n = 0; n < count; ++n)
    probe.squared_norm_of(numbers[n]) +=
        sum_of_squares_of(pass_.width(0), scale.right + rows[n] * scale.right_stride, restore);
}

/// Counts the saturated units of layer index i in some rows of the pass, and marks those that are alive.
template <class T>
void EpochRun<T>::measure_units(Index i, Index base, const Index* rows, Index count, const T* a,
                                Index a_stride, int member, double& saturated) {
  const Index out = pass_.width(i + 1);
  const Activation phi = activation_of(*network_, static_cast<std::size_t>(i));
  T* alive = probe_->alive_of(member, i);
  if (!is_unitwise(phi) || phi == Activation::identity) {
    std::fill_n(alive, out, T(1));
    return;
  }
  const T parameter = activation_parameter(*network_, static_cast<std::size_t>(i));
  const auto limit = static_cast<T>(saturation(phi));
  T* derivatives = probe_->derivatives(member);
  for (Index n = 0; n < count; ++n) {
    const T* undropped = pass_.undropped(i, base + rows[n]);
    kernels_.activation_derivative[static_cast<int>(phi)](out, pass_.z(i, base + rows[n]),
                                                          undropped ? undropped : a + rows[n] * a_stride,
                                                          parameter, derivatives);
    saturated += Probe<T>::count_saturated(out, derivatives, limit, alive);
  }
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
  const Index layers = pass_.layers();
  const Index parts = chunks ? std::max<Index>(1, ceil_div(step.batch, plan_.chunk_rows)) : 1;
  if (!chunks) measure(step, 0, step.batch, 0, place, 0, 0, relief_);
  if (!done && plan_.split == Split::rows)  // it ended before (G1)
    for (const GradientUnit& unit : units_.share({0, 1}))
      gradient_of(unit, step.batch, 0, sums_[static_cast<std::size_t>(unit.layer)].data(), place);
  probe.add_groups(parts, P::rows(step.batch));
  double squared_norm = 0;
  for (Index i = 0; i < pass_.parts(); ++i) {
    const double delta = i < layers ? probe.sum_of_groups(parts, i, P::delta) : 0;
    const double a = i > 0 && i < layers ? probe.sum_of_groups(parts, i - 1, P::a) : 0;
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
  double mean = 0, count = 0;
  for (Index s = 0; s < P::rows(step.batch); ++s)
    if (P::has_norm(s, step.batch)) {
      mean += probe_->squared_norm_of(s);
      count += 1;
    }
  mean /= count;
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
