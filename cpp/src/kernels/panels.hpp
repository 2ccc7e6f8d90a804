#pragma once

// A matrix in panels of one to panel_vectors vectors of columns, each panel contiguous, rows x width, so
// that the micro-kernel reads it with unit stride. It can also be dense, as in the parameter buffer; a panel
// is then a view of some columns. Panels are padded to whole vectors with zeros. After a dense matrix, up to
// one vector may be read, whose lanes are not used.

#include "simd/vector.hpp"

namespace localgrad {

template <class T>
struct PanelMatrix {
  T* data;
  Index rows, cols;
  Index panels;      ///< number of panels, which have nearly the same number of vectors
  Index row_stride;  ///< dense: distance between rows; 0: in panels
};

template <class T>
struct Panel {
  T* data;
  Index stride;   ///< distance between rows
  Index column;   ///< first column of the panel in the matrix
  Index vectors;  ///< 1..panel_vectors, or 1..kRowVectors for one or a few rows
  Index width;    ///< number of columns without padding
};

/// Largest number of vectors of a panel for one row: as many sums as are computed at the same time.
constexpr Index kRowVectors = 8;

namespace {

LOCALGRAD_INLINE Index ceil_div(Index a, Index b) { return (a + b - 1) / b; }

/// First element of share i if n elements are divided into `shares` shares: n i / shares, computed in 64
/// bits because the product may overflow Index.
LOCALGRAD_INLINE Index share_begin(Index n, Index i, Index shares) {
  return static_cast<Index>(static_cast<std::int64_t>(n) * i / shares);
}

/// Smallest number of panels of at most panel_vectors vectors, rounded up to a multiple of `shares`, the
/// number of owners of whole panels, if there are enough vectors.
LOCALGRAD_INLINE Index panel_count(Index cols, Index lanes, Index panel_vectors, Index shares = 1) {
  const Index vectors = ceil_div(cols, lanes), fewest = ceil_div(vectors, panel_vectors);
  const Index even = ceil_div(fewest, shares) * shares;
  return even <= vectors ? even : fewest;
}

/// Number of elements of a matrix in panels.
LOCALGRAD_INLINE Index panel_size(Index rows, Index cols, Index lanes) {
  return rows * ceil_div(cols, lanes) * lanes;
}

/// Returns panel p of the matrix.
template <class T>
LOCALGRAD_INLINE Panel<T> panel_of(const PanelMatrix<T>& m, Index p, Index lanes) {
  const Index vectors = ceil_div(m.cols, lanes);
  if (m.panels == 1)  // divisions would delay a single row
    return {m.data, m.row_stride ? m.row_stride : vectors * lanes, 0, vectors, m.cols};
  const Index begin = share_begin(vectors, p, m.panels), end = share_begin(vectors, p + 1, m.panels);
  const Index column = begin * lanes, rest = m.cols - column, width = (end - begin) * lanes;
  return {m.data + (m.row_stride ? column : column * m.rows), m.row_stride ? m.row_stride : width, column,
          end - begin, rest < width ? rest : width};
}

/// Returns `vectors` vectors of a panel from vector v on.
template <class T>
LOCALGRAD_INLINE Panel<T> part_of(const Panel<T>& panel, Index v, Index vectors, Index lanes) {
  const Index before = v * lanes, rest = panel.width - before, width = vectors * lanes;
  return {panel.data + before, panel.stride, panel.column + before, vectors, rest < width ? rest : width};
}

/// Returns the panel that contains vector v.
template <class T>
LOCALGRAD_INLINE Index panel_with(const PanelMatrix<T>& m, Index v, Index lanes) {
  return static_cast<Index>((static_cast<std::int64_t>(v + 1) * m.panels - 1) / ceil_div(m.cols, lanes));
}

}  // namespace
}  // namespace localgrad
