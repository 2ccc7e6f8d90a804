#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/data/examples.hpp"
#include "engine/epoch/run.hpp"
#include "localgrad/trainer.hpp"
#include "model/network_shape.hpp"

namespace localgrad {

/// The members of a Trainer.
template <class T>
struct Trainer<T>::State {
  State(Network<T>& net, const Optimizer& settings, std::size_t batch_size, const TrainerOptions& options);
  ~State();

  /// Ends online training and checks network and data at the start of a call.
  void start(const Rows& x, const Targets& y);
  void begin(const Rows& x, const Targets& y);
  void check_rows_of_step(const Rows& x) const;
  /// Finds the network, which may have moved. Throws std::invalid_argument if it has been destroyed or one
  /// that does not fit the workspace has been assigned to it.
  void find_network();
  void check_network() const;

  /// Trains on the rows in `order`, which begin at position `start` of the epoch. Returns their mean cost.
  double train(const Rows& x, const Targets& y, std::size_t start);
  /// The same without exceptions for invalid rows and divergence; after a divergence, the caller restores the
  /// state.
  Outcome attempt(const Rows& x, const Targets& y, std::size_t start);
  Factors evaluate_schedules(std::size_t mini_batches);
  std::size_t repeat_while_finite(const Rows& x, const Targets& y, std::size_t last);
  [[noreturn]] void diverged(const Rows& x, const Targets& y, const Outcome& outcome);
  /// Updates the counters after `mini_batches` mini-batches of `order`.
  void count(std::size_t mini_batches);
  /// Sets `order` to 0..n-1.
  void set_order(std::size_t n);

  /// One mini-batch of online training.
  Outcome step_online(const Rows& x, const Targets& y);
  /// Ends online training, if it is under way: sync() with exceptions.
  void end_online();
  Status sync();
  void undo();

  /// Number of rows in `order`, or of those that are expected in its Poisson samples.
  std::size_t rows_in_call() const { return privacy.poisson ? expected_rows : order.size(); }
  /// Number of rows in the first mini-batches of `order`.
  std::size_t rows_of(std::size_t mini_batches) const {
    return std::min(rows_in_call(), mini_batches * batch_size);
  }
  double cost_sum(double start) const;
  double mean_cost() const { return cost_sum(0) / static_cast<double>(rows_in_call()); }
  double largest_dropout() const;
  /// See Trainer::draw; the whole epoch.
  double train_on_samples(const Rows& x, const Targets& y, const std::uint32_t* rows, std::size_t n,
                          std::size_t steps);
  double epoch_of_samples(const Rows& x, const Targets& y, const std::uint32_t* rows, std::size_t n);
  /// Throws std::invalid_argument for a Trainer with Poisson sampling, which draws its mini-batches itself.
  void check_given_batches(const char* name) const;

  const Tracker<Network<T>> tracker;
  Network<T>* network;
  const NetworkShape<T> shape;
  const Options options;
  const Rule<T> rule;
  const double smoothing;  // label smoothing of the cost
  const Penalties<T> penalties;
  const bool online;
  const Privacy privacy;
  const std::size_t batch_size;
  const Kernels<T>& kernel;
  Arena arena;
  EpochRun<T> run;
  std::vector<std::uint32_t> order;
  std::vector<std::size_t> offsets;  // of the Poisson samples in `order`
  std::size_t expected_rows = 0;     // in them
  Schedules schedules;
  // Factors of the schedules for the mini-batches of a call.
  std::vector<double> rates, dropouts, decays, smoothings;
  /// Mini-batches since the schedules were set, and position in the epoch after the rows trained so far.
  struct Counts {
    std::size_t scheduled = 0, position = 0;
  } counts, counts_before;  // counts_before: at the start of online training
  Progress progress_before;
  const T* known = nullptr;    // online: the parameters of the network that was checked
  std::size_t part_begin = 0;  // position of the rows in `order` in the epoch
  bool ahead = false;          // online: whether the parameters in `run` are newer than those of the network

 private:
  const double* evaluate(const Schedules::Factor& schedule, std::vector<double>& values,
                         std::size_t mini_batches, const char* name, double most = 0) const;
};

}  // namespace localgrad
