#include "engine/data.hpp"

#include <cmath>
#include <stdexcept>
#include <vector>

namespace localgrad {
namespace {

std::string number(double value) { return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf"; }

/// "X must be finite, given nan at row 3, column 5" for the first number of the row that is not finite as a T; empty if all are.
template <class T>
std::string describe_not_finite(const Kernels<T>& kernels, const Rows& x, std::size_t index) {
  std::vector<T> row(x.width);
  if (gather_row(kernels, x, index, row.data())) return "";
  std::size_t column = 0;
  while (column + 1 < x.width && std::isfinite(row[column])) ++column;
  return std::string(x.name) +
         (sizeof(T) == 4 ? " must be finite as float32, given " : " must be finite, given ") +
         number(static_cast<double>(row[column])) + " at row " + std::to_string(index) + ", column " +
         std::to_string(column);
}

std::uint64_t label_of(const Targets& y, std::size_t index) {
  const auto* first = static_cast<const char*>(y.values.data);
  return read_label(first + static_cast<std::ptrdiff_t>(index) * y.values.row_stride, y.values.type);
}

std::size_t classes(std::size_t width) { return width == 1 ? 2 : width; }

std::string describe_bad_label(const Targets& y, std::size_t index, std::size_t width) {
  const std::uint64_t label = label_of(y, index);
  if (label < classes(width)) return "";
  return std::string(y.name) + " must be labels in 0.." + std::to_string(classes(width) - 1) + ", given " +
         (y.values.type == Scalar::uint64 ? std::to_string(label)
                                          : std::to_string(static_cast<std::int64_t>(label))) +
         " at row " + std::to_string(index);
}

/// The values under the name of the targets.
Rows named(const Targets& y) {
  Rows values = y.values;
  values.name = y.name;
  return values;
}

void check_labels(const Targets& y) {
  const bool integers = y.values.type != Scalar::float32 && y.values.type != Scalar::float64;
  if (!integers)
    throw std::invalid_argument(std::string(y.name) + " must be labels of an integer type, given floats");
  if (y.values.width != 1)
    throw std::invalid_argument(std::string(y.name) + " must have 1 label an example, given " +
                                std::to_string(y.values.width));
}

}  // namespace

template <class T>
void check_rows(const Network<T>& network, const Rows& x) {
  if (x.width != network.sizes().front())
    throw std::invalid_argument(std::string(x.name) + " must have rows of " +
                                std::to_string(network.sizes().front()) + " numbers, given " +
                                std::to_string(x.width));
}

template <class T>
void check_examples(const Network<T>& network, const Rows& x, const Targets& y) {
  check_rows(network, x);
  if (x.n == 0) throw std::invalid_argument(std::string(x.name) + " must have at least 1 row, given 0");
  if (x.n != y.n)
    throw std::invalid_argument(std::string(x.name) + " and " + y.name +
                                " must have the same length, given " + std::to_string(x.n) + " and " +
                                std::to_string(y.n));
  if (x.n > 0xffffffffu)
    throw std::invalid_argument(std::string(x.name) + " must have at most 4294967295 rows, given " +
                                std::to_string(x.n));
  if (y.are_labels)
    check_labels(y);
  else if (y.values.width != network.sizes().back())
    throw std::invalid_argument(std::string(y.name) + " must have rows of " +
                                std::to_string(network.sizes().back()) + " numbers, given " +
                                std::to_string(y.values.width));
}

template <class T>
bool gather_target(const Kernels<T>& kernels, const Targets& y, std::size_t index, T* out,
                   std::size_t width) {
  if (!y.are_labels) return gather_row(kernels, y.values, index, out);
  for (std::size_t j = 0; j < width; ++j) out[j] = 0;
  const std::uint64_t label = label_of(y, index);
  if (label >= classes(width)) return false;
  if (width == 1)
    out[0] = static_cast<T>(label);
  else
    out[label] = 1;
  return true;
}

template <class T>
std::string describe_bad_row(const Kernels<T>& kernels, const Rows& x, const Targets& y, std::size_t index,
                             std::size_t width) {
  std::string what = describe_not_finite(kernels, x, index);
  if (what.empty())
    what = y.are_labels ? describe_bad_label(y, index, width) : describe_not_finite(kernels, named(y), index);
  return what.empty() ? std::string(x.name) + " changed during the call" : what;
}

#define LOCALGRAD_FOR(T)                                                                             \
  template void check_rows(const Network<T>&, const Rows&);                                          \
  template void check_examples(const Network<T>&, const Rows&, const Targets&);                      \
  template bool gather_target(const Kernels<T>&, const Targets&, std::size_t, T*, std::size_t);      \
  template std::string describe_bad_row(const Kernels<T>&, const Rows&, const Targets&, std::size_t, \
                                        std::size_t);
LOCALGRAD_FOR(float)
LOCALGRAD_FOR(double)
#undef LOCALGRAD_FOR

}  // namespace localgrad
