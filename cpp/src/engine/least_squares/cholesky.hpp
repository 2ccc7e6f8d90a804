#pragma once

#include <functional>

#include "simd/vector.hpp"

namespace localgrad {

/// Numbers by which the distance between rows of the matrices below must be divisible: virtual lanes.
inline constexpr Index kMatrixLanes = 16;

/// Writes the product of two matrices of `batch` rows, the first one transposed:
///
///     out[k, j] = sum_i left[i, k] right[i, j]        k < rows, j < columns, in the order of (G1)
///
/// Rows of both are `stride` elements apart; up to one vector after the last column may be read.
void transposed_product(Index batch, const double* left, const double* right, Index stride, Index rows,
                        Index columns, double* out, Index out_stride);

/// Replaces the upper triangle of a positive definite matrix A (n, n) by that of U, with U^T U = A. Rows are
/// `stride` elements apart; the rest of the matrix is neither read nor written. Returns false if A is not
/// positive definite, as far as it can be computed; the upper triangle is then unspecified.
///
/// Elements are computed in blocks of rows from top to bottom, with a fixed order of every sum, so that the
/// result does not depend on the number of threads or the instruction set. `between` is called after each
/// block, on the calling thread.
bool factorize(Index n, double* a, Index stride, int n_threads, const std::function<void()>& between);

/// Solves U^T U d = b, in place.
void solve(Index n, const double* u, Index stride, double* b);

/// Appends the outer product of two vectors to `out`: `rows` rows of `columns` numbers, times `factor`.
double* append_product(Index rows, const double* left, Index columns, const double* right, double factor,
                       double* out);

}  // namespace localgrad
