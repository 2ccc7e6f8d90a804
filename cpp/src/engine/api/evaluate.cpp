#include <algorithm>
#include <memory>
#include <stdexcept>
#include <vector>

#include "engine/data/examples.hpp"
#include "engine/pass/by_blocks.hpp"
#include "engine/team/threads.hpp"
#include "kernels/dispatch.hpp"
#include "localgrad/error.hpp"
#include "localgrad/predict.hpp"
#include "model/network_functions.hpp"
#include "text/message.hpp"

namespace localgrad {
namespace {

/// Fraction of a row of outputs that agrees with the row of targets, from 0 to 1.
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

/// Weighted sums over a set of examples.
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

/// How a call reads rows, and in which units it computes costs.
template <class T>
class Conversion {
  std::shared_ptr<const Standards<T>> standards_;
  bool original_;

 public:
  Conversion(const Network<T>& network, Units units)
      : standards_(standards_of(network)),
        original_(units == Units::original),
        rule(network, original_ ? nullptr : standards_.get()) {}
  const Standards<T>* standards() const { return standards_.get(); }
  /// The standards if outputs are converted before, or after, the cost is computed; otherwise null.
  const Standards<T>* before_cost() const { return original_ ? standards_.get() : nullptr; }
  const Standards<T>* after_cost() const { return original_ ? nullptr : standards_.get(); }

  const TargetRule<T> rule;
};

/// Sums for some rows of x with a custom cost, which is called once for all of them.
template <class T>
Sums sums_of_custom(const Network<T>& network, const Rows& x, const Targets& y, const Chosen& chosen,
                    int n_threads, const Conversion<T>& conversion, T* outputs) {
  const auto& kernel = kernels<T>();
  const std::size_t width = network.sizes().back(), n = product(chosen.n, width);
  const Buffer<T> scratch(outputs ? 0 : n, "outputs", Fill::nothing), targets(n, "targets", Fill::nothing),
      gradient(n, "slopes of the cost", Fill::nothing);
  const Buffer<double> cost(chosen.n, "costs", Fill::nothing);
  T* a = outputs ? outputs : scratch.data();
  for_blocks(network, x, nullptr, chosen, n_threads, conversion.standards(), conversion.rule,
             [&](Pass<T>& pass, Index at, Index, Index first, Index rows) {
               restore_outputs(conversion.before_cost(), pass, at, rows);
               copy_outputs(pass, at, first, rows, a);
             });
  for (std::size_t r = 0; r < chosen.n; ++r) {
    T weight = 0;
    const std::size_t row = chosen.row(r);
    if (!gather_target(kernel, conversion.rule, y, row, targets.data() + r * width) ||
        !weight_of(y, row, &weight))
      refuse_example(network, kernel, &x, &y, row);
  }
  call_cost_function(network, chosen.n, width, a, targets.data(), cost.data(), gradient.data());
  const Answers<T> answers(network);
  Sums sums;
  for (std::size_t r = 0; r < chosen.n; ++r) {
    T weight = 0;
    weight_of(y, chosen.row(r), &weight);
    sums.add(static_cast<double>(weight), cost.data()[r],
             answers.right(a + r * width, targets.data() + r * width));
    if (conversion.after_cost()) conversion.after_cost()->restore(a + r * width);
  }
  return sums;
}

/// Sums for some rows of x.
template <class T>
Sums sums_of(const Network<T>& network, const Rows& x, const Targets& y, const Chosen& chosen, int n_threads,
             const Conversion<T>& conversion, T* outputs) {
  std::vector<Sums> blocks(static_cast<std::size_t>(block_count(static_cast<Index>(chosen.n))));
  const bool classifies = network.classifies();
  const Answers<T> answers(network);
  for_blocks(network, x, &y, chosen, n_threads, conversion.standards(), conversion.rule,
             [&](Pass<T>& pass, Index from, Index block, Index first, Index rows) {
               restore_outputs(conversion.before_cost(), pass, from, rows);
               pass.output(from, from + rows);
               auto& sums = blocks[static_cast<std::size_t>(block)];
               for (Index r = 0; r < rows; ++r) {
                 T weight = 0;
                 weight_of(y, chosen.row(static_cast<std::size_t>(first + r)), &weight);
                 sums.add(static_cast<double>(weight), *pass.cost(from + r),
                          classifies ? answers.right(pass.a(pass.layers(), from + r), pass.y(from + r)) : 0);
               }
               restore_outputs(conversion.after_cost(), pass, from, rows);
               if (outputs) copy_outputs(pass, from, first, rows, outputs);
             });
  Sums all;
  for (const Sums& sums : blocks) all.add(sums);
  return all;
}

/// Number of examples per chunk. A chunk is less than 0.1 s of work, because interrupts are checked between
/// chunks. It must not depend on the number of threads, because the order of the sum depends on it.
template <class T>
std::size_t chunk_rows(const Network<T>& network, const Rows& x, const Targets& y, const Chosen& chosen) {
  // Reading an input number or computing an activation takes as long as 50 operations.
  constexpr double operations = 5e9, per_number = 50;
  std::size_t widths = 0;
  for (const std::size_t width : network.sizes()) widths += width;
  const double of_row =
      2 * static_cast<double>(network.num_parameters()) + per_number * static_cast<double>(widths);
  const std::size_t rows = static_cast<std::size_t>(operations / of_row) + 1;
  // Rows in random order may have to be read from a disk.
  constexpr double few_bytes = 1 << 26, bytes = 1 << 24;
  const std::size_t x_bytes = x.width * scalar_size(x.type);
  const std::size_t row_bytes = x_bytes + y.values.width * scalar_size(y.values.type);
  if (!chosen.order || static_cast<double>(chosen.n) * static_cast<double>(row_bytes) <= few_bytes)
    return rows;
  return std::min(rows, static_cast<std::size_t>(bytes) / x_bytes + 1);
}

}  // namespace

template <class T>
Evaluation evaluate(const Network<T>& network, const Rows& x, const Targets& y, int n_threads,
                    std::common_type_t<T>* outputs, Units units) {
  return evaluate(network, x, y, nullptr, x.n, n_threads, outputs, nullptr, units);
}

template <class T>
Evaluation evaluate(const Network<T>& network, const Rows& x, const Targets& y, const std::uint32_t* order,
                    std::size_t n, int n_threads, std::common_type_t<T>* outputs,
                    const std::function<bool()>& interrupt, Units units) {
  const DefaultFloatMode mode;
  check_examples(network, x, y);
  check_threads(n_threads);
  std::vector<std::uint32_t> copied;
  if (order) copy_order(x, order, n, copied);
  const bool custom = cost_of(network) == Cost::custom;
  if (custom) cost_function_of(network);
  Chosen chosen{order ? copied.data() : nullptr, 0, order ? n : x.n};
  const std::size_t all = chosen.n, chunk = chunk_rows(network, x, y, chosen);
  const Conversion<T> conversion(network, units);
  Evaluation result;
  double right = 0, weight = 0;
  for (; chosen.first < all; chosen.first += chunk) {
    if (chosen.first > 0 && interrupt) {
      const CallersFloatMode callers;
      if (interrupt()) throw Interrupted();
    }
    chosen.n = std::min(chunk, all - chosen.first);
    T* out = outputs ? outputs + chosen.first * network.sizes().back() : nullptr;
    const Sums sums = custom ? sums_of_custom(network, x, y, chosen, n_threads, conversion, out)
                             : sums_of(network, x, y, chosen, n_threads, conversion, out);
    const double rows = static_cast<double>(chosen.n);
    if (sums.weight == 0) continue;
    result.cost += sums.cost / rows * (rows / static_cast<double>(all));
    right += chosen.n == all ? sums.right : sums.right / sums.weight * sums.weight;
    weight += sums.weight;
  }
  if (weight == 0) refuse(y.weights_name, " must be above 0 for at least 1 example, got 0 for all of them");
  if (network.classifies()) result.accuracy = right / weight;
  return result;
}

#define LOCALGRAD_FOR(T)                                                                             \
  template Evaluation evaluate(const Network<T>&, const Rows&, const Targets&, int, T*, Units);      \
  template Evaluation evaluate(const Network<T>&, const Rows&, const Targets&, const std::uint32_t*, \
                               std::size_t, int, T*, const std::function<bool()>&, Units);
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
