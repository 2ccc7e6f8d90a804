#include <utility>

#include "json.hpp"
#include "json_scanner.hpp"
#include "utf8.hpp"

namespace localgrad::io {
namespace {

/// One member function per grammar rule. The recursion depth is limited by limits.depth.
class TreeParser {
 public:
  TreeParser(std::string_view text, const JsonLimits& limits)
      : scanner_(text, "JSON text"), limits_(limits) {}

  Json parse() {
    Json result = value(1);
    scanner_.expect_end();
    return result;
  }

 private:
  Json value(std::size_t depth) {
    const int next = scanner_.peek();
    if (++values_ > limits_.values) fail_limit("no more than ", limits_.values, " values");
    if ((next == '{' || next == '[') && depth > limits_.depth) {
      fail_limit("arrays and objects nested no deeper than ", limits_.depth, "");
    }
    switch (next) {
      case '{':
        return object(depth);
      case '[':
        return array(depth);
      case '"':
        return scanner_.string();
      case 't':
        scanner_.literal("true");
        return true;
      case 'f':
        scanner_.literal("false");
        return false;
      case 'n':
        scanner_.literal("null");
        return nullptr;
      default:
        return std::visit([](auto number) { return Json(number); }, scanner_.number("a value"));
    }
  }

  Json array(std::size_t depth) {
    Json::Array elements;
    scanner_.array([&] { elements.push_back(value(depth + 1)); });
    return Json(std::move(elements));
  }

  Json object(std::size_t depth) {
    const std::size_t begin = scanner_.position();
    Json::Object members;
    scanner_.object([&](std::string key, std::size_t) {
      members.push_back({std::move(key), value(depth + 1)});
    });
    if (const std::string* key = duplicate_key(members)) {
      scanner_.fail(begin, "expected different keys in an object, found ", in_quotes(*key), " twice");
    }
    return Json(std::move(members));
  }

  [[noreturn]] void fail_limit(const char* before, std::size_t limit, const char* after) {
    scanner_.fail(scanner_.position(), "expected ", before, limit, after);
  }

  JsonScanner scanner_;
  JsonLimits limits_;
  std::size_t values_ = 0;
};

}  // namespace

Json parse_json(std::string_view text, const JsonLimits& limits) { return TreeParser(text, limits).parse(); }

}  // namespace localgrad::io
