#if !defined(_WIN32)

#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <random>

#include "file.hpp"
#include "file_posix.hpp"

namespace localgrad::io {
namespace {

namespace fs = std::filesystem;

constexpr int kMostLinks = 40;  // as in Linux
constexpr int kMostTries = 100;

/// Returns the path after resolving all symbolic links at its end, whether or not the file exists.
fs::path resolved(const fs::path& path) {
  fs::path target = path;
  for (int links = 0; links < kMostLinks; ++links) {
    struct stat status {};
    if (::lstat(target.c_str(), &status) != 0 || !S_ISLNK(status.st_mode)) return target;
    std::error_code error;
    const fs::path next = fs::read_symlink(target, error);
    if (error) fail_file(error.value(), "write", path);
    target = target.parent_path() / next;  // only `next` if it is absolute
  }
  fail_file(ELOOP, "write", path);
}

/// Returns a name for a temporary file in the directory of the target. It is short enough for any file
/// system.
fs::path temporary_name(const fs::path& target, const std::string& ending) {
  std::uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a
  const std::string file = target.filename().native();
  for (const char c : file) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  char name[32];
  std::snprintf(name, sizeof name, ".localgrad-%016llx", static_cast<unsigned long long>(hash));
  return target.parent_path() / (name + ending + ".tmp");
}

/// Returns the i-th name that all writers of the target try.
fs::path shared_name(const fs::path& target, int i) {
  return temporary_name(target, i > 0 ? "-" + std::to_string(i) : "");
}

/// Returns a name that no other writer tries.
fs::path own_name(const fs::path& target) {
  std::random_device random;
  return temporary_name(target, "-" + std::to_string(random()) + "-" + std::to_string(random()));
}

/// Whether `name` refers to this open file: it may have been removed or renamed between opening and locking.
bool names(const fs::path& name, int file) {
  struct stat there {};
  struct stat here {};
  return ::lstat(name.c_str(), &there) == 0 && ::fstat(file, &here) == 0 && there.st_dev == here.st_dev &&
         there.st_ino == here.st_ino;
}

bool lock(int file) {
  return retry([&] { return ::flock(file, LOCK_EX | LOCK_NB); }) == 0;
}

/// State of a name for temporary files.
enum class Found { nothing, stale, in_use };

/// Removes the file if its writer no longer exists. It is not reused, because owner and mode may be wrong.
Found remove_stale(const fs::path& name) {
  const Descriptor file(Descriptor::open(name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK));
  if (!file.valid()) return errno == ENOENT ? Found::nothing : Found::in_use;
  if (!lock(file.get())) return Found::in_use;
  return !names(name, file.get()) || ::unlink(name.c_str()) == 0 ? Found::stale : Found::in_use;
}

/// Removes the file unless another process has locked it.
void remove_unlocked(const fs::path& name) {
  const Descriptor file(Descriptor::open(name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK));
  if (file.valid() && lock(file.get())) ::unlink(name.c_str());
}

/// A new file in the directory of the target, removed by the destructor unless it has replaced the target.
/// `path` is used in messages.
class TemporaryFile {
 public:
  TemporaryFile(const fs::path& path, const fs::path& target, mode_t mode)
      : path_(path), file_(create(target, mode)) {}
  ~TemporaryFile() {
    if (!renamed_) ::unlink(name_.c_str());
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  /// Removes the files of several killed writers.
  void remove_others(const fs::path& target) const {
    for (int i = i_ + 1; i < kMostTries && remove_stale(shared_name(target, i)) != Found::nothing;) ++i;
  }

  /// Copies the owner (if permitted, which it usually is not) and the mode of the file to replace, if there
  /// is one. Until `finish`, the owner may write for any mode, because another process must be able to open
  /// a stale file for writing: NFS does not lock files that are opened for reading.
  void look_like(const std::optional<struct stat>& old) {
    struct stat status {};
    if (::fstat(file_.get(), &status) != 0) fail();
    mode_ = final_mode_ = status.st_mode & 07777u;
    if (old) {
      const bool owned = ::fchown(file_.get(), old->st_uid, old->st_gid) == 0;
      // The set-user-ID and set-group-ID bits must not be passed to another owner.
      final_mode_ = old->st_mode & (owned ? 07777u : 0777u);
    }
    change_mode((final_mode_ & 0777u) | S_IWUSR);
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

  /// Syncs the file to the disk and sets its final mode.
  void finish() {
    sync();
    if (mode_ == final_mode_) return;
    change_mode(final_mode_);
    sync();
  }

  /// Must be called before the file is closed, which would release its lock.
  void rename(const fs::path& target) {
    if (::rename(name_.c_str(), target.c_str()) != 0) fail();
    renamed_ = true;
  }

 private:
  /// Creates a file that is locked as long as it is open: a file that is not locked belongs to a process
  /// that no longer exists.
  int create(const fs::path& target, mode_t mode) {
    bool lost = false;
    for (int tries = 0; tries < kMostTries; ++tries) {
      name_ = shared_name(target, i_);
      const int file = open_new(mode);
      if (file < 0) {
        if (remove_stale(name_) == Found::in_use) ++i_;
        continue;
      }
      // If there are no locks (as on some network file systems), use a unique name.
      if ((lock(file) || errno != EWOULDBLOCK) && names(name_, file)) return file;
      ::close(file);  // another writer considered it stale
      lost = true;
    }
    if (lost) remove_unlocked(name_);
    // There are no locks, or inode numbers cannot be compared (as on layered file systems).
    name_ = own_name(target);
    const int file = open_new(mode);
    if (file < 0) fail();
    return file;
  }

  /// Returns a negative number if the name is in use.
  int open_new(mode_t mode) const {
    const int file = Descriptor::open(name_, O_WRONLY | O_CREAT | O_EXCL, mode);
    if (file < 0 && errno != EEXIST) fail();
    return file;
  }

  void change_mode(mode_t mode) {
    if (mode_ != mode && ::fchmod(file_.get(), mode) != 0) fail();
    mode_ = mode;
  }

  void sync() {
#if defined(F_FULLFSYNC)  // macOS: fsync does not flush the drive's cache
    if (::fcntl(file_.get(), F_FULLFSYNC) == 0) return;
#endif
    if (retry([&] { return ::fsync(file_.get()); }) != 0) fail();
  }

  [[noreturn]] void fail() const { fail_file(errno, "write", path_); }

  const fs::path& path_;
  int i_ = 0;  // index of shared_name
  fs::path name_;
  Descriptor file_;
  mode_t mode_ = 0, final_mode_ = 0;
  bool renamed_ = false;
};

/// Returns the status of the file to replace, if there is one. Throws std::system_error if it must not be
/// replaced.
std::optional<struct stat> old_file(const fs::path& path, const fs::path& target) {
  struct stat status {};
  if (::lstat(target.c_str(), &status) != 0) {
    if (errno != ENOENT) fail_file(errno, "write", path);
    if (!target.empty() && !target.has_filename()) fail_file(EISDIR, "write", path);  // "directory/"
    return std::nullopt;
  }
  if (S_ISDIR(status.st_mode)) fail_file(EISDIR, "write", path);
  if (!S_ISREG(status.st_mode)) fail_file(EINVAL, "write", path);
  if (::faccessat(AT_FDCWD, target.c_str(), W_OK, AT_EACCESS) != 0) fail_file(errno, "write", path);
  return status;
}

void sync_folder(const Descriptor& folder, const fs::path& path) {
  if (!folder.valid() || retry([&] { return ::fsync(folder.get()); }) == 0) return;
  // This file system cannot sync directories.
  if (errno == EINVAL || errno == ENOTSUP || errno == ENOSYS) return;
  fail_file(errno, "sync the directory after writing", path);
}

}  // namespace

void replace_file(const fs::path& path, const std::vector<Piece>& pieces) {
  if (path.empty()) fail_file(ENOENT, "write", path);
  if (path.native().find('\0') != std::string::npos) fail_file(EINVAL, "write", path);
  const fs::path target = resolved(path);
  const auto old = old_file(path, target);
  const fs::path parent = target.has_parent_path() ? target.parent_path() : fs::path(".");
  // The directory is opened first, so that the one that was written to is synced. A directory that may be
  // written but not read cannot be synced.
  const Descriptor folder(Descriptor::open(parent, O_RDONLY | O_DIRECTORY));
  if (!folder.valid() && errno != EACCES) fail_file(errno, "write", path);

  TemporaryFile file(path, target, old ? 0600 : 0666);
  file.remove_others(target);
  file.look_like(old);
  for (const Piece& piece : pieces) file.write(piece);
  file.finish();
  file.rename(target);
  sync_folder(folder, path);
}

}  // namespace localgrad::io

#endif
