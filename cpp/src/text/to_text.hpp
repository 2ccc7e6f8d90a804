#pragma once

#include <charconv>
#include <cmath>
#include <string>
#include <type_traits>

#include "text/decimal.hpp"

namespace localgrad {

/// Returns the shortest text that is parsed as the same number, or "nan", "inf" or "-inf". Independent of
/// the locale.
template <class T>
std::string to_text(T number) {
  if constexpr (std::is_floating_point_v<T>)
    if (!std::isfinite(number)) return std::isnan(number) ? "nan" : number > 0 ? "inf" : "-inf";
  if constexpr (std::is_floating_point_v<T> && !kHaveFloatingCharconv) {
    return shortest_decimal(number);
  } else {
    char digits[32];  // a double needs up to 24
    return {digits, std::to_chars(digits, digits + sizeof digits, number).ptr};
  }
}

}  // namespace localgrad
