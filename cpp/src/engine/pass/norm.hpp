#pragma once

#include <cmath>
#include <type_traits>

#include "kernels/args.hpp"
#include "kernels/lanes.hpp"

namespace localgrad {

/// Sum of the squares of n numbers, times `scale`, in double. Numbers are distributed over virtual lanes, and
/// this code is compiled once, so that the result is the same for all instruction sets.
template <class T>
double sum_of_squares_of(Index n, const T* v, double scale) {
  double lane[kVirtualLanes] = {};
  const auto add = [&](int i, T number) {
    const double one = scale * static_cast<double>(number);
    lane[i] += one * one;
  };
  Index k = 0;
  for (; k + kVirtualLanes <= n; k += kVirtualLanes)
    for (int i = 0; i < kVirtualLanes; ++i) add(i, v[k + i]);
  for (int i = 0; k + i < n; ++i) add(i, v[k + i]);
  for (int half = kVirtualLanes / 2; half > 0; half /= 2)
    for (int i = 0; i < half; ++i) lane[i] += lane[i + half];
  return lane[0];
}

/// Euclidean norm of n numbers of any size. Squares of floats are neither too large nor too small for a
/// double; those of doubles are computed again, from numbers multiplied by a power of 2, if they are.
template <class T>
double norm_of(Index n, const T* v) {
  const double sum = sum_of_squares_of(n, v, 1);
  if constexpr (std::is_same_v<T, double>) {
    using Squares = SquareRange<double>;
    if (sum > Squares::kMost) return std::sqrt(sum_of_squares_of(n, v, Squares::kDown)) * Squares::kUp;
    if (sum < Squares::kLeast) return std::sqrt(sum_of_squares_of(n, v, Squares::kUp)) * Squares::kDown;
  }
  return std::sqrt(sum);
}

/// Norm of the gradient of part i of the parameters, of the example in row r of a pass, (N).
template <class T>
double gradient_norm(Pass<T>& pass, Index i, Index r) {
  const auto g = pass.gradient_args(i, r, 1, {}, true);  // the gradient is the outer product of these two
  return norm_of(g.w.rows, g.left) * norm_of(g.w.cols, g.right);
}

}  // namespace localgrad
