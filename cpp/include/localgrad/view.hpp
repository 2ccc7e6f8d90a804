#pragma once

#include <cstddef>
#include <type_traits>

namespace localgrad {

/// A matrix in the caller's memory: `rows` rows of `columns` adjacent numbers.
///
///     std::array<float, 4> x;
///     localgrad::MatrixView<const float> one_row(x.data(), 1, 4);
template <class T>
struct MatrixView {
  /// First number of the first row; may be null if there are no rows.
  T* data = nullptr;
  /// Number of rows.
  std::size_t rows = 0;
  /// Number of columns.
  std::size_t columns = 0;
  /// Distance between the first numbers of consecutive rows, in numbers; at least `columns`.
  std::size_t stride = 0;

  /// Create a view without rows.
  constexpr MatrixView() noexcept = default;
  /// Create a view of rows that follow each other without gaps.
  constexpr MatrixView(T* first, std::size_t n_rows, std::size_t n_columns) noexcept
      : MatrixView(first, n_rows, n_columns, n_columns) {}
  /// Create a view of rows at a distance of `row_stride` numbers.
  constexpr MatrixView(T* first, std::size_t n_rows, std::size_t n_columns, std::size_t row_stride) noexcept
      : data(first), rows(n_rows), columns(n_columns), stride(row_stride) {}
  /// Convert a view of numbers that can be changed to one of numbers that cannot.
  template <class U, class = std::enable_if_t<std::is_same_v<const U, T>>>
  constexpr MatrixView(const MatrixView<U>& other) noexcept
      : MatrixView(other.data, other.rows, other.columns, other.stride) {}

  /// First number of row r.
  constexpr T* row(std::size_t r) const noexcept { return data + r * stride; }
};

/// Memory of the caller that an object uses instead of allocating its own.
///
/// It needs no alignment. It must outlive the object, and must not be used by anything else until then. An
/// empty workspace means that the object allocates its memory.
struct Workspace {
  /// First byte.
  void* data = nullptr;
  /// Size in bytes; the function `bytes` of the object's class returns the size that it needs.
  std::size_t bytes = 0;
};

}  // namespace localgrad
