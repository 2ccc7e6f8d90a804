#pragma once

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

#include "io/bytes.hpp"

namespace localgrad::io::test {

inline Bytes bytes_of(std::string_view text) { return Bytes(text.begin(), text.end()); }

inline std::string text_of(const Bytes& bytes) { return std::string(bytes.begin(), bytes.end()); }

/// A file from its parts, with this length of the header or the actual one.
inline Bytes file_of(std::string_view header, std::string_view data, std::uint64_t length) {
  std::string file;
  for (int i = 0; i < 8; ++i) file += static_cast<char>(length >> (8 * i) & 0xff);
  return bytes_of(file.append(header).append(data));
}
inline Bytes file_of(std::string_view header, std::string_view data = "") {
  return file_of(header, data, header.size());
}

/// Message of the std::invalid_argument that `call` throws; "nothing was thrown" if it throws nothing. Other
/// exceptions are propagated.
template <class Call>
std::string message_of(Call call) {
  try {
    call();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "nothing was thrown";
}

inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// A new directory, removed with its contents by the destructor.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "localgrad-test-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw std::runtime_error("mkdtemp");
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }
  /// Number of files, directories and links in it.
  std::size_t count() const {
    std::size_t n = 0;
    for (auto it = std::filesystem::directory_iterator(path_); it != std::filesystem::directory_iterator();
         ++it)
      ++n;
    return n;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace localgrad::io::test
