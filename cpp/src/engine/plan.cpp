#include "engine/plan.hpp"

#include <algorithm>

#include "engine/threads.hpp"

namespace localgrad {
namespace {

constexpr double kPrivateNumbers =
    16000;  // of x in a mini-batch, below which gathering it twice beats sending it over
constexpr double kTransposedTwice =
    400e3;                         // bytes of transposed weights that the second-level cache holds twice
constexpr Index kChunkRows = 128;  // activations of narrow layers stay in L2, sums are long enough

/// Whether a mini-batch is cut into chunks: where their gradients take no more memory than its activations would. The bits
/// depend on it, so it knows nothing of threads or instruction sets.
Index chunks_of(const std::vector<std::size_t>& sizes, std::size_t parameters, std::size_t batch) {
  const auto chunks = static_cast<Index>((batch - 1) / kChunkRows + 1);
  double widths = 0;
  for (const auto width : sizes) widths += static_cast<double>(width);
  const bool pays =
      static_cast<double>(chunks) * static_cast<double>(parameters) <= static_cast<double>(batch) * widths;
  return chunks >= 4 && pays ? chunks : 1;
}

}  // namespace

template <class T>
Plan make_plan(const Network<T>& network, const Kernels<T>& kernels, std::size_t batch, int n_threads) {
  const auto& sizes = network.sizes();
  const std::size_t layers = sizes.size() - 1;
  const auto lanes = static_cast<std::size_t>(kernels.lanes);
  const auto vectors = [&](std::size_t width) { return (width + lanes - 1) / lanes; };
  const double rows = static_cast<double>(batch), parameters = static_cast<double>(network.num_parameters());

  Plan plan;
  double hidden_units = 0, hidden_weights = 0;
  std::size_t fewest_vectors = ~std::size_t{0};
  for (std::size_t i = 0; i < layers; ++i) {
    const double weights = static_cast<double>(sizes[i]) * static_cast<double>(sizes[i + 1]);
    // 2 a weight and row for each of (F), (G1) and, but for the first layer, (D2).
    plan.operations += (i ? 6.0 : 4.0) * weights * rows;
    if (i + 1 == layers) break;
    if (i > 0) hidden_weights += weights;
    hidden_units += static_cast<double>(sizes[i + 1]);
    fewest_vectors = std::min(fewest_vectors, vectors(sizes[i + 1]));
  }
  plan.fixed = n_threads > 0;
  plan.threads = choose_threads(n_threads, plan.operations);
  plan.chunks = chunks_of(sizes, network.num_parameters(), batch);
  if (plan.chunks > 1) {
    plan.split = Split::chunks;
    plan.chunk_rows = kChunkRows;
    plan.threads = static_cast<int>(std::min<Index>(plan.threads, plan.chunks));
    return plan;
  }
  if (plan.threads == 1) return plan;
  // By units, every member computes the output layer for itself, and activations travel instead of weights.
  const double head = static_cast<double>(sizes[layers - 1] * vectors(sizes[layers]) * lanes);
  const bool units_pay = layers > 1 && head < 0.2 * parameters && rows * hidden_units < 2 * parameters;
  if (!units_pay || fewest_vectors < static_cast<std::size_t>(plan.threads)) {
    plan.split = Split::rows;
    return plan;
  }
  plan.private_x = rows * static_cast<double>(sizes[0]) < kPrivateNumbers;
  // A member may begin the next step while others still read what this one left: see by_units.cpp.
  plan.copies.x = plan.private_x ? plan.threads : 3;
  plan.copies.heads = plan.copies.shares = plan.threads;
  plan.copies.activations = 2;
  plan.copies.transposed = hidden_weights * sizeof(T) < kTransposedTwice ? 2 : 1;
  return plan;
}

template Plan make_plan(const Network<float>&, const Kernels<float>&, std::size_t, int);
template Plan make_plan(const Network<double>&, const Kernels<double>&, std::size_t, int);

}  // namespace localgrad
