#if !defined(_WIN32)

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <random>
#include <system_error>
#include <thread>

#include "io/file.hpp"
#include "test_io_support.hpp"

using namespace localgrad::io;
using namespace localgrad::io::test;

namespace {

namespace fs = std::filesystem;

std::vector<Piece> pieces_of(const std::string& text) { return {{text.data(), text.size()}}; }

void write(const fs::path& path, const std::string& text) { replace_file(path, pieces_of(text)); }

std::string content(const fs::path& path) { return text_of(read_file(path)); }

mode_t mode_of(const fs::path& path) {
  struct stat status {};
  REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

/// errno of the std::system_error that `call` throws, whose message must contain `path`; 0 if it throws
/// nothing.
template <class Call>
int error_of(const fs::path& path, Call call) {
  try {
    call();
  } catch (const std::system_error& error) {
    CHECK(error.code().category() == std::generic_category());
    CHECK(contains(error.what(), path.string()));
    return error.code().value();
  }
  return 0;
}

int read_error(const fs::path& path) {
  return error_of(path, [&] { read_file(path); });
}
int write_error(const fs::path& path, const std::string& text = "new") {
  return error_of(path, [&] { write(path, text); });
}

/// Sets a resource limit of this process; the destructor restores it.
class Limit {
 public:
  Limit(int which, rlim_t value) : which_(which) {
    ::getrlimit(static_cast<decltype(RLIMIT_CORE)>(which_), &old_);
    rlimit changed = old_;
    changed.rlim_cur = value;
    ::setrlimit(static_cast<decltype(RLIMIT_CORE)>(which_), &changed);
  }
  ~Limit() { ::setrlimit(static_cast<decltype(RLIMIT_CORE)>(which_), &old_); }
  Limit(const Limit&) = delete;
  Limit& operator=(const Limit&) = delete;

 private:
  int which_;
  rlimit old_{};
};

/// A process that writes a file for a long time; it calls `prepare` first.
class Writer {
 public:
  explicit Writer(
      const fs::path& path, void (*prepare)() = [] {})
      : folder_(path.parent_path()), child_(::fork()) {
    REQUIRE(child_ >= 0);
    if (child_ > 0) return;
    prepare();
    const std::vector<Piece> pieces(3'000'000, Piece{"x", 1});
    replace_file(path, pieces);
    ::_exit(1);
  }
  ~Writer() { kill(); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// Waits until its temporary file is locked and written to, and returns it; with `others` in the
  /// directory, one of them all.
  fs::path temporary_file(std::size_t others = 0) const {
    for (;;) {
      std::vector<fs::path> found;
      for (const auto& entry : fs::directory_iterator(folder_))
        if (entry.path().extension() == ".tmp" && entry.file_size() > 0) found.push_back(entry.path());
      if (found.size() > others) return found[0];
    }
  }
  void stop() {
    ::kill(child_, SIGSTOP);
    int status = 0;
    REQUIRE(::waitpid(child_, &status, WUNTRACED) == child_);
    REQUIRE(WIFSTOPPED(status));
  }
  void kill() {
    if (child_ < 0) return;
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    child_ = -1;
  }

 private:
  fs::path folder_;
  pid_t child_;
};

/// Runs a process that replaces the file's contents with "new", after `prepare`. Returns 0 if it succeeds.
int write_elsewhere(const fs::path& path, void (*prepare)()) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    prepare();
    try {
      write(path, "new");
    } catch (...) {
      ::_exit(1);
    }
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return status;
}

}  // namespace

#if defined(LOCALGRAD_WRAP_FSTAT)
// On layered file systems, the inode number of an open file may differ from that of its name.
static bool numbers_differ = false;
#if defined(_FILE_OFFSET_BITS)
#define LOCALGRAD_FSTAT(prefix) prefix##fstat64
#else
#define LOCALGRAD_FSTAT(prefix) prefix##fstat
#endif
extern "C" int LOCALGRAD_FSTAT(__real_)(int file, struct stat* status);
extern "C" int LOCALGRAD_FSTAT(__wrap_)(int file, struct stat* status) {
  const int result = LOCALGRAD_FSTAT(__real_)(file, status);
  status->st_ino += numbers_differ;
  return result;
}
#endif

TEST_CASE("file: written contents are read back") {
  const TemporaryFolder folder;
  const std::string text("a\0b\r\n\x1a", 6);
  const Piece pieces[] = {{text.data(), 3}, {nullptr, 0}, {text.data() + 3, 3}};
  replace_file(folder / "f", {pieces, pieces + 3});
  CHECK(content(folder / "f") == text);
  replace_file(folder / "f", {});
  CHECK(content(folder / "f").empty());
  for (const std::size_t size : {4095u, 4096u, 4097u, 1'000'003u}) {
    const std::string large(size, 'x');
    write(folder / "f", large);
    CHECK(content(folder / "f") == large);
    CHECK(read_file(folder / "f", size).size() == size);
    CHECK(error_of(folder / "f", [&] { read_file(folder / "f", size - 1); }) == EFBIG);
  }
  CHECK(folder.count() == 1);
  CHECK(!read_file("/proc/self/status").empty());  // a file that reports a size of 0
  CHECK(error_of("/proc/self/status", [&] { read_file("/proc/self/status", 10); }) == EFBIG);
}

TEST_CASE("file: errors of reading and writing have the reason and the path") {
  const TemporaryFolder folder;
  write(folder / "file", "old");
  fs::create_directory(folder / "folder");
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  fs::create_symlink("loop", folder / "loop");

  CHECK(read_error(folder / "missing") == ENOENT);
  CHECK(read_error(folder / "folder") == EISDIR);
  CHECK(read_error(folder / "pipe") == EINVAL);  // does not block
  CHECK(read_error(folder / "file/x") == ENOTDIR);
  CHECK(read_error(folder / "loop") == ELOOP);
  CHECK(read_error("/dev/zero") == EINVAL);
  CHECK(read_error("") == ENOENT);

  CHECK(write_error(folder / "missing/x") == ENOENT);
  CHECK(write_error(folder / "folder") == EISDIR);
  CHECK(write_error(folder / "folder/") == EISDIR);
  CHECK(write_error(folder / "new/") == EISDIR);
  CHECK(write_error(folder / ".") == EISDIR);
  CHECK(write_error(folder / "pipe") == EINVAL);
  CHECK(write_error(folder / "file/x") == ENOTDIR);
  CHECK(write_error(folder / "loop") == ELOOP);
  CHECK(write_error(folder / std::string(300, 'n')) == ENAMETOOLONG);
  CHECK(write_error("/dev/null") == EINVAL);
  CHECK(write_error("") == ENOENT);
  const fs::path nul = folder / std::string("a\0b", 3);
  CHECK_THROWS_AS(read_file(nul), std::system_error);
  CHECK_THROWS_AS(write(nul, "x"), std::system_error);

  CHECK(folder.count() == 4);
  CHECK(content(folder / "file") == "old");
}

TEST_CASE("file: if writing fails, the old file is kept and no temporary file remains") {
  const TemporaryFolder folder;
  const fs::path path = folder / "f";
  write(path, "old");
  const std::string large(100'000, 'n');
  {
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const Limit limit(RLIMIT_FSIZE, 10'000);
    CHECK(write_error(path, large) == EFBIG);  // after a short write
    CHECK(write_error(folder / "other", large) == EFBIG);
    std::signal(SIGXFSZ, handler);
  }
  CHECK(content(path) == "old");
  CHECK(folder.count() == 1);
  {
    const Limit limit(RLIMIT_NOFILE, 0);
    CHECK(write_error(path) == EMFILE);
    CHECK(read_error(path) == EMFILE);
  }
  CHECK(content(path) == "old");
  CHECK(folder.count() == 1);
  write(path, large);
  CHECK(content(path) == large);
}

TEST_CASE("file: permissions are respected and kept") {
  const TemporaryFolder folder;
  const mode_t before = ::umask(027);
  write(folder / "new", "1");
  ::umask(before);
  CHECK(mode_of(folder / "new") == 0640);
  for (const mode_t mode : {0600u, 0666u, 0604u, 0755u}) {
    REQUIRE(::chmod((folder / "new").c_str(), mode) == 0);
    write(folder / "new", "2");
    CHECK(mode_of(folder / "new") == mode);
  }
  if (::geteuid() == 0) {  // root: the owner is kept
    REQUIRE(::chown((folder / "new").c_str(), 1234, 4321) == 0);
    write(folder / "new", "3");
    struct stat status {};
    REQUIRE(::stat((folder / "new").c_str(), &status) == 0);
    CHECK(status.st_uid == 1234);
    CHECK(status.st_gid == 4321);
  } else {
    REQUIRE(::chmod((folder / "new").c_str(), 0444) == 0);
    CHECK(write_error(folder / "new") == EACCES);
    fs::permissions(folder.path(), fs::perms::owner_read | fs::perms::owner_exec);
    CHECK(write_error(folder / "other") == EACCES);
    fs::permissions(folder.path(), fs::perms::owner_all);
    CHECK(folder.count() == 1);
  }
}

TEST_CASE("file: a symbolic link is kept and its target is replaced") {
  const TemporaryFolder folder;
  fs::create_directory(folder / "sub");
  write(folder / "sub/real", "old");
  fs::create_symlink("sub/real", folder / "relative");
  fs::create_symlink(folder / "relative", folder / "absolute");  // a link to a link
  fs::create_symlink("sub/later", folder / "dangling");
  for (const char* name : {"relative", "absolute", "dangling"}) {
    CAPTURE(name);
    write(folder / name, name);
    CHECK(fs::is_symlink(folder / name));
    CHECK(content(folder / name) == name);
  }
  CHECK(content(folder / "sub/real") == "absolute");
  CHECK(content(folder / "sub/later") == "dangling");
  CHECK(folder.count() == 4);
}

TEST_CASE("file: names without a directory and long names are supported") {
  const TemporaryFolder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  write("plain", "1");
  write("./dotted", "2");
  CHECK(content("plain") == "1");
  CHECK(content("dotted") == "2");
  write(std::string(255, 'n'), "3");  // the longest valid name: the temporary name is not longer
  CHECK(content(std::string(255, 'n')) == "3");
  fs::current_path(before);
  CHECK(folder.count() == 3);
}

TEST_CASE("file: an open reader keeps the old contents") {
  const TemporaryFolder folder;
  write(folder / "f", "old content");
  std::ifstream reader(folder / "f");
  write(folder / "f", "new");
  std::string word;
  reader >> word;
  CHECK(word == "old");
}

TEST_CASE("file: after several threads replaced a file, it has the contents of one of them") {
  const TemporaryFolder folder;
  const fs::path path = folder / "f";
  write(path, std::string(20'000, 'a'));
  std::vector<std::thread> threads;
  for (const char letter : {'a', 'b', 'c'}) {
    threads.emplace_back([&path, letter] {
      for (int i = 0; i < 20; ++i) write(path, std::string(20'000, letter));
    });
  }
  bool whole = true;
  for (int i = 0; i < 100; ++i) {
    const std::string seen = content(path);
    whole = whole && seen == std::string(20'000, seen[0]);
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(whole);
  CHECK(folder.count() == 1);
}

TEST_CASE("file: if a process is killed at any moment, the file is the old or the new one") {
  const TemporaryFolder folder;
  const fs::path path = folder / "f";
  std::mt19937 random(7);
  write(path, std::string(300'000, '0'));
  for (int round = 0; round < 20; ++round) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      for (int i = 0;; ++i) {
        try {
          write(path, std::string(300'000, static_cast<char>('0' + i % 10)));
        } catch (...) {
          ::_exit(1);
        }
      }
    }
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 20'000));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(WIFSIGNALED(status));
    const std::string seen = content(path);
    CHECK(seen == std::string(300'000, seen.empty() ? '?' : seen[0]));
    CHECK(folder.count() <= 2);  // and at most one temporary file
  }
  write(path, "last");
  CHECK(folder.count() == 1);
}

TEST_CASE("file: temporary files of live writers are kept, those of killed writers are removed") {
  const TemporaryFolder folder;
  const fs::path path = folder / "a name longer than a string holds in itself";
  Writer writer(path);
  const fs::path temporary = writer.temporary_file();
  writer.stop();
  write(path, "another's");
  CHECK(content(path) == "another's");
  CHECK(fs::exists(temporary));
  CHECK(folder.count() == 2);
  writer.kill();
  CHECK(folder.count() == 2);
  write(folder / "g", "a file of another name removes nothing");
  CHECK(folder.count() == 3);
  write(path, "new");
  CHECK(content(path) == "new");
  CHECK_FALSE(fs::exists(temporary));
  CHECK(folder.count() == 2);
}

TEST_CASE("file: the temporary files of several killed writers are removed together") {
  const TemporaryFolder folder;
  const fs::path path = folder / "f";
  Writer first(path);
  first.temporary_file();
  Writer second(path);
  second.temporary_file(1);
  Writer third(path);
  third.temporary_file(2);
  third.stop();
  first.kill();
  second.kill();
  REQUIRE(folder.count() == 3);
  write(path, "new");
  CHECK(folder.count() == 2);
  third.kill();
}

TEST_CASE("file: the temporary file of a killed writer is removed for any umask") {
  const auto with_umask = [](auto prepare, mode_t mask) {
    CAPTURE(mask);
    const TemporaryFolder folder;
    fs::permissions(folder.path(), fs::perms::all);
    const fs::path path = folder / "f";
    Writer writer(path, prepare);
    writer.temporary_file();
    writer.kill();
    REQUIRE(folder.count() == 1);
    CHECK(write_elsewhere(path, prepare) == 0);
    CHECK(folder.count() == 1);
    CHECK(mode_of(path) == (0666 & ~mask));
  };
  // Root can open any file.
  static const auto become_nobody = [] {
    if (::geteuid() == 0 && ::setuid(65534) != 0) ::_exit(2);
  };
  with_umask([] { become_nobody(), ::umask(0222); }, 0222);
  with_umask([] { become_nobody(), ::umask(0777); }, 0777);
}

#if defined(LOCALGRAD_WRAP_FSTAT)
TEST_CASE("file: writing succeeds if inode numbers cannot be compared") {
  const TemporaryFolder folder;
  numbers_differ = true;
  ::alarm(60);  // ends the tests if the call never returns
  for (const char* text : {"first", "second", "third"}) {
    write(folder / "f", text);
    CHECK(content(folder / "f") == text);
  }
  ::alarm(0);
  numbers_differ = false;
  CHECK(folder.count() <= 2);
  write(folder / "f", "last");
  CHECK(folder.count() == 1);
}
#endif

TEST_CASE("file: another name is used if a temporary file cannot be removed") {
  const TemporaryFolder folder;
  write(folder / "elsewhere", "untouched");
  Writer writer(folder / "f");
  const fs::path temporary = writer.temporary_file();
  writer.kill();
  fs::remove(temporary);
  fs::create_symlink("elsewhere", temporary);
  write(folder / "f", "new");
  CHECK(fs::is_symlink(temporary));
  fs::remove(temporary);
  fs::create_directory(temporary);
  write(folder / "f", "newer");
  CHECK(content(folder / "f") == "newer");
  fs::remove(temporary);
  REQUIRE(::mkfifo(temporary.c_str(), 0600) == 0);
  write(folder / "f", "newest");  // does not block
  CHECK(content(folder / "f") == "newest");
  CHECK(content(folder / "elsewhere") == "untouched");
}

#endif
