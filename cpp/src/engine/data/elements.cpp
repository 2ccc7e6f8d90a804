// Element types and layouts without vectorized kernels. This code is compiled once for all instruction sets:
// vectors gain little if numbers are not adjacent in memory or the type is rare.

#include "engine/data/elements.hpp"

#include <algorithm>
#include <cmath>
#include <new>
#include <vector>

#include "kernels/gather.hpp"

namespace localgrad {
namespace {

/// Calls f with a value of the element type.
template <class F>
auto with_type(Scalar type, const F& f) {
  switch (type) {
    case Scalar::float32:
      return f(float{});
    case Scalar::float64:
      return f(double{});
    case Scalar::uint8:
      return f(std::uint8_t{});
    case Scalar::int8:
      return f(std::int8_t{});
    case Scalar::int16:
      return f(std::int16_t{});
    case Scalar::int32:
      return f(std::int32_t{});
    case Scalar::int64:
      return f(std::int64_t{});
    case Scalar::uint16:
      return f(std::uint16_t{});
    case Scalar::uint32:
      return f(std::uint32_t{});
    case Scalar::uint64:
      return f(std::uint64_t{});
    case Scalar::boolean:
      break;
  }
  return f(Boolean{});
}

}  // namespace

std::size_t scalar_size(Scalar type) {
  return with_type(type, [](auto number) { return sizeof number; });
}

template <class T>
bool copy_elements(const void* from, Scalar type, std::ptrdiff_t stride, T* out, std::size_t n,
                   const Reading<T>& reading) {
  const auto* first = static_cast<const char*>(from);
  const auto count = static_cast<Index>(n);
  return with_type(type, [&](auto number) {
    using Source = decltype(number);
    return with_reading(reading, [&](auto read) {
      constexpr Read kRead = decltype(read)::value;
      // With a constant stride the compiler can vectorize the loop.
      if (kRead == Read::plain && stride == Index{sizeof(Source)})
        return copy_numbers<T, Source, kRead>(first, sizeof(Source), out, count, reading);
      return copy_numbers<T, Source, kRead>(first, stride, out, count, reading);
    });
  });
}

// Not inlined, so that the caller uses one value even if the memory changes.
__attribute__((noinline)) std::uint64_t read_label(const void* from, Scalar type) {
  return with_type(type, [&](auto number) {
    __builtin_memcpy(&number, from, sizeof number);
    return static_cast<std::uint64_t>(number);
  });
}

namespace {

/// Calls f with a pointer to the indices, which are of type int32 or int64.
template <class F>
auto with_indices(const void* indices, Scalar type, const F& f) {
  return type == Scalar::int64 ? f(static_cast<const std::int64_t*>(indices))
                               : f(static_cast<const std::int32_t*>(indices));
}

/// Reads an index exactly once, because another thread might change it between check and use. A negative
/// index exceeds every size.
template <class I>
LOCALGRAD_INLINE std::uint64_t read_index(const I* index) {
  return static_cast<std::uint64_t>(*static_cast<const volatile I*>(index));
}

/// Where the stored numbers of a row are.
struct Extent {
  std::uint64_t begin, end;
  bool is_valid(const Rows& x) const { return begin <= end && end <= x.sparsity.stored; }
};

Extent extent_of(const Rows& x, std::size_t index) {
  const Sparsity& s = x.sparsity;
  const auto at = [&](const void* indices) {
    return with_indices(indices, s.begins_type, [&](auto* all) { return read_index(all + index); });
  };
  return {at(s.begins), at(s.ends)};
}

template <class Number>
void add(Number& sum, Number number) {
  if constexpr (std::is_integral_v<Number>)
    (void)__builtin_add_overflow(sum, number, &sum);
  else
    sum += number;
}
void add(Boolean& sum, Boolean number) { sum.byte |= number.byte; }

/// Reads the stored numbers of a row. Returns false if a column is out of range or, with `ascending`, not
/// above the one before it.
template <class Number, class F>
LOCALGRAD_INLINE bool each_stored(const Rows& x, const Extent& extent, bool ascending, const F& f) {
  const auto* numbers = static_cast<const Number*>(x.data);
  const std::uint64_t end = extent.end, width = x.width;  // copies, because `f` may write to any memory
  return with_indices(x.sparsity.columns, x.sparsity.columns_type, [&](auto* columns) {
    std::uint64_t least = 0;
    for (std::uint64_t k = extent.begin; k < end; ++k) {
      const std::uint64_t column = read_index(columns + k);
      if (column < least || column >= width) return false;
      if (ascending) least = column + 1;
      Number number;
      __builtin_memcpy(&number, numbers + k, sizeof number);
      f(static_cast<std::size_t>(column), number);
    }
    return true;
  });
}

/// Expands a row with columns in any order. Numbers of the same column are added in their own type and order,
/// as SciPy does, before they are converted.
template <class T, class Number>
bool expand_unordered(const Rows& x, const Extent& extent, T* out, const Reading<T>& reading) try {
  std::vector<Number> sums(x.width);
  return each_stored<Number>(x, extent, false,
                             [&](std::size_t column, Number number) { add(sums[column], number); }) &&
         copy_elements(sums.data(), x.type, sizeof(Number), out, x.width, reading);
} catch (const std::bad_alloc&) {  // must not leave the team; the error message needs as much memory
  return false;
}

}  // namespace

template <class T>
bool expand_row(const Rows& x, std::size_t index, T* out, const Reading<T>& reading) {
  const Extent extent = extent_of(x, index);
  if (!extent.is_valid(x)) return false;
  return with_type(x.type, [&](auto type) {
    using Number = decltype(type);
    const auto write = [out, reading](std::size_t column, Number number) {  // copies: `out` may be any memory
      T result = 0;
      if (reading.shift)
        result = standardize<T>(number, *reading.shift, static_cast<Index>(column));
      else
        result = static_cast<T>(number) * reading.scale;
      out[column] = result;
      return std::isfinite(result);
    };
    bool finite = true;
    if (reading.shift)
      for (std::size_t c = 0; c < x.width; ++c) finite &= write(c, Number{});
    else
      std::fill_n(out, x.width, T(0) * reading.scale);  // -0 for a negative scale, as in a dense row
    const bool ordered = each_stored<Number>(x, extent, true, [&](std::size_t column, Number number) {
      Number sum{};
      add(sum, number);  // SciPy's dense copy of -0 is 0
      finite &= write(column, sum);
    });
    // Standardized, a zero may overflow in a column in which this row has none; a dense row decides.
    return (ordered && finite) || expand_unordered<T, Number>(x, extent, out, reading);
  });
}

constexpr std::uint64_t kMostPrefetched = 1024;  // bytes of an array: hardware prefetches the rest

void prefetch_row(const Rows& x, std::size_t index) {
  const Extent extent = extent_of(x, index);
  if (!extent.is_valid(x) || extent.begin == extent.end) return;
  const auto fetch = [&](const void* array, std::size_t size) {
    const char* line = static_cast<const char*>(array) + extent.begin * size;
    const char* end = line + std::min<std::uint64_t>((extent.end - extent.begin) * size, kMostPrefetched);
    for (; line < end; line += 64) __builtin_prefetch(line, 0, 2);
  };
  fetch(x.data, scalar_size(x.type));
  fetch(x.sparsity.columns, scalar_size(x.sparsity.columns_type));
}

std::string bad_positions(const Rows& x, std::size_t index) {
  const auto text = [](std::uint64_t number) { return std::to_string(static_cast<std::int64_t>(number)); };
  const Extent extent = extent_of(x, index);
  if (!extent.is_valid(x))
    return "must have stored numbers between 0 and " + std::to_string(x.sparsity.stored) + ", got " +
           text(extent.begin) + " to " + text(extent.end);
  return with_indices(x.sparsity.columns, x.sparsity.columns_type, [&](auto* columns) {
    for (std::uint64_t k = extent.begin; k < extent.end; ++k) {
      const std::uint64_t column = read_index(columns + k);
      if (column >= x.width)
        return "must have columns below " + std::to_string(x.width) + ", got " + text(column);
    }
    return std::string();
  });
}

#define LOCALGRAD_FOR(T)                                                     \
  template bool expand_row(const Rows&, std::size_t, T*, const Reading<T>&); \
  template bool copy_elements(const void*, Scalar, std::ptrdiff_t, T*, std::size_t, const Reading<T>&);
LOCALGRAD_EACH_READ(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
