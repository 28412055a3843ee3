// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/unit_header.h"

namespace feat::native {

void write_varint(uint64_t value, std::vector<uint8_t> &out) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<uint8_t>(value | 0x80));
  out.push_back(static_cast<uint8_t>(value));
}

uint8_t ByteReader::byte() {
  if (position_ >= data_.size()) {
    failed_ = true;
    return 0;
  }
  return data_[position_++];
}

uint16_t ByteReader::u16() {
  const uint16_t low = byte();
  return static_cast<uint16_t>(low | byte() << 8);
}

uint32_t ByteReader::u32() {
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | byte();
  return value;
}

uint64_t ByteReader::varint() {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const uint64_t next = byte();
    if (shift == 63 && next > 1) break;
    value |= (next & 0x7F) << shift;
    if ((next & 0x80) == 0) return value;
  }
  failed_ = true;
  return 0;
}

std::span<const uint8_t> ByteReader::take(uint64_t count) {
  if (count > data_.size() - position_) {
    failed_ = true;
    return {};
  }
  const auto taken = data_.subspan(position_, static_cast<size_t>(count));
  position_ += static_cast<size_t>(count);
  return taken;
}

}  // namespace feat::native
