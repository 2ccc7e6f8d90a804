#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace localgrad::io {

/// A JSON value: null, a boolean, a number, a string, an array, or an object, which preserves the order of
/// its members.
///
///     Json model = Json::Object{{"sizes", Json::Array{784, 30, 10}}, {"seed", 7}};
///     model.at("seed").as_uint64();
///
/// A number is an exact integer if it is written without fraction and exponent and is in -2^63..2^64-1; any
/// other number is a double. 1 and 1.0 are therefore different values, and both are preserved by `to_json`
/// and `parse_json`. A value takes 16 bytes; copies are deep; a moved-from value can be destroyed, assigned
/// and queried.
class Json {
 public:
  struct Member;
  using Array = std::vector<Json>;
  using Object = std::vector<Member>;

  Json(std::nullptr_t = nullptr);
  Json(std::string text);
  Json(const char* text);
  Json(Array elements);
  /// Keys should be unique; `to_json` rejects duplicates.
  Json(Object members);
  template <class T, std::enable_if_t<std::is_arithmetic_v<T>, int> = 0>
  Json(T number);

  /// Kind of the value, for messages: "null", "a boolean", "an integer", "a real number", "a string", "an
  /// array" or "an object".
  const char* kind() const;
  bool is_array() const { return std::holds_alternative<Box<Array>>(value_); }
  bool is_object() const { return std::holds_alternative<Box<Object>>(value_); }

  /// These functions return the value. They throw std::invalid_argument, with the expected and the actual
  /// kind, if the value has another kind or does not fit.
  bool as_bool() const;
  std::uint64_t as_uint64() const;
  std::size_t as_size() const;  ///< below 2^64, or below 2^32 if std::size_t has 32 bits
  double as_double() const;     ///< accepts any number; integers are rounded to the nearest double
  const std::string& as_string() const;
  const Array& as_array() const;
  const Object& as_object() const;

  /// Value of a member, or null if the object has no such key. Takes O(n) time.
  const Json* find(std::string_view key) const;
  /// Like `find`, but throws std::invalid_argument, with the key in its message, if there is no such key.
  const Json& at(std::string_view key) const;

  /// Calls `visitor` with the content and returns its result. The content is a nullptr, bool, std::int64_t,
  /// std::uint64_t (only above the range of int64), double, std::string, Array or Object, by const
  /// reference.
  template <class Visitor>
  decltype(auto) visit(Visitor&& visitor) const {
    return std::visit([&](const auto& content) -> decltype(auto) { return visitor(unboxed(content)); },
                      value_);
  }

  friend bool operator==(const Json& a, const Json& b);
  friend bool operator!=(const Json& a, const Json& b) { return !(a == b); }

 private:
  /// A T on the heap, with deep copies and no allocation for an empty T.
  template <class T>
  class Box {
   public:
    Box() = default;
    explicit Box(T value) {
      if (!value.empty()) pointer_ = std::make_unique<T>(std::move(value));
    }
    Box(const Box& other) : pointer_(other.pointer_ ? std::make_unique<T>(*other.pointer_) : nullptr) {}
    Box(Box&&) noexcept = default;
    Box& operator=(const Box& other) { return *this = Box(other); }
    Box& operator=(Box&&) noexcept = default;
    const T& operator*() const {
      static const T kEmpty;
      return pointer_ ? *pointer_ : kEmpty;
    }

   private:
    std::unique_ptr<T> pointer_;
  };

  template <class T>
  static const T& unboxed(const T& content) {
    return content;
  }
  template <class T>
  static const T& unboxed(const Box<T>& content) {
    return *content;
  }

  /// std::uint64_t is only used for numbers that do not fit std::int64_t.
  using Value = std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, Box<std::string>,
                             Box<Array>, Box<Object>>;
  [[noreturn]] void expected(const char* what) const;

  Value value_;
};

struct Json::Member {
  std::string key;
  Json value;
};

bool operator==(const Json::Member& a, const Json::Member& b);

template <class T, std::enable_if_t<std::is_arithmetic_v<T>, int>>
Json::Json(T number) {
  if constexpr (std::is_same_v<T, bool>) {
    value_ = number;
  } else if constexpr (std::is_floating_point_v<T>) {
    value_ = static_cast<double>(number);
  } else if (std::is_signed_v<T> || static_cast<std::uint64_t>(number) <= std::uint64_t{INT64_MAX}) {
    value_ = static_cast<std::int64_t>(number);
  } else {
    value_ = static_cast<std::uint64_t>(number);
  }
}

/// Limits of the parser. `values` is the number of nulls, booleans, numbers, strings, arrays and objects.
struct JsonLimits {
  std::size_t depth = 32;  ///< nesting of arrays and objects
  std::size_t values = 1u << 22;
};

/// Parses `text` strictly according to RFC 8259: valid UTF-8 without byte order mark, no lone surrogates, no
/// comments, no trailing commas, and only white space around the value. Duplicate keys in an object and
/// numbers out of the range of a double are errors too. Independent of the locale. The recursion depth is at
/// most `limits.depth`; memory is less than 32 times the size of the text.
///
/// Throws std::invalid_argument with messages such as "JSON text, byte 17: expected ',' or ']', found 'x'"
/// (bytes are counted from 0).
Json parse_json(std::string_view text, const JsonLimits& limits = {});

/// Converts `value` to one line of text without spaces. Doubles are printed with the fewest digits from
/// which the same double is parsed, and always with '.' or an exponent. Throws std::invalid_argument for
/// values that JSON does not support or `parse_json` rejects: infinities and NaN, strings that are not valid
/// UTF-8, duplicate keys in an object, and values that exceed JsonLimits{}.
std::string to_json(const Json& value);

/// Appends `text` to `out` as a JSON string with quotation marks. Throws std::invalid_argument if it is not
/// valid UTF-8.
void append_json_string(std::string& out, std::string_view text);

/// Returns a key that occurs more than once in `members`, or null. Takes O(n log n) time.
const std::string* duplicate_key(const Json::Object& members);

}  // namespace localgrad::io
