#include "json_scanner.hpp"

#include <stdexcept>

#include "text/message.hpp"
#include "text/to_number.hpp"
#include "utf8.hpp"

namespace localgrad::io {

JsonScanner::JsonScanner(std::string_view text, const char* what, std::size_t offset)
    : text_(text), what_(what), offset_(offset) {}

void JsonScanner::skip_space() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r') return;
    ++at_;
  }
}

int JsonScanner::peek() {
  skip_space();
  return at_ < text_.size() ? static_cast<unsigned char>(text_[at_]) : -1;
}

bool JsonScanner::accept(char c) {
  if (peek() != static_cast<unsigned char>(c)) return false;
  ++at_;
  return true;
}

void JsonScanner::expect(char c, const char* expected) {
  if (!accept(c)) fail_expected(expected);
}

void JsonScanner::literal(const char* word) {
  skip_space();
  const std::string_view expected(word);
  if (text_.substr(at_, expected.size()) != expected) fail_expected(word);
  at_ += expected.size();
}

void JsonScanner::expect_end() {
  if (peek() != -1) fail_expected("the end");
}

std::size_t JsonScanner::position() {
  skip_space();
  return offset_ + at_;
}

void JsonScanner::fail_expected(const std::string& expected) {
  const int c = peek();
  std::string found = "the end";
  if (c >= 0)
    found =
        c > 0x20 && c < 0x7f ? "'" + std::string(1, static_cast<char>(c)) + "'" : "byte " + std::to_string(c);
  fail_here("expected ", expected, ", found ", found);
}

JsonScanner::Number JsonScanner::number(const char* expected) {
  skip_space();
  std::size_t end = at_ + (at_ < text_.size() && text_[at_] == '-' ? 1 : 0);
  if (!digit_at(end)) fail_expected(expected);
  const auto skip_digits = [&] {
    if (!digit_at(end)) fail(offset_ + end, "expected a digit in a number");
    while (digit_at(end)) ++end;
  };
  bool integer = true;
  if (text_[end] == '0') {
    ++end;
    if (digit_at(end)) fail(offset_ + end, "expected a number without leading zeros");
  } else {
    skip_digits();
  }
  if (end < text_.size() && text_[end] == '.') {
    integer = false;
    ++end;
    skip_digits();
  }
  if (end < text_.size() && (text_[end] == 'e' || text_[end] == 'E')) {
    integer = false;
    ++end;
    if (end < text_.size() && (text_[end] == '+' || text_[end] == '-')) ++end;
    skip_digits();
  }
  const std::string_view digits = text_.substr(at_, end - at_);
  Number result;
  if (std::int64_t value; integer && digits != "-0" && to_number(digits, value)) {
    result = value;
  } else if (std::uint64_t large; integer && digits[0] != '-' && to_number(digits, large)) {
    result = large;
  } else if (double real; to_number(digits, real)) {
    result = real;
  } else {
    fail_here("expected a number within the range of a double, found ", in_quotes(digits));
  }
  at_ = end;
  return result;
}

std::uint64_t JsonScanner::uint64(const char* expected) {
  const std::size_t begin = position();
  const Number value = number(expected);
  if (const auto* small = std::get_if<std::int64_t>(&value); small && *small >= 0)
    return static_cast<std::uint64_t>(*small);
  if (const auto* large = std::get_if<std::uint64_t>(&value)) return *large;
  fail(begin, "expected ", expected, " (an integer from 0 to 2^64-1), found ",
       in_quotes(text_.substr(begin - offset_, at_ - (begin - offset_))));
}

}  // namespace localgrad::io
