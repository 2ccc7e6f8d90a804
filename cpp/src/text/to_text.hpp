#pragma once

#include <charconv>
#include <cmath>
#include <string>
#include <type_traits>

namespace localgrad {

/// A number in the fewest digits that give the same number back, or "nan", "inf", "-inf". Independent of the
/// locale.
template <class T>
std::string to_text(T number) {
  if constexpr (std::is_floating_point_v<T>)
    if (!std::isfinite(number)) return std::isnan(number) ? "nan" : number > 0 ? "inf" : "-inf";
  char digits[32];  // the longest are 24 for a double
  return {digits, std::to_chars(digits, digits + sizeof digits, number).ptr};
}

}  // namespace localgrad
