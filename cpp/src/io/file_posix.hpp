#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>

namespace localgrad::io {

/// Throws std::system_error: "cannot <what> '<path>': <the error's text>".
[[noreturn]] inline void fail_file(int error, const char* what, const std::filesystem::path& path) {
  throw std::system_error(error, std::generic_category(),
                          std::string("cannot ") + what + " '" + path.string() + "'");
}

inline constexpr std::size_t kMostPerCall = std::size_t{1} << 30;  // Linux and macOS shorten more than 2 GiB

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
  ~Descriptor() {
    if (valid()) ::close(descriptor_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return descriptor_; }
  bool valid() const { return descriptor_ >= 0; }
  /// Not valid, with errno, if the file cannot be opened.
  static int open(const std::filesystem::path& path, int flags, mode_t mode = 0) {
    return retry([&] { return ::open(path.c_str(), flags | O_CLOEXEC, mode); });
  }

 private:
  int descriptor_;
};

}  // namespace localgrad::io
