#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <exception>
#include <functional>
#include <limits>

#include "engine/data/examples.hpp"
#include "engine/epoch/penalties.hpp"
#include "engine/epoch/rule.hpp"
#include "engine/pass/custom_cost.hpp"
#include "engine/pass/gradient_units.hpp"
#include "engine/pass/pass.hpp"
#include "engine/plan/plan.hpp"
#include "engine/plan/tuner.hpp"

namespace localgrad {

enum class End { done, bad_row, not_finite, interrupted, failed };

struct Outcome {
  End end = End::done;
  std::size_t mini_batches = 0;  ///< finished before the end; the one with a bad cost is not among them
  double bad_cost = 0;
  std::size_t row = 0;           ///< of x, the first bad one in the order of the epoch
  std::exception_ptr failure{};  ///< what a custom cost threw
};

/// Runs mini-batches (M) on the panels of a Pass, shared by a team as the plan says. Only commit() changes
/// the network.
template <class T>
class EpochRun {
 public:
  EpochRun(Network<T>& network, const Kernels<T>& kernels, const Rule<T>& rule, const Penalties<T>& penalties,
           std::size_t batch_size, const Plan& plan, bool weighted = false);

  std::size_t batch_size() const { return batch_size_; }
  const Pass<T>& pass() const { return pass_; }
  std::size_t bytes() const;  ///< of memory beside the network
  void set_interrupt(std::function<bool()> asked) { interrupt_ = std::move(asked); }

  /// Before an epoch, or a part of one: the position of its random numbers, and the factors of the learning
  /// rate for each of its mini-batches (null: all 1).
  void prepare(std::uint64_t epoch, std::uint64_t position, std::size_t mini_batches, const double* factors);
  /// After it: `mini_batches` were finished, and have costs.
  void advance(std::size_t mini_batches);
  /// The mean cost of each mini-batch since prepare(), and after advance() of those that count.
  const std::vector<double>& step_costs() const { return step_costs_; }

  /// Where a^L of each trained example goes, as computed before the update: to out[row m_L ..]. Null:
  /// nowhere.
  void record_outputs(T* out) { outputs_ = out; }

  /// The optimizer's progress, and its states (0 to kMaxStates of them), dense in the order of
  /// Network::parameters.
  const Progress& progress() const { return progress_; }
  int states() const { return states_; }
  void copy_state(int s, T* dense) const;
  void set_state(int s, const T* dense);
  void set_progress(const Progress& progress) { progress_ = progress; }

  void begin();      ///< takes the network's parameters, remembers the optimizer's state
  void roll_back();  ///< back to what begin() took
  void commit() { pass_.store(network_); }
  /// Whether all parameters are finite, and all the optimizer's states: an overflowed mean of squares would
  /// stop its parameter.
  bool finite() const { return pass_.finite() && state_finite(); }
  bool state_finite() const;

  /// The mini-batches `first` .. last - 1 (or to the end) over the rows in `order`.
  Outcome mini_batches(const Rows& x, const Targets& y, const std::vector<std::uint32_t>& order,
                       std::size_t first = 0, std::size_t last = std::numeric_limits<std::size_t>::max());

 private:
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

  /// One mini-batch.
  struct Step {
    std::size_t index, first;  // first: of its rows, in order
    Index batch;
    int turn() const { return static_cast<int>(index % 2); }
  };

  using Clock = std::chrono::steady_clock;

  /// Some mini-batches that a team takes in one go.
  struct Segment {
    const Rows& x;
    const Targets& y;
    const std::vector<std::uint32_t>& order;
    std::size_t begin, end;
    Clock::time_point deadline;
    Outcome outcome{};  // of member 0
    // Both written before a member arrives at a meeting and read after it.
    std::atomic<std::size_t> bad_position{kNone};  // in order
    std::atomic<std::size_t> stop_behind{kNone};   // the step that is to be the last
    std::atomic<std::size_t> spoiled{kNone};       // the step whose cost is not finite
    std::atomic<double> bad_cost{0};
    std::atomic<bool> failed{false};  // a custom cost threw
    int members = 0;                  // of the team that came

    void bad(std::size_t position) { lower(bad_position, position); }
    /// Whether a cost is finite; notes the step whose is not.
    bool check_cost(std::size_t step, double cost);
    /// Whether a bad row has been found up to the end of a step; one of the next step is that step's affair.
    bool has_bad(const Step& step) const {
      return bad_position.load(std::memory_order_relaxed) < step.first + static_cast<std::size_t>(step.batch);
    }
    /// Whether an earlier step than this one was to be the last.
    bool stopped_before(std::size_t step) const {
      return std::min(stop_behind.load(std::memory_order_relaxed), spoiled.load(std::memory_order_relaxed)) <
             step;
    }

   private:
    static void lower(std::atomic<std::size_t>& least, std::size_t value);
  };

  void work_by_units(const Member& member, Segment& segment);
  void work_by_rows(const Member& member, Segment& segment);
  void work_by_chunks(const Member& member, Segment& segment);

  Step step(const Segment& segment, std::size_t index) const;
  /// Rows begin..end-1 of the mini-batch to the rows of the pass from `to` on.
  void gather_x(Segment& segment, const Step& step, Index begin, Index end, Index to, Place place);
  void gather_y(Segment& segment, const Step& step, Index begin, Index end, Index to, Place place);
  /// Writes a^L of rows begin..end-1 of the mini-batch, which are in the pass from `at` on, if outputs are
  /// recorded.
  void record(const Segment& segment, const Step& step, Index begin, Index end, Index at, Place place) {
    if (outputs_) copy_outputs(segment, step, begin, end, at, place);
  }
  void copy_outputs(const Segment& segment, const Step& step, Index begin, Index end, Index at, Place place);
  /// Fetches some rows of the step `steps` after this one, spread over this one.
  Prefetch prefetch(const Segment& segment, const Step& step, PanelRange rows, std::size_t steps) const;
  /// Whether a custom cost gave what was asked for; called by one member while the others wait.
  void call_custom_cost(Segment& segment, const Step& step);
  /// The rest of a step shared by rows or chunks, whose gradients are in `parts` parts, or for 0 not computed
  /// yet. False, with nothing done, if their norm is needed and sums have overflowed: all delta must then be
  /// multiplied by relief(step), which `relieved` confirms. All members get the same answer.
  [[nodiscard]] bool update_whole(const Member& member, const Step& step, Index parts, bool relieved);
  void gradient_of(const GradientUnit& unit, Index batch, Index first, T* sums);
  T* squares_of(const GradientUnit& unit);
  double sum_of_squares() const;
  /// Factors that bring the gradient's norm to at most clip_norm; called by all members, when the sums of
  /// their units are known. Not a number if the norm is not finite.
  Shrink<T> clip(const Member& member, const Step& step, Index parts, T mean);
  SumsInParts<T> sums_of(const GradientUnit& unit, Index parts) const {
    const auto& sums = sums_[static_cast<std::size_t>(unit.layer)];
    return {sums.data(), parts, static_cast<Index>(pass_.w_elements(unit.layer))};
  }
  /// A power of 2 to multiply all delta by: no sum over the mini-batch then overflows unless its mean does.
  /// Small numbers may become subnormal, so it is used only where sums did overflow; always with a bound on
  /// each component, which would hide that.
  T relief(const Step& step) const;
  bool relieves_always() const {
    return penalties_.clip_norm() > 0 && std::isfinite(penalties_.clip_value());
  }
  /// In the epoch, of row 0 of the pass, when row `begin` of the mini-batch is in row `at`.
  std::uint64_t position_of(const Step& step, Index begin = 0, Index at = 0) const {
    return position_ + step.first + static_cast<std::uint64_t>(begin) - static_cast<std::uint64_t>(at);
  }

  /// For `batch` rows of the pass from `first` on.
  UpdateArgs<T> update_args(const GradientUnit& unit, const Step& step, Place place);
  void update(const GradientUnit& unit, const Step& step, Place place, Prefetch* prefetch = nullptr);
  double cost_of_rows(Index rows, Place place);
  /// What member 0 does after a finished step: counts it, and sees whether it is to be the last.
  void finish(Segment& segment, const Step& step, double cost);
  void take(Segment& segment, int threads);
  bool asked_to_stop(Clock::time_point now);
  void share_head();
  void load();  ///< the network's parameters, by the team where they are many

  Network<T>& network_;
  const Kernels<T>& kernels_;
  /// What a rule reads in one step; `rate` without a correction of biases.
  struct StepSettings {
    StepNumbers<T> numbers;
    double rate;
    Progress behind;
  };
  const StepSettings& settings_of(const Step& step) const {
    return settings_[settings_.size() == 1 ? 0 : step.index];
  }

  Rule<T> rule_;
  Penalties<T> penalties_;
  TargetRule<T> target_rule_;
  int states_;
  Progress progress_;
  std::vector<StepSettings> settings_;  // of each step of an epoch, or one for all
  std::vector<double> step_costs_;
  std::size_t batch_size_;
  Plan plan_;
  Pass<T> pass_;
  GradientUnits<T> units_;
  // Of the hidden layers, then of each copy of the output layer; laid out as their weights.
  std::vector<Buffer<T>> state_[kMaxStates], state_before_[kMaxStates];
  std::vector<Buffer<T>> sums_;     // staged, by chunks, for norms: of each layer and chunk
  std::vector<Buffer<T>> squares_;  // for their norm: of each layer, block of rows and column
  CustomCost<T> custom_;
  Buffer<double> chunk_costs_;
  T* outputs_ = nullptr;
  std::uint64_t position_ = 0;  // in the epoch, of the first row
  double rounds_ = 1;           // of the micro-kernel for one member in one step, about
  std::function<bool()> interrupt_;
  Clock::time_point last_asked_{};
  bool head_shared_ = true;  // whether all copies of the output layer are the same
  Tuner tuner_;
};

extern template class EpochRun<float>;
extern template class EpochRun<double>;

}  // namespace localgrad
