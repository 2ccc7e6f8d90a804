#include "count.hpp"

#include <dlfcn.h>
#include <pthread.h>

#include <atomic>
#include <cerrno>
#include <cstddef>

namespace {

std::atomic<long> allocations{0}, frees{0}, locks{0};

}  // namespace

namespace calls {

Counts counts() { return {allocations, frees, locks}; }

}  // namespace calls

// The allocator of glibc under its internal names. Functions of an executable take precedence over those of
// shared libraries, also for calls from these libraries.
extern "C" {

void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);

void* malloc(std::size_t size) {
  ++allocations;
  return __libc_malloc(size);
}
void* calloc(std::size_t n, std::size_t size) {
  ++allocations;
  return __libc_calloc(n, size);
}
void* realloc(void* memory, std::size_t size) {
  ++allocations;
  return __libc_realloc(memory, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  ++allocations;
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) {
  ++allocations;
  *memory = __libc_memalign(alignment, size);
  return *memory ? 0 : ENOMEM;
}
void free(void* memory) {
  if (memory) ++frees;
  __libc_free(memory);
}

#define LOCALGRAD_COUNT_LOCKS(name, Object)                                       \
  int name(Object* object) {                                                      \
    static int (*const original)(Object*) =                                       \
        reinterpret_cast<int (*)(Object*)>(dlsym(RTLD_NEXT, #name)); /* NOLINT */ \
    ++locks;                                                                      \
    return original(object);                                                      \
  }
LOCALGRAD_COUNT_LOCKS(pthread_mutex_lock, pthread_mutex_t)
LOCALGRAD_COUNT_LOCKS(pthread_mutex_trylock, pthread_mutex_t)
LOCALGRAD_COUNT_LOCKS(pthread_rwlock_rdlock, pthread_rwlock_t)
LOCALGRAD_COUNT_LOCKS(pthread_rwlock_wrlock, pthread_rwlock_t)

}  // extern "C"
