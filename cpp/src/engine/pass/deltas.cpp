#include "engine/pass/deltas.hpp"

#include <algorithm>

#include "engine/data/examples.hpp"
#include "engine/pass/by_blocks.hpp"
#include "engine/team/threads.hpp"
#include "kernels/dispatch.hpp"
#include "localgrad/error.hpp"
#include "model/network_functions.hpp"

namespace localgrad {
namespace {

/// Number of rows that take about 0.1 s, after which interrupts are checked.
template <class T>
std::size_t rows_at_once(const Network<T>& network) {
  constexpr std::size_t rows = 1000;
  const auto seconds = [&](std::size_t n) { return rows_work(network, kernels<T>(), n, 2).seconds; };
  const double of_row = (seconds(rows) - seconds(0)) / static_cast<double>(rows);
  return static_cast<std::size_t>(0.1 / of_row) + static_cast<std::size_t>(kBlock);
}

/// dc/da of some rows of x with a custom cost, which is called once for all of them, on this thread.
template <class T>
Buffer<T> custom_slopes(const Network<T>& network, const Rows& x, const Targets& y, const Chosen& chosen,
                        int n_threads, const Standards<T>* standards, const TargetRule<T>& rule) {
  const std::size_t width = network.sizes().back(), n = product(chosen.n, width);
  const auto make = [&](const char* what) { return Buffer<T>(n, what, Fill::nothing); };
  const Buffer<T> a = make("outputs"), targets = make("targets");
  Buffer<T> slopes = make("slopes of the cost");
  const Buffer<double> costs(chosen.n, "costs", Fill::nothing);
  const AnyFinish<T> copy = [&](Pass<T>& pass, Index at, Index, Index first, Index rows) {
    restore_outputs(standards, pass, at, rows);
    copy_outputs(pass, at, first, rows, a.data());
    for (Index r = 0; r < rows; ++r)
      std::copy_n(pass.y(at + r), width, targets.data() + static_cast<std::size_t>(first + r) * width);
  };
  for_blocks(network, x, &y, chosen, n_threads, standards, rule, copy);
  call_cost_function(network, chosen.n, width, a.data(), targets.data(), costs.data(), slopes.data());
  return slopes;
}

}  // namespace

void check_interrupt(const std::function<bool()>& interrupt) {
  if (!interrupt) return;
  const CallersFloatMode callers;
  if (interrupt()) throw Interrupted();
}

template <class T>
void for_deltas(const Network<T>& network, const Rows& x, const Targets& y, int n_threads,
                const std::function<bool()>& interrupt, const VisitDeltas<T>& visit) {
  check_examples(network, x, y);
  check_threads(n_threads);
  const bool custom = cost_of(network) == Cost::custom;
  if (custom) cost_function_of(network);
  const auto standards = standards_of(network);
  const TargetRule<T> rule(network);
  const std::size_t most = rows_at_once(network), width = network.sizes().back();
  for (Chosen chosen{nullptr, 0, 0}; chosen.first < x.n; chosen.first += chosen.n) {
    if (chosen.first > 0) check_interrupt(interrupt);
    chosen.n = std::min(most, x.n - chosen.first);
    Buffer<T> slopes;
    if (custom) slopes = custom_slopes(network, x, y, chosen, n_threads, standards.get(), rule);
    const AnyFinish<T> backward = [&](Pass<T>& pass, Index at, Index, Index first, Index rows) {
      const Index head = pass.layers() - 1, end = at + rows;
      restore_outputs(standards.get(), pass, at, rows);
      for (Index r = 0; custom && r < rows; ++r)
        std::copy_n(slopes.data() + static_cast<std::size_t>(first + r) * width, width,
                    pass.delta(head, at + r));
      custom ? pass.output_delta(at, end) : pass.output(at, end);
      for (Index r = at; standards && r < end; ++r) standards->chain(pass.delta(head, r));
      pass.backward(at, end);
      visit(pass, at, chosen.first + static_cast<std::size_t>(first), rows);
    };
    for_blocks(network, x, &y, chosen, n_threads, standards.get(), rule, backward, Buffers::everything);
  }
}

#define LOCALGRAD_FOR(T)                                                        \
  template void for_deltas(const Network<T>&, const Rows&, const Targets&, int, \
                           const std::function<bool()>&, const VisitDeltas<T>&);
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
