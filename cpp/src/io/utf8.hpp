#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace localgrad::io {

/// Number of bytes (1 to 4) of the character that `text` begins with, or 0 if it does not begin with one:
/// empty text, a stray or missing continuation byte, an overlong form, a surrogate, a code point above
/// U+10FFFF.
std::size_t utf8_length(std::string_view text);

/// Appends the UTF-8 form of `code_point`, which must be at most U+10FFFF and no surrogate.
void append_utf8(std::string& out, std::uint32_t code_point);

/// `text` as a JSON string for an error message: at most about 60 bytes of it, then "...". Never throws on
/// invalid UTF-8 (such bytes are shown as \xNN), so that a message is always valid UTF-8 without control
/// characters.
std::string in_quotes(std::string_view text);

}  // namespace localgrad::io
