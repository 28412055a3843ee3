// SPDX-License-Identifier: LGPL-2.1-or-later

#include "ext/vvc/raw_samples.h"

namespace feat {

uint64_t raw_size(int width, int height, int bit_depth) {
  return static_cast<uint64_t>(width) * static_cast<uint64_t>(height) * (bit_depth > 8 ? 2 : 1);
}

std::vector<uint8_t> write_raw(const vvc::Plane<const uint16_t> &picture, int bit_depth) {
  std::vector<uint8_t> bytes;
  bytes.reserve(raw_size(picture.width, picture.height, bit_depth));
  for (int y = 0; y < picture.height; y++) {
    const uint16_t *row = picture.data + y * picture.stride;
    for (int x = 0; x < picture.width; x++) {
      bytes.push_back(static_cast<uint8_t>(row[x]));
      if (bit_depth > 8) bytes.push_back(static_cast<uint8_t>(row[x] >> 8));
    }
  }
  return bytes;
}

void read_raw(std::span<const uint8_t> bytes, int bit_depth, std::vector<uint16_t> &samples) {
  const bool wide = bit_depth > 8;
  samples.resize(bytes.size() / (wide ? 2 : 1));
  for (size_t i = 0; i < samples.size(); i++) {
    samples[i] = wide ? static_cast<uint16_t>(bytes[2 * i] | bytes[2 * i + 1] << 8) : bytes[i];
  }
}

}  // namespace feat
