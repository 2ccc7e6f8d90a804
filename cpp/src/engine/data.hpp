#pragma once

#include <string>

#include "kernels/args.hpp"
#include "localgrad/network.hpp"

namespace localgrad {

/// Checks x against the network's input width; throws std::invalid_argument with both numbers.
template <class T>
void check_rows(const Network<T>& network, const Rows& x);

/// Checks x and y against the network and each other; there must be at least one row.
template <class T>
void check_examples(const Network<T>& network, const Rows& x, const Targets& y);

inline std::size_t scalar_size(Scalar type) {
  return type == Scalar::float32 ? 4 : type == Scalar::float64 ? 8 : 1;
}

/// Copies row `index` of x to out, converted; false if a number is not finite as a T.
template <class T>
bool gather_row(const Kernels<T>& kernels, const Rows& x, std::size_t index, T* out) {
  const auto* row = static_cast<const char*>(x.data) + index * x.stride * scalar_size(x.type);
  return kernels.gather[static_cast<int>(x.type)](row, out, static_cast<Index>(x.width));
}

/// Copies the target of example `index` to out, `width` numbers, a label as its one-hot row; false if a number is not
/// finite or a label out of range. The label is read once: another thread may write it meanwhile.
template <class T>
bool gather_target(const Kernels<T>& kernels, const Targets& y, std::size_t index, T* out, std::size_t width);

/// Says what is wrong with example `index`, for which one of the two above was false.
template <class T>
std::string describe_bad_row(const Kernels<T>& kernels, const Rows& x, const Targets& y, std::size_t index,
                             std::size_t width);

}  // namespace localgrad
