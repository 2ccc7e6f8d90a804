#pragma once

#include "simd/vector.hpp"

namespace localgrad {

/// Rows that will be gathered soon, prefetched one cache line at a time while the micro-kernel computes.
/// Prefetching all lines at once would delay its own loads: 784-30-10 in mini-batches of 10 needs an input
/// row of 49 lines every microsecond.
struct Prefetch {
  const char* data = nullptr;
  std::ptrdiff_t row_bytes = 0;                         ///< distance between rows
  const std::uint32_t *next = nullptr, *end = nullptr;  ///< remaining rows
  Index lines = 0;                                      ///< cache lines per row
  Index every = 1;                                      ///< rounds of the micro-kernel between two lines

  Index wait = 0;  ///< rounds until the next line; less than 1 if there is none
  const char* line = nullptr;
  Index lines_left = 0;  ///< remaining lines of the current row
};

namespace {

/// Starts the next row, if there is one.
LOCALGRAD_INLINE void begin_row(Prefetch& p) {
  p.wait = p.next < p.end ? p.every : 0;
  if (p.wait == 0) return;
  p.line = p.data + static_cast<std::ptrdiff_t>(*p.next++) * p.row_bytes;
  p.lines_left = p.lines;
}

/// Prefetches a line; returns the new wait.
LOCALGRAD_INLINE Index fetch_line(Prefetch& p) {
  __builtin_prefetch(p.line, 0, 2);
  p.line += 64;
  p.wait = p.every;
  if (--p.lines_left == 0) begin_row(p);
  return p.wait;
}

}  // namespace
}  // namespace localgrad
