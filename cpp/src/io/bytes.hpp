#pragma once

#include <cstddef>
#include <vector>

namespace localgrad::io {

/// The contents of a file. The first byte is aligned for every basic type, like memory from `new`.
using Bytes = std::vector<unsigned char>;

/// A view of some bytes. `data` may be null if `size` is 0.
struct Piece {
  const void* data = nullptr;
  std::size_t size = 0;
};

}  // namespace localgrad::io
