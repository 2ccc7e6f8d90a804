#include <algorithm>
#include <stdexcept>

#include "engine/data.hpp"
#include "engine/gradient_units.hpp"
#include "engine/threads.hpp"
#include "kernels/dispatch.hpp"
#include "localgrad/trace.hpp"
#include "model/functions.hpp"

namespace localgrad {
namespace {

/// n rows of `width` numbers without their padding; row(r) is where row r stands.
template <class T, class Row>
std::vector<T> rows_of(std::size_t n, Index width, const Row& row) {
  std::vector<T> all(n * static_cast<std::size_t>(width));
  for (std::size_t r = 0; r < n; ++r)
    std::copy_n(row(static_cast<Index>(r)), width, all.data() + r * static_cast<std::size_t>(width));
  return all;
}

}  // namespace

template <class T>
Trace<T> backprop(const Network<T>& network, const Rows& x, const Targets& y, int n_threads) {
  check_examples(network, x, y);
  const auto& kernel = kernels<T>();
  const Index n = static_cast<Index>(x.n);
  Pass<T> pass(network, kernel, x.n, Keep::everything);
  for (std::size_t r = 0; r < x.n; ++r) {
    const auto row = static_cast<Index>(r);
    const bool good_x = gather_row(kernel, x, r, pass.a(0, row));
    const bool good_y = gather_target(kernel, y, r, pass.y(row), network.sizes().back());
    if (!good_x || !good_y)
      throw std::invalid_argument(describe_bad_row(kernel, x, y, r, network.sizes().back()));
  }
  pass.load();
  const GradientUnits<T> units(pass, true);

  Trace<T> trace;
  trace.n = x.n;
  trace.gradient.resize(network.num_parameters());
  const double operations = 6.0 * static_cast<double>(network.num_parameters()) * static_cast<double>(n);
  run_team(choose_threads(n_threads, operations), [&](const Member& member) {
    const Index begin = n * member.index / member.count, end = n * (member.index + 1) / member.count;
    pass.forward(begin, end);
    pass.output(begin, end);
    pass.backward(begin, end);
    member.meet();
    const auto mine = units.share(member);
    for (const auto& unit : mine) {
      auto g = pass.gradient_args(unit.layer, 0, n, {}, true);
      const auto i = static_cast<std::size_t>(unit.layer);
      unit.apply_to(g);
      g.w.data = trace.gradient.data() + (network.weights(i) - network.parameters());
      kernel.gradient(g);
    }
  });

  for (Index l = 0; l <= pass.layers(); ++l)
    trace.activations.push_back(rows_of<T>(x.n, pass.width(l), [&](Index r) { return pass.a(l, r); }));
  for (Index i = 0; i < pass.layers(); ++i) {
    const Index width = pass.width(i + 1);
    trace.weighted_inputs.push_back(rows_of<T>(x.n, width, [&](Index r) { return pass.z(i, r); }));
    trace.local_gradients.push_back(rows_of<T>(x.n, width, [&](Index r) { return pass.delta(i, r); }));
  }
  for (Index r = 0; r < n; ++r) trace.cost += *pass.cost(r);
  trace.cost /= static_cast<double>(n);
  return trace;
}

template <class T>
void activation_derivative(const Network<T>& network, std::size_t i, std::size_t n, const T* z, const T* a,
                           T* out) {
  const Activation phi = activation_of(network, i);
  const std::size_t width = network.sizes().at(i + 1);
  if (phi != Activation::softmax) {
    kernels<T>().activation_derivative[static_cast<int>(phi)](static_cast<Index>(n * width), z, a, out);
    return;
  }
  for (std::size_t r = 0; r < n; ++r, a += width)  // da_j/dz_k = a_j ((j = k) - a_k)
    for (std::size_t j = 0; j < width; ++j)
      for (std::size_t k = 0; k < width; ++k) *out++ = a[j] * ((j == k ? T(1) : T(0)) - a[k]);
}

template <class T>
void cost_gradient(const Network<T>& network, std::size_t n, const T* a, const T* y, T* out) {
  const auto cost = static_cast<int>(cost_of(network)), output = static_cast<int>(output_of(network));
  kernels<T>().cost_gradient[cost][output](static_cast<Index>(n * network.sizes().back()), a, y, out);
}

#define LOCALGRAD_FOR(T)                                                                                    \
  template Trace<T> backprop(const Network<T>&, const Rows&, const Targets&, int);                          \
  template void activation_derivative(const Network<T>&, std::size_t, std::size_t, const T*, const T*, T*); \
  template void cost_gradient(const Network<T>&, std::size_t, const T*, const T*, T*);
LOCALGRAD_FOR(float)
LOCALGRAD_FOR(double)
#undef LOCALGRAD_FOR

}  // namespace localgrad
