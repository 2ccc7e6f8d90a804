// Prints a hash of the parameters after training, of the results for single examples and of derivatives of
// outputs and costs, for every activation, cost and optimizer. Builds with different compilers must print the
// same: .ci/cpp compares them. Fails if the result depends on the number of threads.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <vector>

#include "functions/list.hpp"
#include "localgrad/localgrad.hpp"
#include "optimizers.hpp"

namespace {

using namespace localgrad;

struct Case {
  const char* activation = "tanh";
  const char* output = "identity";
  const char* cost = "mse";
  Optimizer optimizer = SGD{0.01, 0.9};
  std::vector<std::size_t> sizes = {19, 37, 20, 6};
  std::size_t batch = 30;
  bool learn_input_scale = false;
};

std::vector<Case> cases() {
  std::vector<Case> all;
#define LOCALGRAD_ENTRY(name, ...) all.push_back({#name});
  LOCALGRAD_ACTIVATIONS(LOCALGRAD_ENTRY)
#undef LOCALGRAD_ENTRY
#define LOCALGRAD_ENTRY(name, Type, parameter, traits)                       \
  all.push_back({"silu",                                                     \
                 CostTraits(traits).fits(Activation::identity)  ? "identity" \
                 : CostTraits(traits).fits(Activation::softmax) ? "softmax"  \
                                                                : "sigmoid", \
                 #name});
  LOCALGRAD_COSTS(LOCALGRAD_ENTRY)
#undef LOCALGRAD_ENTRY
  all.push_back({"gelu", "softmax", "mse"});
  for (const auto& optimizer : every_optimizer())
    all.push_back({"mish", "softmax", "cross_entropy", optimizer});
  for (const std::size_t batch : {1u, 7u, 1500u})
    for (const std::vector<std::size_t>& sizes :
         std::vector<std::vector<std::size_t>>{{5, 1}, {3, 40, 2}, {64, 300, 10}, {11, 9, 8, 7, 600}})
      for (const bool scales : {false, true})
        all.push_back({"elu", "identity", "mse", Adam{}, sizes, batch, scales});
  return all;
}

struct Hash {
  std::uint64_t value = 0xcbf29ce484222325u;  // FNV-1a
  template <class T>
  void add(const T* numbers, std::size_t n) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(numbers);
    for (std::size_t i = 0; i < n * sizeof(T); ++i) value = (value ^ bytes[i]) * 0x100000001b3u;
  }
  template <class T>
  void add(const std::vector<T>& numbers) {
    add(numbers.data(), numbers.size());
  }
};

template <class T>
void add_examples(const Network<T>& net, const Rows& x, const Targets& y, int n_threads, Hash& hash) {
  TraceOptions also;
  also.input_gradient = also.per_example_gradients = true;
  const auto trace = backprop(net, x, y, n_threads, Units::original, also);
  hash.add(trace.input_gradient);
  hash.add(trace.per_example_gradients);
  const auto norms = gradient_norms(net, x, y, n_threads);
  hash.add(norms.layers);
  hash.add(norms.total);
  hash.add(gradient_dots(net, x, y, n_threads));
  const auto noise = gradient_noise_scale(net, x, y, n_threads);
  for (const double number : {noise.scale, noise.variance, noise.squared_norm}) hash.add(&number, 1);
}

/// Some iterations of Levenberg-Marquardt, for networks that are small enough.
template <class T>
void add_least_squares(const Network<T>& net, const Rows& x, const Targets& y, int n_threads, Hash& hash) {
  Options options = net.options();
  if (options.cost != "mse" || net.num_parameters() > 500) return;
  options.dropout.assign(1, 0.0);
  options.input_noise = 0;
  Network<T> copy(net.sizes(), options);
  LevenbergMarquardt<T> optimizer(copy, {}, {}, n_threads);
  for (int i = 0; i < 2; ++i) optimizer.iterate(x, y);
  hash.add(copy.parameters(), copy.num_parameters());
}

template <class T>
void add_curvature(const Network<T>& net, const Rows& x, const Targets& y, int n_threads, Hash& hash) {
  std::vector<T> v(net.num_parameters());
  for (std::size_t p = 0; p < v.size(); ++p) v[p] = static_cast<T>(p * 40503u % 512) / 256 - 1;
  for (const Curvature matrix : {Curvature::hessian, Curvature::gauss_newton}) {
    hash.add(curvature_product(net, x, y, v.data(), matrix, n_threads));
    Rows targets = y.values;
    targets.n = 5;
    Rows some = x;
    some.n = 5;
    if (net.sizes().back() < 100)  // its work grows with the cube of the width
      hash.add(curvature_diagonal(net, some, Targets(targets), matrix, n_threads));
    const auto found = top_eigenvalue(net, x, y, 3, 0, matrix, n_threads);
    hash.add(found.vector);
    hash.add(&found.value, 1);
  }
}

template <class T>
void add_derivatives(const Network<T>& net, const Rows& x, int n_threads, Hash& hash) {
  const std::size_t inputs = net.sizes().front(), outputs = net.sizes().back();
  for (const std::size_t rows : {std::size_t{1}, x.n}) {
    Rows first = x;
    first.n = rows;
    std::vector<T> all(jacobian_size(net, rows)), forward(rows * outputs), backward(rows * inputs);
    jacobian(net, first, all.data(), n_threads);
    jvp(net, first, first, forward.data(), n_threads);
    const std::vector<T> factors = forward;
    vjp(net, first, Rows(factors.data(), rows, outputs), backward.data(), n_threads);
    for (const auto* numbers : {&all, &forward, &backward}) hash.add(*numbers);
  }
}

void add_diagnostics(const Diagnostics& d, Hash& hash) {
  for (const auto* numbers :
       {&d.delta_rms, &d.z_rms, &d.a_rms, &d.saturated, &d.dead, &d.update_ratio, &d.gradient_norm})
    hash.add(*numbers);
  if (!std::isnan(d.gradient_noise_scale)) hash.add(&d.gradient_noise_scale, 1);
}

template <class T>
void add_slopes(const Case& one, Options options, const Rows& x, const Targets& y, int n_threads,
                Hash& hash) {
  std::fill(options.dropout.begin(), options.dropout.end(), 0.0);
  options.input_noise = 0;
  Network<T> net(one.sizes, options);
  if (std::string(one.output) == "softmax" || net.target_width() != one.sizes.back()) return;
  const std::size_t width = one.sizes.front() * one.sizes.back();
  if (width > 200) return;  // takes long
  Rows some = x;
  some.n = one.batch > 100 ? x.n : 100;
  std::vector<float> slopes(some.n * width);
  for (std::size_t i = 0; i < slopes.size(); ++i) slopes[i] = static_cast<float>(i * 40503u % 32) / 16 - 1;
  Targets targets = y;
  targets.n = targets.values.n = some.n;
  targets.slopes = Rows(slopes.data(), some.n, width);
  TrainerOptions settings;
  settings.n_threads = n_threads;
  settings.slope_weight = 0.5;
  settings.diagnostics = true;
  Trainer<T> trainer(net, one.optimizer, one.batch, settings);
  trainer.epoch(some, targets);
  add_diagnostics(trainer.diagnostics(), hash);
  hash.add(net.parameters(), net.num_parameters());
}

template <class T>
std::uint64_t train(const Case& one, int n_threads) {
  const std::size_t n = 1600, inputs = one.sizes.front(), outputs = one.sizes.back();
  Options options;
  options.activation.assign(one.sizes.size() - 2, one.activation);
  options.output = one.output;
  options.cost = one.cost;
  options.seed = 5;
  if (one.sizes.size() > 2) options.dropout.assign(one.sizes.size() - 2, 0.125);
  options.input_noise = 0.0625;
  options.learn_input_scale = one.learn_input_scale;
  Network<T> net(one.sizes, options);
  std::vector<float> x(n * inputs), y(n * net.target_width());
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i * 2654435761u % 4096) / 2048 - 1;
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = static_cast<float>(i * 40503u % 256) / 256;
  for (std::size_t r = 0; r < n && std::string(one.output) == "softmax"; ++r)  // rows that sum to 1
    for (std::size_t j = 0; j < outputs; ++j) y[r * outputs + j] = j == r % outputs;
  TrainerOptions measured;
  measured.n_threads = n_threads;
  measured.diagnostics = true;
  Trainer<T> trainer(net, one.optimizer, one.batch, measured);
  const Rows rows(x.data(), one.batch == 1 ? 100 : n, inputs);
  const Targets targets(Rows(y.data(), rows.n, net.target_width()));
  for (int epoch = 0; epoch < 2; ++epoch) trainer.epoch(rows, targets);
  Hash hash;
  add_diagnostics(trainer.diagnostics(), hash);
  hash.add(net.parameters(), net.num_parameters());
  TrainerOptions privately;
  privately.n_threads = n_threads;
  privately.privacy = {0.5, 1, {1, 2, 3, 4}, true};
  Trainer<T>(net, one.optimizer, one.batch, privately).epoch(rows, targets);
  hash.add(net.parameters(), net.num_parameters());
  if (one.batch > 1) add_slopes<T>(one, options, rows, targets, n_threads, hash);
  if (one.batch < 30) return hash.value;  // the rest does not depend on the mini-batches
  const Rows few(x.data(), 100, inputs);
  const Targets few_targets(Rows(y.data(), 100, net.target_width()));
  add_examples(net, few, few_targets, n_threads, hash);
  add_curvature(net, few, few_targets, n_threads, hash);
  add_least_squares(net, rows, targets, n_threads, hash);
  add_derivatives(net, few, n_threads, hash);
  return hash.value;
}

template <class T>
bool print(const char* type) {
  bool same = true;
  for (const Case& one : cases()) {
    const std::uint64_t hash = train<T>(one, 1);
    same = same && train<T>(one, 3) == hash;
    std::printf("%016llx %s %s %s %s", static_cast<unsigned long long>(hash), type, one.activation,
                one.output, one.cost);
    std::printf(" optimizer %zu batch %zu%s%s\n", one.optimizer.index(), one.batch,
                one.learn_input_scale ? " input scales" : "", same ? "" : ": differs with 3 threads");
  }
  return same;
}

}  // namespace

int main() {
  try {
    const bool same = print<float>("float32"), also = print<double>("float64");
    return same && also ? 0 : 1;
  } catch (const std::invalid_argument& e) {
    std::printf("skipped: %s\n", e.what());  // the machine does not support the instruction set LOCALGRAD_ISA
    return 77;
  }
}
