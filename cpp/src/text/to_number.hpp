#pragma once

#include <charconv>
#include <string_view>
#include <type_traits>

#if !defined(__cpp_lib_to_chars) || __cpp_lib_to_chars < 201611L
#include <locale>
#include <sstream>
#include <string>
#endif

namespace localgrad {

/// Parses the whole of `digits`. Returns false if it is not a number or does not fit T (for a double:
/// overflow or underflow). Independent of the locale.
template <class T>
bool to_number(std::string_view digits, T& value) {
#if !defined(__cpp_lib_to_chars) || __cpp_lib_to_chars < 201611L
  if constexpr (std::is_floating_point_v<T>) {  // the library's from_chars only supports integers
    std::istringstream stream{std::string(digits)};
    stream.imbue(std::locale::classic());
    return stream >> value && stream.peek() == std::istringstream::traits_type::eof();
  } else
#endif
  {
    const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return result.ec == std::errc() && result.ptr == digits.data() + digits.size();
  }
}

}  // namespace localgrad
