#pragma once

// A matrix in panels of columns of one to panel_vectors vectors, each panel rows x width and contiguous, so
// that the micro-kernel reads it with unit stride; or dense, as in the parameter buffer, where a panel is a
// window. Panels are padded with zeros to whole vectors; after a dense matrix one vector may be read, whose
// lanes are unused.

#include "simd/vector.hpp"

namespace localgrad {

template <class T>
struct PanelMatrix {
  T* data;
  Index rows, cols;
  Index panels;      ///< over which the vectors of a row are spread evenly
  Index row_stride;  ///< dense: from row to row; 0: in panels
};

template <class T>
struct Panel {
  T* data;
  Index stride;   ///< from row to row
  Index column;   ///< of the matrix, where the panel begins
  Index vectors;  ///< 1..panel_vectors
  Index width;    ///< columns that are not padding
};

namespace {

LOCALGRAD_INLINE Index ceil_div(Index a, Index b) { return (a + b - 1) / b; }

/// Where share i of n things in `shares` shares begins: n i / shares, without the product, which may overflow
/// Index.
LOCALGRAD_INLINE Index share_begin(Index n, Index i, Index shares) {
  return static_cast<Index>(static_cast<std::int64_t>(n) * i / shares);
}

/// The fewest panels of at most panel_vectors vectors, in equal numbers for each of `shares` owners of whole
/// panels.
LOCALGRAD_INLINE Index panel_count(Index cols, Index lanes, Index panel_vectors, Index shares = 1) {
  const Index vectors = ceil_div(cols, lanes), fewest = ceil_div(vectors, panel_vectors);
  const Index even = ceil_div(fewest, shares) * shares;
  return even <= vectors ? even : fewest;
}

/// Elements that a matrix in panels occupies.
LOCALGRAD_INLINE Index panel_size(Index rows, Index cols, Index lanes) {
  return rows * ceil_div(cols, lanes) * lanes;
}

/// Panel p of the matrix.
template <class T>
LOCALGRAD_INLINE Panel<T> panel_of(const PanelMatrix<T>& m, Index p, Index lanes) {
  const Index vectors = ceil_div(m.cols, lanes);
  const Index begin = share_begin(vectors, p, m.panels), end = share_begin(vectors, p + 1, m.panels);
  const Index column = begin * lanes, rest = m.cols - column, width = (end - begin) * lanes;
  return {m.data + (m.row_stride ? column : column * m.rows), m.row_stride ? m.row_stride : width, column,
          end - begin, rest < width ? rest : width};
}

/// The panel that holds vector v.
template <class T>
LOCALGRAD_INLINE Index panel_with(const PanelMatrix<T>& m, Index v, Index lanes) {
  return static_cast<Index>((static_cast<std::int64_t>(v + 1) * m.panels - 1) / ceil_div(m.cols, lanes));
}

}  // namespace
}  // namespace localgrad
