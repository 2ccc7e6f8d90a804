#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <string>

namespace localgrad {

struct FreeAligned {
  void operator()(void* buffer) const;
};

/// Whether new memory is filled with zeros.
enum class Fill { zeros, nothing };
/// Allocates `bytes` bytes, aligned to 64. Throws OutOfMemory if they exceed the physical memory, since an
/// overcommitted allocation would fail only when it is used. The message contains `what`.
void* allocate(std::size_t bytes, const std::string& what, Fill fill = Fill::zeros);

/// a * b, or the largest std::size_t if the product overflows.
inline std::size_t product(std::size_t a, std::size_t b) {
  return b == 0 || a <= ~std::size_t{0} / b ? a * b : ~std::size_t{0};
}

/// An array of n numbers, initialized to zeros by default. It is followed by kSlack zeros that can be read:
/// one set of virtual lanes (lanes.hpp), which is at least one vector.
template <class T>
class Buffer {
 public:
  static constexpr std::size_t kSlack = 16;
  Buffer() = default;
  Buffer(std::size_t n, const std::string& what, Fill fill = Fill::zeros)
      : data_(static_cast<T*>(allocate(n > kMost ? ~std::size_t{0} : (n + kSlack) * sizeof(T), what, fill))),
        size_(n) {
    if (fill == Fill::nothing)
      for (std::size_t i = n; i < n + kSlack; ++i) data_.get()[i] = T(0);
  }
  T* data() const { return data_.get(); }
  std::size_t size() const { return size_; }

 private:
  static constexpr std::size_t kMost = ~std::size_t{0} / sizeof(T) - kSlack;
  std::unique_ptr<T, FreeAligned> data_;
  std::size_t size_ = 0;
};

template <class T>
bool all_finite(const Buffer<T>& buffer);

}  // namespace localgrad
