#include "engine/epoch/run.hpp"

#include <algorithm>
#include <cmath>

#include "model/float_mode.hpp"
#include "model/network_functions.hpp"

namespace localgrad {

template <class T>
void EpochRun<T>::Segment::lower(std::atomic<std::size_t>& least, std::size_t value) {
  std::size_t known = least.load();
  while (value < known && !least.compare_exchange_weak(known, value)) {
  }
}

template <class T>
bool EpochRun<T>::Segment::check_cost(std::size_t step, double cost) {
  if (std::isfinite(cost)) return true;
  bad_cost.store(cost);
  lower(spoiled, step);
  return false;
}

template <class T>
typename EpochRun<T>::Step EpochRun<T>::step(const Segment& segment, std::size_t index) const {
  if (offsets_) return {index, offsets_[index], static_cast<Index>(offsets_[index + 1] - offsets_[index])};
  const std::size_t first = index * batch_size_;
  return {index, first, static_cast<Index>(std::min(batch_size_, segment.order.size() - first))};
}

namespace {

constexpr std::size_t kManyParameters = 1000000;  // packing and transposing them takes some milliseconds

std::size_t pass_rows(const Plan& plan, std::size_t batch_size) {
  return plan.split == Split::chunks ? static_cast<std::size_t>(plan.threads * plan.chunk_rows) : batch_size;
}

std::size_t frames_of(const Plan& plan) {
  return plan.split == Split::chunks ? static_cast<std::size_t>(plan.threads) : 1;
}

}  // namespace

template <class T>
EpochRun<T>::EpochRun(Network<T>& network, const Kernels<T>& kernels, const Rule<T>& rule,
                      const Penalties<T>& penalties, std::size_t batch_size, const Plan& plan, bool weighted,
                      Arena* arena, const Privacy& privacy, double slope_weight, bool diagnostics)
    : network_(&network),
      kernels_(kernels),
      rule_(rule),
      penalties_(penalties),
      target_rule_(network),
      states_(rule.states()),
      batch_size_(batch_size),
      plan_(plan),
      pass_(network, kernels_, pass_rows(plan, batch_size),
            slope_weight > 0 ? Buffers::everything
            : diagnostics    ? Buffers::watched
                             : Buffers::gradients,
            plan.copies, weighted, arena),
      slopes_(slope_weight == 0
                  ? nullptr
                  : std::make_unique<SlopeCost<T>>(network, kernels_, pass_rows(plan, batch_size),
                                                   frames_of(plan), slope_weight, arena)),
      units_(pass_, penalties_.rates()),
      privacy_(privacy),
      tuner_(plan.fixed || plan.threads == 1, plan.alone_seconds, plan.team_seconds) {
  if (diagnostics) probe_ = std::make_unique<Probe<T>>(network, plan.chunks, plan.threads, arena);
  load();  // allocates memory here instead of in the first mini-batch
  const Index head = pass_.layers() - 1;
  for (Index i = 0; i <= head; ++i) {
    const auto& w = pass_.w(i);
    const Index vectors = ceil_div(ceil_div(w.cols, kernels_.lanes), w.panels);
    const Index tile = kernels_.tile_rows[vectors - 1], rows = static_cast<Index>(batch_size);
    const LayerRates& rates = penalties_.rates();
    rounds_ +=
        static_cast<double>(ceil_div(w.panels, plan_.copies.shares)) *
        (static_cast<double>((i > rates.lowest() ? 2 : 1) * ceil_div(rows, tile)) *
             static_cast<double>(w.rows) +
         static_cast<double>(rates.trains(i) ? ceil_div(w.rows, tile) : 0) * static_cast<double>(rows));
  }
  const Index copies = head + plan_.copies.heads;
  for (Index i = 0; i < copies + pass_.parts() - pass_.layers(); ++i) {
    const std::size_t elements = pass_.w_elements(i < copies ? std::min(i, head) : pass_.layers());
    for (int s = 0; s < states_; ++s)
      for (auto* buffers : {&state_[s], &state_before_[s]}) {
        buffers->emplace_back(elements, "state of the optimizer", arena);
        std::fill_n(buffers->back().data(), elements, rule_.initial(s));
      }
    if (plan_.staged || plan_.chunks > 1 || penalties_.clip_norm() > 0 || is_private() || probe_)
      sums_.emplace_back(product(elements, static_cast<std::size_t>(plan_.chunks)),
                         "gradients of a mini-batch", arena);
    if (i >= head && i < copies && biases_apart(head))
      apart_.emplace_back(product(elements, static_cast<std::size_t>(states_ + 1)), "state of the biases",
                          arena);
  }
  for (Index i = 0; i < pass_.parts() && (penalties_.clip_norm() > 0 || probe_); ++i) {
    const auto& w = pass_.w(i);
    squares_.emplace_back(static_cast<std::size_t>(panel_size(square_blocks(i), w.cols, kernels_.lanes)),
                          "norms of a gradient", arena);
  }
  if (is_private())
    norms_ = Buffer<double>(product(pass_rows(plan, batch_size), static_cast<std::size_t>(pass_.parts())),
                            "norms of gradients", arena);
  custom_ = CustomCost<T>(network, batch_size, arena);
  ahead_.resize(static_cast<std::size_t>(plan_.threads));
  prepare(0, 0, 1, {});  // allocates memory for one mini-batch
  chunk_costs_ = Buffer<double>(static_cast<std::size_t>(plan_.chunks), "costs of a mini-batch", arena);
}

template <class T>
void EpochRun<T>::load() {
  pass_.prepare();
  const Index units = pass_.load_units();
  std::atomic<Index> next{0};
  const bool many = network_->num_parameters() > kManyParameters;
  run_members(many ? plan_.threads : 1, [&](const Member&) {
    for (Index unit = next++; unit < units; unit = next++) pass_.load_unit(unit);
  });
}

template <class T>
void EpochRun<T>::begin() {
  load();
  share_head();  // for the state: the system may have provided fewer threads than requested
  if (probe_) probe_->save();
  for (int s = 0; s < states_; ++s)
    for (std::size_t i = 0; i < state_[s].size(); ++i)
      std::copy_n(state_[s][i].data(), state_[s][i].size(), state_before_[s][i].data());
}

template <class T>
void EpochRun<T>::share_head() {
  pass_.share_head();
  const auto head = static_cast<std::size_t>(pass_.layers() - 1);
  for (int s = 0; s < states_; ++s)
    for (std::size_t i = head + 1; i < head + static_cast<std::size_t>(plan_.copies.heads); ++i)
      std::copy_n(state_[s][head].data(), state_[s][head].size(), state_[s][i].data());
  head_shared_ = true;
}

template <class T>
void EpochRun<T>::roll_back() {
  load();
  restore_state();
}

template <class T>
void EpochRun<T>::restore_state() {
  for (int s = 0; s < states_; ++s)
    for (std::size_t i = 0; i < state_[s].size(); ++i)
      std::copy_n(state_before_[s][i].data(), state_[s][i].size(), state_[s][i].data());
  if (probe_) probe_->restore();
}

template <class T>
double EpochRun<T>::cost_of_rows(Index rows, Place place) {
  double cost = 0;
  for (Index r = 0; r < rows; ++r) cost += *pass_.cost(r, place);
  return cost;
}

template <class T>
void EpochRun<T>::finish(Segment& segment, const Step& step, double cost) {
  if (std::isfinite(cost) && step.index == step_costs_.size())  // neither invalid nor repeated
    step_costs_.push_back(cost / static_cast<double>(divisor(step)));
  segment.outcome.mini_batches = step.index + 1;
  // Reading the clock takes as long as a small mini-batch (2e4 operations); once per 2e6 operations, the
  // time is negligible. The duration of a custom cost is unknown.
  const bool custom = custom_.given();
  const auto look_every =
      custom ? std::size_t{1} : static_cast<std::size_t>(std::max(1.0, 2e6 / (plan_.operations + 2e4)));
  if (step.index % look_every != 0 || step.index + 1 >= segment.end) return;
  const auto now = Clock::now();
  if (asked_to_stop(now)) segment.outcome.end = End::interrupted;
  if (segment.outcome.end == End::interrupted || now > segment.deadline) segment.last_step = step.index;
}

template <class T>
bool EpochRun<T>::asked_to_stop(Clock::time_point now) {
  if (!interrupt_ || now - last_asked_ < std::chrono::milliseconds(20)) return false;
  last_asked_ = now;
  const CallersFloatMode mode;
  return interrupt_();
}

template <class T>
void EpochRun<T>::take(Segment& segment, int threads) {
  run_team(threads, [&](const Team& team) {
    team.once([&] { segment.members = team.count(); });
    if (plan_.split == Split::units)
      work_by_units(team, segment);
    else if (plan_.split == Split::rows)
      work_by_rows(team, segment);
    else
      work_by_chunks(team, segment);
  });
  // If there were fewer members than copies of the output layer, not all copies were updated.
  if (segment.members < plan_.copies.heads) head_shared_ = false;
  set_end(segment);
}

/// Completes the outcome of a segment.
template <class T>
void EpochRun<T>::set_end(Segment& segment) {
  Outcome& outcome = segment.outcome;
  if (segment.spoiled != kNone) {
    outcome.end = End::not_finite;
    outcome.mini_batches = segment.spoiled;
    outcome.bad_cost = segment.bad_cost;
  } else if (segment.failed) {
    outcome.end = End::failed;
  } else if (outcome.end == End::done && segment.bad_position != kNone) {
    outcome.end = End::bad_row;
    outcome.row = segment.order[segment.bad_position];
  }
}

template <class T>
Outcome EpochRun<T>::mini_batches(const Rows& x, const Targets& y, const std::vector<std::uint32_t>& order,
                                  std::size_t first, std::size_t last) {
  if (!offsets_) last = std::min(last, (order.size() - 1) / batch_size_ + 1);
  const bool tuned = !plan_.fixed && plan_.threads > 1;
  Outcome outcome;
  outcome.mini_batches = first;
  while (outcome.mini_batches < last && outcome.end == End::done) {
    const std::size_t begin = outcome.mini_batches, until = until_sample(begin);
    if (until == 0) {
      outcome = sample(x, y, order, begin);
      continue;
    }
    const std::size_t end = begin + std::min({last - begin, tuner_.steps(), until});
    const auto start = tuned ? Clock::now() : Clock::time_point();
    const auto deadline = !tuned ? Clock::time_point::max()
                                 : start + std::chrono::duration_cast<Clock::duration>(
                                               std::chrono::duration<double>(tuner_.deadline()));
    Segment segment{x, y, order, begin, end, deadline};
    segment.outcome = outcome;
    const int threads = tuner_.alone() ? 1 : plan_.threads;
    if (threads > 1 && !head_shared_) share_head();
    take(segment, threads);
    outcome = segment.outcome;
    if (!tuned) continue;
    const auto now = Clock::now();
    tuner_.record(outcome.mini_batches - begin, std::chrono::duration<double>(now - start).count());
    // A segment of one long step ends before finish() checks for an interrupt.
    if (outcome.end == End::done && outcome.mini_batches < last && asked_to_stop(now))
      outcome.end = End::interrupted;
  }
  return outcome;
}

#define LOCALGRAD_FOR(T) template class EpochRun<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
