#include "text/decimal.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

namespace localgrad {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The decimal number 0.d1d2d3.. * 10^point.
struct Decimal {
  std::string digits;
  int point = 0;
};

// strtod and snprintf round correctly, but use the decimal point of the locale. strtod is therefore called
// with integers only, and the point in the output of snprintf is skipped.

float from_text(const char* text, float) { return std::strtof(text, nullptr); }
double from_text(const char* text, double) { return std::strtod(text, nullptr); }

template <class T>
T value_of(const Decimal& decimal) {
  const std::string text =
      decimal.digits + 'e' + std::to_string(decimal.point - static_cast<int>(decimal.digits.size()));
  return from_text(text.c_str(), T());
}

/// Returns a number above 0 rounded to `count` digits.
Decimal rounded(double number, int count) {
  char text[48];
  std::snprintf(text, sizeof text, "%.*e", count - 1, number);
  Decimal decimal;
  const char* at = text;
  for (; *at && *at != 'e'; ++at)
    if (is_digit(*at)) decimal.digits += *at;
  decimal.point = std::atoi(at + 1) + 1;
  return decimal;
}

/// Returns the next larger decimal of as many digits, or the next smaller one.
Decimal next(Decimal decimal, bool larger) {
  const char last = larger ? '9' : '0', wrapped = larger ? '0' : '9';
  std::size_t i = decimal.digits.size();
  while (i > 0 && decimal.digits[i - 1] == last) decimal.digits[--i] = wrapped;
  if (i > 0) {
    decimal.digits[i - 1] = static_cast<char>(decimal.digits[i - 1] + (larger ? 1 : -1));
  } else if (larger) {  // 999 became 000: 1000
    decimal.digits[0] = '1';
    ++decimal.point;
  }
  return decimal;
}

/// Returns the decimal with the fewest digits that is converted to this number, which is above 0. If several
/// have as many digits, it is the one that is closest to the number.
template <class T>
Decimal fewest_digits(T number) {
  for (int count = 1; count < std::numeric_limits<T>::max_digits10; ++count) {
    const Decimal nearest = rounded(static_cast<double>(number), count);
    if (value_of<T>(nearest) == number) return nearest;
    // Below a power of 2, numbers are closer to each other than above. A decimal above it can be converted to
    // the power even if a closer one below it is not.
    for (const bool larger : {true, false}) {
      const Decimal other = next(nearest, larger);
      if (value_of<T>(other) == number) return other;
    }
  }
  return rounded(static_cast<double>(number), std::numeric_limits<T>::max_digits10);
}

/// Returns the shorter of the notations with and without an exponent.
std::string text_of(Decimal decimal, double number) {
  while (decimal.digits.size() > 1 && decimal.digits.back() == '0') decimal.digits.pop_back();
  const int count = static_cast<int>(decimal.digits.size()), exponent = decimal.point - 1;
  char power[16];
  std::snprintf(power, sizeof power, "e%c%02d", exponent < 0 ? '-' : '+', std::abs(exponent));
  const std::string scientific =
      decimal.digits.substr(0, 1) + (count > 1 ? "." + decimal.digits.substr(1) : "") + power;
  std::string fixed;
  if (decimal.point > 0 && static_cast<std::size_t>(decimal.point) > scientific.size()) return scientific;
  if (decimal.point >= count) {  // an integer, of which all digits are written
    char digits[32];
    std::snprintf(digits, sizeof digits, "%.0f", number);
    fixed = digits;
  } else if (decimal.point > 0) {
    const auto point = static_cast<std::size_t>(decimal.point);
    fixed = decimal.digits.substr(0, point) + "." + decimal.digits.substr(point);
  } else {
    fixed = "0." + std::string(static_cast<std::size_t>(-decimal.point), '0') + decimal.digits;
  }
  return fixed.size() <= scientific.size() ? fixed : scientific;
}

template <class T>
std::string shortest(T number) {
  const std::string sign = std::signbit(number) ? "-" : "";
  if (number == 0) return sign + "0";
  const T size = std::fabs(number);
  return sign + text_of(fewest_digits(size), static_cast<double>(size));
}

template <class T>
bool parse(std::string_view text, T& number) {
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) text.remove_prefix(1);
  Decimal decimal;
  bool point = false, any = false;
  std::size_t at = 0;
  for (; at < text.size() && (is_digit(text[at]) || (text[at] == '.' && !point)); ++at) {
    if (text[at] == '.') {
      point = true;
      continue;
    }
    any = true;
    if (!point) ++decimal.point;
    decimal.digits += text[at];
  }
  if (!any) return false;
  if (at < text.size()) {
    if (text[at] != 'e' && text[at] != 'E') return false;
    ++at;
    const bool below = at < text.size() && text[at] == '-';
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    if (at == text.size()) return false;
    int exponent = 0;
    for (; at < text.size(); ++at) {
      if (!is_digit(text[at])) return false;
      // Any number with a larger exponent overflows or underflows.
      exponent = std::min(10 * exponent + (text[at] - '0'), 100'000'000);
    }
    decimal.point += below ? -exponent : exponent;
  }
  const bool zero = decimal.digits.find_first_not_of('0') == std::string::npos;
  const T value = zero ? T(0) : value_of<T>(decimal);
  if (std::isinf(value) || (value == T(0) && !zero)) return false;
  number = negative ? -value : value;
  return true;
}

}  // namespace

std::string shortest_decimal(float number) { return shortest(number); }
std::string shortest_decimal(double number) { return shortest(number); }

bool parse_decimal(std::string_view text, float& number) { return parse(text, number); }
bool parse_decimal(std::string_view text, double& number) { return parse(text, number); }

}  // namespace localgrad
