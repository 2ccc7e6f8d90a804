#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <exception>
#include <functional>
#include <limits>
#include <memory>
#include <thread>

#include "engine/curvature/slope_cost.hpp"
#include "engine/data/examples.hpp"
#include "engine/epoch/penalties.hpp"
#include "engine/epoch/probe.hpp"
#include "engine/epoch/rule.hpp"
#include "engine/pass/custom_cost.hpp"
#include "engine/pass/gradient_units.hpp"
#include "engine/pass/pass.hpp"
#include "engine/plan/plan.hpp"
#include "engine/plan/tuner.hpp"
#include "localgrad/privacy.hpp"

namespace localgrad {

enum class End {
  done,
  bad_row,
  not_finite,  ///< a cost
  overflow,    ///< a parameter or the optimizer's state
  interrupted,
  failed
};

struct Outcome {
  End end = End::done;
  std::size_t mini_batches = 0;  ///< completed mini-batches, without one whose cost is not finite
  double bad_cost = 0;
  std::size_t row = 0;           ///< first invalid row of x in the order of the epoch
  std::exception_ptr failure{};  ///< exception of a custom cost
};

/// Factors of scheduled settings for each mini-batch; null where all are 1.
struct Factors {
  const double *learning_rate = nullptr, *dropout = nullptr, *weight_decay = nullptr,
               *label_smoothing = nullptr;
};

/// Runs mini-batches, (M), on the panels of a Pass, by a team according to the plan. Only commit() changes
/// the network.
template <class T>
class EpochRun {
 public:
  /// Buffers are taken from `arena` unless it is null. The cost compares slopes if slope_weight is above 0.
  /// With `diagnostics`, some mini-batches are measured.
  EpochRun(Network<T>& network, const Kernels<T>& kernels, const Rule<T>& rule, const Penalties<T>& penalties,
           std::size_t batch_size, const Plan& plan, bool weighted = false, Arena* arena = nullptr,
           const Privacy& privacy = {}, double slope_weight = 0, bool diagnostics = false);

  /// Refers to the same network at another address.
  void follow(Network<T>& network) {
    network_ = &network;
    pass_.follow(network);
  }

  std::size_t batch_size() const { return batch_size_; }
  const Pass<T>& pass() const { return pass_; }
  bool fits_slopes() const { return slopes_ != nullptr; }
  void set_interrupt(std::function<bool()> interrupt) { interrupt_ = std::move(interrupt); }
  /// Sets the mini-batches of the next calls: mini-batch s has rows offsets[s] .. offsets[s + 1] - 1 of the
  /// order, at most batch_size, and its sums are divided by `expected`.
  void set_batches(const std::size_t* offsets, std::size_t expected) {
    offsets_ = offsets;
    expected_ = expected;
  }

  /// Prepares for an epoch or a part of one: sets the position of its random numbers, and the factors for
  /// each of its mini-batches, which must remain valid until the next call.
  void prepare(std::uint64_t epoch, std::uint64_t position, std::size_t mini_batches, const Factors& factors);
  /// The same in two parts; the first one reads what the network says about inputs and targets.
  void read_network();
  void prepare_steps(std::uint64_t epoch, std::uint64_t position, std::size_t mini_batches,
                     const Factors& factors);
  /// Advances the optimizer's progress after it: `mini_batches` mini-batches were completed.
  void advance(std::size_t mini_batches);
  /// Mean cost of each mini-batch since prepare(); after advance(), of the completed mini-batches.
  const std::vector<double>& step_costs() const { return step_costs_; }

  /// Sets where a^L of each trained example, computed before the update, is written: out[row m_L ..]. Null
  /// disables it.
  void record_outputs(T* out) { outputs_ = out; }

  /// The optimizer's progress, and its state variables (0 to kMaxStates arrays), dense, in the order of
  /// Network::parameters.
  const Progress& progress() const { return progress_; }
  int states() const { return states_; }
  void copy_state(int s, T* dense) const;
  void set_state(int s, const T* dense);
  void set_progress(const Progress& progress) { progress_ = progress; }

  /// The sums of the diagnostics since they were cleared; null without diagnostics.
  Probe<T>* probe() const { return probe_.get(); }
  /// Adds mini-batch `index`, which is not completed or makes parameters infinite, to the sums of the
  /// diagnostics, if there are any. The state is that at begin(), before and after.
  void inspect(const Rows& x, const Targets& y, const std::vector<std::uint32_t>& order, std::size_t index);

  void begin();          ///< loads the network's parameters and saves the optimizer's state
  void roll_back();      ///< restores the state at begin()
  void restore_state();  ///< restores the optimizer's state at begin(), but not the parameters
  void commit() { pass_.store(*network_); }
  /// Whether all parameters and the optimizer's state are finite. If a mean of squares overflowed, its
  /// parameter would no longer change.
  bool finite() const { return pass_.finite() && state_finite(); }
  bool state_finite() const;

  /// Runs one mini-batch, the rows of x, on the calling thread with the parameters in the panels, which the
  /// next call continues from. `order` is 0..n-1. If the outcome is not End::done, nothing has changed.
  Outcome step_online(const Rows& x, const Targets& y, const std::vector<std::uint32_t>& order);

  /// Runs mini-batches `first` .. last - 1 (or to the end) of the rows in `order`.
  Outcome mini_batches(const Rows& x, const Targets& y, const std::vector<std::uint32_t>& order,
                       std::size_t first = 0, std::size_t last = std::numeric_limits<std::size_t>::max());

 private:
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

  /// Position of one mini-batch.
  struct Step {
    std::size_t index, first;  // first: index of its first row in the order
    Index batch;
    int turn() const { return static_cast<int>(index % 2); }
  };

  using Clock = std::chrono::steady_clock;

  /// Some mini-batches that a team runs in one call.
  struct Segment {
    const Rows& x;
    const Targets& y;
    const std::vector<std::uint32_t>& order;
    std::size_t begin, end;
    Clock::time_point deadline;
    Outcome outcome{};  // written by member 0
    // Written before a member arrives at a barrier and read after it.
    std::atomic<std::size_t> bad_position{kNone};  // index in the order
    std::atomic<std::size_t> last_step{kNone};     // the last step to run
    std::atomic<std::size_t> spoiled{kNone};       // step whose cost is not finite
    std::atomic<double> bad_cost{0};
    std::atomic<bool> failed{false};  // whether a custom cost threw
    std::atomic<bool> left{false};    // whether the current step is not to be finished
    const std::thread::id caller = std::this_thread::get_id();
    int members = 0;       // size of the team
    double step_cost = 0;  // split by units: cost of the current step as computed by member 0

    void bad(std::size_t position) { lower(bad_position, position); }
    /// Returns whether a cost is finite; records the step otherwise.
    bool check_cost(std::size_t step, double cost);
    /// Whether an invalid row has been found up to the end of a step. A row of the next step is reported by
    /// that step.
    bool has_bad(const Step& step) const {
      return bad_position.load(std::memory_order_relaxed) < step.first + static_cast<std::size_t>(step.batch);
    }
    /// Whether the last step to run is earlier than this one.
    bool stopped_before(std::size_t step) const {
      return std::min(last_step.load(std::memory_order_relaxed), spoiled.load(std::memory_order_relaxed)) <
             step;
    }

   private:
    static void lower(std::atomic<std::size_t>& least, std::size_t value);
  };

  void work_by_units(const Team& team, Segment& segment);
  void work_by_rows(const Team& team, Segment& segment);
  void work_by_chunks(const Team& team, Segment& segment);

  Step step(const Segment& segment, std::size_t index) const;
  /// Number by which the sums of a step are divided.
  Index divisor(const Step& step) const { return offsets_ ? static_cast<Index>(expected_) : step.batch; }
  bool is_private() const { return privacy_.clip_per_example > 0; }
  void clip_rows(Index begin, Index end);
  void add_noise(const Team& team, const Step& step);
  void add_noise(const Step& step, Index i, Index begin, Index end);
  /// Copies rows begin..end-1 of the mini-batch to the rows of the pass from `to` on.
  void gather_x(Segment& segment, const Step& step, Index begin, Index end, Index to, Place place);
  void gather_y(Segment& segment, const Step& step, Index begin, Index end, Index to, Place place);
  using Frame = typename SlopeCost<T>::Frame;
  /// The frame of `rows` rows of the pass from `first` on.
  Frame frame_of(Index first, Index rows) const {
    return {first, rows, plan_.split == Split::chunks ? first / plan_.chunk_rows : 0};
  }
  /// Copies the parameters for the cost of slopes, if there is one.
  void load_slopes(const Team& team);
  /// (D2) of rows begin..end-1, which with other rows are those of `frame`. All deltas have been multiplied
  /// by `factor`.
  void backward(Segment& segment, Index begin, Index end, Place place, Frame frame, T factor);
  /// Sums of the cost of slopes over the rows of a mini-batch, which the gradient of the inputs needs.
  void add_slopes(const Team& team, Frame frame);
  /// Asks on the calling thread, in the middle of a step, whether to stop; if so, the step is not done.
  void ask_midway(Segment& segment);
  /// Arguments of (G1) for `batch` rows of the pass from `first` on.
  GradientArgs<T> gradient_args(Index i, Index first, Index batch, Place place = {});
  /// Writes a^L of rows begin..end-1 of the mini-batch, which are in the rows of the pass from `at` on, if
  /// outputs are recorded.
  void record(const Segment& segment, const Step& step, Index begin, Index end, Index at, Place place) {
    if (outputs_) copy_outputs(segment, step, begin, end, at, place);
  }
  void copy_outputs(const Segment& segment, const Step& step, Index begin, Index end, Index at, Place place);
  /// Prefetches some rows of the step that is `steps` after this one, spread over this one.
  Prefetch prefetch(const Segment& segment, const Step& step, PanelRange rows, std::size_t steps) const;
  /// Calls a custom cost; run by one member while the others wait.
  void call_custom_cost(Segment& segment, const Step& step);
  /// The end of a step that is split by rows or chunks. Its gradients are in `parts` parts; 0 means that
  /// they are not computed yet.
  ///
  /// Returns false, without having changed anything, if the norm of the gradient is needed and sums have
  /// overflowed. All deltas must then be multiplied by relief(step), which `relieved` confirms. All members
  /// get the same result.
  [[nodiscard]] bool update_whole(const Team& team, const Step& step, Index parts, bool relieved);
  void gradient_of(const GradientUnit& unit, Index batch, Index first, T* sums, Place place = {});
  /// Number of blocks of rows of layer index i that are summed separately; a row of biases may be the last.
  Index square_blocks(Index i) const {
    const Index rows = pass_.w(i).rows;
    const bool together = penalties_.rates().alike(i) || pass_.bias_column(i) >= 0;
    return together ? ceil_div(rows, GradientUnits<T>::kRows)
                    : ceil_div(rows - 1, GradientUnits<T>::kRows) + 1;
  }
  T* squares_of(const GradientUnit& unit);
  double sum_of_squares(Index i, double total) const;
  /// Factors that scale the gradient to a norm of at most clip_norm; NaN if the norm is not finite. Called by
  /// all members once the sums of their units have been computed.
  Shrink<T> clip(const Team& team, const Step& step, Index parts, T mean);
  SumsInParts<T> sums_of(const GradientUnit& unit, Index parts) const {
    const auto& sums = sums_[static_cast<std::size_t>(unit.layer)];
    return {sums.data(), parts, static_cast<Index>(pass_.w_elements(unit.layer))};
  }
  /// A power of 2 by which all deltas are multiplied, so that no sum over the mini-batch overflows unless
  /// its mean does. Since small numbers may become subnormal, it is only used where sums have overflowed.
  /// With clip_value, which would hide an overflow, it is always used.
  T relief(const Step& step) const;
  bool relieves_always() const {
    return !is_private() && penalties_.clip_norm() > 0 &&
           (std::isfinite(penalties_.clip_value()) || slopes_);  // (D2) of slopes cannot be repeated
  }
  /// Position in the epoch of row 0 of the pass if row `begin` of the mini-batch is in row `at` of the pass.
  std::uint64_t position_of(const Step& step, Index begin = 0, Index at = 0) const {
    const std::uint64_t first = offsets_ ? step.index * batch_size_ : step.first;
    return position_ + first + static_cast<std::uint64_t>(begin) - static_cast<std::uint64_t>(at);
  }

  double dropout_of(const Step& step) const { return factors_.dropout ? factors_.dropout[step.index] : 1; }

  /// Arguments of the update kernels for a unit of the gradient.
  UpdateArgs<T> update_args(const GradientUnit& unit, const Step& step, Place place);
  /// Runs the update rule, from sums in memory unless `sums` is null.
  void descend(const GradientUnit& unit, const Step& step, UpdateArgs<T>& u, const SumsInParts<T>* sums,
               Place place);
  void update(const GradientUnit& unit, const Step& step, Place place, Prefetch* prefetch = nullptr);
  double cost_of_rows(Index rows, Place place);
  /// Called by member 0 after a step: counts it and decides whether it is the last one.
  void finish(Segment& segment, const Step& step, double cost);
  std::size_t index_in_epoch(std::size_t step) const;
  /// Number of mini-batches from `step` to the next sampled one.
  std::size_t until_sample(std::size_t step) const;
  void copy_weights(Index i, T* to) const;
  void begin_sample(const Step& step);
  void measure(const Step& step, Index begin, Index end, Index base, Place place, Index group, int member,
               T relieved);
  void measure_units(Index i, Index base, const Index* rows, Index count, const T* a, Index a_stride,
                     int member, double& saturated);
  double norm_of_sums(Index i, const Step& step, Place place, Index parts, double size);
  void end_sample(const Segment& segment, const Step& step, const Place& place);
  void add_noise_estimate(const Step& step, double squared_norm);
  /// Runs and measures a sampled mini-batch.
  Outcome sample(const Rows& x, const Targets& y, const std::vector<std::uint32_t>& order, std::size_t index);
  void take(Segment& segment, int threads);
  void set_end(Segment& segment);
  void step_by_layers(Segment& segment);
  bool asked_to_stop(Clock::time_point now);
  void share_head();
  void load();  ///< loads the network's parameters, by the team if there are many

  Network<T>* network_;
  const Kernels<T>& kernels_;
  /// Whether the biases of a layer are a column of w with a learning rate that differs from that of the
  /// weights.
  bool biases_apart(Index i) const { return pass_.bias_column(i) >= 0 && !penalties_.rates().alike(i); }
  /// The transposed copy that the update writes: none if no (D2) reads it.
  PanelMatrix<T> next_transposed(Index i, Place place) const {
    return i > penalties_.rates().lowest() ? pass_.next_transposed(i, place) : PanelMatrix<T>{};
  }
  /// Settings of one step; `decay` is the factor of the weight decay: the learning rate of the optimizer
  /// without bias correction, times the factor of a schedule.
  struct StepSettings {
    double decay;
    Progress after;
  };
  std::size_t settings_of(const Step& step) const { return settings_.size() == 1 ? 0 : step.index; }
  /// The numbers of the rule in one step for a factor of the learning rate above 0.
  const StepNumbers<T>& numbers_of(const Step& step, double factor) const {
    const LayerRates& rates = penalties_.rates();
    return numbers_[settings_of(step) * rates.distinct().size() + rates.index(factor)];
  }

  Rule<T> rule_;
  Penalties<T> penalties_;
  std::shared_ptr<const Standards<T>> standards_;  // of the current call
  Reading<T> reading_;
  TargetRule<T> target_rule_;
  int states_;
  Progress progress_;
  Factors factors_;
  std::vector<StepSettings> settings_;   // of each step of an epoch, or one for all steps
  std::vector<StepNumbers<T>> numbers_;  // of each of the settings and each factor of LayerRates
  std::vector<double> step_costs_;
  std::size_t batch_size_;
  Plan plan_;
  Pass<T> pass_;
  std::unique_ptr<SlopeCost<T>> slopes_;  // null if the cost does not compare slopes
  GradientUnits<T> units_;
  // State of the hidden layers, of each copy of the output layer, and of the input scales, with which there
  // is only one copy; with the layout of their weights.
  std::vector<Buffer<T>> state_[kMaxStates], state_before_[kMaxStates];
  // For biases_apart: w and the state of each copy of the output layer.
  std::vector<Buffer<T>> apart_;
  // Gradients of each layer and chunk, if they are staged, split by chunks, or needed for norms.
  std::vector<Buffer<T>> sums_;
  Privacy privacy_;
  Buffer<double> norms_;  // of the gradient of each row and part, for clip_per_example
  const std::size_t* offsets_ = nullptr;
  std::size_t expected_ = 0;
  std::vector<Buffer<T>> squares_;  // sums of squares of each layer, block of rows and column
  CustomCost<T> custom_;
  Buffer<double> chunk_costs_;
  /// What a member prefetches while it computes, split by units.
  struct alignas(128) Ahead {
    Prefetch rows;
  };
  std::vector<Ahead> ahead_;
  Prefetch& ahead_of(const Member& member) { return ahead_[static_cast<std::size_t>(member.index)].rows; }
  T* outputs_ = nullptr;
  std::unique_ptr<Probe<T>> probe_;  // null without diagnostics
  bool sampling_ = false;            // whether the current step is sampled
  T relief_ = 1;                     // in a sampled step: the factor by which deltas have been multiplied
  std::uint64_t position_ = 0;       // position of the first row in the epoch
  double rounds_ = 1;                // approximate rounds of the micro-kernel per member and step
  std::function<bool()> interrupt_;
  Clock::time_point last_asked_{};
  bool head_shared_ = true;  // whether all copies of the output layer are equal
  Tuner tuner_;
};

#define LOCALGRAD_FOR(T) extern template class EpochRun<T>;
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
