// Calls that train.

#include <algorithm>

#include "c_api/arrays.hpp"
#include "c_api/objects.hpp"

using namespace localgrad;
using namespace localgrad::c_api;

namespace {

/// Reports the progress of a trainer to a function of the caller until the call ends.
template <class T>
class Reporting {
 public:
  Reporting(Training<T>& training, std::size_t rows, localgrad_progress_function function, void* user)
      : trainer_(training.trainer) {
    if (!function) return;
    const std::size_t batch = training.batch_size;
    trainer_.set_interrupt([&training, batch, rows, function, user] {
      const auto& costs = training.trainer.step_costs();
      const std::size_t done = std::min(costs.size() * batch, rows);
      localgrad_progress progress;
      progress.size = sizeof progress;
      progress.epoch = training.network.epochs();
      progress.mini_batches = costs.size();
      progress.mini_batches_in_call = (rows + batch - 1) / batch;
      progress.cost = done > 0 ? training.trainer.cost_sum() / static_cast<double>(done) : 0;
      return function(user, &progress) != 0;
    });
  }
  ~Reporting() { trainer_.set_interrupt(nullptr); }
  Reporting(const Reporting&) = delete;
  Reporting& operator=(const Reporting&) = delete;

 private:
  Trainer<T>& trainer_;
};

/// Trains by `call`, which returns the mean cost.
template <class Call>
localgrad_status train(localgrad_trainer* trainer, const localgrad_rows* x, const localgrad_rows* y,
                       const localgrad_rows* weights, double* cost, const Call& call) {
  return guarded([&] {
    const double mean = with_training(
        trainer, [&](auto& training) { return call(training, rows_of(x, "x"), targets_of(y, weights)); });
    if (cost) *cost = mean;
  });
}

}  // namespace

localgrad_status localgrad_trainer_step(localgrad_trainer* trainer, const localgrad_rows* x,
                                        const localgrad_rows* y, const localgrad_rows* weights,
                                        double* cost) {
  return train(trainer, x, y, weights, cost, [](auto& training, const Rows& rows, const Targets& targets) {
    return training.trainer.step(rows, targets);
  });
}

localgrad_status localgrad_trainer_try_step(localgrad_trainer* trainer, const localgrad_rows* x,
                                            const localgrad_rows* y, const localgrad_rows* weights,
                                            double* cost) {
  return guarded([&] {
    return with_training(trainer, [&](auto& training) {
      return training.trainer.try_step(rows_of(x, "x"), targets_of(y, weights), cost);
    });
  });
}

localgrad_status localgrad_trainer_epoch(localgrad_trainer* trainer, const localgrad_rows* x,
                                         const localgrad_rows* y, const localgrad_rows* weights, int shuffle,
                                         localgrad_progress_function progress, void* user, double* cost) {
  return train(trainer, x, y, weights, cost, [&](auto& training, const Rows& rows, const Targets& targets) {
    const Reporting reporting(training, rows.n, progress, user);
    return training.trainer.epoch(rows, targets, shuffle != 0);
  });
}

localgrad_status localgrad_trainer_part(localgrad_trainer* trainer, const localgrad_rows* x,
                                        const localgrad_rows* y, const localgrad_rows* weights,
                                        const uint32_t* order, size_t n, localgrad_progress_function progress,
                                        void* user, double* cost) {
  return train(trainer, x, y, weights, cost, [&](auto& training, const Rows& rows, const Targets& targets) {
    const Reporting reporting(training, n, progress, user);
    return training.trainer.part(rows, targets, &given(order, "order"), n);
  });
}

localgrad_status localgrad_network_standardize(localgrad_network* network, const localgrad_rows* x,
                                               const localgrad_rows* y, const localgrad_rows* weights,
                                               int n_threads) {
  return guarded([&] {
    with_network(network,
                 [&](auto& net) { standardize(net, rows_of(x, "x"), targets_of(y, weights), n_threads); });
  });
}
