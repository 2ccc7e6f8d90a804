#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <tuple>

#include "safetensors.hpp"
#include "safetensors_header.hpp"
#include "text/message.hpp"
#include "utf8.hpp"

namespace localgrad::io {
namespace {

constexpr std::size_t kLengthBytes = 8;

template <class... Parts>
[[noreturn]] void fail(const Parts&... problem) {
  refuse(kFile, ": ", problem...);
}

std::size_t header_length(const unsigned char* file, std::size_t size) {
  if (size < kLengthBytes) {
    fail("expected at least 8 bytes for the header's length, found ", size);
  }
  std::uint64_t length = 0;
  for (std::size_t i = kLengthBytes; i-- > 0;) length = length << 8 | file[i];
  if (length > size - kLengthBytes) {
    fail("bytes 0 to 7 specify a header of ", length, " bytes, found ", size - kLengthBytes, " after them");
  }
  if (length > kMaxHeaderBytes) {
    fail("expected a header of at most ", kMaxHeaderBytes, " bytes, found ", length);
  }
  return static_cast<std::size_t>(length);
}

/// Sorts the entries by their data and checks that they cover each of its `size` bytes exactly once.
void check_cover(std::vector<HeaderEntry>& entries, std::size_t size) {
  std::sort(entries.begin(), entries.end(), [](const HeaderEntry& a, const HeaderEntry& b) {
    return std::tie(a.begin, a.end, a.tensor.name) < std::tie(b.begin, b.end, b.tensor.name);
  });
  std::size_t covered = 0;
  const HeaderEntry* previous = nullptr;
  for (const HeaderEntry& entry : entries) {
    const std::string name = "tensor " + in_quotes(entry.tensor.name);
    if (entry.end > size) {
      fail(name, " ends at byte ", entry.end, " of the data, which has ", size, " bytes");
    }
    if (entry.begin > covered) {
      fail("bytes ", covered, " to ", entry.begin, " of the data, before ", name, ", belong to no tensor");
    }
    if (entry.begin < covered) {
      fail(name, " begins at byte ", entry.begin, " of the data, but tensor ",
           in_quotes(previous->tensor.name), " ends at ", covered);
    }
    covered = entry.end;
    previous = &entry;
  }
  if (covered != size) {
    fail("the tensors end at byte ", covered, " of the data, which has ", size, " bytes");
  }
}

}  // namespace

Archive::Archive(Bytes bytes) : Archive(Piece{bytes.data(), bytes.size()}) { bytes_ = std::move(bytes); }

Archive::Archive(Piece file) {
  const auto* begin = static_cast<const unsigned char*>(file.data);
  const std::size_t length = header_length(begin, file.size);
  const std::string_view text(reinterpret_cast<const char*>(begin) + kLengthBytes, length);
  Header header = parse_header(text, kLengthBytes);
  check_cover(header.entries, file.size - kLengthBytes - length);

  metadata_ = std::move(header.metadata);
  tensors_.reserve(header.entries.size());
  for (HeaderEntry& entry : header.entries) {
    entry.tensor.data = begin + kLengthBytes + length + entry.begin;
    entry.tensor.bytes = entry.end - entry.begin;
    tensors_.push_back(std::move(entry.tensor));
  }
  by_name_.resize(tensors_.size());
  std::iota(by_name_.begin(), by_name_.end(), std::size_t{0});
  std::sort(by_name_.begin(), by_name_.end(),
            [this](std::size_t a, std::size_t b) { return tensors_[a].name < tensors_[b].name; });
  const auto twice = std::adjacent_find(
      by_name_.begin(), by_name_.end(),
      [this](std::size_t a, std::size_t b) { return tensors_[a].name == tensors_[b].name; });
  if (twice != by_name_.end())
    fail("expected different names, found tensor ", in_quotes(tensors_[*twice].name), " twice");
}

const Tensor* Archive::find(std::string_view name) const {
  const auto place =
      std::lower_bound(by_name_.begin(), by_name_.end(), name,
                       [this](std::size_t i, std::string_view wanted) { return tensors_[i].name < wanted; });
  return place != by_name_.end() && tensors_[*place].name == name ? &tensors_[*place] : nullptr;
}

const Tensor& Archive::at(std::string_view name) const {
  if (const Tensor* tensor = find(name)) return *tensor;
  fail("expected a tensor ", in_quotes(name), ", which is missing");
}

}  // namespace localgrad::io
