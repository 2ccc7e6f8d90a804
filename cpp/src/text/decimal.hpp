#pragma once

#include <charconv>
#include <string>
#include <string_view>

// Floating-point numbers as text where std::to_chars and std::from_chars do not support them. The results are
// the same. Independent of the locale.
namespace localgrad {

// Whether std::to_chars and std::from_chars support floating-point numbers.
#if defined(__cpp_lib_to_chars) && __cpp_lib_to_chars >= 201611L
inline constexpr bool kHaveFloatingCharconv = true;
#else
inline constexpr bool kHaveFloatingCharconv = false;
#endif

/// Returns the shortest text that is parsed as the same finite number.
std::string shortest_decimal(float number);
std::string shortest_decimal(double number);

/// Parses the whole of `text`: an optional minus sign, digits with an optional point, and an optional
/// exponent. Returns false for anything else, and if the number overflows, or underflows to 0.
bool parse_decimal(std::string_view text, float& number);
bool parse_decimal(std::string_view text, double& number);

}  // namespace localgrad
