#include "engine/least_squares/cholesky.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "engine/team/team.hpp"
#include "kernels/dispatch.hpp"

namespace localgrad {
namespace {

constexpr Index kBlockHeight = 24;  // rows of a block: whole tiles for every instruction set
constexpr Index kUnit = 96;         // columns that one thread computes at a time

/// Calls f(first, last) for columns begin..end-1, in units that are divided among threads.
template <class F>
void each_unit(int n_threads, Index begin, Index end, const F& f) {
  const Index units = ceil_div(end - begin, kUnit);
  std::atomic<Index> next{0};
  run_members(static_cast<int>(std::min<Index>(n_threads, units)), [&](const Member&) {
    for (Index u = next++; u < units; u = next++)
      f(begin + u * kUnit, std::min(begin + (u + 1) * kUnit, end));
  });
}

/// Factorizes the diagonal block of `rows` rows from row and column `at` on.
bool factorize_diagonal(Index at, Index rows, double* a, Index stride) {
  for (Index k = at; k < at + rows; ++k) {
    double* row = a + k * stride;
    const double pivot = std::sqrt(row[k]);  // NaN for negative numbers
    if (!(pivot > 0 && std::isfinite(pivot))) return false;
    row[k] = pivot;
    for (Index j = k + 1; j < at + rows; ++j) row[j] /= pivot;
    for (Index i = k + 1; i < at + rows; ++i)
      for (Index j = i; j < at + rows; ++j) a[i * stride + j] -= row[i] * row[j];
  }
  return true;
}

/// Computes columns first..last-1 of U, right of the factorized diagonal block.
void substitute(Index at, Index rows, Index first, Index last, double* a, Index stride) {
  for (Index k = at; k < at + rows; ++k) {
    double* row = a + k * stride;
    const double pivot = row[k];
    for (Index j = first; j < last; ++j) row[j] /= pivot;
    for (Index i = k + 1; i < at + rows; ++i) {
      double* below = a + i * stride;
      const double factor = row[i];
      for (Index j = first; j < last; ++j) below[j] -= factor * row[j];
    }
  }
}

}  // namespace

void transposed_product(Index batch, const double* left, const double* right, Index stride, Index rows,
                        Index columns, double* out, Index out_stride) {
  const auto& kernel = kernels<double>();
  GradientArgs<double> g{};
  g.batch = batch;
  g.left = left;
  g.right = right;
  g.left_stride = g.right_stride = stride;
  g.scale = 1;
  g.w = {out, rows, columns, panel_count(columns, kernel.lanes, kernel.panel_vectors), out_stride};
  g.panel_end = g.w.panels;
  g.k_end = rows;
  kernel.gradient(g);
}

bool factorize(Index n, double* a, Index stride, int n_threads, const std::function<void()>& between) {
  for (Index at = 0; at < n; at += kBlockHeight) {
    const Index rows = std::min(kBlockHeight, n - at), right = at + rows;
    if (at > 0) {
      between();
      each_unit(n_threads, at, n, [&](Index first, Index last) {
        alignas(64) double sums[kBlockHeight * kUnit];
        transposed_product(at, a + at, a + first, stride, rows, last - first, sums, kUnit);
        for (Index r = 0; r < rows; ++r)  // elements below the diagonal belong to the caller
          for (Index j = std::max(first, at + r); j < last; ++j)
            a[(at + r) * stride + j] -= sums[r * kUnit + j - first];
      });
    }
    if (!factorize_diagonal(at, rows, a, stride)) return false;
    if (right == n) break;
    each_unit(n_threads, right, n,
              [&](Index first, Index last) { substitute(at, rows, first, last, a, stride); });
  }
  return true;
}

void solve(Index n, const double* u, Index stride, double* b) {
  for (Index k = 0; k < n; ++k) {  // U^T
    const double* row = u + k * stride;
    const double value = b[k] /= row[k];
    for (Index j = k + 1; j < n; ++j) b[j] -= row[j] * value;
  }
  for (Index k = n - 1; k >= 0; --k) {
    const double* row = u + k * stride;
    double rest = b[k];
    for (Index j = k + 1; j < n; ++j) rest -= row[j] * b[j];
    b[k] = rest / row[k];
  }
}

double* append_product(Index rows, const double* left, Index columns, const double* right, double factor,
                       double* out) {
  for (Index k = 0; k < rows; ++k, out += columns) {
    const double scaled = factor * left[k];
    for (Index j = 0; j < columns; ++j) out[j] = scaled * right[j];
  }
  return out;
}

}  // namespace localgrad
