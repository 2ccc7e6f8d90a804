#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <string>

namespace localgrad {

struct FreeAligned {
  void operator()(void* buffer) const;
};

/// `bytes` zero bytes, aligned to 64. Throws OutOfMemory, which names `what`, the bytes and the machine's memory, if they
/// are more than the machine has: better than a promise of memory that breaks when it is touched.
void* allocate_zeros(std::size_t bytes, const std::string& what);

/// An owned array of n zeros, followed by one vector's worth more that may be read.
template <class T>
class Buffer {
 public:
  static constexpr std::size_t kSlack = 64 / sizeof(T);
  Buffer() = default;
  Buffer(std::size_t n, const std::string& what)
      : data_(static_cast<T*>(allocate_zeros(n > kMost ? ~std::size_t{0} : (n + kSlack) * sizeof(T), what))),
        size_(n) {}
  T* data() const { return data_.get(); }
  std::size_t size() const { return size_; }

 private:
  static constexpr std::size_t kMost = ~std::size_t{0} / sizeof(T) - kSlack;
  std::unique_ptr<T, FreeAligned> data_;
  std::size_t size_ = 0;
};

}  // namespace localgrad
