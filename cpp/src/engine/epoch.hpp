#pragma once

#include <atomic>
#include <chrono>
#include <functional>

#include "engine/data.hpp"
#include "engine/gradient_units.hpp"
#include "engine/pass.hpp"
#include "engine/plan.hpp"

namespace localgrad {

/// An update rule with its settings.
template <class T>
struct Rule {
  Update update;
  int states;
  UpdateSettings<T> settings;
};

enum class End { done, bad_row, not_finite, interrupted };

struct Outcome {
  End end = End::done;
  std::size_t mini_batches = 0;  ///< finished before the end; the one with a bad cost is not among them
  double cost_sum = 0;           ///< over the examples of the finished ones
  double bad_cost = 0;
  std::size_t row = 0;  ///< of x, the first bad one in the order of the epoch
};

/// Runs mini-batches (M) on the panels of a Pass, shared by a team as the plan says. The network itself changes in
/// commit() alone.
template <class T>
class EpochRun {
 public:
  EpochRun(Network<T>& network, const Rule<T>& rule, std::size_t batch_size, int n_threads);

  std::size_t batch_size() const { return batch_size_; }
  void set_interrupt(std::function<bool()> asked) { interrupt_ = std::move(asked); }

  void begin();    ///< takes the network's parameters, remembers the optimiser's state
  void restore();  ///< back to what begin() took
  void commit() { pass_.store(network_); }
  bool finite() const;

  /// Up to `most` mini-batches over the rows in `order`.
  Outcome mini_batches(const Rows& x, const Targets& y, const std::vector<std::uint32_t>& order,
                       std::size_t most = ~std::size_t{0});
  /// How many of the first `most` mini-batches can be run before a parameter is not finite. restore() before going on.
  std::size_t finite_mini_batches(const Rows& x, const Targets& y, const std::vector<std::uint32_t>& order,
                                  std::size_t most);

 private:
  struct Shared;  // of one call, by the members of its team
  struct Step;    // one mini-batch
  void work_by_rows(const Member& member, Shared& shared);
  void work_by_units(const Member& member, Shared& shared);
  void gather_x(Shared& shared, const Step& step, Index begin, Index end, Place place);
  void gather_y(Shared& shared, const Step& step, Index begin, Index end, Place place);
  void update(const typename GradientUnits<T>::Span& units, Index batch, Place place);
  void account(Shared& shared, const Step& step, Place place);
  bool asked_to_stop();

  Network<T>& network_;
  const Kernels<T>& kernels_;
  Rule<T> rule_;
  std::size_t batch_size_;
  Plan plan_;
  Pass<T> pass_;
  GradientUnits<T> units_;
  // Of the hidden layers, then of each copy of the output layer; laid out as their weights.
  std::vector<Buffer<T>> state_[kMaxStates], state_before_[kMaxStates];
  std::function<bool()> interrupt_;
  std::chrono::steady_clock::time_point last_asked_{};
};

extern template class EpochRun<float>;
extern template class EpochRun<double>;

}  // namespace localgrad
