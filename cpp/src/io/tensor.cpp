// Types, sizes and names of tensors: what reading and writing share.
#include <limits>
#include <stdexcept>

#include "safetensors.hpp"

namespace localgrad::io {

std::size_t element_size(DType dtype) {
  switch (dtype) {
    case DType::uint8:
      return 1;
    case DType::float32:
    case DType::int32:
    case DType::uint32:
      return 4;
    case DType::float64:
    case DType::int64:
    case DType::uint64:
      return 8;
  }
  throw std::invalid_argument("unknown dtype");
}

const char* dtype_name(DType dtype) {
  switch (dtype) {
    case DType::float32:
      return "F32";
    case DType::float64:
      return "F64";
    case DType::uint8:
      return "U8";
    case DType::int32:
      return "I32";
    case DType::int64:
      return "I64";
    case DType::uint32:
      return "U32";
    case DType::uint64:
      return "U64";
  }
  throw std::invalid_argument("unknown dtype");
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
