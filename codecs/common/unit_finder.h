// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Finds units in a byte stream. What a codec brings is a function read_frame(data, start, length):
// 0 if no unit begins at `data`, 1 if more is needed to tell, 2 if one does, whose `length` bytes
// begin at `start`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace feat {

template <class ReadFrame>
ptrdiff_t find_unit_by(const ReadFrame &read_frame, std::span<const uint8_t> data, size_t &wanted) {
  size_t start = 0;
  uint64_t length = 0;
  switch (read_frame(data, start, length)) {
    case 0:
      return -1;
    case 1:
      wanted = data.size() + 1;
      return 0;
    default:
      wanted = start + static_cast<size_t>(length);
      return wanted <= data.size() ? static_cast<ptrdiff_t>(wanted) : 0;
  }
}

template <class ReadFrame>
size_t find_magic_by(const ReadFrame &read_frame, std::span<const uint8_t> data, size_t from) {
  for (size_t i = from; i < data.size(); ++i) {
    size_t start = 0;
    uint64_t length = 0;
    if (read_frame(data.subspan(i), start, length) != 0) return i;
  }
  return data.size();
}

}  // namespace feat
