#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "safetensors.hpp"

namespace localgrad::io {

inline constexpr char kMetadataKey[] = "__metadata__";
inline constexpr char kFile[] = "safetensors file";  // name of the file in error messages

/// Entry of the header for one tensor. `data` and `bytes` of `tensor` are not set. The offsets match dtype
/// and shape.
struct HeaderEntry {
  Tensor tensor;
  std::size_t begin = 0, end = 0;  // offsets in the data
};

struct Header {
  Metadata metadata;
  std::vector<HeaderEntry> entries;  // in the order of the text; names may not be unique
};

/// Parses the header's JSON without building a tree, so that it needs little more memory than the result.
/// `text` begins at byte `offset` of the file.
Header parse_header(std::string_view text, std::size_t offset);

}  // namespace localgrad::io
