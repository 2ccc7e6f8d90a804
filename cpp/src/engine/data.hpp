#pragma once

#include <string>

#include "engine/elements.hpp"
#include "kernels/args.hpp"
#include "localgrad/network.hpp"

namespace localgrad {

/// Checks x against the network's input width; throws std::invalid_argument with both numbers.
template <class T>
void check_rows(const Network<T>& network, const Rows& x);

/// Checks x and y against the network and each other; there must be at least one row.
template <class T>
void check_examples(const Network<T>& network, const Rows& x, const Targets& y);

/// Copies row `index` of x to out, converted; false if a number is not finite as a T.
template <class T>
bool gather_row(const Kernels<T>& kernels, const Rows& x, std::size_t index, T* out) {
  const auto* row = static_cast<const char*>(x.data) + static_cast<std::ptrdiff_t>(index) * x.row_stride;
  const auto type = static_cast<int>(x.type);
  if (type < kSources && x.column_stride == kSourceSizes[type])
    return kernels.gather[type]({row, 0, nullptr, 1, static_cast<Index>(x.width), out, 0});
  return copy_elements(row, x.type, x.column_stride, out, x.width);
}

/// Copies rows order[0..n-1] of x to out, where they stand `stride` numbers apart; the number of those before the first that
/// is not finite as a T: n if all are.
template <class T>
Index gather_rows(const Kernels<T>& kernels, const Rows& x, const std::uint32_t* order, Index n, T* out,
                  Index stride) {
  const auto type = static_cast<int>(x.type);
  const bool side_by_side = type < kSources && x.column_stride == kSourceSizes[type];
  if (side_by_side && kernels.gather[type]({static_cast<const char*>(x.data), x.row_stride, order, n,
                                            static_cast<Index>(x.width), out, stride}))
    return n;
  Index r = 0;
  while (r < n && gather_row(kernels, x, order[r], out + r * stride)) ++r;
  return r;
}

/// Copies the target of example `index` to out, `width` numbers, a label as its one-hot row; false if a number is not
/// finite or a label out of range.
template <class T>
bool gather_target(const Kernels<T>& kernels, const Targets& y, std::size_t index, T* out, std::size_t width);

/// Says what is wrong with example `index`, for which one of the two above was false.
template <class T>
std::string describe_bad_row(const Kernels<T>& kernels, const Rows& x, const Targets& y, std::size_t index,
                             std::size_t width);

}  // namespace localgrad
