#include "model/buffer.hpp"

#include <cstdint>
#include <cstring>
#include <new>
#include <type_traits>

#include "localgrad/config.h"
#include "localgrad/error.hpp"
#include "text/message.hpp"

#if defined(_WIN32)
#include <malloc.h>
#else
#include <unistd.h>
#endif

namespace localgrad {
namespace {

/// Physical memory in bytes, or the largest std::size_t if a 32-bit process cannot represent it.
std::size_t ask_physical_memory() {
#if defined(_SC_PHYS_PAGES) && defined(_SC_PAGESIZE)
  const long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
  if (pages > 0 && size > 0) return product(static_cast<std::size_t>(pages), static_cast<std::size_t>(size));
#endif
  return ~std::size_t{0};
}

/// The same, asked once, because it takes several system calls.
std::size_t physical_memory() {
  static const std::size_t memory = ask_physical_memory();
  return memory;
}

[[noreturn]] void refuse_memory(std::size_t bytes, const std::string& what) {
  throw OutOfMemory(what + " must fit into the machine's " + std::to_string(physical_memory()) +
                    " bytes of memory, got " + std::to_string(bytes));
}

void* allocate_aligned(std::size_t bytes) {
#if defined(_WIN32)
  return _aligned_malloc(bytes, 64);
#else
  return std::aligned_alloc(64, bytes);
#endif
}

}  // namespace

void FreeAligned::operator()(void* buffer) const {
  if (!owned) return;
#if defined(_WIN32)
  _aligned_free(buffer);
#else
  std::free(buffer);
#endif
}

void* allocate(std::size_t bytes, const std::string& what, Fill fill) {
  void* buffer = nullptr;
  if (bytes <= physical_memory() && bytes <= ~std::size_t{0} - 64)
    buffer = allocate_aligned((bytes + 63) / 64 * 64);
  if (!buffer) refuse_memory(bytes, what);
  if (fill == Fill::zeros) std::memset(buffer, 0, (bytes + 63) / 64 * 64);
  return buffer;
}

void check_memory(std::size_t bytes, const std::string& what) {
  if (bytes > physical_memory()) refuse_memory(bytes, what);
}

Arena::Arena(const Workspace& workspace)
    : begin_(static_cast<char*>(workspace.data)),
      given_(workspace.data ? workspace.bytes : 0),
      is_given_(workspace.data || workspace.bytes > 0) {
  const std::size_t beyond = reinterpret_cast<std::uintptr_t>(begin_) % kAlignment;
  skipped_ = beyond ? kAlignment - beyond : 0;
}

void* Arena::take(std::size_t bytes, const std::string& what, Fill fill, bool& owned) {
  const std::size_t at = skipped_ + taken_;
  owned = at > given_ || bytes > given_ - at;
  char* memory = owned ? static_cast<char*>(allocate(bytes, what, fill)) : begin_ + at;
  if (!owned && fill == Fill::zeros) std::memset(memory, 0, bytes);
  taken_ += (bytes + kAlignment - 1) / kAlignment * kAlignment;
  return memory;
}

void Arena::check() const {
  if (is_given_ && skipped_ + taken_ > given_)
    refuse("workspace must have at least ", bytes(), " bytes, got ", given_);
}

template <class T>
bool all_finite(const Buffer<T>& buffer) {
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  constexpr Bits exponent = sizeof(T) == 4 ? Bits{0x7f800000u} : static_cast<Bits>(0x7ff0000000000000ull);
  const T* values = buffer.data();
  Bits bad = 0;
  for (std::size_t e = 0; e < buffer.size(); ++e) {
    Bits bits;
    std::memcpy(&bits, values + e, sizeof bits);
    bad |= (bits & exponent) == exponent;
  }
  return bad == 0;
}
#define LOCALGRAD_FOR(T) template bool all_finite(const Buffer<T>&);
LOCALGRAD_EACH_TYPE(LOCALGRAD_FOR)
#undef LOCALGRAD_FOR

}  // namespace localgrad
