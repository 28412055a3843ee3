// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/decoder/nal.h"

#include <algorithm>

namespace feat::vvc {
namespace {

// Position of the first start code 00 00 01, or the size of `data`.
size_t find_start_code(std::span<const uint8_t> data) {
  size_t i = 2;
  while (i < data.size()) {
    const auto one = std::find(data.begin() + static_cast<ptrdiff_t>(i), data.end(), uint8_t{1});
    i = static_cast<size_t>(one - data.begin());
    if (i < data.size() && data[i - 1] == 0 && data[i - 2] == 0) return i - 2;
    i++;
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
    nal.bytes = unit.first(end);
    nal.payload = nal.bytes.subspan(2);
    return true;
  }
}

std::vector<uint8_t> unescape(std::span<const uint8_t> payload, std::vector<size_t> *removed) {
  std::vector<uint8_t> out;
  out.reserve(payload.size());
  size_t i = 0;
  while (i < payload.size()) {
    // Up to the next two zeros and three.
    size_t end = payload.size();
    const uint8_t *three = payload.data() + std::min(i + 2, payload.size());
    const uint8_t *const stop = payload.data() + payload.size();
    for (;;) {
      three = std::find(three, stop, uint8_t{3});
      if (three == stop) break;
      if (three[-1] == 0 && three[-2] == 0) {
        end = static_cast<size_t>(three - payload.data());
        break;
      }
      three++;
    }
    out.insert(out.end(), payload.begin() + static_cast<ptrdiff_t>(i),
               payload.begin() + static_cast<ptrdiff_t>(end));
    if (end < payload.size() && removed != nullptr) removed->push_back(out.size());
    i = end + 1;
  }
  return out;
}

}  // namespace feat::vvc
