#pragma once

#include <limits>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "engine/data/elements.hpp"
#include "kernels/args.hpp"
#include "localgrad/network.hpp"
#include "model/float_mode.hpp"
#include "model/standards.hpp"

namespace localgrad {

/// Checks the width of x. Throws std::invalid_argument with the expected and the actual width.
template <class T>
void check_rows(const Network<T>& network, const Rows& x);

/// Checks the shapes of x and y, and that there is at least one row.
template <class T>
void check_examples(const Network<T>& network, const Rows& x, const Targets& y);

/// Checks the shapes of y and of its sample weights.
template <class T>
void check_targets(const Network<T>& network, const Targets& y);

/// Copies an order of rows, so that other threads cannot change it. Throws std::invalid_argument if it is
/// empty or a row is not in x.
void copy_order(const Rows& x, const std::uint32_t* order, std::size_t n, std::vector<std::uint32_t>& copy);

/// Replaces each number r in `order` by rows[r]. Throws std::invalid_argument if `order` is empty or a row is
/// not in x.
void choose_rows(const Rows& x, const std::uint32_t* rows, std::vector<std::uint32_t>& order);

/// The rows that a call reads: order[first .. first + n - 1], or first .. first + n - 1 if `order` is null.
struct Chosen {
  const std::uint32_t* order;
  std::size_t first, n;
  std::size_t row(std::size_t r) const { return order ? order[first + r] : first + r; }
};

/// Copies row `index` of x to `out`, converted to T and scaled or standardized. Returns false if a result is
/// not finite.
template <class T>
bool gather_row(const Kernels<T>& kernels, const Rows& x, std::size_t index, T* out,
                const std::common_type_t<Reading<T>>& reading = {}) {
  const auto* row = static_cast<const char*>(x.data) + static_cast<std::ptrdiff_t>(index) * x.row_stride;
  const auto type = static_cast<int>(x.type);
  if (type < kSources && x.column_stride == kSourceSizes[type])
    return kernels.gather[type](
        {row, 0, nullptr, 1, static_cast<Index>(x.width), out, 0, reading.scale, reading.shift});
  if (x.is_sparse()) return expand_row(x, index, out, reading);
  return copy_elements(row, x.type, x.column_stride, out, x.width, reading);
}

/// The same for rows order[0..n-1] of x, which are stored `stride` elements apart in `out`. Returns the
/// number of rows before the first one with a result that is not finite; n if there is none.
template <class T>
Index gather_rows(const Kernels<T>& kernels, const Rows& x, const std::uint32_t* order, Index n, T* out,
                  Index stride, const std::common_type_t<Reading<T>>& reading = {}) {
  const auto type = static_cast<int>(x.type);
  const bool side_by_side = type < kSources && x.column_stride == kSourceSizes[type];
  if (side_by_side &&
      kernels.gather[type]({static_cast<const char*>(x.data), x.row_stride, order, n,
                            static_cast<Index>(x.width), out, stride, reading.scale, reading.shift}))
    return n;
  Index r = 0;
  for (; r < n; ++r) {
    if (x.is_sparse() && r + 2 < n) prefetch_row(x, order[r + 2]);
    if (!gather_row(kernels, x, order[r], out + r * stride, reading)) break;
  }
  return r;
}

/// Returns the function of a custom cost. Throws std::invalid_argument if it has not been set.
template <class T>
const CostFunction<T>& cost_function_of(const Network<T>& network) {
  if (!network.cost_function())
    throw std::invalid_argument("cost function must be set for a network with a custom cost");
  return network.cost_function();
}

/// Calls the function of a custom cost in the caller's floating-point mode.
template <class T>
void call_cost_function(const Network<T>& network, std::size_t n, std::size_t width, const T* a, const T* y,
                        double* cost, T* gradient) {
  const CostFunction<T>& function = cost_function_of(network);
  const CallersFloatMode mode;
  function(n, width, a, y, cost, gradient);
}

/// How targets are converted to the m_L numbers per row that kernels read. With standards, they are
/// standardized first. A label becomes a row of `off` with 1 at the label; label smoothing moves every number
/// toward `center`; with several outputs per target, each number is repeated.
template <class T>
struct TargetRule {
  explicit TargetRule(const Network<T>& network, const Standards<T>* standards = nullptr);
  /// The rule with a label smoothing of `factor` times that of the cost.
  TargetRule smoothed(double factor) const;
  Reading<T> reading;
  std::size_t width, outputs;  ///< width of a row of targets, number of outputs
  double smoothing = 0;        ///< label smoothing of the cost
  T off = 0;
  T keep = 1, center = 0, share = 0;  ///< y becomes keep (y - center) + share
  T lowest, highest;                  ///< range of targets for which the cost is defined
  bool changes_rows() const { return width < outputs || keep != T(1); }
  bool limits() const { return lowest > -std::numeric_limits<T>::infinity(); }
};

/// Copies the target of example `index` to `out`, converted by the rule. Returns false if a number is not
/// finite or out of range, or a label is out of range.
template <class T>
bool gather_target(const Kernels<T>& kernels, const TargetRule<T>& rule, const Targets& y, std::size_t index,
                   T* out);

/// Copies the targets of examples order[0..n-1], in the same way as gather_rows.
template <class T>
Index gather_targets(const Kernels<T>& kernels, const TargetRule<T>& rule, const Targets& y,
                     const std::uint32_t* order, Index n, T* out, Index stride);

/// Reads the weight of example `index`; 1 if there are no weights. Returns false if it is negative or not
/// finite as a T.
template <class T>
bool weight_of(const Targets& y, std::size_t index, T* weight);

/// Throws a BadExample that describes what is wrong with example `index`, for which one of the functions
/// above returned false.
template <class T>
[[noreturn]] void refuse_example(const Network<T>& network, const Kernels<T>& kernels, const Rows* x,
                                 const Targets* y, std::size_t index);

/// Throws a BadExample that describes what is wrong with row `index` of an array that is read unchanged.
template <class T>
[[noreturn]] void refuse_row(const Kernels<T>& kernels, const Rows& rows, std::size_t index);

/// Multiplies derivatives with respect to the inputs of the first layer by those of reading a row.
template <class T>
void scale_slopes(const Reading<T>& reading, Index n, T* slopes) {
  for (Index k = 0; k < n; ++k) slopes[k] *= reading.shift ? reading.shift->factor[k] : reading.scale;
}

}  // namespace localgrad
