#pragma once

// A matrix whose columns stand in panels of one to panel_vectors vectors, each panel rows x width and contiguous, so that
// the micro-kernel reads it with unit stride; or dense, as in the parameter buffer, where a panel is a window.
// Panels are padded with zeros to whole vectors; behind a dense matrix one vector may be read, its lanes are not used.

#include "simd/vector.hpp"

namespace localgrad {

template <class T>
struct PanelMatrix {
  T* data;
  Index rows, cols;
  bool dense;
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

LOCALGRAD_INLINE Index panel_count(Index cols, Index lanes, Index panel_vectors) {
  return ceil_div(ceil_div(cols, lanes), panel_vectors);
}

/// Elements that a matrix in panels occupies.
LOCALGRAD_INLINE Index panel_size(Index rows, Index cols, Index lanes) {
  return rows * ceil_div(cols, lanes) * lanes;
}

/// Panel p of the matrix; the vectors are spread evenly over the panels.
template <class T>
LOCALGRAD_INLINE Panel<T> panel_of(const PanelMatrix<T>& m, Index p, Index lanes, Index panel_vectors) {
  const Index vectors = ceil_div(m.cols, lanes), count = ceil_div(vectors, panel_vectors);
  const Index begin = vectors * p / count, end = vectors * (p + 1) / count;
  const Index column = begin * lanes, rest = m.cols - column, width = (end - begin) * lanes;
  return {m.data + (m.dense ? column : column * m.rows), m.dense ? m.cols : width, column, end - begin,
          rest < width ? rest : width};
}

/// The panel that holds vector v.
LOCALGRAD_INLINE Index panel_with(Index v, Index cols, Index lanes, Index panel_vectors) {
  const Index vectors = ceil_div(cols, lanes), count = ceil_div(vectors, panel_vectors);
  return ((v + 1) * count - 1) / vectors;
}

}  // namespace
}  // namespace localgrad
