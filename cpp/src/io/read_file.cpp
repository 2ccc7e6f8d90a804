#if !defined(_WIN32)

#include <sys/stat.h>

#include <algorithm>

#include "file.hpp"
#include "file_posix.hpp"

namespace localgrad::io {
namespace {

constexpr std::size_t kSmallest = 4096;  // files in /proc have contents but report a size of 0

}  // namespace

Bytes read_file(const std::filesystem::path& path, std::size_t limit) {
  const auto fail = [&path](int error) { fail_file(error, "read", path); };
  limit = std::min(limit, Bytes().max_size() - 1);
  if (path.native().find('\0') != std::string::npos) fail(EINVAL);
  // O_NONBLOCK: opening a named pipe would otherwise wait for a writer.
  const Descriptor file(Descriptor::open(path, O_RDONLY | O_NONBLOCK));
  struct stat status {};
  if (!file.valid() || ::fstat(file.get(), &status) != 0) fail(errno);
  if (S_ISDIR(status.st_mode)) fail(EISDIR);
  if (!S_ISREG(status.st_mode)) fail(EINVAL);
  const auto claimed = static_cast<std::uintmax_t>(status.st_size);
  if (claimed > limit) fail(EFBIG);

  // One byte more than the size of the file: a read that does not fill the buffer detects the end.
  Bytes bytes(std::max(static_cast<std::size_t>(claimed), kSmallest) + 1);
  std::size_t size = 0;
  for (;;) {
    if (size == bytes.size()) bytes.resize(2 * size);
    const std::size_t wanted = std::min(bytes.size() - size, kMostPerCall);
    const ssize_t got = retry([&] { return ::read(file.get(), bytes.data() + size, wanted); });
    if (got < 0) fail(errno);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
    if (size > limit) fail(EFBIG);
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace localgrad::io

#endif
