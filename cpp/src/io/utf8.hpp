#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace localgrad::io {

/// Returns the number of bytes (1 to 4) of the first character of `text`. Returns 0 if there is no valid
/// character: for empty text, an unexpected or missing continuation byte, an overlong form, a surrogate, or
/// a code point above U+10FFFF.
std::size_t utf8_length(std::string_view text);

/// Appends the UTF-8 encoding of `code_point`, which must be at most U+10FFFF and not a surrogate.
void append_utf8(std::string& out, std::uint32_t code_point);

/// Returns `text` as a JSON string for an error message: at most about 60 bytes of it, then "...". Never
/// throws: bytes of invalid UTF-8 are shown as \xNN, so that a message is always valid UTF-8 without control
/// characters.
std::string in_quotes(std::string_view text);

}  // namespace localgrad::io
