#pragma once

#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/data/elements.hpp"
#include "kernels/args.hpp"
#include "localgrad/network.hpp"
#include "model/float_mode.hpp"

namespace localgrad {

/// Checks x against the network's input width; throws std::invalid_argument with both numbers.
template <class T>
void check_rows(const Network<T>& network, const Rows& x);

/// Checks x and y against the network and each other; there must be at least one row.
template <class T>
void check_examples(const Network<T>& network, const Rows& x, const Targets& y);

/// Checks the shapes of y and its weights against the network.
template <class T>
void check_targets(const Network<T>& network, const Targets& y);

/// Copies the numbers of some rows of x, out of others' reach; throws if there are none, or one beyond x.
void copy_order(const Rows& x, const std::uint32_t* order, std::size_t n, std::vector<std::uint32_t>& copy);

/// The rows that a call reads: order[first .. first + n - 1], or first .. first + n - 1 where order is null.
struct Chosen {
  const std::uint32_t* order;
  std::size_t first, n;
  std::size_t row(std::size_t r) const { return order ? order[first + r] : first + r; }
};

/// Copies row `index` of x to out, converted and multiplied by `scale`; false if a number is not finite as a
/// T.
template <class T>
bool gather_row(const Kernels<T>& kernels, const Rows& x, std::size_t index, T* out, T scale = 1) {
  const auto* row = static_cast<const char*>(x.data) + static_cast<std::ptrdiff_t>(index) * x.row_stride;
  const auto type = static_cast<int>(x.type);
  if (type < kSources && x.column_stride == kSourceSizes[type])
    return kernels.gather[type]({row, 0, nullptr, 1, static_cast<Index>(x.width), out, 0, scale});
  return copy_elements(row, x.type, x.column_stride, out, x.width, scale);
}

/// The same for rows order[0..n-1] of x, `stride` numbers apart in out; returns the number of rows before the
/// first that is not finite as a T: n if all are.
template <class T>
Index gather_rows(const Kernels<T>& kernels, const Rows& x, const std::uint32_t* order, Index n, T* out,
                  Index stride, T scale = 1) {
  const auto type = static_cast<int>(x.type);
  const bool side_by_side = type < kSources && x.column_stride == kSourceSizes[type];
  if (side_by_side && kernels.gather[type]({static_cast<const char*>(x.data), x.row_stride, order, n,
                                            static_cast<Index>(x.width), out, stride, scale}))
    return n;
  Index r = 0;
  while (r < n && gather_row(kernels, x, order[r], out + r * stride, scale)) ++r;
  return r;
}

/// The function of a custom cost; throws std::invalid_argument if it has not been given.
template <class T>
const CostFunction<T>& cost_function_of(const Network<T>& network) {
  if (!network.cost_function())
    throw std::invalid_argument("cost function of a network with a custom cost must be given");
  return network.cost_function();
}

/// Calls that function, in the floating-point mode that the caller has set.
template <class T>
void call_cost_function(const Network<T>& network, std::size_t n, std::size_t width, const T* a, const T* y,
                        double* cost, T* gradient) {
  const CostFunction<T>& function = cost_function_of(network);
  const CallersFloatMode mode;
  function(n, width, a, y, cost, gradient);
}

/// How targets are turned into the m_L numbers a row that kernels read: a label becomes a row of `off` with 1
/// at the label; smoothing moves every number toward `center`; each head gets all numbers.
template <class T>
struct TargetRule {
  explicit TargetRule(const Network<T>& network);
  std::size_t width, outputs;  ///< of a row of targets, of outputs
  T off = 0;
  T keep = 1, center = 0, share = 0;  ///< y becomes keep (y - center) + share
  T lowest, highest;                  ///< of a number that the cost has a meaning for
  bool changes_rows() const { return width < outputs || keep != T(1); }
  bool limits() const { return lowest > -std::numeric_limits<T>::infinity(); }
};

/// Copies the target of example `index` to out by the rule; false if a number is not finite or out of range,
/// or a label is.
template <class T>
bool gather_target(const Kernels<T>& kernels, const TargetRule<T>& rule, const Targets& y, std::size_t index,
                   T* out);

/// The targets of examples order[0..n-1], as gather_rows.
template <class T>
Index gather_targets(const Kernels<T>& kernels, const TargetRule<T>& rule, const Targets& y,
                     const std::uint32_t* order, Index n, T* out, Index stride);

/// The weight of example `index`, 1 if there are none; false if it is negative or not finite as a T.
template <class T>
bool weight_of(const Targets& y, std::size_t index, T* weight);

/// Throws the BadExample that says what is wrong with example `index`, for which one of the above was false.
template <class T>
[[noreturn]] void refuse_example(const Network<T>& network, const Kernels<T>& kernels, const Rows* x,
                                 const Targets* y, std::size_t index);

}  // namespace localgrad
