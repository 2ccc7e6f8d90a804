#pragma once

#include <cstddef>
#include <cstdint>

#include "functions/shift.hpp"
#include "localgrad/rows.hpp"

namespace localgrad {

/// Size of an element in bytes.
std::size_t scalar_size(Scalar type);

/// Copies n numbers, `stride` bytes apart, to `out`, converted to T and scaled or standardized. Returns false
/// if a result is not finite.
template <class T>
bool copy_elements(const void* from, Scalar type, std::ptrdiff_t stride, T* out, std::size_t n,
                   const Reading<T>& reading = {});

/// Reads an integer exactly once, because another thread might change it at the same time. Negative integers
/// are returned modulo 2^64, which exceeds every valid label.
std::uint64_t read_label(const void* from, Scalar type);

}  // namespace localgrad
