#pragma once

#include <charconv>
#include <string_view>
#include <type_traits>

#include "text/decimal.hpp"

namespace localgrad {

/// Parses the whole of `digits`. Returns false if it is not a number or does not fit T (for a double:
/// overflow or underflow). Independent of the locale.
template <class T>
bool to_number(std::string_view digits, T& value) {
  if constexpr (std::is_floating_point_v<T> && !kHaveFloatingCharconv) {
    return parse_decimal(digits, value);
  } else {
    const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return result.ec == std::errc() && result.ptr == digits.data() + digits.size();
  }
}

}  // namespace localgrad
