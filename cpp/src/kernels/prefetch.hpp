#pragma once

#include "simd/vector.hpp"

namespace localgrad {

/// Rows that will be gathered soon, asked for a few cache lines at every tile, so that they come from memory into the
/// second-level cache while the micro-kernel computes: all at once they would hold up its own loads.
struct Prefetch {
  const char* data = nullptr;
  std::ptrdiff_t row_bytes = 0;  ///< from row to row
  const std::uint32_t* order = nullptr;
  Index rows = 0, lines = 0;  ///< those to fetch, and the cache lines of each
  Index lines_a_tile = 1;
  Index row = 0, line = 0;  ///< the next one
};

namespace {

LOCALGRAD_INLINE void fetch_some(Prefetch* p) {
  if (!p) return;
  for (Index i = 0; i < p->lines_a_tile && p->row < p->rows; ++i) {
    __builtin_prefetch(p->data + static_cast<std::ptrdiff_t>(p->order[p->row]) * p->row_bytes + p->line * 64,
                       0, 2);
    if (++p->line == p->lines) {
      p->line = 0;
      ++p->row;
    }
  }
}

}  // namespace
}  // namespace localgrad
