#pragma once

#include <cstddef>
#include <vector>

namespace localgrad::io {

/// The content of a file. Its start is aligned for every basic type, as memory from `new` is.
using Bytes = std::vector<unsigned char>;

/// A run of bytes, not owned. `data` may be null when `size` is 0.
struct Piece {
  const void* data = nullptr;
  std::size_t size = 0;
};

}  // namespace localgrad::io
