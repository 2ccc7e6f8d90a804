#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace localgrad {

/// Element type of an array of rows that the caller owns. A boolean is one byte, any but 0 counting as 1.
enum class Scalar {
  float32,
  float64,
  uint8,
  int8,
  int16,
  int32,
  int64,
  uint16,
  uint32,
  uint64,
  boolean,
};

/// The Scalar of a C++ type: float, double, bool or any other integer.
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

/// A read-only view of n rows of `width` numbers in native byte order, in any layout: element (r, c) is at
/// byte r * row_stride + c * column_stride from `data`; strides may be negative or 0, and nothing need be
/// aligned. Rows of adjacent numbers are the fastest. Nothing is copied or written: the memory must outlive
/// the call. `name` is what error messages call the array.
///
///     std::vector<float> x(n * 4);
///     localgrad::Rows rows(x.data(), n, 4);
///     rows.row_stride = 7 * sizeof(float);  // of a matrix whose rows have 7 numbers: the first 4
struct Rows {
  const void* data = nullptr;
  Scalar type = Scalar::float32;
  std::size_t n = 0;
  std::size_t width = 0;
  std::ptrdiff_t row_stride = 0;     ///< in bytes
  std::ptrdiff_t column_stride = 0;  ///< in bytes
  const char* name = "x";

  Rows() = default;
  /// Row after row without a gap.
  template <class E>
  Rows(const E* values, std::size_t rows, std::size_t columns)
      : data(values),
        type(scalar_of<E>()),
        n(rows),
        width(columns),
        row_stride(static_cast<std::ptrdiff_t>(columns * sizeof(E))),
        column_stride(sizeof(E)) {}
};

/// Targets: real numbers, one row of Network::target_width an example; or one class label an example
/// (0..m_L-1, or 0 and 1 for a single output unit), short for a row that is 1 at the label and 0 (hinge: -1)
/// elsewhere.
struct Targets {
  Rows values;  ///< of labels: of width 1 and an integer type
  /// (n, 1): the examples' weights w, finite and >= 0; no rows: all 1. They are used as they are, 1/n sum w
  /// c: divide them by their mean over all examples, as the Python package does, if a common factor is to
  /// change nothing.
  Rows weights;
  bool are_labels = false;
  std::size_t n = 0;
  const char* name = "y";
  const char* weights_name = "weights";

  Targets() = default;
  Targets(const Rows& real) : values(real), n(real.n) {}
  template <class E, class = std::enable_if_t<std::is_integral_v<E>>>
  Targets(const E* labels, std::size_t count) : Targets(of_labels(Rows(labels, count, 1))) {}
  /// Labels in any layout: rows of one number.
  static Targets of_labels(const Rows& labels) {
    Targets targets(labels);
    targets.are_labels = true;
    return targets;
  }
};

}  // namespace localgrad
