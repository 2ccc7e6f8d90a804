#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <string>

#include "localgrad/view.hpp"

namespace localgrad {

struct FreeAligned {
  bool owned = true;  ///< whether the memory is from the heap
  void operator()(void* buffer) const;
};

/// Whether new memory is filled with zeros.
enum class Fill { zeros, nothing };
/// Allocates `bytes` bytes, aligned to 64. Throws OutOfMemory if they exceed the physical memory, since an
/// overcommitted allocation would fail only when it is used. The message contains `what`.
void* allocate(std::size_t bytes, const std::string& what, Fill fill = Fill::zeros);
/// Throws the same OutOfMemory if `bytes` bytes exceed the physical memory. Nothing is allocated.
void check_memory(std::size_t bytes, const std::string& what);

/// a * b, or the largest std::size_t if the product overflows.
inline std::size_t product(std::size_t a, std::size_t b) {
  return b == 0 || a <= ~std::size_t{0} / b ? a * b : ~std::size_t{0};
}

/// Where the buffers of an object are allocated: in a workspace of the caller or, if that is empty, on the
/// heap. If a workspace is too small, the rest is allocated on the heap, so that check() can report the size
/// that is needed.
class Arena {
 public:
  Arena() = default;
  explicit Arena(const Workspace& workspace);
  /// Takes `bytes` bytes, aligned to 64, in the same way as allocate(). Sets `owned`.
  void* take(std::size_t bytes, const std::string& what, Fill fill, bool& owned);
  /// Size of a workspace for everything that was taken, wherever it begins.
  std::size_t bytes() const { return taken_ + kAlignment - 1; }
  /// Throws std::invalid_argument if the workspace was too small.
  void check() const;

 private:
  static constexpr std::size_t kAlignment = 64;
  char* begin_ = nullptr;
  std::size_t given_ = 0, skipped_ = 0, taken_ = 0;
  bool is_given_ = false;
};

/// An array of n numbers, initialized to zeros by default. It is followed by kSlack zeros that can be read:
/// one set of virtual lanes (lanes.hpp), which is at least one vector.
template <class T>
class Buffer {
 public:
  static constexpr std::size_t kSlack = 16;
  Buffer() = default;
  Buffer(std::size_t n, const std::string& what, Fill fill = Fill::zeros) : Buffer(n, what, nullptr, fill) {}
  /// Allocates the array on the heap if `arena` is null.
  Buffer(std::size_t n, const std::string& what, Arena* arena, Fill fill = Fill::zeros) : size_(n) {
    const std::size_t bytes = n > kMost ? ~std::size_t{0} : (n + kSlack) * sizeof(T);
    bool owned = true;
    void* data = arena ? arena->take(bytes, what, fill, owned) : allocate(bytes, what, fill);
    data_ = {static_cast<T*>(data), FreeAligned{owned}};
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
