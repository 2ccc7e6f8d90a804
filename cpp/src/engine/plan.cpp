#include "engine/plan.hpp"

#include <algorithm>

#include "engine/threads.hpp"

namespace localgrad {
namespace {

constexpr double kPrivateNumbers =
    16000;  // of x in a mini-batch, below which gathering it twice beats sending it over

}  // namespace

template <class T>
Plan make_plan(const Network<T>& network, const Kernels<T>& kernels, std::size_t batch, int n_threads) {
  const auto& sizes = network.sizes();
  const std::size_t layers = sizes.size() - 1;
  const auto lanes = static_cast<std::size_t>(kernels.lanes);
  const auto vectors = [&](std::size_t width) { return (width + lanes - 1) / lanes; };
  const double rows = static_cast<double>(batch), parameters = static_cast<double>(network.num_parameters());

  Plan plan;
  double hidden_units = 0;
  std::size_t fewest_vectors = ~std::size_t{0};
  for (std::size_t i = 0; i < layers; ++i) {
    // 2 a weight and row for each of (F), (G1) and, but for the first layer, (D2).
    plan.operations +=
        (i ? 6.0 : 4.0) * static_cast<double>(sizes[i]) * static_cast<double>(sizes[i + 1]) * rows;
    if (i + 1 == layers) break;
    hidden_units += static_cast<double>(sizes[i + 1]);
    fewest_vectors = std::min(fewest_vectors, vectors(sizes[i + 1]));
  }
  // By units, every member computes the output layer for itself, and activations travel instead of weights.
  const double head = static_cast<double>(sizes[layers - 1] * vectors(sizes[layers]) * lanes);
  const bool units_pay = layers > 1 && head < 0.2 * parameters && rows * hidden_units < 2 * parameters;
  plan.threads = choose_threads(n_threads, plan.operations);
  if (plan.threads > 1 && units_pay && fewest_vectors >= static_cast<std::size_t>(plan.threads)) {
    plan.split = Split::units;
    plan.private_x = rows * static_cast<double>(sizes[0]) < kPrivateNumbers;
  }
  return plan;
}

template Plan make_plan(const Network<float>&, const Kernels<float>&, std::size_t, int);
template Plan make_plan(const Network<double>&, const Kernels<double>&, std::size_t, int);

}  // namespace localgrad
