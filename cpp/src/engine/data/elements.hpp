#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "functions/shift.hpp"
#include "localgrad/config.h"
#include "localgrad/rows.hpp"

/// Expands X(T) for every type as which numbers are read: the element types of networks and, for training,
/// double, from which standardizations are computed.
#if LOCALGRAD_HAS_TRAINING && !LOCALGRAD_HAS_DOUBLE
#define LOCALGRAD_EACH_READ(X) X(float) X(double)
#else
#define LOCALGRAD_EACH_READ(X) LOCALGRAD_EACH_TYPE(X)
#endif

namespace localgrad {

/// Size of an element in bytes.
std::size_t scalar_size(Scalar type);

/// Copies n numbers, `stride` bytes apart, to `out`, converted to T and scaled or standardized. Returns false
/// if a result is not finite.
template <class T>
bool copy_elements(const void* from, Scalar type, std::ptrdiff_t stride, T* out, std::size_t n,
                   const Reading<T>& reading = {});

/// Writes row `index` of a sparse matrix to `out`, in the same way as copy_elements for a dense row. Returns
/// false if a result is not finite, or if the positions of the stored numbers are invalid; then nothing has
/// been read or written out of bounds.
template <class T>
bool expand_row(const Rows& x, std::size_t index, T* out, const Reading<T>& reading);

/// Loads the first cache lines of a row that will be expanded soon.
void prefetch_row(const Rows& x, std::size_t index);

/// What is wrong with the positions of the stored numbers of a row of a sparse matrix; empty if nothing is.
std::string bad_positions(const Rows& x, std::size_t index);

/// Reads an integer exactly once, because another thread might change it at the same time. Negative integers
/// are returned modulo 2^64, which exceeds every valid label.
std::uint64_t read_label(const void* from, Scalar type);

}  // namespace localgrad
