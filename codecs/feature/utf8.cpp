// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/utf8.h"

#include <cstddef>
#include <cstdint>

namespace feat::native {

namespace {

// Length of the character that begins with this byte, 0 if none does.
size_t length_of(uint8_t first) {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return 2;
  if (first >= 0xe0 && first < 0xf0) return 3;
  if (first >= 0xf0 && first < 0xf5) return 4;
  return 0;
}

// Whether what length_of() bytes say is the only encoding of a character that exists.
bool is_character(uint32_t code, size_t length) {
  constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  return code >= kLeast[length] && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
}

bool is_control(uint32_t code) {
  return (code < 0x20 && code != '\n' && code != '\t') || (code >= 0x7f && code < 0xa0);
}

}  // namespace

bool is_utf8_text(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto first = static_cast<uint8_t>(text[i]);
    const size_t length = length_of(first);
    if (length == 0 || length > text.size() - i) return false;
    uint32_t code = length == 1 ? first : first & (0x7fU >> length);
    for (size_t k = 1; k < length; ++k) {
      const auto next = static_cast<uint8_t>(text[i + k]);
      if ((next & 0xc0) != 0x80) return false;
      code = code << 6 | (next & 0x3f);
    }
    if (!is_character(code, length) || is_control(code)) return false;
    i += length;
  }
  return true;
}

}  // namespace feat::native
