// Untested: written according to the documentation.
#if defined(_WIN32)

#include <cerrno>
#include <fstream>
#include <string>
#include <system_error>

#include "file.hpp"

namespace localgrad::io {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(std::error_code error, const char* what, const fs::path& path) {
  throw std::system_error(error, std::string("cannot ") + what + " '" + path.u8string() + "'");
}

[[noreturn]] void fail(std::errc error, const char* what, const fs::path& path) {
  fail(std::make_error_code(error), what, path);
}

}  // namespace

Bytes read_file(const fs::path& path, std::size_t limit) {
  const fs::file_status status = fs::status(path);
  if (!fs::exists(status)) fail(std::errc::no_such_file_or_directory, "read", path);
  if (fs::is_directory(status)) fail(std::errc::is_a_directory, "read", path);
  if (!fs::is_regular_file(status)) fail(std::errc::invalid_argument, "read", path);
  const std::uintmax_t size = fs::file_size(path);
  if (size > limit) fail(std::errc::file_too_large, "read", path);
  std::ifstream file(path, std::ios::binary);
  if (!file) fail(std::errc::permission_denied, "read", path);
  Bytes bytes(static_cast<std::size_t>(size));
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
  if (!file) fail(std::errc::io_error, "read", path);
  return bytes;
}

/// Renaming is atomic on NTFS. The file is not synced to the disk.
void replace_file(const fs::path& path, const std::vector<Piece>& pieces) {
  std::error_code error;
  fs::path target = fs::weakly_canonical(path, error);
  if (error) fail(error, "write", path);
  if (fs::is_directory(target)) fail(std::errc::is_a_directory, "write", path);
  fs::path temporary = target;
  temporary += ".localgrad.tmp";
  {
    std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
    for (const Piece& piece : pieces) {
      file.write(static_cast<const char*>(piece.data), static_cast<std::streamsize>(piece.size));
    }
    file.close();
    if (!file) error = std::make_error_code(std::errc::io_error);
  }
  if (!error) fs::rename(temporary, target, error);
  if (!error) return;
  std::error_code ignored;
  fs::remove(temporary, ignored);
  fail(error, "write", path);
}

}  // namespace localgrad::io

#endif
