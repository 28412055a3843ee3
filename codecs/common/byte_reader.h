// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the headers of units are read and written with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace feat {

// Numbers of one to ten bytes, seven bits in each, the lowest first.
inline void write_varint(uint64_t value, std::vector<uint8_t> &out) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<uint8_t>(value | 0x80));
  out.push_back(static_cast<uint8_t>(value));
}

// Takes bytes off the front of a span. What is not there reads as zero and sets failed().
class ByteReader {
 public:
  explicit ByteReader(std::span<const uint8_t> data) : data_(data) {}

  uint8_t byte() {
    if (position_ >= data_.size()) {
      failed_ = true;
      return 0;
    }
    return data_[position_++];
  }
  // Lowest byte first.
  uint16_t u16() {
    const uint16_t low = byte();
    return static_cast<uint16_t>(low | byte() << 8);
  }
  // Highest byte first.
  uint32_t u32() {
    uint32_t value = 0;
    for (int i = 0; i < 4; ++i) value = value << 8 | byte();
    return value;
  }
  uint64_t varint() {
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
  std::span<const uint8_t> take(uint64_t count) {
    if (count > data_.size() - position_) {
      failed_ = true;
      return {};
    }
    const auto taken = data_.subspan(position_, static_cast<size_t>(count));
    position_ += static_cast<size_t>(count);
    return taken;
  }
  std::span<const uint8_t> rest() const { return data_.subspan(position_); }
  size_t position() const { return position_; }
  bool failed() const { return failed_; }

 private:
  std::span<const uint8_t> data_;
  size_t position_ = 0;
  bool failed_ = false;
};

}  // namespace feat
