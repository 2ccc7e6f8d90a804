// Element types and layouts without vectorized kernels. This code is compiled once for all instruction sets:
// vectors gain little if numbers are not adjacent in memory or the type is rare.

#include "engine/data/elements.hpp"

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

template bool copy_elements(const void*, Scalar, std::ptrdiff_t, float*, std::size_t, const Reading<float>&);
template bool copy_elements(const void*, Scalar, std::ptrdiff_t, double*, std::size_t,
                            const Reading<double>&);

}  // namespace localgrad
