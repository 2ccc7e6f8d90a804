#include "engine/epoch.hpp"

#include <algorithm>
#include <cmath>

#include "model/functions.hpp"

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
  lower(spoilt, step);
  return false;
}

template <class T>
typename EpochRun<T>::Step EpochRun<T>::step(const Segment& segment, std::size_t index) const {
  const std::size_t first = index * batch_size_;
  return {index, first, static_cast<Index>(std::min(batch_size_, segment.order.size() - first))};
}

namespace {

constexpr std::size_t kManyParameters = 1000000;  // to pack and transpose them takes some milliseconds

std::size_t pass_rows(const Plan& plan, std::size_t batch_size) {
  return plan.split == Split::chunks ? static_cast<std::size_t>(plan.threads * plan.chunk_rows) : batch_size;
}

}  // namespace

template <class T>
EpochRun<T>::EpochRun(Network<T>& network, const Kernels<T>& kernels, const Rule<T>& rule,
                      const Penalties<T>& penalties, std::size_t batch_size, const Plan& plan, bool weighted)
    : network_(network),
      kernels_(kernels),
      rule_(rule),
      penalties_(penalties),
      target_rule_(network),
      states_(kernels.states[static_cast<int>(rule.update())]),
      batch_size_(batch_size),
      plan_(plan),
      pass_(network, kernels_, pass_rows(plan, batch_size), Keep::gradients, plan.copies, weighted),
      units_(pass_),
      pace_(plan.fixed || plan.threads == 1, plan.alone_seconds, plan.team_seconds) {
  load();  // what it takes is taken here, not in the first mini-batch
  const Index head = pass_.layers() - 1;
  for (Index i = 0; i <= head; ++i) {
    const auto& w = pass_.w(i);
    const Index vectors = ceil_div(ceil_div(w.cols, kernels_.lanes), w.panels);
    const Index tile = kernels_.tile_rows[vectors - 1], rows = static_cast<Index>(batch_size);
    rounds_ += ceil_div(w.panels, plan_.copies.shares) *
               ((i ? 2 : 1) * ceil_div(rows, tile) * w.rows + ceil_div(w.rows, tile) * rows);
  }
  for (Index i = 0; i < head + plan_.copies.heads; ++i) {
    const std::size_t elements = pass_.w_elements(std::min(i, head));
    for (int s = 0; s < states_; ++s)
      for (auto* buffers : {&state_[s], &state_before_[s]}) {
        buffers->emplace_back(elements, "state of the optimizer");
        std::fill_n(buffers->back().data(), elements, rule_.initial(s));
      }
    if (plan_.staged || plan_.chunks > 1 || penalties_.clip_norm() > 0)
      sums_.emplace_back(product(elements, static_cast<std::size_t>(plan_.chunks)),
                         "gradients of a mini-batch");
  }
  for (Index i = 0; i <= head && penalties_.clip_norm() > 0; ++i) {
    const auto& w = pass_.w(i);
    squares_.emplace_back(static_cast<std::size_t>(
                              panel_size(ceil_div(w.rows, GradientUnits<T>::kRows), w.cols, kernels_.lanes)),
                          "norms of a gradient");
  }
  if (cost_of(network) == Cost::custom) {
    cost_function_of(network);
    const std::size_t elements = product(batch_size, network.sizes().back());
    for (auto* buffer : {&custom_a_, &custom_y_, &custom_slope_})
      *buffer = Buffer<T>(elements, "arrays for a custom cost");
  }
  prepare(0, 0, 0, nullptr);
  chunk_costs_ =
      Buffer<double>(static_cast<std::size_t>(plan_.chunks), "costs of a mini-batch", Fill::nothing);
}

template <class T>
std::size_t EpochRun<T>::bytes() const {
  std::size_t elements = 0;
  const auto count = [&](const std::vector<Buffer<T>>& buffers) {
    for (const auto& buffer : buffers) elements += buffer.size();
  };
  for (int s = 0; s < states_; ++s) {
    count(state_[s]);
    count(state_before_[s]);
  }
  count(sums_);
  count(squares_);
  elements += custom_a_.size() + custom_y_.size() + custom_slope_.size();
  return pass_.bytes() + elements * sizeof(T) + chunk_costs_.size() * sizeof(double);
}

template <class T>
void EpochRun<T>::load() {
  pass_.prepare();
  const Index units = pass_.load_units();
  std::atomic<Index> next{0};
  const bool many = network_.num_parameters() > kManyParameters;
  run_team(many ? plan_.threads : 1, [&](const Member&) {
    for (Index unit = next++; unit < units; unit = next++) pass_.load_unit(unit);
  });
}

template <class T>
void EpochRun<T>::begin() {
  load();
  share_head();  // the state: OpenMP may have given fewer threads than were asked for
  for (int s = 0; s < states_; ++s)
    for (std::size_t i = 0; i < state_[s].size(); ++i)
      std::copy_n(state_[s][i].data(), state_[s][i].size(), state_before_[s][i].data());
}

template <class T>
void EpochRun<T>::share_head() {
  pass_.share_head();
  const auto head = static_cast<std::size_t>(pass_.layers() - 1);
  for (int s = 0; s < states_; ++s)
    for (std::size_t i = head + 1; i < state_[s].size(); ++i)
      std::copy_n(state_[s][head].data(), state_[s][head].size(), state_[s][i].data());
  head_shared_ = true;
}

template <class T>
void EpochRun<T>::restore() {
  load();
  for (int s = 0; s < states_; ++s)
    for (std::size_t i = 0; i < state_[s].size(); ++i)
      std::copy_n(state_before_[s][i].data(), state_[s][i].size(), state_[s][i].data());
}

template <class T>
void EpochRun<T>::gather_x(Segment& segment, const Step& step, Index begin, Index end, Index to,
                           Place place) {
  const std::size_t first = step.first + static_cast<std::size_t>(begin);
  const Index good = gather_rows(kernels_, segment.x, segment.order.data() + first, end - begin,
                                 pass_.a(0, to, place), pass_.stride(0));
  if (good < end - begin) segment.bad(first + static_cast<std::size_t>(good));
  place.position = position_of(step, begin, to);
  pass_.disturb_x(to, to + end - begin, place);
}

template <class T>
void EpochRun<T>::gather_y(Segment& segment, const Step& step, Index begin, Index end, Index to,
                           Place place) {
  const std::size_t first = step.first + static_cast<std::size_t>(begin);
  const auto* order = segment.order.data() + first;
  Index good = gather_targets(kernels_, target_rule_, segment.y, order, end - begin, pass_.y(to, place),
                              pass_.y_stride());
  for (Index r = 0; pass_.weighted() && r < good; ++r)
    if (!weight_of(segment.y, order[r], pass_.weight(to + r, place))) good = r;
  if (good < end - begin) segment.bad(first + static_cast<std::size_t>(good));
}

/// Member 0 asks, for all rows; what is thrown leaves by way of the outcome.
template <class T>
void EpochRun<T>::call_custom_cost(Segment& segment, const Step& step) {
  const Index head = pass_.layers() - 1, width = pass_.width(head + 1);
  const auto row = [&](Buffer<T>& buffer, Index r) { return buffer.data() + r * width; };
  for (Index r = 0; r < step.batch; ++r) {
    std::copy_n(pass_.a(head + 1, r), width, row(custom_a_, r));
    std::copy_n(pass_.y(r), width, row(custom_y_, r));
  }
  try {
    network_.cost_function()(static_cast<std::size_t>(step.batch), static_cast<std::size_t>(width),
                             custom_a_.data(), custom_y_.data(), pass_.cost(0), custom_slope_.data());
  } catch (...) {
    segment.outcome.failure = std::current_exception();
    segment.failed = true;
    return;
  }
  for (Index r = 0; r < step.batch; ++r) std::copy_n(row(custom_slope_, r), width, pass_.delta(head, r));
}

template <class T>
Prefetch EpochRun<T>::prefetch(const Segment& segment, const Step& step, PanelRange rows,
                               std::size_t steps) const {
  if (step.index + steps >= segment.end) return {};
  const Step next = this->step(segment, step.index + steps);
  if (rows.begin >= next.batch) return {};
  const Rows& x = segment.x;
  const auto size = static_cast<std::ptrdiff_t>(scalar_size(x.type));
  if (x.column_stride != size) return {};  // a row is not lines one behind the other
  Prefetch ahead;
  ahead.data = static_cast<const char*>(x.data);
  ahead.row_bytes = x.row_stride;
  ahead.next = segment.order.data() + next.first + rows.begin;
  ahead.end = segment.order.data() + next.first + std::min(rows.end, next.batch);
  ahead.lines = static_cast<Index>(x.width) * size / 64 + 1;
  ahead.every = std::max<Index>(1, rounds_ / ((rows.end - rows.begin) * ahead.lines + 1));
  begin_row(ahead);
  return ahead;
}

template <class T>
void EpochRun<T>::prepare(std::uint64_t epoch, std::uint64_t position, std::size_t mini_batches,
                          const double* factors) {
  pass_.set_epoch(epoch);
  position_ = position;
  step_costs_.clear();
  step_costs_.reserve(mini_batches);
  settings_.clear();
  const std::size_t count = factors || rule_.varies() ? mini_batches : 1;
  settings_.reserve(count);  // of small mini-batches there may be millions
  Progress progress = progress_;
  for (std::size_t s = 0; s < count; ++s) {
    const double factor = factors ? factors[s] : 1;
    const auto numbers = rule_.next(progress, factor);
    settings_.push_back({numbers, factor * rule_.learning_rate(), progress});
  }
}

template <class T>
void EpochRun<T>::advance(std::size_t mini_batches) {
  if (mini_batches == 0) return;
  if (mini_batches <= settings_.size())
    progress_ = settings_[mini_batches - 1].behind;
  else  // one for all: there is nothing but t
    progress_.t += mini_batches;
}

template <class T>
UpdateArgs<T> EpochRun<T>::update_args(const GradientUnit& unit, const Step& step, Place place) {
  const bool head = unit.layer + 1 == pass_.layers();
  const auto state = static_cast<std::size_t>(unit.layer + (head ? place.head : 0));
  const StepSettings& settings = settings_of(step);
  UpdateArgs<T> u{};
  u.gradient = pass_.gradient_args(unit.layer, 0, step.batch, place);
  unit.apply_to(u.gradient);
  u.settings = settings.numbers;
  for (int s = 0; s < states_; ++s) u.state[s] = state_[s][state].data();
  u.w_transposed = pass_.next_transposed(unit.layer, place);
  u.bias_row = pass_.bias_row(unit.layer);
  u.bias_column = pass_.bias_column(unit.layer);
  penalties_.fill(u, static_cast<std::size_t>(unit.layer), settings.rate);
  return u;
}

/// The sums of (G1), (G2) over `batch` rows of the pass from `first` on.
template <class T>
void EpochRun<T>::gradient_of(const GradientUnit& unit, Index batch, Index first, T* sums) {
  auto g = pass_.gradient_args(unit.layer, first, batch);
  unit.apply_to(g);
  g.scale = 1;
  g.w.data = sums;
  kernels_.gradient(g);
}

template <class T>
void EpochRun<T>::update(const GradientUnit& unit, const Step& step, Place place, Prefetch* prefetch) {
  const auto rule = static_cast<int>(rule_.update());
  UpdateArgs<T> u = update_args(unit, step, place);
  u.gradient.prefetch = prefetch;
  if (!plan_.staged) return kernels_.update[rule](u);
  const bool head = unit.layer + 1 == pass_.layers();
  const auto& sums = sums_[static_cast<std::size_t>(unit.layer + (head ? place.head : 0))];
  GradientArgs<T> g = u.gradient;
  g.scale = 1;
  g.w.data = sums.data();
  kernels_.gradient(g);
  kernels_.apply_update[rule](u, {sums.data(), 1, 0});
}

template <class T>
double EpochRun<T>::cost_of_rows(Index rows, Place place) {
  double cost = 0;
  for (Index r = 0; r < rows; ++r) cost += *pass_.cost(r, place);
  return cost;
}

template <class T>
void EpochRun<T>::finish(Segment& segment, const Step& step, double cost) {
  segment.outcome.cost_sum += cost;
  if (std::isfinite(cost) && step.index == step_costs_.size())  // neither spoilt nor repeated
    step_costs_.push_back(cost / static_cast<double>(step.batch));
  segment.outcome.mini_batches = step.index + 1;
  // Reading the clock costs as much as a small mini-batch (2e4: of what is no product); every 2e6 operations it does not show.
  // A custom cost may last for any time.
  const bool custom = custom_a_.size() > 0;
  const auto look_every =
      custom ? std::size_t{1} : static_cast<std::size_t>(std::max(1.0, 2e6 / (plan_.operations + 2e4)));
  if (step.index % look_every != 0 || step.index + 1 >= segment.end) return;
  const auto now = Clock::now();
  if (asked_to_stop(now)) segment.outcome.end = End::interrupted;
  if (segment.outcome.end == End::interrupted || now > segment.deadline) segment.stop_behind = step.index;
}

template <class T>
bool EpochRun<T>::asked_to_stop(Clock::time_point now) {
  if (!interrupt_ || now - last_asked_ < std::chrono::milliseconds(20)) return false;
  last_asked_ = now;
  return interrupt_();
}

template <class T>
void EpochRun<T>::take(Segment& segment, int threads) {
  run_team(threads, [&](const Member& member) {
    if (member.index == 0) segment.members = member.count;
    if (plan_.split == Split::units)
      work_by_units(member, segment);
    else if (plan_.split == Split::rows)
      work_by_rows(member, segment);
    else
      work_by_chunks(member, segment);
  });
  // Fewer members than there are copies of the output layer have left some behind.
  if (segment.members < plan_.copies.heads) head_shared_ = false;
  Outcome& outcome = segment.outcome;
  if (segment.spoilt != kNone) {
    outcome.end = End::not_finite;
    outcome.mini_batches = segment.spoilt;
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
  last = std::min(last, (order.size() - 1) / batch_size_ + 1);
  const bool paced = !plan_.fixed && plan_.threads > 1;
  Outcome outcome;
  outcome.mini_batches = first;
  while (outcome.mini_batches < last && outcome.end == End::done) {
    const std::size_t begin = outcome.mini_batches, end = begin + std::min(last - begin, pace_.steps());
    const auto start = paced ? Clock::now() : Clock::time_point();
    const auto deadline = !paced ? Clock::time_point::max()
                                 : start + std::chrono::duration_cast<Clock::duration>(
                                               std::chrono::duration<double>(pace_.deadline()));
    Segment segment{x, y, order, begin, end, deadline};
    segment.outcome = outcome;
    const int threads = pace_.alone() ? 1 : plan_.threads;
    if (threads > 1 && !head_shared_) share_head();
    take(segment, threads);
    outcome = segment.outcome;
    if (!paced) continue;
    const auto now = Clock::now();
    pace_.record(outcome.mini_batches - begin, std::chrono::duration<double>(now - start).count());
    // A segment of one long step is over before finish() would ask.
    if (outcome.end == End::done && outcome.mini_batches < last && asked_to_stop(now))
      outcome.end = End::interrupted;
  }
  return outcome;
}

template class EpochRun<float>;
template class EpochRun<double>;

}  // namespace localgrad
