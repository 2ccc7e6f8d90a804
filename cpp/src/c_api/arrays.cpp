#include "c_api/arrays.hpp"

#include <cstdint>
#include <cstring>

#include "engine/data/elements.hpp"

namespace localgrad::c_api {
namespace {

static_assert(LOCALGRAD_FLOAT32 == static_cast<int>(Scalar::float32));
static_assert(LOCALGRAD_FLOAT64 == static_cast<int>(Scalar::float64));
static_assert(LOCALGRAD_UINT8 == static_cast<int>(Scalar::uint8));
static_assert(LOCALGRAD_INT8 == static_cast<int>(Scalar::int8));
static_assert(LOCALGRAD_INT16 == static_cast<int>(Scalar::int16));
static_assert(LOCALGRAD_INT32 == static_cast<int>(Scalar::int32));
static_assert(LOCALGRAD_INT64 == static_cast<int>(Scalar::int64));
static_assert(LOCALGRAD_UINT16 == static_cast<int>(Scalar::uint16));
static_assert(LOCALGRAD_UINT32 == static_cast<int>(Scalar::uint32));
static_assert(LOCALGRAD_UINT64 == static_cast<int>(Scalar::uint64));
static_assert(LOCALGRAD_BOOLEAN == static_cast<int>(Scalar::boolean));

void check_size(std::size_t size, std::size_t known, const char* name) {
  if (size < known) refuse(name, ".size must be at least ", known, ", got ", size);
}

const char* name_of(Scalar type) {
  return type == Scalar::float64 ? "LOCALGRAD_FLOAT64" : "LOCALGRAD_FLOAT32";
}

}  // namespace

Rows rows_of(const localgrad_rows* rows, const char* name) {
  const localgrad_rows& from = given(rows, name);
  check_size(from.size, sizeof from, name);
  if (from.type < LOCALGRAD_FLOAT32 || from.type > LOCALGRAD_BOOLEAN)
    refuse(name, ".type must be one of LOCALGRAD_FLOAT32 to LOCALGRAD_BOOLEAN, got ", from.type);
  if (!from.data && from.rows > 0 && from.columns > 0) refuse(name, ".data must not be NULL");
  Rows view;
  view.data = from.data;
  view.type = static_cast<Scalar>(from.type);
  view.n = from.rows;
  view.width = from.columns;
  view.row_stride = from.row_stride;
  view.column_stride = from.column_stride;
  view.name = name;
  return view;
}

Workspace workspace_of(void* memory, std::size_t bytes) {
  if (!memory && bytes > 0) refuse("bytes must be 0 without memory, got ", bytes);
  return {memory, bytes};
}

Targets targets_of(const localgrad_rows* y, const localgrad_rows* weights) {
  const Rows values = rows_of(y, "y");
  Targets targets = y->labels ? Targets::of_labels(values) : Targets(values);
  if (weights) targets.weights = rows_of(weights, "weights");
  return targets;
}

void check_aligned(const void* data, std::size_t bytes, const char* name) {
  const auto beyond = reinterpret_cast<std::uintptr_t>(data) % bytes;
  if (beyond != 0)
    refuse(name, ".data must be aligned to ", bytes, " bytes, got an address with remainder ", beyond);
}

void check_matrix(const localgrad_matrix& matrix, const char* name, Scalar type, std::size_t rows,
                  std::size_t columns) {
  check_size(matrix.size, sizeof matrix, name);
  if (matrix.type != static_cast<int>(type))
    refuse(name, ".type must be ", name_of(type), " (", static_cast<int>(type), "), got ", matrix.type);
  if (matrix.rows != rows || matrix.columns != columns)
    refuse(name, " must have shape (", rows, ", ", columns, "), got (", matrix.rows, ", ", matrix.columns,
           ")");
  if (matrix.stride < matrix.columns)
    refuse(name, ".stride must be at least ", matrix.columns, ", got ", matrix.stride);
  if (!matrix.data && rows > 0) refuse(name, ".data must not be NULL");
  check_aligned(matrix.data, type == Scalar::float64 ? sizeof(double) : sizeof(float), name);
}

void write_text(std::string_view from, char* text, std::size_t bytes, std::size_t* needed) {
  const std::size_t size = from.size() + 1;
  if (needed) *needed = size;
  if (!text) return;
  if (bytes < size) refuse("bytes must be at least ", size, ", got ", bytes);
  std::memcpy(text, from.data(), from.size());
  text[from.size()] = '\0';
}

}  // namespace localgrad::c_api
