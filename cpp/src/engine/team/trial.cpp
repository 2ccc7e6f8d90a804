#include "engine/team/trial.hpp"

#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <new>
#include <string_view>
#include <thread>

#if defined(__linux__)
#include <sys/syscall.h>
#endif

namespace localgrad {
namespace {

/// Parses a stack size in the format of OMP_STACKSIZE, such as "64M"; a number without unit is in kilobytes.
/// Returns 0 if it is invalid.
std::size_t stack_size(const char* text) {
  if (!text) return 0;
  char* end = nullptr;
  errno = 0;
  const unsigned long long number = std::strtoull(text, &end, 10);
  if (end == text || errno != 0) return 0;
  while (std::isspace(static_cast<unsigned char>(*end))) ++end;
  const std::string_view units = "bkmg";
  const std::size_t unit =
      *end ? units.find(static_cast<char>(std::tolower(static_cast<unsigned char>(*end++)))) : 1;
  if (unit == units.npos) return 0;
  const std::size_t shift = 10 * unit;
  while (std::isspace(static_cast<unsigned char>(*end))) ++end;
  const bool fits = number <= ~std::size_t{0} >> shift;
  return *end == '\0' && fits ? static_cast<std::size_t>(number) << shift : 0;
}

/// Stack size of the OpenMP runtime's threads. It is read when this library is loaded, at about the same time
/// as by the runtime.
const std::size_t kStack = [] {
  for (const char* name : {"OMP_STACKSIZE", "GOMP_STACKSIZE", "KMP_STACKSIZE"})
    if (const std::size_t size = stack_size(std::getenv(name))) return size;
  return std::size_t{0};
}();

struct Tried {
  pthread_t thread;
  std::atomic<long> id{0};  // id of the system; 0 until it is known
  pthread_mutex_t* hold = nullptr;
};

void* wait_for_the_end(void* argument) {
  auto& tried = *static_cast<Tried*>(argument);
#if defined(__linux__)
  tried.id.store(syscall(SYS_gettid));
#endif
  pthread_mutex_lock(tried.hold);  // locked by the trial until all threads are started
  pthread_mutex_unlock(tried.hold);
  return nullptr;
}

/// A joined thread counts toward limits for a short time. Returns whether it is gone before `end`.
bool gone(long id, std::chrono::steady_clock::time_point end) {
#if defined(__linux__)
  while (syscall(SYS_tgkill, getpid(), id, 0) == 0) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
#else
  static_cast<void>(id);
  static_cast<void>(end);
#endif
  return true;
}

}  // namespace

int stacks_kept() {
  constexpr std::size_t kept = std::size_t{32} << 20;  // glibc's limit is 40 MiB
  pthread_attr_t attributes;
  std::size_t size = kStack;
  if (size == 0 && pthread_attr_init(&attributes) == 0) {
    pthread_attr_getstacksize(&attributes, &size);
    pthread_attr_destroy(&attributes);
  }
  return static_cast<int>(std::clamp<std::size_t>(kept / std::max<std::size_t>(size, 1), 1, 32));
}

int threads_to_be_had(int wanted) {
  // Memory for the tables of the runtime and for the work of the team.
  constexpr std::size_t reserve = std::size_t{1} << 20, each = std::size_t{1} << 12;
  const auto count = static_cast<std::size_t>(wanted);
  const std::unique_ptr<char[]> room(new (std::nothrow) char[reserve + count * each]);
  const std::unique_ptr<Tried[]> all(new (std::nothrow) Tried[count]);
  pthread_attr_t attributes;
  if (!room || !all || pthread_attr_init(&attributes) != 0) return 0;
  *static_cast<volatile char*>(room.get()) = 0;  // prevents the compiler from removing the unused allocation
  if (kStack > 0)
    // A size that is too small is ignored, as in the runtime.
    pthread_attr_setstacksize(&attributes, kStack);
  pthread_mutex_t hold = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&hold);
  int started = 0;
  for (; started < wanted; ++started) {
    Tried& next = all[static_cast<std::size_t>(started)];
    next.hold = &hold;
    if (pthread_create(&next.thread, &attributes, wait_for_the_end, &next) != 0) break;
  }
  pthread_mutex_unlock(&hold);
  for (int t = 0; t < started; ++t) pthread_join(all[static_cast<std::size_t>(t)].thread, nullptr);
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(200);
  int had = 0;
  for (int t = 0; t < started; ++t) had += gone(all[static_cast<std::size_t>(t)].id.load(), end);
  pthread_mutex_destroy(&hold);
  pthread_attr_destroy(&attributes);
  return had;
}

}  // namespace localgrad

#else

namespace localgrad {
int threads_to_be_had(int wanted) { return wanted; }
int stacks_kept() { return 1 << 16; }
}  // namespace localgrad

#endif
