#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

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

/// A read-only view of a matrix in the caller's memory, one example per row.
///
///     std::vector<float> x(n * 4);
///     localgrad::Rows rows(x.data(), n, 4);
///
///     // The first 4 columns of a row-major matrix with 7 columns:
///     localgrad::Rows part(matrix.data(), n, 4);
///     part.row_stride = 7 * sizeof(float);
///
/// The matrix can have any layout: element (r, c) is at byte r * row_stride + c * column_stride from `data`.
/// Strides can be negative or 0, and elements need not be aligned. Reading is fastest if the elements
/// of each row are adjacent. Numbers are in native byte order. The data is neither copied nor changed, and
/// must outlive the call that reads it.
struct Rows {
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
};

/// The targets of a set of examples, either real numbers or class labels, with optional sample weights.
///
/// Real targets have one row of Network::target_width numbers per example. Labels have one integer per
/// example: 0..m_L-1, or 0 and 1 for a single output unit. A label is equivalent to a row that is 1 at the
/// label and 0 (for the hinge cost -1) elsewhere.
struct Targets {
  /// The targets. Labels have width 1 and an integer type.
  Rows values;
  /// Sample weights w, (n, 1), finite and >= 0. If there are no rows, all weights are 1.
  ///
  /// They are used unchanged: the cost is the sum of w c, divided by n. To make the result independent of a
  /// common factor, divide the weights by their mean over all examples, as the Python package does.
  Rows weights;
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
