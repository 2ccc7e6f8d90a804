#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "localgrad/export.h"
#include "localgrad/view.hpp"

namespace localgrad {

/// Element type of an array of rows.
enum class Scalar {
  float32,  ///< float
  float64,  ///< double
  uint8,    ///< 8-bit unsigned integer
  int8,     ///< 8-bit signed integer
  int16,    ///< 16-bit signed integer
  int32,    ///< 32-bit signed integer
  int64,    ///< 64-bit signed integer
  uint16,   ///< 16-bit unsigned integer
  uint32,   ///< 32-bit unsigned integer
  uint64,   ///< 64-bit unsigned integer
  boolean,  ///< one byte: 0 is read as 0, any other value as 1
};

/// Return the Scalar of a C++ type E: float, double, bool or an integer type of at most 8 bytes.
template <class E>
constexpr Scalar scalar_of() {
  static_assert(
      std::is_same_v<E, float> || std::is_same_v<E, double> || (std::is_integral_v<E> && sizeof(E) <= 8),
      "rows are of float, double or an integer type of at most 8 bytes");
  if constexpr (std::is_same_v<E, float>) return Scalar::float32;
  if constexpr (std::is_same_v<E, double>) return Scalar::float64;
  if constexpr (std::is_same_v<E, bool>) return Scalar::boolean;
  constexpr bool negative = std::is_signed_v<E>;
  if constexpr (sizeof(E) == 1) return negative ? Scalar::int8 : Scalar::uint8;
  if constexpr (sizeof(E) == 2) return negative ? Scalar::int16 : Scalar::uint16;
  if constexpr (sizeof(E) == 4) return negative ? Scalar::int32 : Scalar::uint32;
  return negative ? Scalar::int64 : Scalar::uint64;
}

/// Where the numbers of a sparse matrix are: row r has `data`[k] in column `columns`[k], for k from
/// `begins`[r] to `ends`[r] - 1, and 0 in all other columns.
struct LOCALGRAD_API Sparsity {
  /// Column of each stored number.
  const void* columns = nullptr;
  /// Where the stored numbers of each row begin.
  const void* begins = nullptr;
  /// Where the stored numbers of each row end.
  const void* ends = nullptr;
  /// Element type of `columns`: int32 or int64.
  Scalar columns_type = Scalar::int32;
  /// Element type of `begins` and `ends`: int32 or int64.
  Scalar begins_type = Scalar::int32;
  /// Number of stored numbers.
  std::size_t stored = 0;
};

/// A read-only view of a matrix in the caller's memory, one example per row.
///
///     std::vector<float> x(n * 4);
///     localgrad::Rows rows(x.data(), n, 4);
///
///     // The first 4 columns of a row-major matrix with 7 columns:
///     localgrad::Rows part(matrix.data(), n, 4);
///     part.row_stride = 7 * sizeof(float);
///
///     // Two rows in the CSR format, (0, 0, 5, 0) and (7, 0, 0, 9):
///     const std::vector<float> values = {5, 7, 9};
///     const std::vector<int> columns = {2, 0, 3}, starts = {0, 1, 3};
///     auto sparse = localgrad::Rows::csr(values.data(), columns.data(), 3, starts.data(), 2, 4);
///
/// A dense matrix can have any layout: element (r, c) is at byte r * row_stride + c * column_stride from
/// `data`. Strides can be negative or 0, and elements need not be aligned. Reading is fastest if the elements
/// of each row are adjacent. Numbers are in native byte order. The data is neither copied nor changed, and
/// must outlive the call that reads it.
struct LOCALGRAD_API Rows {
  /// Address of element (0, 0).
  const void* data = nullptr;
  /// Element type.
  Scalar type = Scalar::float32;
  /// Number of rows.
  std::size_t n = 0;
  /// Number of columns.
  std::size_t width = 0;
  /// Distance between rows, in bytes.
  std::ptrdiff_t row_stride = 0;
  /// Distance between the elements of a row, in bytes.
  std::ptrdiff_t column_stride = 0;
  /// Name of the array in error messages.
  const char* name = "x";
  /// Positions of the stored numbers if the matrix is sparse. `data` are then the stored numbers, one after
  /// the other, and strides are not used.
  Sparsity sparsity;

  /// Whether the matrix is sparse.
  bool is_sparse() const { return sparsity.begins != nullptr; }

  /// Create an empty view.
  Rows() = default;
  /// Create a view of a contiguous row-major matrix (rows, columns).
  template <class E>
  Rows(const E* values, std::size_t rows, std::size_t columns)
      : data(values),
        type(scalar_of<E>()),
        n(rows),
        width(columns),
        row_stride(static_cast<std::ptrdiff_t>(columns * sizeof(E))),
        column_stride(sizeof(E)) {}
  /// Create a view of the rows of a MatrixView.
  template <class E>
  Rows(const MatrixView<E>& matrix) : Rows(matrix.data, matrix.rows, matrix.columns) {
    row_stride = static_cast<std::ptrdiff_t>(matrix.stride * sizeof(E));
  }
  /// Create a view of a sparse matrix (rows, width) in the CSR format, with `stored` stored numbers.
  ///
  /// Row r consists of values[k] in column columns[k], for k from starts[r] to starts[r + 1] - 1, and of
  /// zeros. Rows are expanded one mini-batch at a time, and give the same results, bit for bit, as a dense
  /// matrix. The columns of a row can be in any order, and numbers of the same column are added up; ascending
  /// columns are read fastest, and others may allocate memory for one row. Columns and starts are of type
  /// int32 or int64. They are checked when a row is read: those out of range throw a BadExample.
  template <class E, class Column, class Start>
  static Rows csr(const E* values, const Column* columns, std::size_t stored, const Start* starts,
                  std::size_t rows, std::size_t width) {
    constexpr Scalar column_type = scalar_of<Column>(), start_type = scalar_of<Start>();
    static_assert((column_type == Scalar::int32 || column_type == Scalar::int64) &&
                      (start_type == Scalar::int32 || start_type == Scalar::int64),
                  "columns and starts are of a signed integer type of 4 or 8 bytes");
    Rows sparse(values, rows, width);
    sparse.row_stride = sparse.column_stride = 0;
    sparse.sparsity = {columns, starts, starts + 1, column_type, start_type, stored};
    return sparse;
  }
};

/// The targets of a set of examples, either real numbers or class labels, with optional sample weights.
///
/// Real targets have one row of Network::target_width numbers per example. Labels have one integer per
/// example: 0..m_L-1, or 0 and 1 for a single output unit. A label is equivalent to a row that is 1 at the
/// label and 0 (for the hinge cost -1) elsewhere.
struct LOCALGRAD_API Targets {
  /// The targets. Labels have width 1 and an integer type. Labels and sample weights cannot be sparse.
  Rows values;
  /// Sample weights w, (n, 1), finite and >= 0. If there are no rows, all weights are 1.
  ///
  /// They are used unchanged: the cost is the sum of w c, divided by n. To make the result independent of a
  /// common factor, divide the weights by their mean over all examples, as the Python package does.
  Rows weights;
  /// Desired derivatives of the outputs with respect to the inputs, (n, m_L m_1): number j m_1 + k of a row
  /// is that of output j along input k. Only a Trainer with TrainerOptions::slope_weight reads them.
  Rows slopes;
  /// Whether the targets are labels.
  bool are_labels = false;
  /// Number of examples.
  std::size_t n = 0;
  /// Name of the targets in error messages.
  const char* name = "y";
  /// Name of the sample weights in error messages.
  const char* weights_name = "weights";

  /// Create empty targets.
  Targets() = default;
  /// Create targets from real numbers, one row per example.
  Targets(const Rows& real) : values(real), n(real.n) {}
  /// Create targets from real numbers, one row per example.
  template <class E>
  Targets(const MatrixView<E>& real) : Targets(Rows(real)) {}
  /// Create targets from a contiguous array of `count` labels.
  template <class E, class = std::enable_if_t<std::is_integral_v<E>>>
  Targets(const E* labels, std::size_t count) : Targets(of_labels(Rows(labels, count, 1))) {}
  /// Create targets from labels in any layout: a view of width 1.
  static Targets of_labels(const Rows& labels) {
    Targets targets(labels);
    targets.are_labels = true;
    return targets;
  }
};

}  // namespace localgrad
