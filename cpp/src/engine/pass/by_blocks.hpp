#pragma once

#include <algorithm>
#include <atomic>
#include <functional>
#include <limits>

#include "engine/data/examples.hpp"
#include "engine/pass/pass.hpp"
#include "engine/plan/sharing.hpp"
#include "engine/team/team.hpp"
#include "kernels/dispatch.hpp"
#include "model/network_functions.hpp"

namespace localgrad {

/// Largest number of rows that are computed together in all layers: their activations stay in L2.
inline constexpr Index kBlock = 96;
inline constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

/// The first invalid row that the members of a team have found.
class FirstBad {
 public:
  void note(std::size_t row) {
    std::size_t least = row_.load();
    while (row < least && !row_.compare_exchange_weak(least, row)) {
    }
  }
  bool any() const { return row_.load(std::memory_order_relaxed) != kNone; }
  std::size_t row() const { return row_.load(); }

 private:
  std::atomic<std::size_t> row_{kNone};
};

/// Number of blocks of n rows; a multiple of 4 if there are more than two, so that two or four threads have
/// equal work.
inline Index block_count(Index n) {
  const Index fewest = ceil_div(n, kBlock);
  return fewest > 2 ? ceil_div(fewest, 4) * 4 : fewest;
}

/// Computes some rows of x (and y, if not null, converted by the rule) in blocks that are divided among
/// threads. Calls finish(pass, first row in the pass, block, first row in `chosen`, number of rows) for each
/// block. The blocks do not depend on the number of threads. `buffers` are those of the pass; finish may
/// continue with the steps that they allow, which together with (F) take as long as `passes` times (F).
template <class T, class Finish>
void for_blocks(const Network<T>& network, const Rows& x, const Targets* y, const Chosen& chosen,
                int n_threads, const Standards<T>* standards, const TargetRule<T>& rule, const Finish& finish,
                Buffers buffers = Buffers::outputs, int passes = 2) {
  const auto& kernel = kernels<T>();
  const Index n = static_cast<Index>(chosen.n), blocks = block_count(n);
  const bool inference = buffers == Buffers::outputs;
  RowsTeam sharing(n_threads, rows_work(network, kernel, chosen.n, inference ? 1 : passes), blocks);
  const int threads = sharing.threads();
  const Index capacity = ceil_div(n, std::max<Index>(blocks, 1));
  Pass<T> pass(network, kernel, static_cast<std::size_t>(capacity * threads), buffers);
  // For few rows, packing the weights takes as long as reading them; (D2) needs a transposed copy.
  const bool packs = n > 32 || !inference;
  if (packs) pass.prepare();
  const Index units = packs ? pass.load_units() : 0;
  const Reading<T> reading = input_reading(network, standards);
  std::atomic<Index> next_unit{0}, loaded{0};
  FirstBad bad;
  std::atomic<Index> next{0};  // a delayed thread takes fewer blocks
  const auto compute = [&](const Member& member) {
    const Index from = member.index * capacity;
    for (Index block = next++; block < blocks; block = next++) {
      const Index first = share_begin(n, block, blocks), rows = share_begin(n, block + 1, blocks) - first;
      for (Index r = 0; r < rows; ++r) {
        const std::size_t row = chosen.row(static_cast<std::size_t>(first + r));
        bool good = gather_row(kernel, x, row, pass.a(0, from + r), reading);
        T weight = 0;
        if (y) good &= gather_target(kernel, rule, *y, row, pass.y(from + r)) && weight_of(*y, row, &weight);
        if (!good) bad.note(row);
      }
      if (bad.any()) return;
      pass.forward(from, from + rows);
      finish(pass, from, block, first, rows);
    }
  };
  run_team(threads, [&](const Team& team) {
    if (units > 0) {
      // A thread that is delayed before it takes a unit does not delay the others.
      team.each([&](const Member&) {
        for (Index unit = next_unit++; unit < units; unit = next_unit++) {
          pass.load_unit(unit);
          loaded.fetch_add(1, std::memory_order_release);
        }
      });
      team.await_until([&] { return loaded.load(std::memory_order_acquire) >= units; });
    }
    team.each(compute);
  });
  if (bad.any()) refuse_example(network, kernel, &x, y, bad.row());
  sharing.done();
}

/// A Finish for calls whose speed does not depend on it, so that they share one copy of for_blocks.
template <class T>
using AnyFinish = std::function<void(Pass<T>& pass, Index at, Index block, Index first, Index rows)>;

/// Converts a^L of `rows` rows of a pass to the units of the targets.
template <class T>
void restore_outputs(const Standards<T>* standards, Pass<T>& pass, Index from, Index rows) {
  for (Index r = 0; standards && r < rows; ++r) standards->restore(pass.a(pass.layers(), from + r));
}

/// Copies a^L of `rows` rows of a pass to their positions in `out`.
template <class T>
void copy_outputs(Pass<T>& pass, Index from, Index first, Index rows, T* out) {
  const Index width = pass.width(pass.layers());
  for (Index r = 0; r < rows; ++r)
    std::copy_n(pass.a(pass.layers(), from + r), width, out + (first + r) * width);
}

}  // namespace localgrad
