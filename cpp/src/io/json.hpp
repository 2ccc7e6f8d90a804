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

/// A JSON value: null, a boolean, a number, a string, an array, or an object that keeps its members' order.
///
/// A number is an integer, kept exactly, when it is written without fraction and exponent and lies in
/// -2^63..2^64-1; any other number is a double. 1 and 1.0 are therefore different values, and each comes back
/// from `to_json` and `parse_json` as it was. 16 bytes; copies are deep; a value moved from is safe to
/// destroy, assign and ask.
///
///     Json model = Json::Object{{"sizes", Json::Array{784, 30, 10}}, {"seed", 7}};
///     model.at("seed").as_uint64();
class Json {
 public:
  struct Member;
  using Array = std::vector<Json>;
  using Object = std::vector<Member>;

  Json(std::nullptr_t = nullptr);
  Json(std::string text);
  Json(const char* text);
  Json(Array elements);
  /// Keys are expected to differ; `to_json` refuses others.
  Json(Object members);
  template <class T, std::enable_if_t<std::is_arithmetic_v<T>, int> = 0>
  Json(T number);

  /// "null", "a boolean", "an integer", "a real number", "a string", "an array" or "an object": for messages.
  const char* kind() const;
  bool is_array() const { return std::holds_alternative<Box<Array>>(value_); }
  bool is_object() const { return std::holds_alternative<Box<Object>>(value_); }

  /// Each throws std::invalid_argument, saying what was expected and what is there, if the value is of
  /// another kind or does not fit.
  bool as_bool() const;
  std::uint64_t as_uint64() const;
  std::size_t as_size() const;  ///< of something in memory: below 2^64, or 2^32 where a size has 32 bits
  double as_double() const;     ///< any number; an integer is rounded to the nearest double
  const std::string& as_string() const;
  const Array& as_array() const;
  const Object& as_object() const;

  /// The member's value, or null if this object has no such key. Time proportional to the number of members.
  const Json* find(std::string_view key) const;
  /// As `find`, but a key that is not there throws std::invalid_argument, which names it.
  const Json& at(std::string_view key) const;

  /// What `visitor` returns for the content: nullptr, bool, std::int64_t, std::uint64_t (above int64's range
  /// only), double, std::string, Array or Object, by const reference.
  template <class Visitor>
  decltype(auto) visit(Visitor&& visitor) const {
    return std::visit([&](const auto& content) -> decltype(auto) { return visitor(unboxed(content)); },
                      value_);
  }

  friend bool operator==(const Json& a, const Json& b);
  friend bool operator!=(const Json& a, const Json& b) { return !(a == b); }

 private:
  /// A T on the heap that is copied with its owner; no allocation for an empty T.
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

  /// std::uint64_t holds what does not fit std::int64_t and nothing else.
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

/// What a text may ask of the parser. `values` counts every null, boolean, number, string, array and object.
struct JsonLimits {
  std::size_t depth = 32;  ///< arrays and objects around a value, itself included
  std::size_t values = 1u << 22;
};

/// The value that `text` holds, read strictly by RFC 8259: valid UTF-8 without byte order mark, no lone
/// surrogates, no comments, no trailing commas, nothing but white space around the value; also no key twice
/// in one object and no number beyond a double's range. Independent of the locale. Recursion is no deeper
/// than `limits.depth`; memory stays below 32 times the size of the text.
///
/// Throws std::invalid_argument: "JSON text, byte 17: expected ',' or ']', found 'x'" (bytes are counted from
/// 0).
Json parse_json(std::string_view text, const JsonLimits& limits = {});

/// `value` as one line without spaces. Doubles are printed with the fewest digits that give the same double
/// back, and always with
/// '.' or an exponent. Throws std::invalid_argument for what JSON cannot hold or `parse_json` would refuse:
/// infinities and NaN, strings that are not UTF-8, a key twice in one object, more than JsonLimits{} allows.
std::string to_json(const Json& value);

/// Appends `text` to `out` as a JSON string, quotes included. Throws std::invalid_argument if it is not
/// UTF-8.
void append_json_string(std::string& out, std::string_view text);

/// A key that `members` have more than once, or null. Time n log n.
const std::string* duplicate_key(const Json::Object& members);

}  // namespace localgrad::io
