#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

namespace localgrad::io {

/// Throws std::system_error: "cannot <what> '<path>': <the error's text>".
[[noreturn]] inline void fail_file(int error, const char* what, const std::filesystem::path& path) {
  throw std::system_error(error, std::generic_category(),
                          std::string("cannot ") + what + " '" + path.string() + "'");
}

/// Calls a system call again as long as a signal interrupts it.
template <class Call>
auto retry(Call call) {
  for (;;) {
    const auto result = call();
    if (result != -1 || errno != EINTR) return result;
  }
}

/// An open file, closed at the end of its life.
class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  ~Descriptor() { close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return descriptor_; }
  bool valid() const { return descriptor_ >= 0; }
  /// False, with errno set, if the system reports that something was not written after all.
  bool close() {
    const int descriptor = std::exchange(descriptor_, -1);
    return descriptor < 0 || ::close(descriptor) == 0 ||
           errno == EINTR;  // not again: the number may be another's by now
  }

 private:
  int descriptor_;
};

}  // namespace localgrad::io
