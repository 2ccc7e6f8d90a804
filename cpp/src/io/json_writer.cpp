#include <cmath>
#include <stdexcept>
#include <utility>

#include "json.hpp"
#include "text/message.hpp"
#include "text/to_text.hpp"
#include "utf8.hpp"

namespace localgrad::io {
namespace {

std::string real_text(double number) {
  const std::string text = to_text(number);
  if (!std::isfinite(number)) refuse("JSON: expected finite numbers, got ", text);
  // So that it is parsed as a double.
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

/// Applies the limits of the parser.
class Writer {
 public:
  std::string write(const Json& value) {
    append(value, 1);
    return std::move(out_);
  }

 private:
  void append_array(const Json::Array& elements, std::size_t depth) {
    out_.push_back('[');
    for (const Json& element : elements) {
      if (&element != elements.data()) out_.push_back(',');
      append(element, depth + 1);
    }
    out_.push_back(']');
  }

  void append_object(const Json::Object& members, std::size_t depth) {
    if (const std::string* key = duplicate_key(members)) {
      refuse("JSON: expected different keys in an object, got ", in_quotes(*key), " twice");
    }
    out_.push_back('{');
    for (const Json::Member& member : members) {
      if (&member != members.data()) out_.push_back(',');
      append_json_string(out_, member.key);
      out_.push_back(':');
      append(member.value, depth + 1);
    }
    out_.push_back('}');
  }

  void append(const Json& value, std::size_t depth) {
    if (++values_ > JsonLimits{}.values) {
      refuse("JSON: expected no more than ", JsonLimits{}.values, " values");
    }
    if ((value.is_array() || value.is_object()) && depth > JsonLimits{}.depth) {
      refuse("JSON: expected nesting no deeper than ", JsonLimits{}.depth);
    }
    value.visit([&](const auto& content) {
      using Content = std::decay_t<decltype(content)>;
      if constexpr (std::is_same_v<Content, std::nullptr_t>) {
        out_ += "null";
      } else if constexpr (std::is_same_v<Content, bool>) {
        out_ += content ? "true" : "false";
      } else if constexpr (std::is_same_v<Content, double>) {
        out_ += real_text(content);
      } else if constexpr (std::is_same_v<Content, std::string>) {
        append_json_string(out_, content);
      } else if constexpr (std::is_same_v<Content, Json::Array>) {
        append_array(content, depth);
      } else if constexpr (std::is_same_v<Content, Json::Object>) {
        append_object(content, depth);
      } else {
        out_ += to_text(content);
      }
    });
  }

  std::string out_;
  std::size_t values_ = 0;
};

}  // namespace

std::string to_json(const Json& value) { return Writer().write(value); }

}  // namespace localgrad::io
