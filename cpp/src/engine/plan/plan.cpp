#include "engine/plan/plan.hpp"

#include <algorithm>

#include "engine/epoch/penalties.hpp"
#include "engine/pass/layer_rates.hpp"
#include "engine/plan/machine.hpp"
#include "engine/team/executor.hpp"
#include "engine/team/threads.hpp"
#include "localgrad/plan.hpp"
#include "model/network_functions.hpp"

namespace localgrad {
namespace {

constexpr double kPrivateNumbers =
    16000;  // elements of x in a mini-batch, below which gathering them twice is faster than exchanging them
constexpr double kTransposedTwice =
    400e3;  // bytes of transposed weights that fit into the second-level cache twice
constexpr Index kChunkRows =
    126;  // nine tiles of 14 rows: activations of narrow layers stay in L1, and sums are long enough
// Operations of a mini-batch that take less time than one or two handovers.
constexpr double kTooLittle = 2e5;
// A team that is predicted to be slower than one thread by this factor is not used.
constexpr double kHopeless = 2;

/// Estimated work of a mini-batch.
struct Work {
  double rows = 0, inputs = 0, parameters = 0;
  double products = 0, padded_products = 0;                       // operations; the same with vectors padded
  double hidden_units = 0, hidden_weights = 0, head_weights = 0;  // hidden_weights: those with (D2)
  std::size_t fewest_vectors = ~std::size_t{0};  // smallest number of vectors of a hidden layer
};

template <class T>
Work work_of(const Network<T>& network, const Kernels<T>& kernels, std::size_t batch,
             const Regularization& regularization) {
  const auto lanes = static_cast<std::size_t>(kernels.lanes);
  const LayerRates rates(regularization, network);
  const auto& sizes = network.sizes();
  const auto vectors = [&](std::size_t width) { return (width + lanes - 1) / lanes; };
  Work work;
  work.rows = static_cast<double>(batch);
  work.inputs = static_cast<double>(sizes.front());
  work.parameters = static_cast<double>(network.num_parameters());
  for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
    const double in = static_cast<double>(sizes[i]), out = static_cast<double>(sizes[i + 1]);
    const double padded = in * static_cast<double>(vectors(sizes[i + 1]) * lanes);
    const bool last = i + 2 == sizes.size(), narrow = last && is_narrow(network);
    // 2 operations per weight and row for each of (F), (G1) and (D2) that is computed.
    const auto l = static_cast<Index>(i);
    const bool passes_down = l > rates.lowest();
    const double each = 2.0 * (1 + rates.trains_weights(l) + passes_down) * work.rows;
    work.products += each * in * out;
    work.padded_products += each * (narrow ? in * out : padded);
    if (last) {
      work.head_weights = padded;
      break;
    }
    if (passes_down) work.hidden_weights += in * out;
    work.hidden_units += out;
    work.fewest_vectors = std::min(work.fewest_vectors, vectors(sizes[i + 1]));
  }
  return work;
}

/// Number of chunks of a mini-batch. It is split if the gradients of all chunks take no more memory than its
/// activations would. The result depends on the split, so it must not depend on the number of threads or the
/// instruction set.
Index chunks_of(const std::vector<std::size_t>& sizes, std::size_t parameters, std::size_t batch) {
  const auto chunks = static_cast<Index>((batch - 1) / kChunkRows + 1);
  double widths = 0;
  for (const auto width : sizes) widths += static_cast<double>(width);
  const bool pays =
      static_cast<double>(chunks) * static_cast<double>(parameters) <= static_cast<double>(batch) * widths;
  return chunks >= 4 && pays ? chunks : 1;
}

template <class T>
Index chunks_of(const Network<T>& network, std::size_t batch) {
  if (cost_of(network) == Cost::custom) return 1;  // a custom cost is called for a whole mini-batch
  return chunks_of(network.sizes(), network.num_parameters(), batch);
}

/// Chooses how a team of plan.threads divides a step. `whole` means that the whole mini-batch is needed in
/// the middle of a step, or the whole gradient, or that every member needs all columns of the inputs.
template <class T>
void share(const Network<T>& network, const Work& work, bool whole, Plan& plan) {
  if (whole) plan.split = Split::rows;
  if (whole || plan.threads == 1) return;
  // If split by units, every member computes the output layer itself, and activations are exchanged instead
  // of weights.
  const bool units_pay = network.sizes().size() > 2 && work.head_weights < 0.2 * work.parameters &&
                         work.rows * work.hidden_units < 2 * work.parameters;
  if (!units_pay || work.fewest_vectors < static_cast<std::size_t>(plan.threads)) {
    plan.split = Split::rows;
    return;
  }
  // Avoid drawing random numbers twice.
  const bool random_inputs = network.options().input_dropout > 0 || network.options().input_noise > 0;
  plan.private_x = !random_inputs && work.rows * work.inputs < kPrivateNumbers;
  // A member may start the next step while others still read its results of this one: see
  // epoch/run_by_units.cpp.
  plan.copies.x = plan.private_x ? plan.threads : 3;
  plan.copies.heads = plan.copies.shares = plan.threads;
  plan.copies.activations = 2;
  plan.copies.transposed = work.hidden_weights * sizeof(T) < kTransposedTwice ? 2 : 1;
}

/// Predicts the time of a step. The constants were fitted to the networks of `localgrad bench`.
template <class T>
void predict_time(const Network<T>& network, const Work& work, Plan& plan) {
  const MachineSpeed& machine = calibration();
  const double size = sizeof(T), flops = 0.9 * machine.flops * 4 / size;
  // An activation takes about as long as 60 operations. Each step and each row have a constant overhead.
  const double arithmetic =
      (work.padded_products + 60 * work.rows * work.hidden_units) / flops + 3e-7 + 1e-8 * work.rows;
  // Weights that exceed a second-level cache are read by (F), (D2) and (G1) and written once.
  constexpr double cache = 1.5e6;
  const double weights = work.parameters * size > cache ? 4 * work.parameters * size : 0;
  const double memory = (work.rows * work.inputs * size + weights) / machine.bandwidth;
  plan.bandwidth_bound = memory > arithmetic;
  plan.alone_seconds = plan.team_seconds = std::max(arithmetic, memory);
  if (plan.threads == 1) return;

  const double others = 1 - 1.0 / plan.threads;  // fraction of the data that a member gets from others
  double meetings = 2, numbers = 0;
  if (plan.split == Split::units) {
    const double hidden = static_cast<double>(network.sizes().size()) - 2;
    meetings = 2 * hidden - 1;
    numbers = work.rows * (work.hidden_units * (hidden > 1 ? 2 : 1) + (plan.private_x ? 0 : work.inputs));
  } else if (plan.split == Split::rows) {
    numbers = work.rows * (2 * work.hidden_units + work.inputs) + 2 * work.parameters;
  }
  const double meeting = has_executor() ? start_seconds(plan.threads) : 2 * machine.handover;
  plan.team_seconds = plan.alone_seconds / plan.threads + meetings * meeting +
                      numbers * others / plan.threads * size / 64 * machine.line;
}

}  // namespace

template <class T>
Plan make_plan(const Network<T>& network, const Kernels<T>& kernels, std::size_t batch, int n_threads,
               const Regularization& regularization, bool whole, std::size_t tangents) {
  const Work work = work_of(network, kernels, product(batch, 1 + tangents), regularization);
  check_threads(n_threads);
  Plan plan;
  plan.operations = work.products;
  plan.fixed = n_threads > 0;
  plan.threads = n_threads > 0 ? n_threads : work.products < kTooLittle ? 1 : thread_limit().threads;
  plan.chunks = chunks_of(network, batch);
  if (plan.chunks > 1) {
    plan.split = Split::chunks;
    plan.staged = true;
    plan.chunk_rows = kChunkRows;
    if (!plan.fixed) plan.threads = static_cast<int>(std::min<Index>(plan.threads, plan.chunks));
  } else {
    const bool all = whole || cost_of(network) == Cost::custom || has_norms(regularization);
    share(network, work, all || (network.options().learn_input_scale && plan.threads > 1), plan);
  }
  if (plan.fixed || plan.threads == 1) return plan;
  predict_time(network, work, plan);
  if (plan.team_seconds < kHopeless * plan.alone_seconds) return plan;
  Plan alone = make_plan(network, kernels, batch, 1, regularization, whole, tangents);
  alone.fixed = false;
  alone.alone_seconds = plan.alone_seconds;
  alone.bandwidth_bound = plan.bandwidth_bound;
  return alone;
}

template <class T>
void predict_time(const Network<T>& network, const Kernels<T>& kernels, std::size_t batch,
                  const Regularization& regularization, Plan& plan) {
  predict_time(network, work_of(network, kernels, batch, regularization), plan);
}

template <class T>
bool has_room(const Network<T>& network, std::size_t batch_size, std::size_t rows) {
  return rows <= batch_size && (chunks_of(network, rows) > 1) == (chunks_of(network, batch_size) > 1);
}

#define LOCALGRAD_FOR(T)                                                                                 \
  template Plan make_plan(const Network<T>&, const Kernels<T>&, std::size_t, int, const Regularization&, \
                          bool, std::size_t);                                                            \
  template void predict_time(const Network<T>&, const Kernels<T>&, std::size_t, const Regularization&,   \
                             Plan&);                                                                     \
  template bool has_room(const Network<T>&, std::size_t, std::size_t);
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
