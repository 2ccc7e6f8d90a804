#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <string>

namespace localgrad {

struct FreeAligned {
  void operator()(void* buffer) const;
};

/// `bytes` bytes, aligned to 64; zeros, or uninitialized. Throws OutOfMemory, which states `what`, the bytes
/// and the machine's memory, if they exceed that: better than memory that is promised and fails when touched.
enum class Fill { zeros, nothing };
void* allocate(std::size_t bytes, const std::string& what, Fill fill = Fill::zeros);

/// a b, or more than any machine has where that is more than a size can say.
inline std::size_t product(std::size_t a, std::size_t b) {
  return b == 0 || a <= ~std::size_t{0} / b ? a * b : ~std::size_t{0};
}

/// An owned array of n numbers, zeros by default, followed by 16 readable zeros: the virtual lanes of a sum,
/// and at least one vector.
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
