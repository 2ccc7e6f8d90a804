#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "text/message.hpp"

namespace localgrad::io {

/// Reads the tokens of a JSON text one after another, never beyond its end, and never recursing. It stands
/// below both the tree parser and the safetensors header, which is read without building a tree.
///
/// Every member but `skip_space` first skips white space, and throws std::invalid_argument, "<what>, byte
/// <n>: <problem>", when the text does not hold what was asked for. `text` must outlive the scanner.
class JsonScanner {
 public:
  using Number = std::variant<std::int64_t, std::uint64_t, double>;  // uint64 only above int64's range

  /// `what` names the text in messages; positions in them are counted from `offset`.
  JsonScanner(std::string_view text, const char* what, std::size_t offset = 0);

  /// The next character, not consumed; -1 at the end.
  int peek();
  /// Consumes `c` if it comes next.
  bool accept(char c);
  /// Consumes `c`, or fails saying that `expected` was expected.
  void expect(char c, const char* expected);
  /// Consumes the letters of `word` ("true").
  void literal(const char* word);
  /// A string, escapes resolved: valid UTF-8, which may contain NUL.
  std::string string(const char* expected = "a string");
  /// A number by JSON's grammar; see Json for when it is an integer. Too large for a double, or too close to
  /// 0, is an error.
  Number number(const char* expected = "a number");
  /// An integer from 0 to 2^64-1.
  std::uint64_t uint64(const char* expected);
  /// An object: `member(key, position of the key)` is called before each value and must consume it.
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
  /// An array: `element()` is called before each element and must consume it.
  template <class Element>
  void array(Element element, const char* expected = "'['") {
    expect('[', expected);
    if (accept(']')) return;
    do {
      element();
    } while (accept(','));
    expect(']', "',' or ']'");
  }
  /// Fails unless nothing but white space is left.
  void expect_end();

  /// Where the next token begins, or the end of the text, counted as in messages.
  std::size_t position();
  /// Throws: "expected <expected>, found <what comes next>".
  [[noreturn]] void fail_expected(const std::string& expected);
  /// Throws `problem` for the given position.
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
