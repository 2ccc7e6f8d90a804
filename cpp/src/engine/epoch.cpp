#include "engine/epoch.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/threads.hpp"
#include "kernels/dispatch.hpp"

namespace localgrad {
namespace {

constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

/// Floating-point operations of one mini-batch: 2 a weight and row for each of (F), (G1) and, but for the first layer, (D2).
template <class T>
double operations_of(const Network<T>& network, std::size_t batch) {
  double sum = 0;
  for (std::size_t i = 0; i + 1 < network.sizes().size(); ++i)
    sum += (i ? 6.0 : 4.0) * static_cast<double>(network.sizes()[i]) *
           static_cast<double>(network.sizes()[i + 1]);
  return sum * static_cast<double>(batch);
}

}  // namespace

template <class T>
struct EpochRun<T>::Shared {
  const Rows& x;
  const Targets& y;
  const std::vector<std::uint32_t>& order;
  std::size_t mini_batches;
  Outcome outcome{};
  std::atomic<std::size_t> bad_position{
      kNone};         // in order; written before a step's first barrier, read behind it
  bool stop = false;  // written by member 0 before a step's second barrier, read behind it
};

template <class T>
EpochRun<T>::EpochRun(Network<T>& network, const Rule<T>& rule, std::size_t batch_size, int n_threads)
    : network_(network),
      kernels_(kernels<T>()),
      rule_(rule),
      batch_size_(batch_size),
      pass_(network, kernels_, batch_size, Keep::gradients),
      units_(pass_, kernels_),
      operations_(operations_of(network, batch_size)),
      n_threads_(choose_threads(n_threads, operations_)) {
  for (int s = 0; s < rule_.states; ++s)
    for (auto* buffers : {&state_[s], &state_before_[s]})
      for (Index i = 0; i < pass_.layers(); ++i)
        buffers->emplace_back(pass_.panel_elements(i), "state of the optimizer");
}

template <class T>
void EpochRun<T>::begin() {
  pass_.load();
  for (int s = 0; s < rule_.states; ++s)
    for (std::size_t i = 0; i < state_[s].size(); ++i)
      std::copy_n(state_[s][i].data(), state_[s][i].size(), state_before_[s][i].data());
}

template <class T>
void EpochRun<T>::restore() {
  pass_.load();
  for (int s = 0; s < rule_.states; ++s)
    for (std::size_t i = 0; i < state_[s].size(); ++i)
      std::copy_n(state_before_[s][i].data(), state_[s][i].size(), state_[s][i].data());
}

template <class T>
bool EpochRun<T>::finite() const {
  for (Index i = 0; i < pass_.layers(); ++i) {
    const T* w = pass_.panels(i).data;
    T sum = 0;  // 0 times a finite number is 0, times any other not a number
    for (std::size_t e = 0; e < pass_.panel_elements(i); ++e) sum += w[e] * T(0);
    if (!(sum == T(0))) return false;
  }
  return true;
}

template <class T>
void EpochRun<T>::gather(const Shared& shared, std::size_t first, Index begin, Index end,
                         std::atomic<std::size_t>& bad) {
  const auto outputs = static_cast<std::size_t>(pass_.width(pass_.layers()));
  for (Index r = begin; r < end; ++r) {
    const std::size_t position = first + static_cast<std::size_t>(r), row = shared.order[position];
    const bool good = gather_row(kernels_, shared.x, row, pass_.a(0, r));
    if (good & gather_target(kernels_, shared.y, row, pass_.y(r), outputs)) continue;
    std::size_t least = bad.load();
    while (position < least && !bad.compare_exchange_weak(least, position)) {
    }
  }
}

template <class T>
void EpochRun<T>::update(const GradientUnit& unit, Index batch) {
  UpdateArgs<T> u{};
  u.gradient = pass_.gradient_args(unit.layer, batch);
  u.gradient.panel = unit.panel;
  u.gradient.k_begin = unit.k_begin;
  u.gradient.k_end = unit.k_end;
  u.gradient.w = pass_.panels(unit.layer);
  u.settings = rule_.settings;
  for (int s = 0; s < rule_.states; ++s) u.state[s] = state_[s][static_cast<std::size_t>(unit.layer)].data();
  u.w_transposed = pass_.transposed(unit.layer);
  kernels_.update[static_cast<int>(rule_.update)](u);
}

template <class T>
bool EpochRun<T>::asked_to_stop() {
  using namespace std::chrono;
  const auto now = steady_clock::now();
  if (now - last_asked_ < milliseconds(20)) return false;
  last_asked_ = now;
  return interrupt_();
}

template <class T>
void EpochRun<T>::work(const Member& member, Shared& shared) {
  const auto mine = units_.share(member);
  // Reading the clock costs as much as a small mini-batch; every 5 million operations it does not show.
  const auto ask_every = static_cast<std::size_t>(std::max(1.0, 5e6 / operations_));
  for (std::size_t s = 0; s < shared.mini_batches; ++s) {
    const std::size_t first = s * batch_size_;
    const auto batch = static_cast<Index>(std::min(batch_size_, shared.order.size() - first));
    const Index begin = batch * member.index / member.count, end = batch * (member.index + 1) / member.count;
    gather(shared, first, begin, end, shared.bad_position);
    pass_.forward(begin, end);
    pass_.output(begin, end);
    pass_.backward(begin, end);
    member.wait();
    if (shared.bad_position.load(std::memory_order_relaxed) != kNone) return;
    for (const auto* unit = mine.first; unit != mine.second; ++unit) update(*unit, batch);
    if (member.index == 0) {
      auto& outcome = shared.outcome;
      double cost = 0;
      for (Index r = 0; r < batch; ++r) cost += *pass_.cost(r);
      if (!std::isfinite(cost)) {
        outcome.end = End::not_finite;
        outcome.bad_cost = cost;
        shared.stop = true;
      } else {
        outcome.cost_sum += cost;
        outcome.mini_batches = s + 1;
        if (interrupt_ && s % ask_every == 0 && s + 1 < shared.mini_batches && asked_to_stop()) {
          outcome.end = End::interrupted;
          shared.stop = true;
        }
      }
    }
    member.wait();
    if (shared.stop) return;
  }
}

template <class T>
Outcome EpochRun<T>::mini_batches(const Rows& x, const Targets& y, const std::vector<std::uint32_t>& order,
                                  std::size_t most) {
  Shared shared{x, y, order, std::min(most, (order.size() + batch_size_ - 1) / batch_size_)};
  run_team(n_threads_, [&](const Member& member) { work(member, shared); });
  if (const std::size_t bad = shared.bad_position.load(); bad != kNone) {
    shared.outcome.end = End::bad_row;
    shared.outcome.row = order[bad];
  }
  return shared.outcome;
}

template <class T>
std::size_t EpochRun<T>::finite_mini_batches(const Rows& x, const Targets& y,
                                             const std::vector<std::uint32_t>& order, std::size_t most) {
  for (std::size_t s = 0; s < most; ++s) {
    const auto first = order.begin() + static_cast<std::ptrdiff_t>(s * batch_size_);
    const auto left = static_cast<std::size_t>(order.end() - first);
    const std::vector<std::uint32_t> rows(first,
                                          first + static_cast<std::ptrdiff_t>(std::min(batch_size_, left)));
    if (mini_batches(x, y, rows, 1).end != End::done || !finite()) return s;
  }
  return most;
}

template class EpochRun<float>;
template class EpochRun<double>;

}  // namespace localgrad
