#pragma once

// Counts allocations, and makes one of them fail. It must be included in only one source file of a program.
//
// With LOCALGRAD_COUNT_MEMORY, the linker redirects malloc, aligned_alloc and free of the program and the
// library to the functions below. Otherwise nothing is counted, and nothing fails.

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace localgrad::memory {
namespace {

std::atomic<std::size_t> live_bytes{0}, peak_bytes{0};

/// Number of allocations until one fails; 0 if none will.
std::atomic<long> until_failure{0};

/// Whether this allocation fails.
[[maybe_unused]] bool fails() {
  long left = until_failure.load();
  while (left > 0)
    if (until_failure.compare_exchange_weak(left, left - 1)) return left == 1;
  return false;
}

}  // namespace
}  // namespace localgrad::memory

#if defined(LOCALGRAD_COUNT_MEMORY)
#include <malloc.h>

extern "C" {
void* __real_malloc(std::size_t size);
void* __real_aligned_alloc(std::size_t alignment, std::size_t size);
void __real_free(void* memory);

static void* counted(void* memory) {
  using namespace localgrad::memory;
  if (!memory) return nullptr;
  const std::size_t size = ::malloc_usable_size(memory), live = live_bytes += size;
  std::size_t peak = peak_bytes.load();
  while (peak < live && !peak_bytes.compare_exchange_weak(peak, live)) {
  }
  return memory;
}
void* __wrap_malloc(std::size_t size) {
  return localgrad::memory::fails() ? nullptr : counted(__real_malloc(size));
}
void* __wrap_aligned_alloc(std::size_t alignment, std::size_t size) {
  return localgrad::memory::fails() ? nullptr : counted(__real_aligned_alloc(alignment, size));
}
void __wrap_free(void* memory) {
  if (memory) localgrad::memory::live_bytes -= ::malloc_usable_size(memory);
  __real_free(memory);
}
}

// Not inlined: otherwise GCC would warn of calls of malloc and free inside of new and delete.
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size > 0 ? size : 1);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void* operator new(std::size_t size) {
  if (void* memory = operator new(size, std::nothrow)) return memory;
  throw std::bad_alloc();
}
void* operator new[](std::size_t size) { return operator new(size); }
void* operator new[](std::size_t size, const std::nothrow_t& tag) noexcept { return operator new(size, tag); }
void operator delete[](void* memory) noexcept { operator delete(memory); }
void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }
void operator delete[](void* memory, std::size_t) noexcept { operator delete(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { operator delete(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { operator delete(memory); }
#endif
