#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "localgrad/network.hpp"
#include "localgrad/optimizer.hpp"
#include "localgrad/rows.hpp"

namespace localgrad {

/// Mini-batch training (M) of one network. Holds the optimiser's state and the whole workspace: after
/// construction neither `step` nor `epoch` allocates, except, kept for the next call, 4 bytes a row for their order and
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

  /// One step on one mini-batch of 1..batch_size rows; returns its mean cost before the update.
  /// Throws std::invalid_argument for wrong shapes, non-finite numbers and labels out of range (network
  /// unchanged), NonFiniteCost (error.hpp) when training diverges (network at its last finite state), and what a cost of
  /// your own throws (network at the last finished mini-batch).
  double step(const Rows& x, const Targets& y);

  /// One pass over all rows in mini-batches of batch_size, the last one smaller if need be, shuffled by
  /// (seed, epochs) unless `shuffle` is false or all rows make one mini-batch. Returns the mean cost of the
  /// examples, each before its update, and counts the epoch in the network. Throws as `step` does; after
  /// std::invalid_argument the network is as before the epoch, after NonFiniteCost at its last finite state.
  /// With fewer `mini_batches` than there are, at least 1, the epoch ends behind so many, and is not counted.
  double epoch(const Rows& x, const Targets& y, bool shuffle = true,
               std::size_t mini_batches = static_cast<std::size_t>(-1));

  /// From now on the learning rate of mini-batch `step`, counted from 0, is factor(step) times the optimizer's; finite and >= 0.
  void set_schedule(std::function<double(std::size_t step)> factor);

  /// The mean cost of each mini-batch that the last call of `epoch` or `step` finished, also if it threw.
  const std::vector<double>& step_costs() const;

  /// Asked between mini-batches, about every 20 ms, on the calling thread; a true answer ends the epoch at that
  /// mini-batch, and `epoch` throws Interrupted with the network at the last finished mini-batch.
  /// It must not throw.
  void set_interrupt(std::function<bool()> asked);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

extern template class Trainer<float>;
extern template class Trainer<double>;

}  // namespace localgrad
