#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "safetensors.hpp"

namespace localgrad::io {

inline constexpr char kMetadataKey[] = "__metadata__";
inline constexpr char kFile[] = "safetensors file";  // what error messages call it

/// What the header says of one tensor; `data` and `bytes` of `tensor` are not set. The bytes agree with dtype
/// and shape.
struct HeaderEntry {
  Tensor tensor;
  std::size_t begin = 0, end = 0;  // within the data
};

struct Header {
  Metadata metadata;
  std::vector<HeaderEntry> entries;  // in the order of the text; a name may still come twice
};

/// Reads the header's JSON without building a tree of it: memory is what the result needs. `text` begins at
/// byte `offset` of the file.
Header parse_header(std::string_view text, std::size_t offset);

}  // namespace localgrad::io
