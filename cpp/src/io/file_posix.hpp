#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>

namespace localgrad::io {

/// Throws std::system_error with the message "cannot WHAT 'PATH': ERROR".
[[noreturn]] inline void fail_file(int error, const char* what, const std::filesystem::path& path) {
  throw std::system_error(error, std::generic_category(),
                          std::string("cannot ") + what + " '" + path.string() + "'");
}

// Linux and macOS transfer at most 2 GiB per call
inline constexpr std::size_t kMostPerCall = std::size_t{1} << 30;

/// Repeats a system call while it is interrupted by signals.
template <class Call>
auto retry(Call call) {
  for (;;) {
    const auto result = call();
    if (result != -1 || errno != EINTR) return result;
  }
}

/// An open file, which is closed by the destructor.
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
  /// Opens a file. The result is not valid, and errno is set, if that fails.
  static int open(const std::filesystem::path& path, int flags, mode_t mode = 0) {
    return retry([&] { return ::open(path.c_str(), flags | O_CLOEXEC, mode); });
  }

 private:
  int descriptor_;
};

}  // namespace localgrad::io
