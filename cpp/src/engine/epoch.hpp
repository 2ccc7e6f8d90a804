#pragma once

#include <atomic>
#include <chrono>
#include <functional>

#include "engine/data.hpp"
#include "engine/gradient_units.hpp"
#include "engine/pass.hpp"

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

/// Runs mini-batches (M) on the panels of a Pass, by rows: each member of the team takes its rows of the mini-batch through
/// (F), (D1), (D2) without waiting; a barrier; then its units of (G1), (G2) and the update over the whole mini-batch; a
/// barrier. The network itself changes in commit() alone.
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
  /// How many of the first `most` mini-batches can be run before a parameter is not finite. Leaves the state behind them.
  std::size_t finite_mini_batches(const Rows& x, const Targets& y, const std::vector<std::uint32_t>& order,
                                  std::size_t most);

 private:
  struct Shared;  // of one call, by the members of its team
  void work(const Member& member, Shared& shared);
  void gather(const Shared& shared, std::size_t first, Index begin, Index end, std::atomic<std::size_t>& bad);
  void update(const GradientUnit& unit, Index batch);
  bool asked_to_stop();

  Network<T>& network_;
  const Kernels<T>& kernels_;
  Rule<T> rule_;
  std::size_t batch_size_;
  Pass<T> pass_;
  GradientUnits<T> units_;
  std::vector<Buffer<T>> state_[kMaxStates], state_before_[kMaxStates];
  double operations_;
  int n_threads_;
  std::function<bool()> interrupt_;
  std::chrono::steady_clock::time_point last_asked_{};
};

extern template class EpochRun<float>;
extern template class EpochRun<double>;

}  // namespace localgrad
