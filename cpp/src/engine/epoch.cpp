#include "engine/epoch.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/dispatch.hpp"

namespace localgrad {
namespace {

constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

}  // namespace

template <class T>
struct EpochRun<T>::Step {
  std::size_t index, first;  // first: of its rows, in order
  Index batch;
};

template <class T>
struct EpochRun<T>::Shared {
  const Rows& x;
  const Targets& y;
  const std::vector<std::uint32_t>& order;
  std::size_t mini_batches;
  Outcome outcome{};
  std::atomic<std::size_t> bad_position{
      kNone};         // in order; written before a barrier of a step, read behind it
  bool stop = false;  // written by member 0 before a step's last barrier, read behind it

  void bad(std::size_t position) {
    std::size_t least = bad_position.load();
    while (position < least && !bad_position.compare_exchange_weak(least, position)) {
    }
  }
  /// Whether a bad row has been found up to the end of a step; one of the next step is that step's affair.
  bool has_bad(const Step& step) const {
    return bad_position.load(std::memory_order_relaxed) < step.first + static_cast<std::size_t>(step.batch);
  }
  Step step(std::size_t index, std::size_t batch_size) const {
    const std::size_t first = index * batch_size;
    return {index, first, static_cast<Index>(std::min(batch_size, order.size() - first))};
  }
};

template <class T>
EpochRun<T>::EpochRun(Network<T>& network, const Rule<T>& rule, std::size_t batch_size, int n_threads)
    : network_(network),
      kernels_(kernels<T>()),
      rule_(rule),
      batch_size_(batch_size),
      plan_(make_plan(network, kernels_, batch_size, n_threads)),
      pass_(network, kernels_, batch_size, Keep::gradients, plan_.copies()),
      units_(pass_) {
  pass_.load();  // what it takes is taken here, not in the first mini-batch
  const Index head = pass_.layers() - 1;
  for (int s = 0; s < rule_.states; ++s)
    for (auto* buffers : {&state_[s], &state_before_[s]})
      for (Index i = 0; i < head + plan_.copies().heads; ++i)
        buffers->emplace_back(pass_.panel_elements(std::min(i, head)), "state of the optimizer");
}

template <class T>
void EpochRun<T>::begin() {
  pass_.load();
  const auto head = static_cast<std::size_t>(pass_.layers() - 1);
  for (int s = 0; s < rule_.states; ++s)
    for (std::size_t i = 0; i < state_[s].size(); ++i) {
      // A smaller team than this one has left the state of some copies of the output layer behind.
      const auto& truth = state_[s][std::min(i, head)];
      if (i > head) std::copy_n(truth.data(), truth.size(), state_[s][i].data());
      std::copy_n(truth.data(), truth.size(), state_before_[s][i].data());
    }
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
void EpochRun<T>::gather_x(Shared& shared, const Step& step, Index begin, Index end, Place place) {
  for (Index r = begin; r < end; ++r) {
    const std::size_t position = step.first + static_cast<std::size_t>(r);
    if (!gather_row(kernels_, shared.x, shared.order[position], pass_.a(0, r, place))) shared.bad(position);
  }
}

template <class T>
void EpochRun<T>::gather_y(Shared& shared, const Step& step, Index begin, Index end, Place place) {
  const auto outputs = static_cast<std::size_t>(pass_.width(pass_.layers()));
  for (Index r = begin; r < end; ++r) {
    const std::size_t position = step.first + static_cast<std::size_t>(r);
    if (!gather_target(kernels_, shared.y, shared.order[position], pass_.y(r, place), outputs))
      shared.bad(position);
  }
}

template <class T>
void EpochRun<T>::update(const typename GradientUnits<T>::Span& units, Index batch, Place place) {
  for (const GradientUnit& unit : units) {
    const bool head = unit.layer + 1 == pass_.layers();
    const auto state = static_cast<std::size_t>(unit.layer + (head ? place.head : 0));
    UpdateArgs<T> u{};
    u.gradient = pass_.gradient_args(unit.layer, batch, place);
    u.gradient.panel = unit.panel;
    u.gradient.k_begin = unit.k_begin;
    u.gradient.k_end = unit.k_end;
    u.settings = rule_.settings;
    for (int s = 0; s < rule_.states; ++s) u.state[s] = state_[s][state].data();
    u.w_transposed = pass_.transposed(unit.layer, place);
    kernels_.update[static_cast<int>(rule_.update)](u);
  }
}

/// Adds the cost of a finished mini-batch up, and sees whether it is to be the last.
template <class T>
void EpochRun<T>::account(Shared& shared, const Step& step, Place place) {
  auto& outcome = shared.outcome;
  double cost = 0;
  for (Index r = 0; r < step.batch; ++r) cost += *pass_.cost(r, place);
  if (!std::isfinite(cost)) {
    outcome.end = End::not_finite;
    outcome.bad_cost = cost;
    shared.stop = true;
    return;
  }
  outcome.cost_sum += cost;
  outcome.mini_batches = step.index + 1;
  // Reading the clock costs as much as a small mini-batch (2e4: of what is no product); every 5e6 operations it does not show.
  const auto ask_every = static_cast<std::size_t>(std::max(1.0, 5e6 / (plan_.operations + 2e4)));
  const bool ask = interrupt_ && step.index % ask_every == 0 && step.index + 1 < shared.mini_batches;
  if (ask && asked_to_stop()) {
    outcome.end = End::interrupted;
    shared.stop = true;
  }
}

template <class T>
bool EpochRun<T>::asked_to_stop() {
  using namespace std::chrono;
  const auto now = steady_clock::now();
  if (now - last_asked_ < milliseconds(20)) return false;
  last_asked_ = now;
  return interrupt_();
}

/// Each member takes its rows through (F), (D1), (D2) without waiting; a barrier; then its share of (G1), (G2) and the
/// update, each over the whole mini-batch; a barrier.
template <class T>
void EpochRun<T>::work_by_rows(const Member& member, Shared& shared) {
  const auto mine = units_.share(member);
  for (std::size_t s = 0; s < shared.mini_batches; ++s) {
    const Step step = shared.step(s, batch_size_);
    const Index begin = step.batch * member.index / member.count;
    const Index end = step.batch * (member.index + 1) / member.count;
    gather_x(shared, step, begin, end, {});
    gather_y(shared, step, begin, end, {});
    pass_.forward(begin, end);
    pass_.output(begin, end);
    pass_.backward(begin, end);
    member.wait();
    if (shared.has_bad(step)) return;
    update(mine, step.batch, {});
    if (member.index == 0) account(shared, step, {});
    member.wait();
    if (shared.stop) return;
  }
}

/// Each member owns whole panels of every hidden layer, their (F), (D2), (G1) and update for all rows, so that its weights
/// never leave its core, and has an output layer of its own. Barriers stand where a layer reads all columns of another.
template <class T>
void EpochRun<T>::work_by_units(const Member& member, Shared& shared) {
  const auto own = [&](Index n) {
    return PanelRange{n * member.index / member.count, n * (member.index + 1) / member.count};
  };
  const auto gather_own_rows = [&](const Step& step, int x) {
    const PanelRange rows = own(step.batch);
    gather_x(shared, step, rows.begin, rows.end, {x, 0});
  };
  const Index head = pass_.layers() - 1;
  for (std::size_t s = 0; s < shared.mini_batches; ++s) {
    const Step step = shared.step(s, batch_size_);
    const int now = static_cast<int>(s % 2), next = 1 - now;
    const Place place{plan_.private_x ? member.index : now, member.index};
    if (plan_.private_x) {
      gather_x(shared, step, 0, step.batch, place);
    } else if (s == 0) {
      gather_own_rows(step, now);
      member.wait();
    }
    gather_y(shared, step, 0, step.batch, place);
    for (Index i = 0; i < head; ++i) {
      pass_.forward_layer(i, 0, step.batch, own(pass_.panels(i).panels), place);
      if (i == 0 && !plan_.private_x && s + 1 < shared.mini_batches)
        gather_own_rows(shared.step(s + 1, batch_size_), next);
      member.wait();
    }
    if (shared.has_bad(step)) return;
    pass_.forward_layer(head, 0, step.batch, pass_.all_panels(head), place);
    pass_.output(0, step.batch, place);
    for (Index i = head; i > 0; --i) {
      pass_.backward_layer(i, 0, step.batch, own(pass_.transposed(i).panels), place);
      // The next layer reads all columns of this delta, and updates write transposed copies that others may still read.
      if (head > 1) member.wait();
    }
    update(units_.of_panels(head, pass_.panels(head).panels, pass_.all_panels(head)), step.batch, place);
    for (Index i = head - 1; i >= 0; --i)
      update(units_.of_panels(i, pass_.panels(i).panels, own(pass_.panels(i).panels)), step.batch, place);
    if (member.index == 0) account(shared, step, place);
    member.wait();
    if (shared.stop) return;
  }
}

template <class T>
Outcome EpochRun<T>::mini_batches(const Rows& x, const Targets& y, const std::vector<std::uint32_t>& order,
                                  std::size_t most) {
  Shared shared{x, y, order, std::min(most, (order.size() - 1) / batch_size_ + 1)};
  run_team(plan_.threads, [&](const Member& member) {
    if (plan_.split == Split::rows)
      work_by_rows(member, shared);
    else
      work_by_units(member, shared);
  });
  if (shared.outcome.end == End::done && shared.bad_position != kNone) {
    shared.outcome.end = End::bad_row;
    shared.outcome.row = order[shared.bad_position];
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
