#include <algorithm>
#include <stdexcept>

#include "engine/data/examples.hpp"
#include "engine/pass/by_blocks.hpp"
#include "engine/pass/derivatives.hpp"
#include "engine/plan/sharing.hpp"
#include "engine/team/threads.hpp"
#include "kernels/dispatch.hpp"
#include "localgrad/trace.hpp"
#include "model/network_functions.hpp"
#include "text/message.hpp"

namespace localgrad {
namespace {

/// Allocates the matrices of a forward trace.
template <class T>
void make_matrices(const Network<T>& network, std::size_t n, ForwardTrace<T>& trace) {
  trace.n = n;
  for (const std::size_t width : network.sizes()) trace.activations.emplace_back(n * width);
  for (std::size_t i = 1; i < network.sizes().size(); ++i)
    trace.weighted_inputs.emplace_back(n * network.sizes()[i]);
}

/// Copies z and a of `rows` rows of a pass, from row `at` on, to rows `first`.. of a trace.
template <class T>
void copy_rows(Pass<T>& pass, Index at, Index first, Index rows, ForwardTrace<T>& trace) {
  for (Index r = 0; r < rows; ++r)
    for (Index l = 0; l <= pass.layers(); ++l) {
      const auto i = static_cast<std::size_t>(l);
      const Index width = pass.width(l), to = (first + r) * width;
      std::copy_n(pass.a(l, at + r), width, trace.activations[i].data() + to);
      if (l > 0) std::copy_n(pass.z(l - 1, at + r), width, trace.weighted_inputs[i - 1].data() + to);
    }
}

/// Writes the gradient of the example in row r of a pass: for each layer, left right^T of (G1) and (G2).
template <class T>
void copy_gradient(Pass<T>& pass, Index r, T* out) {
  for (Index i = 0; i < pass.parts(); ++i) {
    const auto g = pass.gradient_args(i, r, 1, {}, true);
    for (Index k = 0; k < g.w.rows; ++k, out += g.w.cols)
      for (Index j = 0; j < g.w.cols; ++j) out[j] = g.left[k] * g.right[j];
  }
}

}  // namespace

template <class T>
ForwardTrace<T> forward(const Network<T>& network, const Rows& x, int n_threads) {
  const DefaultFloatMode mode;
  check_rows(network, x);
  check_threads(n_threads);
  ForwardTrace<T> trace;
  make_matrices(network, x.n, trace);
  if (x.n == 0) return trace;
  const auto standards = standards_of(network);
  const AnyFinish<T> copy = [&](Pass<T>& pass, Index at, Index, Index first, Index rows) {
    restore_outputs(standards.get(), pass, at, rows);
    copy_rows(pass, at, first, rows, trace);
  };
  for_blocks(network, x, nullptr, {nullptr, 0, x.n}, n_threads, standards.get(), TargetRule<T>(network), copy,
             Buffers::everything);
  return trace;
}

template <class T>
Trace<T> backprop(const Network<T>& network, const Rows& x, const Targets& y, int n_threads, Units of_targets,
                  const TraceOptions& also) {
  const DefaultFloatMode mode;
  check_examples(network, x, y);
  check_threads(n_threads);
  const std::size_t numbers = also.per_example_gradients ? product(x.n, network.num_parameters()) : 0;
  if (numbers > 0)
    check_memory(product(numbers, sizeof(T)), text_of("gradients of ", x.n, " examples with ",
                                                      network.num_parameters(), " parameters each"));
  const auto& kernel = kernels<T>();
  Derivatives<T> all(network, kernel, x.n, also.input_gradient);
  const std::size_t good = all.load(x, y, of_targets);
  if (good < x.n) refuse_example(network, kernel, &x, &y, good);
  auto& pass = all.pass();

  Trace<T> trace;
  make_matrices(network, x.n, trace);
  trace.gradient.resize(network.num_parameters());
  trace.per_example_gradients.resize(numbers);
  if (also.input_gradient) trace.input_gradient.resize(x.n * network.sizes().front());
  for (Index i = 0; i < pass.layers(); ++i)
    trace.local_gradients.emplace_back(x.n * static_cast<std::size_t>(pass.width(i + 1)));
  const Index tiles = ceil_div(static_cast<Index>(x.n), Index{8});
  RowsTeam team(n_threads, rows_work(network, kernel, x.n, 3), n_threads > 0 ? Index{n_threads} : tiles);
  const auto copy = [&](Index first, Index last) {
    copy_rows(pass, first, first, last - first, trace);
    for (Index i = 0; i < pass.layers(); ++i)
      for (Index r = first; r < last; ++r)
        std::copy_n(pass.delta(i, r), pass.width(i + 1),
                    trace.local_gradients[static_cast<std::size_t>(i)].data() + r * pass.width(i + 1));
    if (also.input_gradient) all.copy_inputs(trace.input_gradient.data(), first, last);
    for (Index r = first; numbers > 0 && r < last; ++r)
      copy_gradient(
          pass, r,
          trace.per_example_gradients.data() + static_cast<std::size_t>(r) * network.num_parameters());
  };
  all.run(team.threads(), copy, trace.gradient.data());
  if (!all.custom()) team.done();  // the duration of a user-defined function would distort the choice
  trace.cost = all.mean_cost();
  return trace;
}

template <class T>
void activation_derivative(const Network<T>& network, std::size_t i, std::size_t n, const T* z, const T* a,
                           T* out) {
  const DefaultFloatMode mode;
  const Activation phi = activation_of(network, i);
  const std::size_t width = network.sizes().at(i + 1);
  if (is_unitwise(phi)) {
    const auto parameter = activation_parameter(network, i);
    kernels<T>().activation_derivative[static_cast<int>(phi)](static_cast<Index>(n * width), z, a, parameter,
                                                              out);
    const auto standards = standards_of(network);
    for (std::size_t r = 0; standards && i + 2 == network.sizes().size() && r < n; ++r)
      standards->chain(out + r * width);
    return;
  }
  for (std::size_t r = 0; r < n; ++r, a += width)  // da_j/dz_k = a_j ([j = k] - a_k)
    for (std::size_t j = 0; j < width; ++j)
      for (std::size_t k = 0; k < width; ++k) *out++ = a[j] * ((j == k ? T(1) : T(0)) - a[k]);
}

template <class T>
void cost_gradient(const Network<T>& network, const T* a, const Targets& y, T* out) {
  const DefaultFloatMode mode;
  check_targets(network, y);
  const auto& kernel = kernels<T>();
  const std::size_t width = network.sizes().back();
  const TargetRule<T> rule(network);
  const auto make = [&](std::size_t rows, const char* what) {
    return Buffer<T>(product(rows, width), what, Fill::nothing);
  };
  const bool custom = cost_of(network) == Cost::custom;
  const Buffer<T> targets = make(custom ? y.n : 1, "targets"), parameters = make(1, "parameters of the cost");
  for (std::size_t j = 0; j < width; ++j) parameters.data()[j] = column_parameter(network, j);
  const auto cost = static_cast<int>(cost_of(network)), output = static_cast<int>(output_of(network));
  for (std::size_t r = 0; r < y.n; ++r) {
    T* row = targets.data() + (custom ? r * width : 0);
    if (!gather_target(kernel, rule, y, r, row)) refuse_example<T>(network, kernel, nullptr, &y, r);
    if (!custom)
      kernel.cost_gradient[cost][output](static_cast<Index>(width), a + r * width, row, parameters.data(),
                                         out + r * width);
  }
  if (!custom) return;
  std::vector<double> costs(y.n);
  call_cost_function(network, y.n, width, a, targets.data(), costs.data(), out);
}

#define LOCALGRAD_FOR(T)                                                                                    \
  template ForwardTrace<T> forward(const Network<T>&, const Rows&, int);                                    \
  template Trace<T> backprop(const Network<T>&, const Rows&, const Targets&, int, Units,                    \
                             const TraceOptions&);                                                          \
  template void activation_derivative(const Network<T>&, std::size_t, std::size_t, const T*, const T*, T*); \
  template void cost_gradient(const Network<T>&, const T*, const Targets&, T*);
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
