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

/// errno of the std::system_error that `call` throws, whose message must name `path`; 0 if it throws nothing.
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

/// A limit of this process, back as it was at the end.
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

/// A process that is writing a file, and will be for long; `prepare` is called in it before.
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

  /// Its temporary file, once it is locked and written to; with `others` in the folder, one of them all.
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

/// What becomes of a process that makes "new" the file's content, prepared as Writer's: 0 if it succeeds.
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
// Layered file systems may number a file differently when it is open and when it is looked up by its name.
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

TEST_CASE("file: what is written is read") {
  const TemporaryFolder folder;
  const std::string text("a\0b\r\n\x1a", 6);
  const Piece pieces[] = {{text.data(), 3}, {nullptr, 0}, {text.data() + 3, 3}};
  replace_file(folder / "f", {pieces, pieces + 3});
  CHECK(content(folder / "f") == text);
  replace_file(folder / "f", {});
  CHECK(content(folder / "f").empty());
  for (const std::size_t size : {4095, 4096, 4097, 1'000'003}) {
    const std::string large(size, 'x');
    write(folder / "f", large);
    CHECK(content(folder / "f") == large);
    CHECK(read_file(folder / "f", size).size() == size);
    CHECK(error_of(folder / "f", [&] { read_file(folder / "f", size - 1); }) == EFBIG);
  }
  CHECK(folder.count() == 1);
  CHECK(!read_file("/proc/self/status").empty());  // a file that claims to be empty
  CHECK(error_of("/proc/self/status", [&] { read_file("/proc/self/status", 10); }) == EFBIG);
}

TEST_CASE("file: what cannot be read or written says why, with the path") {
  const TemporaryFolder folder;
  write(folder / "file", "old");
  fs::create_directory(folder / "folder");
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  fs::create_symlink("loop", folder / "loop");

  CHECK(read_error(folder / "missing") == ENOENT);
  CHECK(read_error(folder / "folder") == EISDIR);
  CHECK(read_error(folder / "pipe") == EINVAL);  // and does not hang
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

TEST_CASE("file: when writing fails the old file stays and no temporary file is left") {
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

TEST_CASE("file: permissions") {
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
  if (::geteuid() == 0) {  // who may everything: the owner is kept
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

TEST_CASE("file: a symbolic link stays and its file is replaced") {
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

TEST_CASE("file: a name without folder, and a long one") {
  const TemporaryFolder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  write("plain", "1");
  write("./dotted", "2");
  CHECK(content("plain") == "1");
  CHECK(content("dotted") == "2");
  write(std::string(255, 'n'), "3");  // as long as names may be: the temporary name is not longer
  CHECK(content(std::string(255, 'n')) == "3");
  fs::current_path(before);
  CHECK(folder.count() == 3);
}

TEST_CASE("file: an open reader keeps the old content") {
  const TemporaryFolder folder;
  write(folder / "f", "old content");
  std::ifstream reader(folder / "f");
  write(folder / "f", "new");
  std::string word;
  reader >> word;
  CHECK(word == "old");
}

TEST_CASE("file: threads that replace one file leave one of their contents") {
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

TEST_CASE("file: a process killed at any moment leaves the old file or the new one") {
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
    CHECK(folder.count() <= 2);  // with one temporary file at most
  }
  write(path, "last");
  CHECK(folder.count() == 1);
}

TEST_CASE("file: the temporary file of a living writer is left alone, that of a dead one removed") {
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

TEST_CASE("file: what several dead writers left is removed at once") {
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

TEST_CASE("file: what a dead writer left is removed whatever the umask") {
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
  // Root may open everything.
  static const auto become_nobody = [] {
    if (::geteuid() == 0 && ::setuid(65534) != 0) ::_exit(2);
  };
  with_umask([] { become_nobody(), ::umask(0222); }, 0222);
  with_umask([] { become_nobody(), ::umask(0777); }, 0777);
}

#if defined(LOCALGRAD_WRAP_FSTAT)
TEST_CASE("file: it is written where the numbers of files cannot be compared") {
  const TemporaryFolder folder;
  numbers_differ = true;
  ::alarm(60);  // ends the tests if it never returns
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

TEST_CASE("file: what cannot be removed from a temporary file's name is stepped around") {
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
  write(folder / "f", "newest");  // and does not hang
  CHECK(content(folder / "f") == "newest");
  CHECK(content(folder / "elsewhere") == "untouched");
}

#endif
