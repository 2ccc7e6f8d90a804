#pragma once

// The common part of the fuzzers: damaging bytes and checking a reader. It must be included in only one
// source file of a program.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <random>
#include <stdexcept>
#include <string>

#include "io/bytes.hpp"
#include "io/file.hpp"
#include "wrapped_memory.hpp"

namespace localgrad::fuzz {
namespace {

using io::Bytes;
using memory::live_bytes;
using memory::peak_bytes;
using Random = std::mt19937_64;

constexpr std::size_t kConstant = 4096;  // bytes for messages and the growth of small buffers

std::size_t below(Random& random, std::size_t n) {
  return n == 0 ? 0 : static_cast<std::size_t>(random() % n);
}

template <class T, std::size_t N>
const T& pick(Random& random, const T (&choices)[N]) {
  return choices[below(random, N)];
}

constexpr const char* kTokens[] = {"{",
                                   "}",
                                   "[",
                                   "]",
                                   ",",
                                   ":",
                                   "\"",
                                   "\\",
                                   "null",
                                   "true",
                                   "0",
                                   "-1",
                                   "1e9",
                                   "1.5",
                                   "[[[[[[[[",
                                   "{\"a\":",
                                   "\"dtype\"",
                                   "\"shape\"",
                                   "\"data_offsets\"",
                                   "\"__metadata__\":{}",
                                   "\"F64\"",
                                   "\"F16\"",
                                   "\\u0000",
                                   "\\ud800",
                                   "\xff",
                                   "\xc3\xa9",
                                   " ",
                                   "\n",
                                   ",\"shape\":[1]",
                                   "[0,0]",
                                   "[]",
                                   "{}",
                                   "\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},"};
constexpr const char* kNumbers[] = {"0",
                                    "1",
                                    "-1",
                                    "7",
                                    "8",
                                    "255",
                                    "4294967295",
                                    "4294967296",
                                    "1000000000",
                                    "4611686018427387904",
                                    "9223372036854775807",
                                    "9223372036854775808",
                                    "18446744073709551615",
                                    "18446744073709551616",
                                    "1e400",
                                    "1e-400",
                                    "-0",
                                    "0.5",
                                    "00",
                                    "999999999999999999999999999999"};

void replace(Bytes& bytes, std::size_t at, std::size_t count, const char* text) {
  const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(at);
  const auto place = bytes.erase(begin, begin + static_cast<std::ptrdiff_t>(count));
  bytes.insert(place, text, text + std::strlen(text));
}

bool is_digit(unsigned char c) { return c >= '0' && c <= '9'; }

/// Replaces one of the numbers in the text.
void edit_number(Bytes& bytes, Random& random) {
  if (bytes.empty()) return;
  std::size_t begin = below(random, bytes.size());
  while (begin < bytes.size() && !is_digit(bytes[begin])) ++begin;
  std::size_t end = begin;
  while (end < bytes.size() && is_digit(bytes[end])) ++end;
  if (begin == end) return;
  if (below(random, 2) == 0) return replace(bytes, begin, end - begin, pick(random, kNumbers));
  const int step = static_cast<int>(below(random, 9)) - 4;
  bytes[end - 1] = static_cast<unsigned char>('0' + (bytes[end - 1] - '0' + 10 + step) % 10);
}

void mutate_once(Bytes& bytes, const Bytes& other, Random& random) {
  const std::size_t at = below(random, bytes.size());
  switch (below(random, 8)) {
    case 0:
      if (!bytes.empty()) bytes[at] ^= static_cast<unsigned char>(1u << below(random, 8));
      break;
    case 1:
      if (!bytes.empty()) bytes[at] = static_cast<unsigned char>(random());
      break;
    case 2:
      bytes.resize(at);
      break;
    case 3:
      replace(bytes, at, 0, pick(random, kTokens));
      break;
    case 4:
      replace(bytes, at, std::min(below(random, 12), bytes.size() - at), pick(random, kTokens));
      break;
    case 5:
      replace(bytes, at, std::min(below(random, 40), bytes.size() - at), "");
      break;
    case 6: {  // a piece of this or another file
      const std::size_t from = below(random, other.size());
      const Bytes piece(
          other.begin() + static_cast<std::ptrdiff_t>(from),
          other.begin() + static_cast<std::ptrdiff_t>(
                              from + below(random, std::min<std::size_t>(other.size() - from, 80))));
      bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), piece.begin(), piece.end());
      break;
    }
    default:
      edit_number(bytes, random);
  }
}

/// The length of the header according to the first 8 bytes.
std::size_t header_bytes(const Bytes& bytes) {
  std::size_t header = 0;
  for (std::size_t k = std::min<std::size_t>(8, bytes.size()); k-- > 0;) header = header << 8 | bytes[k];
  return header;
}

/// Sets the first 8 bytes to the length of a header that contains everything except for the last `data`
/// bytes, so that damaged JSON is parsed.
void repair_length(Bytes& bytes, std::size_t data) {
  if (bytes.size() < 8 + data) return;
  const std::uint64_t length = bytes.size() - 8 - data;
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<unsigned char>(length >> (8 * i));
}

struct Count {
  std::size_t loaded = 0, rejected = 0;
  char last[200] = "";  // the last rejection; not a string, which would be counted as a memory leak
  double worst = 0;     // largest ratio of memory to bytes, for inputs that are not tiny
};

/// Calls `read` and checks its behavior. Returns false, after printing a message, if it is not allowed.
template <class Read>
bool check(const char* what, std::size_t size, std::size_t factor, Count& count, Read read) {
  const std::size_t before = live_bytes;
  peak_bytes = before;
  try {
    read();
    ++count.loaded;
  } catch (const std::invalid_argument& error) {
    ++count.rejected;
    std::snprintf(count.last, sizeof count.last, "%s", error.what());
    if (std::strlen(error.what()) == 0) return std::fprintf(stderr, "%s: an empty message\n", what), false;
  } catch (const std::exception& error) {
    return std::fprintf(stderr, "%s: threw another exception: %s\n", what, error.what()), false;
  } catch (...) {
    return std::fprintf(stderr, "%s: threw another exception\n", what), false;
  }
  const std::size_t used = peak_bytes - before;
  if (size >= kConstant)
    count.worst = std::max(count.worst, static_cast<double>(used) / static_cast<double>(size));
  if (used > factor * size + kConstant) {
    return std::fprintf(stderr, "%s: used %zu bytes of memory for %zu bytes\n", what, used, size), false;
  }
  if (live_bytes != before)
    return std::fprintf(stderr, "%s: leaked %zu bytes of memory\n", what, live_bytes.load() - before), false;
  return true;
}

}  // namespace
}  // namespace localgrad::fuzz
