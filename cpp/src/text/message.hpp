#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

namespace localgrad {

/// Concatenates texts, characters and integers.
template <class... Parts>
std::string text_of(const Parts&... parts) {
  std::string text;
  const auto add = [&text](const auto& part) {
    using Part = std::decay_t<decltype(part)>;
    if constexpr (std::is_integral_v<Part> && !std::is_same_v<Part, char>)
      text += std::to_string(part);
    else
      text += part;
  };
  (add(parts), ...);
  return text;
}

/// Throws std::invalid_argument with the concatenation of `parts` as its message.
template <class... Parts>
[[noreturn]] void refuse(const Parts&... parts) {
  throw std::invalid_argument(text_of(parts...));
}

}  // namespace localgrad
