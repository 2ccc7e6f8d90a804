#pragma once

#include "engine/pass/pass.hpp"

namespace localgrad {

/// Sum of the squares of n numbers, times `scale`, in double. Numbers are distributed over virtual lanes, and
/// this code is compiled once, so that the result is the same for all instruction sets.
template <class T>
double sum_of_squares_of(Index n, const T* v, double scale);

/// The same for n numbers of each of some rows, which are `stride` numbers apart.
template <class T>
double sum_of_squares_of_rows(Index count, const Index* rows, Index n, const T* v, Index stride,
                              double scale);

/// The same for the differences v - w.
template <class T>
double sum_of_squared_differences(Index n, const T* v, const T* w);

/// Euclidean norm of n numbers of any size. Squares of floats are neither too large nor too small for a
/// double; those of doubles are computed again, from numbers multiplied by a power of 2, if they are.
template <class T>
double norm_of(Index n, const T* v);

/// Norm of the gradient of part i of the parameters, of the example in row r of a pass, (N).
template <class T>
double gradient_norm(Pass<T>& pass, Index i, Index r) {
  const auto g = pass.gradient_args(i, r, 1, {}, true);  // the gradient is the outer product of these two
  return norm_of(g.w.rows, g.left) * norm_of(g.w.cols, g.right);
}

}  // namespace localgrad
