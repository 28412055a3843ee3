// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Fixed- and variable-length codes of NAL unit payloads (clause 9.2). Reading past the end throws.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "codecs/vvc/decoder/error.h"

namespace feat::vvc {

class BitReader {
 public:
  // `payload` without emulation prevention bytes.
  explicit BitReader(std::span<const uint8_t> payload) : data_(payload) {}

  size_t bits_left() const { return 8 * data_.size() - pos_; }
  size_t bit_position() const { return pos_; }
  bool aligned() const { return (pos_ & 7) == 0; }

  bool flag() {
    if (pos_ >= 8 * data_.size()) fail_corrupt("a NAL unit ends before its last syntax element");
    const bool bit = ((data_[pos_ >> 3] >> (7 - (pos_ & 7))) & 1) != 0;
    pos_++;
    return bit;
  }

  uint32_t bits(int n) {  // 0 to 32
    uint32_t value = 0;
    for (int i = 0; i < n; i++) value = value << 1 | (flag() ? 1U : 0U);
    return value;
  }

  void skip(size_t n) {
    if (n > bits_left()) fail_corrupt("a NAL unit ends before its last syntax element");
    pos_ += n;
  }

  uint32_t ue() {
    int zeros = 0;
    while (!flag()) {
      if (++zeros == 32) fail_corrupt("an exponential Golomb code is longer than 32 bits");
    }
    return static_cast<uint32_t>(((uint64_t{1} << zeros) - 1) + bits(zeros));
  }

  // Unsigned value that must not exceed `max`.
  int ue(uint32_t max, const char *name) {
    const uint32_t v = ue();
    if (v > max) {
      fail_corrupt(std::string(name) + " is " + std::to_string(v) + ", its limit is " +
                   std::to_string(max));
    }
    return static_cast<int>(v);
  }

  int64_t se() {
    const int64_t v = ue();
    return (v & 1) != 0 ? (v + 1) / 2 : -(v / 2);
  }

  int se(int min, int max, const char *name) {
    const int64_t v = se();
    if (v < min || v > max) {
      fail_corrupt(std::string(name) + " is " + std::to_string(v) + ", not between " +
                   std::to_string(min) + " and " + std::to_string(max));
    }
    return static_cast<int>(v);
  }

  // byte_alignment(): a one, then zeros to the next byte.
  void byte_alignment() {
    if (!flag()) fail_corrupt("the slice header does not end in an alignment bit");
    while (!aligned()) flag();
  }

 private:
  std::span<const uint8_t> data_;
  size_t pos_ = 0;
};

}  // namespace feat::vvc
