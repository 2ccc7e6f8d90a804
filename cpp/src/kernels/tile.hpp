#pragma once

// The micro-kernel. A tile of kRows rows by kVectors vectors of C accumulates
//
//     C(i, j) = sum_k A(i, k) B(k, j)        k in order, one fused multiply-add after another
//
// in registers and passes each vector to the epilogue: epilogue(i, j, c).
//
// Except for the few outputs of narrow.hpp, no other code in the library sums products, and no sum is split
// in a way that depends on the number of threads or the vector width. Therefore results do not depend on
// them, bit for bit. Sums over many rows are split: see blocks.hpp.
//
// A is read either by rows, A(i, k) = a[i * stride + k] for (F) and (D2), or transposed, a[k * stride + i]
// for (G1).

#include "kernels/prefetch.hpp"
#include "simd/vector.hpp"

namespace localgrad {
namespace {

enum class ReadA { by_rows, transposed };

template <class S, int kRows, int kVectors, ReadA kRead, class Epilogue>
LOCALGRAD_INLINE void tile(Index depth, const typename S::T* a, Index a_stride, const typename S::T* b,
                           Index b_stride, Prefetch* prefetch, const Epilogue& epilogue) {
  using V = typename S::V;
  Index wait = prefetch ? prefetch->wait : 0;
  V c[kRows][kVectors];
#pragma GCC unroll 16
  for (int i = 0; i < kRows; ++i)
#pragma GCC unroll 8
    for (int j = 0; j < kVectors; ++j) c[i][j] = V{};
  for (Index k = 0; k < depth; ++k) {
    V row[kVectors];
#pragma GCC unroll 8
    for (int j = 0; j < kVectors; ++j) row[j] = S::load(b + j * S::kLanes);
#pragma GCC unroll 16
    for (int i = 0; i < kRows; ++i) {
      const V factor = S::broadcast(kRead == ReadA::transposed ? a[i] : a[i * a_stride]);
#pragma GCC unroll 8
      for (int j = 0; j < kVectors; ++j) c[i][j] = S::fma(factor, row[j], c[i][j]);
    }
    a += kRead == ReadA::transposed ? a_stride : 1;
    b += b_stride;
    if (--wait == 0) wait = fetch_line(*prefetch);
  }
  if (prefetch) prefetch->wait = wait;
#pragma GCC unroll 16
  for (int i = 0; i < kRows; ++i)
#pragma GCC unroll 8
    for (int j = 0; j < kVectors; ++j) epilogue(i, j, c[i][j]);
}

/// The factors of C: A has `rows` rows, B is a panel of `vectors` vectors, and both have depth `depth`.
template <class T>
struct Product {
  Index rows, vectors, depth;
  const T* a;
  Index a_stride;
  const T* b;
  Index b_stride;
  Prefetch* prefetch = nullptr;  ///< null: no prefetching
};

/// Computes all rows of C in tiles of nearly equal height, so that there is no short remainder: this
/// replaces a separate path for edges. After each tile, epilogue.done(row, height) may use what the epilogue
/// stored in L1.
template <class S, int kVectors, ReadA kRead, class Epilogue>
__attribute__((noinline)) void tiles(const Product<typename S::T>& p, const Epilogue& epilogue) {
  constexpr int most = S::rows(kVectors);
  const Index count = (p.rows + most - 1) / most;
  Index row = 0;
  for (Index t = 0; t < count; ++t) {
    const Index height = (p.rows - row + count - t - 1) / (count - t);
    const auto* a = p.a + (kRead == ReadA::transposed ? row : row * p.a_stride);
    const auto here = epilogue.from_row(row);
    switch (height) {
#define LOCALGRAD_HEIGHT(n)                                                                   \
  case n:                                                                                     \
    if constexpr (n <= most)                                                                  \
      tile<S, n, kVectors, kRead>(p.depth, a, p.a_stride, p.b, p.b_stride, p.prefetch, here); \
    break;
      LOCALGRAD_HEIGHT(1)
      LOCALGRAD_HEIGHT(2)
      LOCALGRAD_HEIGHT(3)
      LOCALGRAD_HEIGHT(4)
      LOCALGRAD_HEIGHT(5)
      LOCALGRAD_HEIGHT(6)
      LOCALGRAD_HEIGHT(7)
      LOCALGRAD_HEIGHT(8)
      LOCALGRAD_HEIGHT(9)
      LOCALGRAD_HEIGHT(10)
      LOCALGRAD_HEIGHT(11)
      LOCALGRAD_HEIGHT(12)
      LOCALGRAD_HEIGHT(13)
      LOCALGRAD_HEIGHT(14)
#undef LOCALGRAD_HEIGHT
    }
    epilogue.done(row, height);
    row += height;
  }
}

/// Number of rows up to which tiles of kFewRowsVectors vectors are faster, and these vectors: with fewer sums
/// at a time, multiply-adds would wait for each other.
constexpr Index kFewRows = 3;
constexpr int kFewRowsVectors = 4;

/// Computes C for 2..kFewRows rows and kFewRowsVectors vectors of B.
template <class S, ReadA kRead, class Epilogue>
__attribute__((noinline)) void multiply_few(const Product<typename S::T>& p, const Epilogue& epilogue) {
  if (p.rows == 2)
    tile<S, 2, kFewRowsVectors, kRead>(p.depth, p.a, p.a_stride, p.b, p.b_stride, p.prefetch, epilogue);
  else
    tile<S, 3, kFewRowsVectors, kRead>(p.depth, p.a, p.a_stride, p.b, p.b_stride, p.prefetch, epilogue);
  epilogue.done(0, p.rows);
}

/// Computes C for a panel of B of 1..kPanelVectors vectors.
template <class S, ReadA kRead, class Epilogue>
LOCALGRAD_INLINE void multiply(const Product<typename S::T>& p, const Epilogue& epilogue) {
  static_assert(S::kPanelVectors <= 3, "multiply supports panels of up to three vectors");
  if (p.vectors == 1) return tiles<S, 1, kRead>(p, epilogue);
  if (p.vectors == 2) return tiles<S, 2, kRead>(p, epilogue);
  if constexpr (S::kPanelVectors == 3) tiles<S, 3, kRead>(p, epilogue);
}

}  // namespace
}  // namespace localgrad
