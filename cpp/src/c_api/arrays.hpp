#pragma once

#include <algorithm>
#include <vector>

#include "c_api/guard.hpp"
#include "localgrad/c/arrays.h"
#include "localgrad/rows.hpp"
#include "localgrad/view.hpp"

// Arrays of the caller.
namespace localgrad::c_api {

/// Returns a view of rows. Throws std::invalid_argument if it is null or a field is invalid.
Rows rows_of(const localgrad_rows* rows, const char* name);

/// Returns memory of the caller, which may be null. Throws std::invalid_argument if it is null but has a
/// size.
Workspace workspace_of(void* memory, std::size_t bytes);

/// Returns targets with sample weights, which may be null.
Targets targets_of(const localgrad_rows* y, const localgrad_rows* weights);

/// Throws std::invalid_argument unless an array can be accessed as numbers of `bytes` bytes.
void check_aligned(const void* data, std::size_t bytes, const char* name);

/// Checks a matrix to write to. Throws std::invalid_argument unless it has this shape and type.
void check_matrix(const localgrad_matrix& matrix, const char* name, Scalar type, std::size_t rows,
                  std::size_t columns);

/// Contiguous memory for a result, which finish() copies to a matrix of the caller if that has gaps.
template <class T>
class Result {
 public:
  Result(const localgrad_matrix* matrix, const char* name, std::size_t rows, std::size_t columns)
      : to_(given(matrix, name)) {
    check_matrix(to_, name, scalar_of<T>(), rows, columns);
    if (has_gaps()) copy_.resize(rows * columns);
  }
  T* data() { return has_gaps() ? copy_.data() : static_cast<T*>(to_.data); }
  void finish() const {
    if (!has_gaps()) return;
    for (std::size_t r = 0; r < to_.rows; ++r)
      std::copy_n(copy_.data() + r * to_.columns, to_.columns, static_cast<T*>(to_.data) + r * to_.stride);
  }

 private:
  bool has_gaps() const { return to_.stride != to_.columns; }
  const localgrad_matrix& to_;
  std::vector<T> copy_;
};

/// Writes a text with a terminating null character, see localgrad_network_option().
void write_text(std::string_view from, char* text, std::size_t bytes, std::size_t* needed);

}  // namespace localgrad::c_api
