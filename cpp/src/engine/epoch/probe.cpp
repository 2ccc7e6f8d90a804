#include "engine/epoch/probe.hpp"

#include <cmath>
#include <limits>

namespace localgrad {
namespace {

constexpr double kDead = 1e-4;        // phi' that passes no gradient on
constexpr Index kMostWeights = 1024;  // of a layer whose change is measured, without those of the last unit

}  // namespace

template <class T>
Probe<T>::Probe(const Network<T>& network, Index groups, int members, Arena* arena) : members_(members) {
  const auto& sizes = network.sizes();
  Index largest = 0;
  for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
    const auto in = static_cast<Index>(sizes[i]), out = static_cast<Index>(sizes[i + 1]);
    every_.push_back(std::max<Index>(1, ceil_div(in * out, kMostWeights)));
    const Index weights = ceil_div(in, every_.back()) * out;
    unit_.at.push_back(unit_.back() + out);
    weight_.at.push_back(weight_.back() + weights);
    widest_ = std::max(widest_, out);
    largest = std::max(largest, weights);
  }
  const auto count = [](Index n) { return static_cast<std::size_t>(n); };
  const auto team = static_cast<std::size_t>(members);
  const char* what = "diagnostics";
  const std::size_t sums = count(kTotals + kOfLayer * layers() + unit_.back());
  sums_ = Buffer<double>(sums, what, arena);
  before_ = Buffer<double>(sums, what, arena);
  groups_ = Buffer<double>(count(groups * layers() * kOfGroup), what, arena);
  norms_ = Buffer<double>(count(kMostRows), what, arena);
  chosen_ = Buffer<Index>(team * count(2 * kMostRows), what, arena);
  derivatives_ = Buffer<T>(team * count(widest_), what, arena);
  alive_ = Buffer<T>(team * count(unit_.back()), what, arena);
  weights_ = Buffer<T>(count(weight_.back() + largest), what, arena);
}

template <class T>
double Probe<T>::count_saturated(Index n, const T* derivatives, T saturated, T* alive) {
  int count = 0;
  for (Index j = 0; j < n; ++j) {
    const T size = std::abs(derivatives[j]);
    count += size < saturated ? 1 : 0;
    alive[j] = size < static_cast<T>(kDead) ? alive[j] : T(1);
  }
  return count;
}

template <class T>
double Probe<T>::sum_of_groups(Index count, Index i, OfLayer what) {
  double sum = 0;
  for (Index group = 0; group < count; ++group) sum += group_sums(group, i)[what];
  return sum;
}

template <class T>
void Probe<T>::add_groups(Index count, Index rows) {
  for (Index i = 0; i < layers(); ++i)
    for (const OfLayer what : {delta, z, a, saturated}) of_layer(i, what) += sum_of_groups(count, i, what);
  for (int member = 0; member < members_; ++member)
    for (Index i = 0; i < layers(); ++i)
      for (Index j = 0; j < unit_[i + 1] - unit_[i]; ++j)
        if (alive_of(member, i)[j] > 0) alive(i)[j] = 1;
  total(examples) += static_cast<double>(rows);
  total(mini_batches) += 1;
}

template <class T>
Diagnostics Probe<T>::means() const {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  const double* totals = sums_.data();
  const auto ratio = [=](double sum, double n) { return n > 0 ? sum / n : nan; };
  Diagnostics means;
  means.examples = static_cast<std::size_t>(totals[examples]);
  means.mini_batches = static_cast<std::size_t>(totals[mini_batches]);
  for (auto* numbers : {&means.delta_rms, &means.z_rms, &means.a_rms, &means.saturated, &means.dead,
                        &means.update_ratio, &means.gradient_norm})
    numbers->reserve(every_.size());
  for (Index i = 0; i < layers(); ++i) {
    const double* sums = totals + kTotals + kOfLayer * i;
    const double* alive = totals + kTotals + kOfLayer * layers() + unit_[i];
    const Index width = unit_[i + 1] - unit_[i];
    const double units = static_cast<double>(width), numbers = totals[examples] * units;
    double dead = 0;
    for (Index j = 0; j < width; ++j) dead += 1 - alive[j];
    means.delta_rms.push_back(std::sqrt(ratio(sums[delta], numbers)));
    means.z_rms.push_back(std::sqrt(ratio(sums[z], numbers)));
    means.a_rms.push_back(std::sqrt(ratio(sums[a], numbers)));
    means.saturated.push_back(ratio(sums[saturated], numbers));
    means.dead.push_back(totals[examples] > 0 ? dead / units : nan);
    means.update_ratio.push_back(ratio(sums[update_ratio], totals[updates]));
    means.gradient_norm.push_back(ratio(sums[gradient_norm], totals[mini_batches]));
  }
  const double noise = std::max(totals[variance], 0.0), signal = totals[squared_norm];
  if (totals[estimates] == 0 || std::isnan(totals[variance]) || std::isnan(signal))
    means.gradient_noise_scale = nan;
  else if (noise == 0)
    means.gradient_noise_scale = 0;
  else
    means.gradient_noise_scale = signal > 0 ? noise / signal : std::numeric_limits<double>::infinity();
  return means;
}

#define LOCALGRAD_FOR(T) template class Probe<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
