#pragma once

#include <charconv>
#include <string>

namespace localgrad {

/// A finite number in the fewest digits that give the same number back. Independent of the locale.
template <class T>
std::string to_text(T number) {
  char digits[32];  // the longest are 24 for a double
  return {digits, std::to_chars(digits, digits + sizeof digits, number).ptr};
}

}  // namespace localgrad
