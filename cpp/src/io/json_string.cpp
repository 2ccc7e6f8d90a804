// Reading and writing strings: RFC 8259, section 7.
#include <stdexcept>

#include "json.hpp"
#include "json_scanner.hpp"
#include "text/message.hpp"
#include "utf8.hpp"

namespace localgrad::io {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";
constexpr std::string_view kEscaped = "\"\\/\b\f\n\r\t";
constexpr std::string_view kEscapes = "\"\\/bfnrt";  // the letters after the backslash, in the same order

bool is_high_surrogate(std::uint32_t unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool is_low_surrogate(std::uint32_t unit) { return unit >= 0xdc00 && unit < 0xe000; }

}  // namespace

std::string JsonScanner::string(const char* expected) {
  expect('"', expected);
  std::string out;
  std::size_t copied = at_;  // everything before it is in `out`
  for (;;) {
    if (at_ == text_.size()) fail_here("expected '\"' at the end of a string, found the end");
    const auto c = static_cast<unsigned char>(text_[at_]);
    if (c == '"' || c == '\\') {
      out.append(text_, copied, at_ - copied);
      ++at_;
      if (c == '"') return out;
      append_escape(out);
      copied = at_;
    } else if (c < 0x20) {
      fail_here("expected control characters in a string to be escaped, found byte ", c);
    } else if (const std::size_t length = utf8_length(text_.substr(at_, 4)); length > 0) {
      at_ += length;
    } else {
      fail_here("expected UTF-8, found byte ", c);
    }
  }
}

void JsonScanner::append_escape(std::string& out) {
  const char letter = at_ < text_.size() ? text_[at_] : '\0';
  if (letter == 'u') {
    ++at_;
    std::uint32_t unit = hex4();
    if (is_high_surrogate(unit)) {
      if (text_.substr(at_, 2) != "\\u") fail_here("expected the second half of a surrogate pair");
      at_ += 2;
      const std::uint32_t low = hex4();
      if (!is_low_surrogate(low)) fail_here("expected the second half of a surrogate pair before this");
      unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    } else if (is_low_surrogate(unit)) {
      fail_here("expected the first half of a surrogate pair before this");
    }
    append_utf8(out, unit);
    return;
  }
  const std::size_t index = kEscapes.find(letter);
  if (index == std::string_view::npos) fail_here("expected one of \"\\/bfnrtu after a backslash");
  out.push_back(kEscaped[index]);
  ++at_;
}

std::uint32_t JsonScanner::hex4() {
  std::uint32_t unit = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    const int c = at_ < text_.size() ? text_[at_] : -1;
    int digit = -1;
    if (c >= '0' && c <= '9') digit = c - '0';
    if (c >= 'a' && c <= 'f') digit = c - 'a' + 10;
    if (c >= 'A' && c <= 'F') digit = c - 'A' + 10;
    if (digit < 0) fail_here("expected four hexadecimal digits after \\u");
    unit = unit << 4 | static_cast<std::uint32_t>(digit);
  }
  return unit;
}

void append_json_string(std::string& out, std::string_view text) {
  out.push_back('"');
  std::size_t copied = 0;  // everything before it is in `out`
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text.substr(i, 4));
    if (length == 0) refuse("JSON: expected UTF-8, got the string ", in_quotes(text));
    const char c = text[i];
    const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    if (control || c == '"' || c == '\\') {
      out.append(text, copied, i - copied);
      copied = i + 1;
      out.push_back('\\');
      if (const std::size_t short_form = kEscaped.find(c); short_form != std::string_view::npos) {
        out.push_back(kEscapes[short_form]);
      } else {
        out += "u00";
        out.push_back(kHexDigits[c >> 4]);
        out.push_back(kHexDigits[c & 15]);
      }
    }
    i += length;
  }
  out.append(text, copied);
  out.push_back('"');
}

}  // namespace localgrad::io
