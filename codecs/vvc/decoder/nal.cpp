// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/decoder/nal.h"

namespace feat::vvc {
namespace {

// Position of the first start code 00 00 01, or the size of `data`.
size_t find_start_code(std::span<const uint8_t> data) {
  for (size_t i = 0; i + 3 <= data.size(); i++) {
    if (data[i] == 0 && data[i + 1] == 0 && data[i + 2] == 1) return i;
  }
  return data.size();
}

}  // namespace

bool next_nal_unit(std::span<const uint8_t> &stream, NalUnit &nal) {
  for (;;) {
    const size_t start = find_start_code(stream);
    if (start == stream.size()) {
      stream = {};
      return false;
    }
    stream = stream.subspan(start + 3);
    size_t end = find_start_code(stream);
    const std::span<const uint8_t> unit = stream.first(end);
    stream = stream.subspan(end);
    // Trailing zeros belong to the byte stream, not to the unit.
    while (end > 0 && unit[end - 1] == 0) end--;
    if (end < 2) continue;
    nal.layer_id = unit[0] & 0x3f;
    nal.type = static_cast<NalType>(unit[1] >> 3);
    nal.temporal_id = (unit[1] & 7) - 1;
    nal.payload = unit.first(end).subspan(2);
    return true;
  }
}

std::vector<uint8_t> unescape(std::span<const uint8_t> payload) {
  std::vector<uint8_t> out;
  out.reserve(payload.size());
  int zeros = 0;
  for (const uint8_t byte : payload) {
    if (zeros >= 2 && byte == 3) {
      zeros = 0;
      continue;
    }
    zeros = byte == 0 ? zeros + 1 : 0;
    out.push_back(byte);
  }
  return out;
}

}  // namespace feat::vvc
