// Makes each system call of saving and loading a file fail in turn: the first, the second and so on, until
// the call succeeds. Each time, the call must report the error, the old file must be unchanged, and no
// temporary file may remain. The linker redirects the system calls of the library to the functions below.
//
//     fail_io

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <string>
#include <system_error>
#include <vector>

#include "io/file.hpp"
#include "localgrad/localgrad.h"
#include "localgrad/localgrad.hpp"
#include "test_io_support.hpp"

namespace {

/// Which call fails, and how.
struct Failure {
  const char* function = "";
  int error = 0;              ///< errno; 0 for a short read or write
  long until = 0;             ///< number of calls until it fails; 0 if none will
  bool from_then_on = false;  ///< whether all later calls fail, too
  bool happened = false;
};
Failure failure;

/// Whether this call fails. Sets errno.
bool fails(const char* function) {
  if (failure.until <= 0 || std::strcmp(function, failure.function) != 0) return false;
  if (failure.until > 1) {
    --failure.until;
    return false;
  }
  if (!failure.from_then_on) failure.until = 0;
  failure.happened = true;
  errno = failure.error;
  return true;
}

}  // namespace

extern "C" {
int __real_open(const char* path, int flags, ...);
ssize_t __real_write(int file, const void* data, size_t size);
ssize_t __real_read(int file, void* data, size_t size);
int __real_fsync(int file);
int __real_rename(const char* from, const char* to);
int __real_close(int file);
int __real_fstat(int file, struct stat* status);
int __real_lstat(const char* path, struct stat* status);
int __real_fchmod(int file, mode_t mode);
int __real_flock(int file, int operation);

int __wrap_open(const char* path, int flags, ...) {
  std::va_list arguments;
  va_start(arguments, flags);
  const unsigned mode = flags & O_CREAT ? va_arg(arguments, unsigned) : 0;
  va_end(arguments);
  return fails("open") ? -1 : __real_open(path, flags, mode);
}
ssize_t __wrap_write(int file, const void* data, size_t size) {
  if (!fails("write")) return __real_write(file, data, size);
  return failure.error ? -1 : __real_write(file, data, (size + 1) / 2);
}
ssize_t __wrap_read(int file, void* data, size_t size) {
  if (!fails("read")) return __real_read(file, data, size);
  return failure.error ? -1 : __real_read(file, data, std::min<size_t>(size, 3));
}
int __wrap_fsync(int file) { return fails("fsync") ? -1 : __real_fsync(file); }
int __wrap_rename(const char* from, const char* to) { return fails("rename") ? -1 : __real_rename(from, to); }
int __wrap_close(int file) {
  const bool fail = fails("close");
  const int result = __real_close(file);  // the descriptor is closed even if the call fails
  if (fail) errno = failure.error;
  return fail ? -1 : result;
}
int __wrap_fstat(int file, struct stat* status) { return fails("fstat") ? -1 : __real_fstat(file, status); }
int __wrap_lstat(const char* path, struct stat* status) {
  return fails("lstat") ? -1 : __real_lstat(path, status);
}
int __wrap_fchmod(int file, mode_t mode) { return fails("fchmod") ? -1 : __real_fchmod(file, mode); }
int __wrap_flock(int file, int operation) { return fails("flock") ? -1 : __real_flock(file, operation); }
}

namespace {

using namespace localgrad;
using Bytes = std::vector<unsigned char>;

int failures = 0;

void check(bool good, const Failure& injected, long n, const char* problem) {
  if (good) return;
  ++failures;
  std::fprintf(stderr, "%s %ld fails with %d: %s\n", injected.function, n, injected.error, problem);
}

/// What a call does about a failure.
enum class Outcome {
  reported,   ///< it must report the error
  tolerated,  ///< it may succeed, or report the error
};

/// Calls `call` with a failure of each system call of a kind. `check_state(succeeded, message)` checks the
/// files.
template <class Call, class Check>
void each_failure(const Failure& injected, Outcome outcome, const Call& call, const Check& check_state) {
  long n = 1;
  for (;; ++n) {
    failure = injected;
    failure.until = n;
    std::string message;
    int code = 0;
    try {
      call();
    } catch (const std::system_error& error) {
      message = error.what();
      code = error.code().value();
    } catch (const std::exception& error) {
      check(false, injected, n, error.what());
    }
    const bool reached = failure.happened;
    failure = {};
    if (!reached) {
      check(message.empty(), injected, n, message.c_str());
      check_state(injected, n, true, message);
      break;
    }
    if (outcome == Outcome::reported) {
      check(!message.empty(), injected, n, "was not reported");
      check(code == injected.error, injected, n, "another error was reported");
    }
    check_state(injected, n, message.empty(), message);
  }
  std::printf("%s fails with %d: %ld calls\n", injected.function, injected.error, n - 1);
}

void saving(const io::test::TemporaryFolder& folder, const Network<float>& net) {
  const std::string path = (folder / "net.safetensors").string();
  const Bytes saved = net.serialize(), old = {1, 2, 3};
  const auto restore = [&] { io::replace_file(path, {{old.data(), old.size()}}); };
  const auto check_files = [&](const Failure& injected, long n, bool succeeded, const std::string& message) {
    const bool replaced = succeeded || message.find("sync the directory") != std::string::npos;
    check(io::read_file(path) == (replaced ? saved : old), injected, n, "the file is not the expected one");
    check(folder.count() == 1, injected, n, "a temporary file remains");
    restore();
  };
  const auto save = [&] { net.save(path); };
  restore();
  for (const bool always : {false, true}) {
    for (const int error : {ENOSPC, EIO, EDQUOT})
      each_failure({"write", error, 0, always}, Outcome::reported, save, check_files);
    each_failure({"fsync", EIO, 0, always}, Outcome::reported, save, check_files);
    each_failure({"rename", EIO, 0, always}, Outcome::reported, save, check_files);
    each_failure({"fchmod", EPERM, 0, always}, Outcome::reported, save, check_files);
    for (const int error : {EMFILE, EACCES})
      each_failure({"open", error, 0, always}, Outcome::tolerated, save, check_files);
    each_failure({"fstat", EIO, 0, always}, Outcome::tolerated, save, check_files);
    each_failure({"lstat", EIO, 0, always}, Outcome::tolerated, save, check_files);
    each_failure({"flock", ENOLCK, 0, always}, Outcome::tolerated, save, check_files);
    each_failure({"close", EIO, 0, always}, Outcome::tolerated, save, check_files);
  }
  const auto succeeds = [&](const Failure& injected, long n, bool succeeded, const std::string& message) {
    check(succeeded, injected, n, message.c_str());
    check_files(injected, n, succeeded, message);
  };
  each_failure({"write", 0, 0, false}, Outcome::tolerated, save, succeeds);  // a short write
  each_failure({"write", EINTR, 0, false}, Outcome::tolerated, save, succeeds);
  each_failure({"fsync", EINTR, 0, false}, Outcome::tolerated, save, succeeds);

  // The C interface reports the same.
  localgrad_network* network = nullptr;
  localgrad_network_load_memory(saved.data(), saved.size(), &network);
  failure = {"write", ENOSPC, 1, false};
  check(localgrad_network_save(network, path.c_str()) == LOCALGRAD_IO_ERROR &&
            std::strstr(localgrad_last_error(), "No space left"),
        failure, 1, localgrad_last_error());
  check_files(failure, 1, false, "");
  localgrad_network_free(network);
}

void loading(const io::test::TemporaryFolder& folder, const Network<float>& net) {
  const std::string path = (folder / "net.safetensors").string();
  net.save(path);
  const Bytes saved = net.serialize();
  Bytes loaded;
  const auto load = [&] {
    loaded.clear();
    loaded = Network<float>::load(path).serialize();
  };
  const auto check_loaded = [&](const Failure& injected, long n, bool succeeded, const std::string& message) {
    if (injected.error == 0 || injected.error == EINTR) check(succeeded, injected, n, message.c_str());
    check(!succeeded || loaded == saved, injected, n, "another network was loaded");
    check(io::read_file(path) == saved && folder.count() == 1, injected, n, "the file was changed");
  };
  for (const bool always : {false, true}) {
    each_failure({"open", EMFILE, 0, always}, Outcome::reported, load, check_loaded);
    each_failure({"fstat", EIO, 0, always}, Outcome::reported, load, check_loaded);
    each_failure({"read", EIO, 0, always}, Outcome::reported, load, check_loaded);
    each_failure({"close", EIO, 0, always}, Outcome::tolerated, load, check_loaded);
    each_failure({"read", 0, 0, always}, Outcome::tolerated, load, check_loaded);  // short reads
  }
  each_failure({"read", EINTR, 0, false}, Outcome::tolerated, load, check_loaded);
}

}  // namespace

int main() {
  const io::test::TemporaryFolder folder;
  const Network<float> net({3, 20, 2});
  saving(folder, net);
  loading(folder, net);
  return failures > 0;
}
