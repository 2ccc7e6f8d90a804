#pragma once

#include <stddef.h>
#include <stdint.h>

/// @file
/// Arrays of the caller: #localgrad_rows is read, #localgrad_matrix is read and written.
///
/// Make them with the functions below, which take pointers of the right type and set all fields. One set of
/// functions then serves networks of float and double, and data of any type; types are checked when the array
/// is used.

#ifdef __cplusplus
extern "C" {
#endif

/// Element type of an array: one of the numbers below.
typedef int localgrad_type;

/// Values of #localgrad_type. Networks are of type #LOCALGRAD_FLOAT32 or #LOCALGRAD_FLOAT64.
enum {
  LOCALGRAD_FLOAT32 = 0,  ///< float
  LOCALGRAD_FLOAT64 = 1,  ///< double
  LOCALGRAD_UINT8 = 2,    ///< uint8_t
  LOCALGRAD_INT8 = 3,     ///< int8_t
  LOCALGRAD_INT16 = 4,    ///< int16_t
  LOCALGRAD_INT32 = 5,    ///< int32_t
  LOCALGRAD_INT64 = 6,    ///< int64_t
  LOCALGRAD_UINT16 = 7,   ///< uint16_t
  LOCALGRAD_UINT32 = 8,   ///< uint32_t
  LOCALGRAD_UINT64 = 9,   ///< uint64_t
  LOCALGRAD_BOOLEAN = 10  ///< one byte: 0 is read as 0, any other value as 1
};

/// Inputs, targets, labels or sample weights in memory of the caller, one example per row.
///
/// The array can have any layout: element (r, c) is at byte r * row_stride + c * column_stride from `data`.
/// Strides can be negative or 0, and elements need not be aligned.
typedef struct localgrad_rows {
  size_t size;              ///< sizeof(localgrad_rows)
  const void* data;         ///< element (0, 0); may be `NULL` if there are no rows
  localgrad_type type;      ///< element type
  int labels;               ///< as targets: 0 for real numbers, 1 for class labels (one integer per row)
  size_t rows;              ///< number of rows
  size_t columns;           ///< number of columns
  ptrdiff_t row_stride;     ///< distance between rows, in bytes
  ptrdiff_t column_stride;  ///< distance between the elements of a row, in bytes
} localgrad_rows;

/// A matrix of numbers in memory that can be written: rows of adjacent numbers.
typedef struct localgrad_matrix {
  size_t size;          ///< sizeof(localgrad_matrix)
  void* data;           ///< first number of the first row, aligned; may be `NULL` if there are no rows
  localgrad_type type;  ///< #LOCALGRAD_FLOAT32 or #LOCALGRAD_FLOAT64
  size_t rows;          ///< number of rows
  size_t columns;       ///< number of columns
  size_t stride;        ///< distance between rows, in numbers; at least `columns`
} localgrad_matrix;

/// Return a view of a contiguous row-major array of elements of `bytes` bytes and any type.
static inline localgrad_rows localgrad_rows_of(localgrad_type type, size_t bytes, const void* data,
                                               size_t rows, size_t columns) {
  localgrad_rows view;
  view.size = sizeof view;
  view.data = data;
  view.type = type;
  view.labels = 0;
  view.rows = rows;
  view.columns = columns;
  view.row_stride = (ptrdiff_t)(columns * bytes);
  view.column_stride = (ptrdiff_t)bytes;
  return view;
}

/// Return a view of rows of float.
static inline localgrad_rows localgrad_rows_f32(const float* data, size_t rows, size_t columns) {
  return localgrad_rows_of(LOCALGRAD_FLOAT32, sizeof *data, data, rows, columns);
}

/// Return a view of rows of double.
static inline localgrad_rows localgrad_rows_f64(const double* data, size_t rows, size_t columns) {
  return localgrad_rows_of(LOCALGRAD_FLOAT64, sizeof *data, data, rows, columns);
}

/// Return a view of rows of bytes, such as pixels.
static inline localgrad_rows localgrad_rows_u8(const uint8_t* data, size_t rows, size_t columns) {
  return localgrad_rows_of(LOCALGRAD_UINT8, sizeof *data, data, rows, columns);
}

/// Return a view of class labels: 0..m_L-1, or 0 and 1 for a single output unit.
static inline localgrad_rows localgrad_labels_i32(const int32_t* labels, size_t rows) {
  localgrad_rows view = localgrad_rows_of(LOCALGRAD_INT32, sizeof *labels, labels, rows, 1);
  view.labels = 1;
  return view;
}

/// Return a contiguous matrix of any type.
static inline localgrad_matrix localgrad_matrix_of(localgrad_type type, void* data, size_t rows,
                                                   size_t columns) {
  localgrad_matrix matrix;
  matrix.size = sizeof matrix;
  matrix.data = data;
  matrix.type = type;
  matrix.rows = rows;
  matrix.columns = columns;
  matrix.stride = columns;
  return matrix;
}

/// Return a matrix of float.
static inline localgrad_matrix localgrad_matrix_f32(float* data, size_t rows, size_t columns) {
  return localgrad_matrix_of(LOCALGRAD_FLOAT32, data, rows, columns);
}

/// Return a matrix of double.
static inline localgrad_matrix localgrad_matrix_f64(double* data, size_t rows, size_t columns) {
  return localgrad_matrix_of(LOCALGRAD_FLOAT64, data, rows, columns);
}

#ifdef __cplusplus
}
#endif
