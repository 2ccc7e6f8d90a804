#include <algorithm>
#include <stdexcept>

#include "engine/epoch/run.hpp"
#include "kernels/dispatch.hpp"
#include "localgrad/plan.hpp"
#include "model/float_mode.hpp"

namespace localgrad {
namespace {

const char* name_of(Split split) {
  return split == Split::rows ? "rows" : split == Split::units ? "units" : "chunks";
}

}  // namespace

template <class T>
TrainingPlan plan(const Network<T>& network, const Optimizer& optimizer, std::size_t batch_size,
                  int n_threads, const Regularization& regularization) {
  const DefaultFloatMode mode;
  if (batch_size == 0) throw std::invalid_argument("batch_size must be at least 1, got 0");
  const auto& kernel = kernels<T>();
  Plan plan = make_plan(network, kernel, batch_size, n_threads, regularization);
  predict_time(network, kernel, batch_size, regularization, plan);
  Network<T> copy(network);  // EpochRun requires a non-const network; only its buffers are measured
  const Rule<T> rule(optimizer);
  Arena arena;
  const EpochRun<T> run(copy, kernel, rule, {regularization, network, rule.weight_decay()}, batch_size, plan,
                        false, &arena);

  TrainingPlan result;
  result.threads = plan.threads;
  result.fixed = plan.fixed;
  result.split = name_of(plan.split);
  result.staged = plan.staged;
  result.chunks = static_cast<std::size_t>(plan.chunks);
  result.workspace = arena.bytes();
  result.operations = plan.operations;
  result.seconds = plan.fixed ? plan.team_seconds : std::min(plan.alone_seconds, plan.team_seconds);
  const bool team = plan.threads > 1 && (plan.fixed || plan.team_seconds < plan.alone_seconds);
  const bool handover = team && plan.team_seconds > 2 * plan.alone_seconds / plan.threads;
  result.bound = handover ? "handover" : plan.bandwidth_bound ? "bandwidth" : "arithmetic";
  for (Index i = 0; i < run.pass().layers(); ++i) {
    const auto& w = run.pass().w(i);
    const Index vectors = ceil_div(ceil_div(w.cols, kernel.lanes), w.panels);
    result.layers.push_back(
        {network.sizes()[static_cast<std::size_t>(i)], network.sizes()[static_cast<std::size_t>(i) + 1],
         static_cast<std::size_t>(w.panels), static_cast<std::size_t>(kernel.tile_rows[vectors - 1]),
         static_cast<std::size_t>(vectors * kernel.lanes),
         i + 1 == run.pass().layers() && is_narrow(network)});
  }
  return result;
}

template TrainingPlan plan(const Network<float>&, const Optimizer&, std::size_t, int, const Regularization&);
template TrainingPlan plan(const Network<double>&, const Optimizer&, std::size_t, int, const Regularization&);

}  // namespace localgrad
