#include "engine/data/examples.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "localgrad/error.hpp"
#include "model/network_functions.hpp"
#include "text/message.hpp"
#include "text/to_text.hpp"

namespace localgrad {
namespace {

/// What is wrong with an example; empty if it is valid.
using Complaint = std::optional<BadExample>;

template <class T>
std::string finite() {
  return sizeof(T) == 4 ? "must be finite as float32" : "must be finite";
}

/// Describes the first number of the row that is not finite as a T, or after scaling, or standardized, or
/// whose position is invalid.
template <class T>
Complaint not_finite(const Kernels<T>& kernels, const Rows& x, std::size_t index, const Reading<T>& reading) {
  const std::string positions = x.is_sparse() ? bad_positions(x, index) : "";
  if (!positions.empty()) return BadExample(x.name, index, positions);
  std::vector<T> row(x.width);
  const auto complaint = [&](const Reading<T>& as, const std::string& what) -> Complaint {
    if (gather_row(kernels, x, index, row.data(), as)) return {};
    std::size_t column = 0;
    while (column + 1 < x.width && std::isfinite(row[column])) ++column;
    return BadExample(x.name, index, what + finite<T>() + ", got " + to_text(row[column]), column);
  };
  Complaint found = complaint({}, "");
  if (!found) found = complaint({reading.scale}, "times input_scale ");
  if (!found) found = complaint(reading, "standardized ");
  return found;
}

std::uint64_t label_of(const Targets& y, std::size_t index) {
  const auto* first = static_cast<const char*>(y.values.data);
  return read_label(first + static_cast<std::ptrdiff_t>(index) * y.values.row_stride, y.values.type);
}

std::size_t classes(std::size_t width) { return width == 1 ? 2 : width; }

template <class T>
Complaint bad_weight(const Targets& y, std::size_t index) {
  T weight = 0;
  if (weight_of(y, index, &weight)) return {};
  return BadExample(y.weights_name, index, finite<T>() + " and at least 0, got " + to_text(weight));
}

Complaint bad_label(const Targets& y, std::size_t index, std::size_t width) {
  const std::uint64_t label = label_of(y, index);
  if (label < classes(width)) return {};
  const std::string given = y.values.type == Scalar::uint64
                                ? std::to_string(label)
                                : std::to_string(static_cast<std::int64_t>(label));
  return BadExample(y.name, index,
                    "must be labels in 0.." + std::to_string(classes(width) - 1) + ", got " + given);
}

/// The values of the targets, with the name of the targets.
Rows named(const Targets& y) {
  Rows values = y.values;
  values.name = y.name;
  return values;
}

void check_dense(const Rows& array, const char* name) {
  if (array.is_sparse()) refuse(name, " must be dense, got a sparse matrix");
}

void check_labels(const Targets& y) {
  check_dense(y.values, y.name);
  const bool integers = y.values.type != Scalar::float32 && y.values.type != Scalar::float64;
  if (!integers) refuse(y.name, " must be labels of an integer type, got floats");
  if (y.values.width != 1) refuse(y.name, " must have 1 label per example, got ", y.values.width);
}

}  // namespace

template <class T>
void check_rows(const Network<T>& network, const Rows& x) {
  if (x.width != network.sizes().front())
    refuse(x.name, " must have rows of ", network.sizes().front(), " numbers, got ", x.width);
}

template <class T>
void check_examples(const Network<T>& network, const Rows& x, const Targets& y) {
  check_rows(network, x);
  if (x.n == 0) refuse(x.name, " must have at least 1 row, got 0");
  if (x.n != y.n) refuse(x.name, " and ", y.name, " must have the same length, got ", x.n, " and ", y.n);
  if (x.n > 0xffffffffu) refuse(x.name, " must have at most 4294967295 rows, got ", x.n);
  check_targets(network, y);
}

template <class T>
void check_targets(const Network<T>& network, const Targets& y) {
  if (y.are_labels)
    check_labels(y);
  else if (y.values.width != network.target_width())
    refuse(y.name, " must have rows of ", network.target_width(), " numbers, got ", y.values.width);
  const Rows& weights = y.weights;
  if (weights.n == 0) return;
  check_dense(weights, y.weights_name);
  if (weights.n != y.n || weights.width != 1)
    refuse(y.weights_name, " must have one number for each of the ", y.n, " rows of ", y.name, ", got ",
           weights.n, " rows of ", weights.width);
}

void copy_order(const Rows& x, const std::uint32_t* order, std::size_t n, std::vector<std::uint32_t>& copy) {
  if (n == 0) throw std::invalid_argument("order must have at least 1 row, got 0");
  copy.assign(order, order + n);
  for (std::size_t i = 0; i < n; ++i)
    if (copy[i] >= x.n)
      refuse("order[", i, "] must be below ", x.n, ", the rows of ", x.name, ", got ", copy[i]);
}

void choose_rows(const Rows& x, const std::uint32_t* rows, std::vector<std::uint32_t>& order) {
  if (order.empty()) throw std::invalid_argument("rows must have at least 1 row, got 0");
  for (auto& number : order) {
    const std::uint32_t row = rows[number];
    if (row >= x.n) refuse("rows[", number, "] must be below ", x.n, ", the rows of ", x.name, ", got ", row);
    number = row;
  }
}

template <class T>
TargetRule<T>::TargetRule(const Network<T>& network, const Standards<T>* standards)
    : reading(1, standards ? standards->targets() : nullptr),
      width(network.target_width()),
      outputs(network.sizes().back()) {
  const CostTraits& traits = traits_of(cost_of(network));
  lowest = static_cast<T>(traits.target.lowest);
  highest = static_cast<T>(traits.target.highest);
  if (traits.signs) off = -1;
  if (!traits.smooth) return;
  smoothing = static_cast<double>(column_parameter(network, 0));
  if (is_unitwise(output_of(network))) center = share = T(0.5);  // preserves 1/2
  *this = smoothed(1);
}

template <class T>
TargetRule<T> TargetRule<T>::smoothed(double factor) const {
  TargetRule rule = *this;
  const T s = static_cast<T>(factor * smoothing);
  rule.keep = 1 - s;
  if (center == T(0)) rule.share = s / static_cast<T>(outputs);
  return rule;
}

namespace {

/// Index of the first number of a row that is out of the rule's range; the width if there is none.
template <class T>
std::size_t first_beyond(const TargetRule<T>& rule, const T* y) {
  std::size_t j = 0;
  while (j < rule.width && y[j] >= rule.lowest && y[j] <= rule.highest) ++j;
  return j;
}

template <class T>
Complaint beyond(const Network<T>& network, const Kernels<T>& kernels, const Targets& y, std::size_t index) {
  const TargetRule<T> rule(network);
  std::vector<T> row(rule.width);
  if (!rule.limits() || !gather_row(kernels, y.values, index, row.data())) return {};
  const std::size_t column = first_beyond(rule, row.data());
  if (column == rule.width) return {};
  const std::string range = std::isfinite(rule.highest)
                                ? "between " + to_text(rule.lowest) + " and " + to_text(rule.highest)
                                : "at least " + to_text(rule.lowest);
  return BadExample(
      y.name, index,
      "must be " + range + " for the cost '" + network.options().cost + "', got " + to_text(row[column]),
      column);
}

template <class T>
Complaint bad_target(const Network<T>& network, const Kernels<T>& kernels, const Targets& y,
                     std::size_t index) {
  if (y.are_labels) return bad_label(y, index, network.target_width());
  const auto standards = standards_of(network);
  const TargetRule<T> rule(network, standards.get());
  const Complaint complaint = not_finite(kernels, named(y), index, rule.reading);
  return complaint ? complaint : beyond(network, kernels, y, index);
}

template <class T>
void apply(const TargetRule<T>& rule, T* y) {
  for (std::size_t j = rule.width; j < rule.outputs; ++j) y[j] = y[j - rule.width];
  if (rule.keep == T(1)) return;
  for (std::size_t j = 0; j < rule.outputs; ++j) y[j] = rule.keep * (y[j] - rule.center) + rule.share;
}

}  // namespace

template <class T>
bool gather_target(const Kernels<T>& kernels, const TargetRule<T>& rule, const Targets& y, std::size_t index,
                   T* out) {
  if (!y.are_labels) {
    if (!gather_row(kernels, y.values, index, out, rule.reading)) return false;
    if (rule.limits() && first_beyond(rule, out) < rule.width) return false;
  } else {
    const std::uint64_t label = label_of(y, index);
    if (label >= classes(rule.width)) return false;
    std::fill_n(out, rule.width, rule.off);
    if (rule.width > 1)
      out[label] = 1;
    else if (label == 1)
      out[0] = 1;
  }
  if (rule.changes_rows()) apply(rule, out);
  return true;
}

template <class T>
Index gather_targets(const Kernels<T>& kernels, const TargetRule<T>& rule, const Targets& y,
                     const std::uint32_t* order, Index n, T* out, Index stride) {
  if (!y.are_labels && !rule.changes_rows() && !rule.limits())
    return gather_rows(kernels, y.values, order, n, out, stride, rule.reading);
  Index good = 0;
  while (good < n && gather_target(kernels, rule, y, order[good], out + good * stride)) ++good;
  return good;
}

template <class T>
bool weight_of(const Targets& y, std::size_t index, T* weight) {
  *weight = 1;
  if (y.weights.n == 0) return true;
  const auto* from =
      static_cast<const char*>(y.weights.data) + static_cast<std::ptrdiff_t>(index) * y.weights.row_stride;
  return copy_elements<T>(from, y.weights.type, 0, weight, 1) && *weight >= T(0);
}

template <class T>
void refuse_example(const Network<T>& network, const Kernels<T>& kernels, const Rows* x, const Targets* y,
                    std::size_t index) {
  Complaint complaint;
  const auto standards = standards_of(network);
  if (x) complaint = not_finite(kernels, *x, index, input_reading(network, standards.get()));
  if (!complaint && y) complaint = bad_target(network, kernels, *y, index);
  if (!complaint && y) complaint = bad_weight<T>(*y, index);
  if (!complaint && y && y->slopes.n > 0) {
    Rows slopes = y->slopes;
    if (slopes.name == std::string_view(Rows().name)) slopes.name = "slopes";  // the caller gave it no name
    complaint = not_finite<T>(kernels, slopes, index, {});
  }
  if (complaint) throw *complaint;
  throw BadExample(x ? x->name : y->name, index, "must not be changed during the call");
}

template <class T>
void refuse_row(const Kernels<T>& kernels, const Rows& rows, std::size_t index) {
  if (const Complaint complaint = not_finite<T>(kernels, rows, index, {})) throw *complaint;
  throw BadExample(rows.name, index, "must not be changed during the call");
}

#define LOCALGRAD_FOR(T)                                                                                 \
  template void refuse_row(const Kernels<T>&, const Rows&, std::size_t);                                 \
  template void check_rows(const Network<T>&, const Rows&);                                              \
  template void check_examples(const Network<T>&, const Rows&, const Targets&);                          \
  template void check_targets(const Network<T>&, const Targets&);                                        \
  template TargetRule<T>::TargetRule(const Network<T>&, const Standards<T>*);                            \
  template TargetRule<T> TargetRule<T>::smoothed(double) const;                                          \
  template bool gather_target(const Kernels<T>&, const TargetRule<T>&, const Targets&, std::size_t, T*); \
  template Index gather_targets(const Kernels<T>&, const TargetRule<T>&, const Targets&,                 \
                                const std::uint32_t*, Index, T*, Index);                                 \
  template void refuse_example(const Network<T>&, const Kernels<T>&, const Rows*, const Targets*,        \
                               std::size_t);
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR
#define LOCALGRAD_FOR(T) template bool weight_of(const Targets&, std::size_t, T*);
LOCALGRAD_EACH_READ(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
