#include <algorithm>
#include <atomic>
#include <limits>
#include <stdexcept>
#include <thread>

#include "engine/data.hpp"
#include "engine/few_rows.hpp"
#include "engine/pass.hpp"
#include "engine/team.hpp"
#include "engine/threads.hpp"
#include "kernels/dispatch.hpp"
#include "model/functions.hpp"

namespace localgrad {
namespace {

constexpr Index kBlock =
    96;  // rows that go through all layers together, at most: their activations stay in L2
constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

/// The first bad row that the members of a team have met.
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

/// Blocks of n rows; more than a few in fours, so that two or four threads have the same work.
Index block_count(Index n) {
  const Index fewest = ceil_div(n, kBlock);
  return fewest > 2 ? ceil_div(fewest, 4) * 4 : fewest;
}

/// Takes all rows of x (and y, if given) through the network in blocks shared out over threads, and hands each block to
/// finish(pass, first row of the pass, block, first row of x, rows). The blocks do not depend on the number of threads.
template <class T, class Finish>
void for_blocks(const Network<T>& network, const Rows& x, const Targets* y, int n_threads,
                const Finish& finish) {
  const auto& kernel = kernels<T>();
  const Index n = static_cast<Index>(x.n), blocks = block_count(n);
  const double operations = 2.0 * static_cast<double>(network.num_parameters()) * static_cast<double>(n);
  const int threads =
      static_cast<int>(std::min<Index>(choose_threads(n_threads, operations), std::max<Index>(blocks, 1)));
  const Index capacity = ceil_div(n, std::max<Index>(blocks, 1));
  Pass<T> pass(network, kernel, static_cast<std::size_t>(capacity * threads), Keep::outputs);
  const bool packs = n > 32;  // packing the weights costs about as much as reading them for a few rows
  if (packs) pass.prepare();
  const Index units = packs ? pass.load_units() : 0;
  std::atomic<Index> next_unit{0}, loaded{0};
  FirstBad bad;
  std::atomic<Index> next{0};  // who is held up takes fewer blocks
  run_team(threads, [&](const Member& member) {
    // Who is held up before it has taken a unit keeps nobody waiting.
    for (Index unit = next_unit++; unit < units; unit = next_unit++) {
      pass.load_unit(unit);
      loaded.fetch_add(1, std::memory_order_release);
    }
    while (loaded.load(std::memory_order_acquire) < units) std::this_thread::yield();
    const Index own = member.index * capacity;
    for (Index block = next++; block < blocks; block = next++) {
      const Index first = n * block / blocks, rows = n * (block + 1) / blocks - first;
      for (Index r = 0; r < rows; ++r) {
        const auto row = static_cast<std::size_t>(first + r);
        bool good = gather_row(kernel, x, row, pass.a(0, own + r));
        if (y) good &= gather_target(kernel, *y, row, pass.y(own + r), network.sizes().back());
        if (!good) bad.note(row);
      }
      if (bad.any()) return;
      pass.forward(own, own + rows);
      finish(pass, own, block, first, rows);
    }
  });
  if (bad.any())
    throw std::invalid_argument(
        describe_bad_row(kernel, x, y ? *y : Targets(), bad.row(), network.sizes().back()));
}

/// A few rows, one after the other and without an allocation.
template <class T>
void predict_few(const Network<T>& network, const Rows& x, T* out) {
  const auto& kernel = kernels<T>();
  FewRows<T> rows(network, kernel);
  const std::size_t width = network.sizes().back();
  for (std::size_t r = 0; r < x.n; ++r, out += width) {
    if (!gather_row(kernel, x, r, rows.x()))
      throw std::invalid_argument(describe_bad_row(kernel, x, Targets(), r, width));
    std::copy_n(rows.forward(), width, out);
  }
}

/// The class of a row of activations or targets: the largest, or for a single unit whether it reaches one half.
template <class T>
std::size_t class_of(const T* row, std::size_t width) {
  if (width == 1) return row[0] >= T(0.5);
  return static_cast<std::size_t>(std::max_element(row, row + width) - row);
}

}  // namespace

template <class T>
void Network<T>::predict(const Rows& x, T* out, int n_threads) const {
  check_rows(*this, x);
  check_threads(n_threads);
  if (x.n < FewRows<T>::kMost && FewRows<T>::fits(*this)) return predict_few(*this, x, out);
  const auto width = static_cast<Index>(sizes_.back());
  // Two passes over x would read it twice: out is written block by block, and its contents mean nothing after an error.
  for_blocks(*this, x, nullptr, n_threads, [&](Pass<T>& pass, Index own, Index, Index first, Index rows) {
    for (Index r = 0; r < rows; ++r)
      std::copy_n(pass.a(pass.layers(), own + r), width, out + (first + r) * width);
  });
}

template <class T>
Evaluation Network<T>::evaluate(const Rows& x, const Targets& y, int n_threads) const {
  check_examples(*this, x, y);
  const std::size_t width = sizes_.back();
  const auto blocks = static_cast<std::size_t>(block_count(static_cast<Index>(x.n)));
  const Activation output = output_of(*this);
  const bool classes = output == Activation::softmax || output == Activation::sigmoid;
  std::vector<double> cost(blocks);
  std::vector<std::int64_t> correct(blocks);
  for_blocks(*this, x, &y, n_threads, [&](Pass<T>& pass, Index own, Index at, Index, Index rows) {
    const auto block = static_cast<std::size_t>(at);
    pass.output(own, own + rows);
    for (Index r = own; r < own + rows; ++r) {
      cost[block] += *pass.cost(r);
      if (classes) correct[block] += class_of(pass.a(pass.layers(), r), width) == class_of(pass.y(r), width);
    }
  });
  Evaluation result{0, classes ? 0 : -1};
  for (std::size_t b = 0; b < blocks; ++b) {
    result.cost += cost[b];
    if (classes) result.correct += correct[b];
  }
  result.cost /= static_cast<double>(x.n);
  return result;
}

template void Network<float>::predict(const Rows&, float*, int) const;
template void Network<double>::predict(const Rows&, double*, int) const;
template Evaluation Network<float>::evaluate(const Rows&, const Targets&, int) const;
template Evaluation Network<double>::evaluate(const Rows&, const Targets&, int) const;

}  // namespace localgrad
