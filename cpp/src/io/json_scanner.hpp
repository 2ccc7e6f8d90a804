#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "text/message.hpp"

namespace localgrad::io {

/// Reads the tokens of a JSON text one after another, never past its end and without recursion. It is used
/// by the tree parser and by the parser of safetensors headers, which does not build a tree.
///
/// Every member except `skip_space` first skips white space, and throws std::invalid_argument with the
/// message "WHAT, byte N: PROBLEM" if the text does not contain the requested token. `text` must outlive the
/// scanner.
class JsonScanner {
 public:
  using Number = std::variant<std::int64_t, std::uint64_t, double>;  // uint64 only above the range of int64

  /// `what` is the name of the text in messages; positions in messages are counted from `offset`.
  JsonScanner(std::string_view text, const char* what, std::size_t offset = 0);

  /// Returns the next character without consuming it; -1 at the end.
  int peek();
  /// Consumes `c` if it is the next character, and returns whether it is.
  bool accept(char c);
  /// Consumes `c`, or throws an error with the message that `expected` was expected.
  void expect(char c, const char* expected);
  /// Consumes the letters of `word` ("true").
  void literal(const char* word);
  /// Reads a string and resolves its escapes. The result is valid UTF-8 and may contain NUL.
  std::string string(const char* expected = "a string");
  /// Reads a number; see Json for which numbers are integers. Numbers that overflow or underflow a double
  /// are errors.
  Number number(const char* expected = "a number");
  /// Reads an integer from 0 to 2^64-1.
  std::uint64_t uint64(const char* expected);
  /// Reads an object: member(key, position of the key) is called before each value and must consume it.
  template <class Member>
  void object(Member member) {
    expect('{', "'{'");
    if (accept('}')) return;
    do {
      const std::size_t at = position();
      std::string key = string("a string as key");
      expect(':', "':'");
      member(std::move(key), at);
    } while (accept(','));
    expect('}', "',' or '}'");
  }
  /// Reads an array: element() is called before each element and must consume it.
  template <class Element>
  void array(Element element, const char* expected = "'['") {
    expect('[', expected);
    if (accept(']')) return;
    do {
      element();
    } while (accept(','));
    expect(']', "',' or ']'");
  }
  /// Throws an error unless only white space is left.
  void expect_end();

  /// Position of the next token, or of the end of the text, counted as in messages.
  std::size_t position();
  /// Throws an error: "expected EXPECTED, found" and the next character.
  [[noreturn]] void fail_expected(const std::string& expected);
  /// Throws an error with the message `problem` for this position.
  template <class... Parts>
  [[noreturn]] void fail(std::size_t position, const Parts&... problem) const {
    refuse(what_, ", byte ", position, ": ", problem...);
  }

 private:
  void skip_space();
  bool digit_at(std::size_t at) const { return at < text_.size() && text_[at] >= '0' && text_[at] <= '9'; }
  void append_escape(std::string& out);
  std::uint32_t hex4();
  template <class... Parts>
  [[noreturn]] void fail_here(const Parts&... problem) const {
    fail(offset_ + at_, problem...);
  }

  std::string_view text_;
  const char* what_;
  std::size_t offset_;
  std::size_t at_ = 0;
};

}  // namespace localgrad::io
