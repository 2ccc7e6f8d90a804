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

/// What a Trainer remembers beside the network: with it another of the same settings goes on to the same bits. The steps of a
/// schedule are not among it: they are counted from set_schedule on, and who goes on has to begin at another.
template <class T>
struct TrainerState {
  std::string rule;            ///< "sgd", "adam", ..: the update rule, which says what the arrays are
  std::uint64_t t = 0;         ///< mini-batches that the optimiser has seen
  double mu_product = 1;       ///< NAdam: mu_1 .. mu_t
  std::uint64_t position = 0;  ///< as Trainer::position
  /// What the update rule remembers of each parameter: 0 to 3 arrays of num_parameters, in the order of Network::parameters.
  std::vector<std::vector<T>> arrays;
};

/// Mini-batch training (M) of one network. Holds the optimiser's state and the whole workspace: after
/// construction neither `step`, `part` nor `epoch` allocates, except, kept for the next call, 4 bytes a row for their order and
/// 8 bytes for the cost of each mini-batch (up to 136 with a schedule, or a rule such as Adam whose numbers change from step to
/// step), and, with more than one thread, for the team that OpenMP gathers.
///
/// The network must outlive the Trainer. Between calls its parameters are up to date and may be read and
/// written; a Trainer picks such changes up. To assign the network one of other sizes, functions, dropout or noise makes the
/// next call throw std::invalid_argument. The bits of the result do not depend on the number of threads.
template <class T>
class Trainer {
 public:
  /// n_threads 0 chooses from the work at hand; `weighted` says that the targets will bring weights. Throws std::invalid_argument for
  /// a batch_size of 0 or settings out of range, OutOfMemory if the workspace does not fit the machine.
  Trainer(Network<T>& network, const Optimizer& optimizer, std::size_t batch_size, int n_threads = 0,
          const Regularization& regularization = {}, bool weighted = false);
  ~Trainer();
  Trainer(Trainer&&) noexcept;
  Trainer& operator=(Trainer&&) noexcept;

  /// One pass over all rows in mini-batches of batch_size, the last one smaller if need be, shuffled by
  /// (seed, epochs) unless `shuffle` is false or all rows make one mini-batch; from position 0, whatever parts there were.
  /// Returns the mean cost of the examples, each before its update, and counts the epoch in the network.
  /// Throws std::invalid_argument for wrong shapes, non-finite numbers, labels out of range and a network that has been trained for
  /// kMostCounted epochs (network as before the call), NonFiniteCost (error.hpp) when training diverges (network at its last finite state), and what a cost of
  /// your own throws (network at the last finished mini-batch).
  double epoch(const Rows& x, const Targets& y, bool shuffle = true);

  /// The next part of an epoch: mini-batches of batch_size over the rows order[0..n-1] of x, the last one smaller if need be. Random
  /// numbers (dropout, noise) go on at `position`: an epoch comes to the same bits in one call or in parts, if all but the
  /// last are of whole mini-batches. Returns the mean cost of those examples. Throws as `epoch`, and std::invalid_argument for
  /// n = 0 or a row that x does not have.
  double part(const Rows& x, const Targets& y, const std::uint32_t* order, std::size_t n);

  /// A part of one mini-batch, the 1..batch_size rows of x.
  double step(const Rows& x, const Targets& y);

  /// Counts the epoch in the network after its last part: position is 0 again.
  void end_epoch();

  /// How many rows of the current epoch are trained: by parts and steps, or by an epoch that was ended early.
  std::size_t position() const;

  /// What another Trainer needs to go on from here, and to make this one go on from there. The latter throws
  /// std::invalid_argument if the state is not one of this optimiser's update rule and of this network, holds numbers that are not
  /// finite, or negative ones where there are squares or lengths of steps, or counts beyond kMostCounted.
  TrainerState<T> state() const;
  void set_state(const TrainerState<T>& state);

  /// From now on the learning rate of mini-batch `step` is factor(step) times the optimizer's; finite and >= 0. Steps are counted
  /// from 0 at this call: behind set_state, or with a schedule for each part, the factor has to add those before.
  void set_schedule(std::function<double(std::size_t step)> factor);

  /// The mean cost of each mini-batch that the last call of `epoch`, `part` or `step` finished, also if it threw; none
  /// if it was refused.
  const std::vector<double>& step_costs() const;

  /// `start` and, added mini-batch by mini-batch, the costs of the examples that this call has trained, also if it threw.
  /// With the sum of the parts before for a start, an epoch in parts comes to the bits of one in a single call: what
  /// `epoch` divides by the number of rows.
  double cost_sum(double start = 0) const;

  /// From now on a^L of each example that is trained, as its mini-batch sees it before the update, is written to
  /// out[row * m_L ..], `row` being its place in x; null: no more. The rows of an order should be distinct meanwhile: of one that
  /// comes several times any, or a mixture, is written. After an error some of a mini-batch that did not count may have been.
  void record_outputs(T* out);

  /// Asked between mini-batches, about every 20 ms, on the calling thread; a true answer ends the epoch or part at that
  /// mini-batch, which throws Interrupted: position() tells how far it came. It must not throw.
  void set_interrupt(std::function<bool()> asked);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

extern template class Trainer<float>;
extern template class Trainer<double>;

}  // namespace localgrad
