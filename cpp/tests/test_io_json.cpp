#include <doctest/doctest.h>

#include <clocale>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "io/json.hpp"
#include "test_io_support.hpp"

using namespace localgrad::io;
using namespace localgrad::io::test;

namespace {

std::string refusal(std::string_view text) {
  return message_of([text] { parse_json(text); });
}

/// The value after writing and reading it.
Json again(const Json& value) { return parse_json(to_json(value)); }

std::string nested(int depth) {
  return std::string(static_cast<std::size_t>(depth), '[') +
         std::string(static_cast<std::size_t>(depth), ']');
}

}  // namespace

TEST_CASE("json: values of every kind are read") {
  const Json value =
      parse_json(" { \"a\" : [ null , true,false,\t1,-2.5e1,\"x\" ] ,\r\n\"b\":{},\"c\":[] } ");
  const Json::Array& a = value.at("a").as_array();
  REQUIRE(a.size() == 6);
  CHECK(a[0] == nullptr);
  CHECK(a[1].as_bool());
  CHECK_FALSE(a[2].as_bool());
  CHECK(a[3] == Json(1));
  CHECK(a[4].as_double() == -25.0);
  CHECK(a[5].as_string() == "x");
  CHECK(value.at("b").as_object().empty());
  CHECK(value.at("c").as_array().empty());
  CHECK(value.find("d") == nullptr);
  CHECK(value.as_object()[1].key == "b");  // order is kept
  CHECK(to_json(value) == R"({"a":[null,true,false,1,-25.0,"x"],"b":{},"c":[]})");
}

TEST_CASE("json: integers are exact from -2^63 to 2^64-1") {
  CHECK(parse_json("18446744073709551615").as_uint64() == UINT64_MAX);
  CHECK(parse_json("9223372036854775808").as_uint64() == std::uint64_t{1} << 63);
  CHECK(parse_json("9223372036854775807") == Json(INT64_MAX));
  CHECK(parse_json("-9223372036854775808") == Json(INT64_MIN));
  CHECK(parse_json("0").as_uint64() == 0);
  CHECK(std::string(parse_json("18446744073709551616").kind()) == "a real number");
  CHECK(parse_json("18446744073709551616").as_double() == 18446744073709551616.0);
  CHECK(std::string(parse_json("-9223372036854775809").kind()) == "a real number");
  CHECK(std::string(parse_json("1.0").kind()) == "a real number");
  CHECK(std::signbit(parse_json("-0").as_double()));
  for (const std::uint64_t n : {std::uint64_t{0}, std::uint64_t{1} << 53, (std::uint64_t{1} << 53) + 1,
                                std::uint64_t{INT64_MAX}, UINT64_MAX}) {
    CHECK(again(n).as_uint64() == n);
  }
  CHECK(again(INT64_MIN) == Json(INT64_MIN));
  CHECK(Json(7u) == Json(7));
  CHECK(Json(7) != Json(7.0));
}

TEST_CASE("json: doubles are restored with the same bits") {
  std::mt19937_64 random(1);
  const double special[] = {0.0,
                            -0.0,
                            1.0,
                            0.1,
                            1e22,
                            1e23,
                            1e300,
                            5e-324,
                            2.2250738585072014e-308,
                            std::numeric_limits<double>::max()};
  const auto same = [](double x) {
    const double y = again(x).as_double();
    return std::memcmp(&x, &y, sizeof x) == 0 && std::string(again(x).kind()) == "a real number";
  };
  for (const double x : special) CHECK(same(x));
  int checked = 0;
  while (checked < 20000) {
    const std::uint64_t bits = random();
    double x;
    std::memcpy(&x, &bits, sizeof x);
    if (!std::isfinite(x)) continue;
    ++checked;
    if (!same(x)) FAIL(to_json(x));
  }
  CHECK(to_json(0.1) == "0.1");
  CHECK(to_json(1.0) == "1.0");
  CHECK_THROWS_AS(to_json(std::nan("")), std::invalid_argument);
  CHECK_THROWS_AS(to_json(-INFINITY), std::invalid_argument);
}

TEST_CASE("json: a size that does not fit std::size_t is rejected") {
  const Json large = std::uint64_t{1} << 32;
  if (sizeof(std::size_t) > 4)
    CHECK(large.as_size() == large.as_uint64());
  else
    CHECK_THROWS_WITH_AS(large.as_size(), "expected an integer from 0 to 2^32-1, got an integer 4294967296",
                         std::invalid_argument);
  CHECK(Json(7).as_size() == 7);
  CHECK_THROWS_AS(Json(-1).as_size(), std::invalid_argument);
}

TEST_CASE("json: the locale has no effect") {
  const std::string before = std::setlocale(LC_ALL, nullptr);
  for (const char* name : {"de_DE.UTF-8", "de_DE", "fr_FR.UTF-8"}) {
    if (std::setlocale(LC_ALL, name)) break;  // has no effect if none is installed
  }
  CHECK(to_json(1234567.5) == "1234567.5");
  CHECK(parse_json("1.5").as_double() == 1.5);
  std::setlocale(LC_ALL, before.c_str());
}

TEST_CASE("json: strings with escapes and UTF-8 are read and written") {
  CHECK(parse_json(R"("\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\ud83d\ude00")").as_string() ==
        "\"\\/\b\f\n\r\tA\u00e9\u20ac\U0001F600");
  CHECK(parse_json("\"\u00e9\u20ac\U0001F600\"").as_string() == "\u00e9\u20ac\U0001F600");
  CHECK(parse_json(R"("a\u0000b")").as_string() == std::string("a\0b", 3));
  std::string all;
  for (int c = 0; c < 127; ++c) all += static_cast<char>(c);
  all += "\x7f\u00e9";
  CHECK(again(all).as_string() == all);
  CHECK(to_json(Json("\x01\n\"\\/")) == R"("\u0001\n\"\\/")");
  for (const char* bad :
       {"\"\xff\"", "\"\x80\"", "\"\xc3\"", "\"\xc0\xaf\"", "\"\xe0\x80\x80\"", "\"\xed\xa0\x80\"",
        "\"\xf4\x90\x80\x80\"", "\"\xf5\x80\x80\x80\"", "\"\xf0\x80\x80\x80\"", "\"\xe2\x82\""}) {
    CHECK(contains(refusal(bad), "JSON text, byte 1: expected UTF-8"));
    const std::string content(bad + 1, std::strlen(bad) - 2);
    CHECK(contains(message_of([&] { to_json(Json(content)); }), "UTF-8"));
  }
  for (const char* bad : {R"("\ud800")", R"("\udc00")", R"("\ud800\u0041")", R"("\ud800x")", R"("\u12g4")",
                          R"("\u12)", R"("\x")", R"("\)", R"(")", "\"a\nb\"", "\"a\x1f\""}) {
    CHECK_THROWS_AS(parse_json(bad), std::invalid_argument);
  }
}

TEST_CASE("json: invalid JSON is rejected with its position") {
  for (const char* bad : {"",
                          " ",
                          "{",
                          "[",
                          "[1",
                          "[1,",
                          "[1,]",
                          "[,1]",
                          "{\"a\"",
                          "{\"a\":",
                          "{\"a\":1",
                          "{a:1}",
                          "{1:1}",
                          "{\"a\":}",
                          "{\"a\" 1}",
                          "{\"a\":1,}",
                          "nul",
                          "True",
                          "NaN",
                          "Infinity",
                          "-Infinity",
                          "-",
                          "+1",
                          ".5",
                          "1.",
                          "1.e1",
                          "1e",
                          "1e+",
                          "01",
                          "-01",
                          "00",
                          "0x10",
                          "1_0",
                          "1e400",
                          "-1e400",
                          "1e-400",
                          "1 2",
                          "[] []",
                          "{}x",
                          "'a'",
                          "// c\n1",
                          "\xef\xbb\xbf"
                          "1",
                          "nullnull",
                          "]",
                          "[1}",
                          "{\"a\":1]"}) {
    CAPTURE(bad);
    CHECK(contains(refusal(bad), "JSON text, byte "));
  }
  CHECK(refusal("[1 2]") == "JSON text, byte 3: expected ',' or ']', found '2'");
  CHECK(refusal("[1,\n\x01") == "JSON text, byte 4: expected a value, found byte 1");
  CHECK(refusal("[1") == "JSON text, byte 2: expected ',' or ']', found the end");
  CHECK(refusal("{\"a\":{\"b\":1,\"c\":2,\"b\":3}}") ==
        "JSON text, byte 5: expected different keys in an object, found \"b\" twice");
  CHECK(contains(refusal("{\"\\u0061\":1,\"a\":2}"), "\"a\" twice"));  // the same key, written differently
  CHECK(contains(refusal(std::string("1\0", 2)), "expected the end"));
}

TEST_CASE("json: every truncated text is rejected") {
  const std::string text = R"({"a":[1,-2.5e+3,"x\u00e9\ud83d\ude00",true,null],"b":{"c":{}}})";
  CHECK_NOTHROW(parse_json(text));
  for (std::size_t n = 0; n < text.size(); ++n) {
    CAPTURE(n);
    // A copy of exactly this size on the heap, so that sanitizers detect reads past its end.
    const Bytes cut(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(n));
    CHECK_THROWS_AS(parse_json({reinterpret_cast<const char*>(cut.data()), n}), std::invalid_argument);
  }
}

TEST_CASE("json: depth and number of values are limited") {
  CHECK_NOTHROW(parse_json(nested(32)));
  CHECK(contains(refusal(nested(33)), "byte 32: expected arrays and objects nested no deeper than 32"));
  CHECK_THROWS_AS(parse_json(std::string(1'000'000, '[')), std::invalid_argument);
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  CHECK_THROWS_AS(parse_json(objects), std::invalid_argument);
  CHECK_NOTHROW(parse_json("[1,2,3]", {1, 4}));
  CHECK(contains(message_of([] { parse_json("[1,2,3,4]", {1, 4}); }), "no more than 4 values"));
  CHECK(contains(message_of([] { parse_json("[[]]", {1, 4}); }), "no deeper than 1"));

  Json deep = Json::Array{};
  for (int i = 1; i < 32; ++i) deep = Json::Array{deep};
  CHECK(again(deep) == deep);
  deep = Json::Array{deep};
  CHECK_THROWS_AS(to_json(deep), std::invalid_argument);

  Json::Array many((1u << 22) - 1);
  CHECK_NOTHROW(parse_json(to_json(many)));
  many.emplace_back();
  CHECK(message_of([&] { to_json(many); }) == "JSON: expected no more than 4194304 values");
}

TEST_CASE("json: accessing a value as the wrong kind reports the actual kind") {
  CHECK(message_of([] { Json("x").as_uint64(); }) == "expected an integer from 0 to 2^64-1, got a string");
  CHECK(message_of([] { Json(-1).as_uint64(); }) ==
        "expected an integer from 0 to 2^64-1, got an integer -1");
  CHECK(message_of([] { Json(UINT64_MAX).as_bool(); }) ==
        "expected a boolean, got an integer 18446744073709551615");
  CHECK(message_of([] { Json(1.5).as_uint64(); }) ==
        "expected an integer from 0 to 2^64-1, got a real number 1.5");
  CHECK(message_of([] { Json(INFINITY).as_uint64(); }) ==
        "expected an integer from 0 to 2^64-1, got a real number");
  CHECK(message_of([] { Json(1).as_bool(); }) == "expected a boolean, got an integer 1");
  CHECK(message_of([] { Json(true).as_double(); }) == "expected a number, got a boolean");
  CHECK(message_of([] { Json().as_string(); }) == "expected a string, got null");
  CHECK(message_of([] { Json(Json::Object{}).as_array(); }) == "expected an array, got an object");
  CHECK(message_of([] { Json(Json::Array{}).find("a"); }) == "expected an object, got an array");
  CHECK(contains(message_of([] { Json(Json::Object{}).at("seed"); }), "\"seed\""));
  CHECK_THROWS_AS(to_json(Json::Object{{"a", 1}, {"b", 2}, {"a", 3}}), std::invalid_argument);
}

TEST_CASE("json: copies are deep and a moved-from value is harmless") {
  Json a = Json::Object{{"x", Json::Array{1, "two", nullptr, 4.0}}};
  Json b = a;
  CHECK(a == b);
  const Json c = std::move(a);
  CHECK(c == b);
  CHECK(to_json(a) == "{}");  // NOLINT: a moved-from value is an empty value of the same kind
  a = c;
  CHECK(a == c);
  b = Json(1);
  CHECK(c.at("x").as_array()[1] == Json("two"));
  CHECK(again(c) == c);
}
