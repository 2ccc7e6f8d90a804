// Types, sizes and names of tensors, for reading and writing.
#include <limits>
#include <stdexcept>

#include "safetensors.hpp"
#include "text/message.hpp"

namespace localgrad::io {

std::size_t byte_count(DType dtype, const std::vector<std::size_t>& shape) {
  if (shape.size() > kMaxRank) {
    refuse("expected at most ", kMaxRank, " dimensions, got ", shape.size());
  }
  constexpr std::size_t kMost = std::numeric_limits<std::ptrdiff_t>::max();
  std::size_t bytes = element_size(dtype);
  bool empty = false;
  for (const std::size_t extent : shape) {
    if (extent == 0) {
      empty = true;
    } else if (bytes > kMost / extent) {
      refuse("shape ", shape_text(shape), " exceeds any memory");
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
