#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "localgrad/network.hpp"
#include "localgrad/optimizer.hpp"
#include "localgrad/rows.hpp"

namespace localgrad {

/// What a Trainer keeps beside the network: another Trainer of the same settings resumes with the same bits.
/// The steps of a schedule are not part of it: they are counted from set_schedule on.
template <class T>
struct TrainerState {
  std::string rule;            ///< "sgd", "adam", ..: the update rule, which says what the arrays are
  std::uint64_t t = 0;         ///< mini-batches that the optimizer has seen
  double mu_product = 1;       ///< NAdam: mu_1 .. mu_t
  std::uint64_t position = 0;  ///< as Trainer::position
  /// What the update rule keeps of each parameter: 0 to 3 arrays of num_parameters, in the order of
  /// Network::parameters.
  std::vector<std::vector<T>> arrays;
};

/// Mini-batch training (M) of one network. Holds the optimizer's state and the whole workspace: after
/// construction neither `step`, `part` nor `epoch` allocates, except (kept for the next call) 4 bytes a row
/// for their order, 8 bytes for the cost of each mini-batch (up to 136 with a schedule or a rule such as Adam
/// whose numbers change from step to step), and OpenMP's team of threads.
///
/// The network must outlive the Trainer. Between calls its parameters are up to date and may be read and
/// written; the next call uses what was written. If the network was assigned one of other sizes, functions,
/// dropout or noise, the next call throws std::invalid_argument. The result's bits do not depend on the
/// number of threads.
template <class T>
class Trainer {
 public:
  /// n_threads 0 chooses from the work at hand; `weighted`: the targets will have weights. Throws
  /// std::invalid_argument for a batch_size of 0 or settings out of range, OutOfMemory if the workspace does
  /// not fit the machine.
  Trainer(Network<T>& network, const Optimizer& optimizer, std::size_t batch_size, int n_threads = 0,
          const Regularization& regularization = {}, bool weighted = false);
  ~Trainer();
  Trainer(Trainer&&) noexcept;
  Trainer& operator=(Trainer&&) noexcept;

  /// One pass over all rows in mini-batches of batch_size (the last may be smaller), from position 0,
  /// shuffled by (seed, epochs) unless `shuffle` is false or all rows make one mini-batch. Returns the mean
  /// cost of the examples, each before its update, and counts the epoch in the network.
  ///
  /// Throws std::invalid_argument for wrong shapes, non-finite numbers, labels out of range and a network
  /// trained for kMostCounted epochs (network as before the call); NonFiniteCost (error.hpp) when training
  /// diverges (network at its last finite state); and whatever a custom cost throws (network at the last
  /// finished mini-batch).
  double epoch(const Rows& x, const Targets& y, bool shuffle = true);

  /// The next part of an epoch: mini-batches of batch_size (the last may be smaller) over the rows
  /// order[0..n-1] of x. Random numbers (dropout, noise) continue at `position`: an epoch gives the same bits
  /// in one call or in parts, if all but the last part are of whole mini-batches. Returns the mean cost of
  /// those examples. Throws as `epoch`, and std::invalid_argument for n = 0 or a row that x does not have.
  double part(const Rows& x, const Targets& y, const std::uint32_t* order, std::size_t n);

  /// A part of one mini-batch, the 1..batch_size rows of x.
  double step(const Rows& x, const Targets& y);

  /// Counts the epoch in the network after its last part: position is 0 again.
  void end_epoch();

  /// How many rows of the current epoch are trained: by parts and steps, or by an epoch that was ended early.
  std::size_t position() const;

  /// What another Trainer needs to resume from here; and to resume from such a state. The latter throws
  /// std::invalid_argument if the state is not of this update rule and network, holds numbers that are not
  /// finite, or negative ones where there are squares or step sizes, or counts beyond kMostCounted.
  TrainerState<T> state() const;
  void set_state(const TrainerState<T>& state);

  /// From now on the learning rate of mini-batch `step` is factor(step) times the optimizer's; finite and >=
  /// 0. Steps are counted from 0 at this call: after set_state, or with a schedule for each part, the factor
  /// has to add those before.
  void set_schedule(std::function<double(std::size_t step)> factor);

  /// The mean cost of each mini-batch that the last call of `epoch`, `part` or `step` finished, also if it
  /// threw; none if it was refused.
  const std::vector<double>& step_costs() const;

  /// `start` plus, mini-batch by mini-batch, the costs of the examples that the last call trained, also if it
  /// threw. Passing on the sum of the parts before, an epoch in parts gives the bits of one in a single call.
  double cost_sum(double start = 0) const;

  /// From now on a^L of each trained example, as its mini-batch computes it before the update, is written to
  /// out[row * m_L ..], `row` being its index in x; null: no more. If a row occurs several times in an order,
  /// any of its outputs, or a mixture, is written; after an error, some of an unfinished mini-batch may be.
  void record_outputs(T* out);

  /// Called between mini-batches, about every 20 ms, on the calling thread; true ends the epoch or part at
  /// that mini-batch, which throws Interrupted (see position()). It must not throw.
  void set_interrupt(std::function<bool()> asked);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

extern template class Trainer<float>;
extern template class Trainer<double>;

}  // namespace localgrad
