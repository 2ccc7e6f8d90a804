// Floating-point numbers as text, without std::to_chars and std::from_chars.

#include <doctest/doctest.h>

#include <charconv>
#include <clocale>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "text/decimal.hpp"

using namespace localgrad;

namespace {

template <class T>
using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;

template <class T>
T from_bits(Bits<T> bits) {
  T number;
  std::memcpy(&number, &bits, sizeof number);
  return number;
}

/// Numbers that are hard to convert: all powers of 2 and 10 with their neighbors, short decimals, and random
/// bits.
template <class T>
std::vector<T> hard_numbers() {
  using Limits = std::numeric_limits<T>;
  std::vector<T> numbers = {0, -T(0), Limits::max(), Limits::min(), Limits::denorm_min()};
  const auto add = [&](T number) {
    for (const T n : {number, std::nextafter(number, T(0)), std::nextafter(number, Limits::max())})
      if (std::isfinite(n)) numbers.insert(numbers.end(), {n, -n});
  };
  for (int e = Limits::min_exponent - Limits::digits; e < Limits::max_exponent; ++e) add(std::ldexp(T(1), e));
  for (int e = Limits::min_exponent10; e <= Limits::max_exponent10; ++e)
    for (int digit = 1; digit < 10; ++digit)
      add(static_cast<T>(std::strtold((std::to_string(digit) + "e" + std::to_string(e)).c_str(), nullptr)));
  std::mt19937_64 random(1);
  for (int i = 0; i < 4000; ++i) {
    const T any = from_bits<T>(static_cast<Bits<T>>(random()));
    if (std::isfinite(any)) numbers.push_back(any);
    numbers.push_back(static_cast<T>(static_cast<double>(random() % 100000) / 1000));
    numbers.push_back(static_cast<T>(random() >> random() % 64));
  }
  return numbers;
}

}  // namespace

#if defined(__cpp_lib_to_chars) && __cpp_lib_to_chars >= 201611L
TEST_CASE_TEMPLATE("the shortest decimal is that of std::to_chars", T, float, double) {
  for (const T number : hard_numbers<T>()) {
    char digits[32];
    const std::string expected(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
    const std::string text = shortest_decimal(number);
    if (text != expected) CHECK(text == expected);
  }
}

TEST_CASE_TEMPLATE("a parsed decimal is that of std::from_chars", T, float, double) {
  for (const std::string text : {"0",
                                 "-0",
                                 "1",
                                 "-1.5",
                                 "1.",
                                 ".5",
                                 "00.50",
                                 "1e5",
                                 "1E-5",
                                 "1e+05",
                                 "123456789012345678901234567890",
                                 "1e400",
                                 "1e39",
                                 "-1e400",
                                 "1e-400",
                                 "1e-46",
                                 "0e99999",
                                 "0.0000000000000000000000001",
                                 "1e99999999999",
                                 "1e-99999999999",
                                 "0.1e-323",
                                 "2.5e-324",
                                 "4.9e-324",
                                 "1.4e-45",
                                 "2.2250738585072011e-308",
                                 "",
                                 "-",
                                 ".",
                                 "e5",
                                 "1e",
                                 "1e+",
                                 "1e5.",
                                 "1.2.3",
                                 "+1",
                                 " 1",
                                 "1 ",
                                 "--1",
                                 "1,5",
                                 "0x10",
                                 "1_0"}) {
    T expected = 77, number = 77;
    const char* end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, expected);
    const bool good = result.ec == std::errc() && result.ptr == end;
    CHECK_MESSAGE(parse_decimal(text, number) == good, text);
    if (good) CHECK_MESSAGE(std::memcmp(&number, &expected, sizeof number) == 0, text);
  }
}
#endif

TEST_CASE_TEMPLATE("decimals are converted back to the same number, in any locale", T, float, double) {
  const std::string before = std::setlocale(LC_ALL, nullptr);
  for (const char* locale : {"C", "de_DE.UTF-8"}) {
    if (!std::setlocale(LC_ALL, locale)) continue;
    for (const T number : hard_numbers<T>()) {
      T parsed = 77;
      const std::string text = shortest_decimal(number);
      const bool good = parse_decimal(text, parsed);
      if (!good || std::memcmp(&number, &parsed, sizeof number) != 0) CHECK_MESSAGE(false, text);
    }
    CHECK(shortest_decimal(T(0.5)) == "0.5");
  }
  std::setlocale(LC_ALL, before.c_str());
}
