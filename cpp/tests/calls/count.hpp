#pragma once

// Counts what a real-time thread must not do. The program replaces the functions of the C library that
// allocate memory and lock mutexes, so that calls from every library of the process are counted.

#include <cstdlib>
#include <string>

namespace calls {

/// Calls of all threads since the program started.
struct Counts {
  long allocations = 0;  ///< malloc, calloc, realloc, aligned_alloc, posix_memalign and operator new
  long frees = 0;
  long locks = 0;  ///< pthread_mutex_lock, pthread_mutex_trylock and pthread_rwlock_rdlock, _wrlock
};
Counts counts();

/// Number of repetitions of a test: that of the environment variable LOCALGRAD_CALLS, or `usual`.
inline long repetitions(long usual) {
  const char* text = std::getenv("LOCALGRAD_CALLS");
  return text && *text ? std::atol(text) : usual;
}

/// Calls f() `n` times and returns what was counted meanwhile, as text: "" if nothing.
template <class F>
std::string count(long n, const F& f) {
  const Counts before = counts();
  for (long i = 0; i < n; ++i) f();
  const Counts after = counts();
  std::string found;
  const auto add = [&](long number, const char* what) {
    if (number) found += (found.empty() ? "" : ", ") + std::to_string(number) + what;
  };
  add(after.allocations - before.allocations, " allocations");
  add(after.frees - before.frees, " frees");
  add(after.locks - before.locks, " locks");
  return found;
}

}  // namespace calls
