#if !defined(_WIN32)

#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>

#include "file.hpp"
#include "file_posix.hpp"

namespace localgrad::io {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostPerCall = std::size_t{1}
                                     << 30;  // Linux and macOS refuse or shorten more than 2 GiB
constexpr int kMostLinks = 40;               // as Linux
constexpr int kMostNames = 100;

/// The path that `path` stands for after all symbolic links at its end, whether or not there is a file.
fs::path resolved(const fs::path& path) {
  fs::path target = path;
  for (int links = 0; links < kMostLinks; ++links) {
    struct stat status {};
    if (::lstat(target.c_str(), &status) != 0 || !S_ISLNK(status.st_mode)) return target;
    std::error_code error;
    const fs::path next = fs::read_symlink(target, error);
    if (error) fail_file(error.value(), "write", path);
    target = target.parent_path() / next;  // `next` alone if it is absolute
  }
  fail_file(ELOOP, "write", path);
}

/// A name that no other thread or process is likely to choose; O_EXCL settles the rest.
std::string temporary_name() {
  static std::atomic<std::uint64_t> counter{0};
  const auto now = static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  const std::uint64_t mixed = (now + (counter++ << 32)) * 0x9e3779b97f4a7c15u;
  char name[64];
  std::snprintf(name, sizeof name, ".localgrad-%ld-%016llx.tmp", static_cast<long>(::getpid()),
                static_cast<unsigned long long>(mixed));
  return name;
}

/// A new file beside the target, removed at the end of its life unless it took the target's place. `path` is
/// for messages.
class TemporaryFile {
 public:
  TemporaryFile(const fs::path& path, const fs::path& folder, mode_t mode)
      : path_(path), file_(create(folder, mode)) {}
  ~TemporaryFile() {
    if (!renamed_) ::unlink(name_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  /// Takes over owner (where permitted: usually not) and mode.
  void look_like(const struct stat& old) {
    const bool owned = ::fchown(file_.get(), old.st_uid, old.st_gid) == 0;
    // Set-user-id and set-group-id must not pass to another owner.
    if (::fchmod(file_.get(), old.st_mode & (owned ? 07777u : 0777u)) != 0) fail();
  }

  void write(const Piece& piece) {
    const auto* data = static_cast<const unsigned char*>(piece.data);
    for (std::size_t done = 0; done < piece.size;) {
      const std::size_t wanted = std::min(piece.size - done, kMostPerCall);
      const ssize_t written = retry([&] { return ::write(file_.get(), data + done, wanted); });
      if (written < 0) fail();
      if (written == 0) fail_file(ENOSPC, "write", path_);
      done += static_cast<std::size_t>(written);
    }
  }

  /// Everything on the disk, and the file closed.
  void finish() {
#if defined(F_FULLFSYNC)  // macOS: its fsync stops at the drive's cache
    if (::fcntl(file_.get(), F_FULLFSYNC) == 0) return close();
#endif
    if (retry([&] { return ::fsync(file_.get()); }) != 0) fail();
    close();
  }

  void rename(const fs::path& target) {
    if (::rename(name_.c_str(), target.c_str()) != 0) fail();
    renamed_ = true;
  }

 private:
  int create(const fs::path& folder, mode_t mode) {
    for (int i = 0; i < kMostNames; ++i) {
      name_ = folder / temporary_name();
      const int file =
          retry([&] { return ::open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode); });
      if (file >= 0) return file;
      if (errno != EEXIST) break;
    }
    fail();
  }

  void close() {
    if (!file_.close()) fail();
  }

  [[noreturn]] void fail() const { fail_file(errno, "write", path_); }

  const fs::path& path_;
  fs::path name_;
  Descriptor file_;
  bool renamed_ = false;
};

/// The state of the file to replace, if there is one; throws if it must not be replaced.
std::optional<struct stat> old_file(const fs::path& path, const fs::path& target) {
  struct stat status {};
  if (::lstat(target.c_str(), &status) != 0) {
    if (errno != ENOENT) fail_file(errno, "write", path);
    if (!target.empty() && !target.has_filename()) fail_file(EISDIR, "write", path);  // "folder/"
    return std::nullopt;
  }
  if (S_ISDIR(status.st_mode)) fail_file(EISDIR, "write", path);
  if (!S_ISREG(status.st_mode)) fail_file(EINVAL, "write", path);
  if (::faccessat(AT_FDCWD, target.c_str(), W_OK, AT_EACCESS) != 0) fail_file(errno, "write", path);
  return status;
}

void sync_folder(const Descriptor& folder, const fs::path& path) {
  if (!folder.valid() || retry([&] { return ::fsync(folder.get()); }) == 0) return;
  if (errno == EINVAL || errno == ENOTSUP || errno == ENOSYS) return;  // this file system cannot sync folders
  fail_file(errno, "sync the folder after writing", path);
}

}  // namespace

void replace_file(const fs::path& path, const std::vector<Piece>& pieces) {
  if (path.empty()) fail_file(ENOENT, "write", path);
  if (path.native().find('\0') != std::string::npos) fail_file(EINVAL, "write", path);
  const fs::path target = resolved(path);
  const auto old = old_file(path, target);
  const fs::path parent = target.has_parent_path() ? target.parent_path() : fs::path(".");
  // Opened first, so that it is the folder that was written to; a folder that may be written but not read
  // cannot be synced.
  const Descriptor folder(retry([&] { return ::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
  if (!folder.valid() && errno != EACCES) fail_file(errno, "write", path);

  TemporaryFile file(path, parent, old ? 0600 : 0666);
  if (old) file.look_like(*old);
  for (const Piece& piece : pieces) file.write(piece);
  file.finish();
  file.rename(target);
  sync_folder(folder, path);
}

}  // namespace localgrad::io

#endif
