// Types, sizes and names of tensors: what reading and writing share.
#include <limits>
#include <stdexcept>

#include "safetensors.hpp"

namespace localgrad::io {

namespace {

struct Type {
  DType dtype;
  const char* name;
  std::size_t size;
};

constexpr Type kTypes[] = {
    {DType::float32, "F32", 4}, {DType::float64, "F64", 8}, {DType::uint8, "U8", 1},
    {DType::int32, "I32", 4},   {DType::int64, "I64", 8},   {DType::uint32, "U32", 4},
    {DType::uint64, "U64", 8},
};

const Type& type_of(DType dtype) {
  for (const Type& type : kTypes)
    if (type.dtype == dtype) return type;
  throw std::invalid_argument("unknown dtype");
}

}  // namespace

std::size_t element_size(DType dtype) { return type_of(dtype).size; }

const char* dtype_name(DType dtype) { return type_of(dtype).name; }

std::optional<DType> dtype_named(std::string_view name) {
  for (const Type& type : kTypes)
    if (name == type.name) return type.dtype;
  return std::nullopt;
}

std::size_t byte_count(DType dtype, const std::vector<std::size_t>& shape) {
  if (shape.size() > kMaxRank) {
    throw std::invalid_argument("expected at most " + std::to_string(kMaxRank) + " dimensions, got " +
                                std::to_string(shape.size()));
  }
  constexpr std::size_t kMost = std::numeric_limits<std::ptrdiff_t>::max();
  std::size_t bytes = element_size(dtype);
  bool empty = false;
  for (const std::size_t extent : shape) {
    if (extent == 0) {
      empty = true;
    } else if (bytes > kMost / extent) {
      throw std::invalid_argument("shape " + shape_text(shape) + " is larger than any memory");
    } else {
      bytes *= extent;
    }
  }
  return empty ? 0 : bytes;
}

std::string shape_text(const std::vector<std::size_t>& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i > 0 ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

}  // namespace localgrad::io
