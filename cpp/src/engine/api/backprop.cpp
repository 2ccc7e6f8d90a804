#include <algorithm>
#include <stdexcept>

#include "engine/data/examples.hpp"
#include "engine/pass/derivatives.hpp"
#include "engine/plan/sharing.hpp"
#include "engine/team/threads.hpp"
#include "kernels/dispatch.hpp"
#include "localgrad/trace.hpp"
#include "model/network_functions.hpp"

namespace localgrad {
namespace {

/// Copies n rows of `width` numbers without their padding; row(r) returns a pointer to row r.
template <class T, class Row>
std::vector<T> rows_of(std::size_t n, Index width, const Row& row) {
  std::vector<T> all(n * static_cast<std::size_t>(width));
  for (std::size_t r = 0; r < n; ++r)
    std::copy_n(row(static_cast<Index>(r)), width, all.data() + r * static_cast<std::size_t>(width));
  return all;
}

}  // namespace

template <class T>
Trace<T> backprop(const Network<T>& network, const Rows& x, const Targets& y, int n_threads,
                  Units of_targets) {
  const DefaultFloatMode mode;
  check_examples(network, x, y);
  const auto& kernel = kernels<T>();
  const Index n = static_cast<Index>(x.n);
  Derivatives<T> all(network, kernel, x.n);
  const std::size_t good = all.load(x, y, of_targets);
  if (good < x.n) refuse_example(network, kernel, &x, &y, good);
  auto& pass = all.pass();

  Trace<T> trace;
  trace.n = x.n;
  trace.gradient.resize(network.num_parameters());
  for (Index i = 0; i < pass.layers(); ++i)
    trace.local_gradients.emplace_back(x.n * static_cast<std::size_t>(pass.width(i + 1)));
  check_threads(n_threads);
  const Index tiles = ceil_div(n, Index{8});
  RowsTeam team(n_threads, rows_work(network, kernel, x.n, 3), n_threads > 0 ? Index{n_threads} : tiles);
  const int threads = team.threads();
  const auto begin = [&](const Member& member) { return share_begin(n, member.index, member.count); };
  const auto end = [&](const Member& member) { return share_begin(n, member.index + 1, member.count); };
  const bool custom = all.custom();
  if (custom) {  // the function is called between two teams, on the calling thread
    run_members(threads, [&](const Member& member) { all.forward(begin(member), end(member)); });
    all.call_custom_cost();
  }
  const auto to_deltas = [&](const Member& member) {
    const Index first = begin(member), last = end(member);
    if (!custom) all.forward(first, last);
    all.backward(first, last);
    for (Index i = 0; i < pass.layers(); ++i)
      for (Index r = first; r < last; ++r)
        std::copy_n(pass.delta(i, r), pass.width(i + 1),
                    trace.local_gradients[static_cast<std::size_t>(i)].data() + r * pass.width(i + 1));
    all.weigh(first, last);
  };
  run_team(threads, [&](const Team& members) {
    members.each(to_deltas);
    members.meet();
    members.each([&](const Member& member) { all.gradient(member, trace.gradient.data()); });
  });
  if (!custom) team.done();  // the duration of a user-defined function would distort the choice

  for (Index l = 0; l <= pass.layers(); ++l)
    trace.activations.push_back(rows_of<T>(x.n, pass.width(l), [&](Index r) { return pass.a(l, r); }));
  for (Index i = 0; i < pass.layers(); ++i) {
    const Index width = pass.width(i + 1);
    trace.weighted_inputs.push_back(rows_of<T>(x.n, width, [&](Index r) { return pass.z(i, r); }));
  }
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
  template Trace<T> backprop(const Network<T>&, const Rows&, const Targets&, int, Units);                   \
  template void activation_derivative(const Network<T>&, std::size_t, std::size_t, const T*, const T*, T*); \
  template void cost_gradient(const Network<T>&, const T*, const Targets&, T*);
LOCALGRAD_FOR(float)
LOCALGRAD_FOR(double)
#undef LOCALGRAD_FOR

}  // namespace localgrad
