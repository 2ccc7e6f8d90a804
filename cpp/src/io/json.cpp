#include "json.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "text/message.hpp"
#include "utf8.hpp"

namespace localgrad::io {

Json::Json(std::nullptr_t) : value_(nullptr) {}
Json::Json(std::string text) : value_(Box<std::string>(std::move(text))) {}
Json::Json(const char* text) : Json(std::string(text)) {}
Json::Json(Array elements) : value_(Box<Array>(std::move(elements))) {}
Json::Json(Object members) : value_(Box<Object>(std::move(members))) {}

const char* Json::kind() const {
  static constexpr const char* kNames[] = {"null",          "a boolean", "an integer", "an integer",
                                           "a real number", "a string",  "an array",   "an object"};
  return kNames[value_.index()];
}

void Json::expected(const char* what) const {
  const double* real = std::get_if<double>(&value_);
  const bool printable = real ? std::isfinite(*real) : value_.index() == 2 || value_.index() == 3;
  refuse("expected ", what, ", got ", kind(), (printable ? " " + to_json(*this) : ""));
}

bool Json::as_bool() const {
  if (const auto* value = std::get_if<bool>(&value_)) return *value;
  expected("a boolean");
}

std::uint64_t Json::as_uint64() const {
  if (const auto* value = std::get_if<std::uint64_t>(&value_)) return *value;
  if (const auto* value = std::get_if<std::int64_t>(&value_); value && *value >= 0)
    return static_cast<std::uint64_t>(*value);
  expected("an integer from 0 to 2^64-1");
}

std::size_t Json::as_size() const {
  const std::uint64_t value = as_uint64();
  if (value > std::numeric_limits<std::size_t>::max()) expected("an integer from 0 to 2^32-1");
  return static_cast<std::size_t>(value);
}

double Json::as_double() const {
  if (const auto* value = std::get_if<double>(&value_)) return *value;
  if (const auto* value = std::get_if<std::int64_t>(&value_)) return static_cast<double>(*value);
  if (const auto* value = std::get_if<std::uint64_t>(&value_)) return static_cast<double>(*value);
  expected("a number");
}

const std::string& Json::as_string() const {
  if (const auto* value = std::get_if<Box<std::string>>(&value_)) return **value;
  expected("a string");
}

const Json::Array& Json::as_array() const {
  if (const auto* value = std::get_if<Box<Array>>(&value_)) return **value;
  expected("an array");
}

const Json::Object& Json::as_object() const {
  if (const auto* value = std::get_if<Box<Object>>(&value_)) return **value;
  expected("an object");
}

const Json* Json::find(std::string_view key) const {
  for (const Member& member : as_object()) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

const Json& Json::at(std::string_view key) const {
  if (const Json* value = find(key)) return *value;
  refuse("expected the key ", in_quotes(key), ", which is missing");
}

bool operator==(const Json& a, const Json& b) {
  return a.visit([&b](const auto& left) {
    return b.visit([&left](const auto& right) {
      if constexpr (std::is_same_v<decltype(left), decltype(right)>) {
        return left == right;
      } else {
        return false;
      }
    });
  });
}

bool operator==(const Json::Member& a, const Json::Member& b) { return a.key == b.key && a.value == b.value; }

const std::string* duplicate_key(const Json::Object& members) {
  if (members.size() < 2) return nullptr;
  std::vector<const std::string*> keys;
  keys.reserve(members.size());
  for (const Json::Member& member : members) keys.push_back(&member.key);
  std::sort(keys.begin(), keys.end(), [](const auto* a, const auto* b) { return *a < *b; });
  const auto found =
      std::adjacent_find(keys.begin(), keys.end(), [](const auto* a, const auto* b) { return *a == *b; });
  return found == keys.end() ? nullptr : *found;
}

}  // namespace localgrad::io
