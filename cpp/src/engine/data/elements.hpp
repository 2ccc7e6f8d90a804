#pragma once

#include <cstddef>
#include <cstdint>

#include "localgrad/rows.hpp"

namespace localgrad {

/// Bytes of an element.
std::size_t scalar_size(Scalar type);

/// Copies n numbers `stride` bytes apart to out, converted by a cast, then multiplied by `scale`; false if
/// one is not finite as a T.
template <class T>
bool copy_elements(const void* from, Scalar type, std::ptrdiff_t stride, T* out, std::size_t n, T scale = 1);

/// An integer, read once: another thread may write it meanwhile. Negative ones come modulo 2^64, beyond every
/// label.
std::uint64_t read_label(const void* from, Scalar type);

}  // namespace localgrad
