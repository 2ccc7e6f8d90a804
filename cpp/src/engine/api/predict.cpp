#include <algorithm>
#include <atomic>
#include <limits>
#include <stdexcept>
#include <thread>

#include "engine/data/examples.hpp"
#include "engine/pass/few_rows.hpp"
#include "engine/pass/pass.hpp"
#include "engine/plan/sharing.hpp"
#include "engine/team/team.hpp"
#include "engine/team/threads.hpp"
#include "kernels/dispatch.hpp"
#include "model/network_functions.hpp"

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

/// Takes all rows of x (and y, if given) through the network in blocks shared by threads, and passes each
/// block to finish(pass, first row of the pass, block, first row of x, rows). The blocks do not depend on the
/// threads.
template <class T, class Finish>
void for_blocks(const Network<T>& network, const Rows& x, const Targets* y, int n_threads,
                const Finish& finish) {
  const auto& kernel = kernels<T>();
  const Index n = static_cast<Index>(x.n), blocks = block_count(n);
  RowsTeam team(n_threads, rows_work(network, kernel, x.n, 1), blocks);
  const int threads = team.threads();
  const Index capacity = ceil_div(n, std::max<Index>(blocks, 1));
  Pass<T> pass(network, kernel, static_cast<std::size_t>(capacity * threads), Buffers::outputs);
  const bool packs = n > 32;  // packing the weights costs about as much as reading them for a few rows
  if (packs) pass.prepare();
  const Index units = packs ? pass.load_units() : 0;
  const TargetRule<T> rule(network);
  const T scale = input_scale(network);
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
      const Index first = share_begin(n, block, blocks), rows = share_begin(n, block + 1, blocks) - first;
      for (Index r = 0; r < rows; ++r) {
        const auto row = static_cast<std::size_t>(first + r);
        bool good = gather_row(kernel, x, row, pass.a(0, own + r), scale);
        T weight = 0;
        if (y) good &= gather_target(kernel, rule, *y, row, pass.y(own + r)) && weight_of(*y, row, &weight);
        if (!good) bad.note(row);
      }
      if (bad.any()) return;
      pass.forward(own, own + rows);
      finish(pass, own, block, first, rows);
    }
  });
  if (bad.any()) refuse_example(network, kernel, &x, y, bad.row());
  team.done();
}

/// a^L of so many rows of a pass to their places in out.
template <class T>
void copy_outputs(Pass<T>& pass, Index own, Index first, Index rows, T* out) {
  const Index width = pass.width(pass.layers());
  for (Index r = 0; r < rows; ++r)
    std::copy_n(pass.a(pass.layers(), own + r), width, out + (first + r) * width);
}

/// A few rows, one after the other and without an allocation.
template <class T>
void predict_few(const Network<T>& network, const Rows& x, T* out) {
  const auto& kernel = kernels<T>();
  FewRows<T> rows(network, kernel);
  const std::size_t width = network.sizes().back();
  for (std::size_t r = 0; r < x.n; ++r, out += width) {
    if (!gather_row(kernel, x, r, rows.x(), input_scale(network)))
      refuse_example<T>(network, kernel, &x, nullptr, r);
    std::copy_n(rows.forward(), width, out);
  }
}

/// How much of a row of activations answers as the row of targets does, from 0 to 1.
template <class T>
class Answers {
 public:
  explicit Answers(const Network<T>& network)
      : threshold_(traits_of(cost_of(network)).signs ? T(0) : T(0.5)),
        by_unit_(traits_of(cost_of(network)).each_unit),
        width_(network.sizes().back()) {}
  double right(const T* a, const T* y) const {
    if (!by_unit_ && width_ > 1) return largest(a) == largest(y);
    std::size_t agree = 0;
    for (std::size_t j = 0; j < width_; ++j) agree += (a[j] >= threshold_) == (y[j] >= threshold_);
    return static_cast<double>(agree) / static_cast<double>(width_);
  }

 private:
  std::size_t largest(const T* row) const {
    return static_cast<std::size_t>(std::max_element(row, row + width_) - row);
  }
  T threshold_;
  bool by_unit_;
  std::size_t width_;
};

/// Sums over some examples, each times its weight.
struct Sums {
  double cost = 0, right = 0, weight = 0;
  void add(double w, double c, double r) {
    cost += w * c;
    right += w * r;
    weight += w;
  }
  void add(const Sums& other) {
    cost += other.cost;
    right += other.right;
    weight += other.weight;
  }
};

}  // namespace

template <class T>
void Network<T>::predict(const Rows& x, T* out, int n_threads) const {
  const BriefFloatMode mode;
  check_rows(*this, x);
  check_threads(n_threads);
  if (x.n < FewRows<T>::kMost && FewRows<T>::fits(*this)) return predict_few(*this, x, out);
  // Two passes would read x twice: out is written block by block, and its contents mean nothing after an
  // error.
  for_blocks(*this, x, nullptr, n_threads, [&](Pass<T>& pass, Index own, Index, Index first, Index rows) {
    copy_outputs(pass, own, first, rows, out);
  });
}

namespace {

/// The sums of the rows of x with a cost of the caller's, which sees them all at once.
template <class T>
Sums evaluate_custom(const Network<T>& network, const Rows& x, const Targets& y, int n_threads, T* outputs) {
  cost_function_of(network);
  const auto& kernel = kernels<T>();
  const std::size_t width = network.sizes().back(), n = product(x.n, width);
  const Buffer<T> own(outputs ? 0 : n, "outputs", Fill::nothing), targets(n, "targets", Fill::nothing),
      gradient(n, "slopes of the cost", Fill::nothing);
  const Buffer<double> cost(x.n, "costs", Fill::nothing);
  const TargetRule<T> rule(network);
  T* a = outputs ? outputs : own.data();
  network.predict(x, a, n_threads);
  for (std::size_t r = 0; r < x.n; ++r) {
    T weight = 0;
    if (!gather_target(kernel, rule, y, r, targets.data() + r * width) || !weight_of(y, r, &weight))
      refuse_example(network, kernel, &x, &y, r);
  }
  call_cost_function(network, x.n, width, a, targets.data(), cost.data(), gradient.data());
  const Answers<T> answers(network);
  Sums sums;
  for (std::size_t r = 0; r < x.n; ++r) {
    T weight = 0;
    weight_of(y, r, &weight);
    sums.add(static_cast<double>(weight), cost.data()[r],
             answers.right(a + r * width, targets.data() + r * width));
  }
  return sums;
}

template <class T>
Sums evaluate_blocks(const Network<T>& network, const Rows& x, const Targets& y, int n_threads, T* outputs) {
  std::vector<Sums> blocks(static_cast<std::size_t>(block_count(static_cast<Index>(x.n))));
  const bool classifies = network.classifies();
  const Answers<T> answers(network);
  for_blocks(network, x, &y, n_threads, [&](Pass<T>& pass, Index own, Index at, Index first, Index rows) {
    pass.output(own, own + rows);
    auto& sums = blocks[static_cast<std::size_t>(at)];
    for (Index r = 0; r < rows; ++r) {
      T weight = 0;
      weight_of(y, static_cast<std::size_t>(first + r), &weight);
      sums.add(static_cast<double>(weight), *pass.cost(own + r),
               classifies ? answers.right(pass.a(pass.layers(), own + r), pass.y(own + r)) : 0);
    }
    if (outputs) copy_outputs(pass, own, first, rows, outputs);
  });
  Sums all;
  for (const Sums& sums : blocks) all.add(sums);
  return all;
}

}  // namespace

template <class T>
Evaluation Network<T>::evaluate(const Rows& x, const Targets& y, int n_threads, T* outputs) const {
  const DefaultFloatMode mode;
  check_examples(*this, x, y);
  const Sums sums = cost_of(*this) == Cost::custom ? evaluate_custom(*this, x, y, n_threads, outputs)
                                                   : evaluate_blocks(*this, x, y, n_threads, outputs);
  if (sums.weight == 0)
    throw std::invalid_argument(std::string(y.weights_name) +
                                " must be above 0 for at least 1 example, got 0 for all of them");
  Evaluation result;
  result.cost = sums.cost / static_cast<double>(x.n);
  if (classifies()) result.accuracy = sums.right / sums.weight;
  return result;
}

template void Network<float>::predict(const Rows&, float*, int) const;
template void Network<double>::predict(const Rows&, double*, int) const;
template Evaluation Network<float>::evaluate(const Rows&, const Targets&, int, float*) const;
template Evaluation Network<double>::evaluate(const Rows&, const Targets&, int, double*) const;

}  // namespace localgrad
