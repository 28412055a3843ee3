// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Bits without a model, in a stream of their own, the lowest first: noise costs no arithmetic.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace feat::native::lossless {

class BitWriter {
 public:
  explicit BitWriter(std::vector<uint8_t> &out) : out_(out) {}

  // count is 0 to 32, value below 2^count.
  void put(uint32_t value, int count) {
    bits_ |= uint64_t{value} << filled_;
    filled_ += count;
    if (filled_ >= 32) {
      const auto low = static_cast<uint32_t>(bits_);
      out_.insert(out_.end(), {static_cast<uint8_t>(low), static_cast<uint8_t>(low >> 8),
                               static_cast<uint8_t>(low >> 16), static_cast<uint8_t>(low >> 24)});
      bits_ >>= 32;
      filled_ -= 32;
    }
  }
  void finish() {
    for (; filled_ > 0; filled_ -= 8) {
      out_.push_back(static_cast<uint8_t>(bits_));
      bits_ >>= 8;
    }
    filled_ = 0;
  }

 private:
  std::vector<uint8_t> &out_;
  uint64_t bits_ = 0;
  int filled_ = 0;
};

class BitReader {
 public:
  explicit BitReader(std::span<const uint8_t> data) : data_(data) {}

  // Zeros behind the end.
  uint32_t get(int count) {
    if (filled_ < count) refill(count);
    const auto value = static_cast<uint32_t>(bits_ & ((uint64_t{1} << count) - 1));
    bits_ >>= count;
    filled_ -= count;
    return value;
  }
  // Every byte was needed, and no more.
  bool at_end() const { return position_ == data_.size(); }

 private:
  void refill(int count) {
    if (data_.size() >= 4 && position_ <= data_.size() - 4) {
      for (int i = 0; i < 4; ++i)
        bits_ |= uint64_t{data_[position_ + static_cast<size_t>(i)]} << (filled_ + 8 * i);
      position_ += 4;
      filled_ += 32;
      return;
    }
    for (; filled_ < count; filled_ += 8, ++position_)
      bits_ |= uint64_t{position_ < data_.size() ? data_[position_] : uint8_t{0}} << filled_;
  }

  std::span<const uint8_t> data_;
  size_t position_ = 0;
  uint64_t bits_ = 0;
  int filled_ = 0;
};

}  // namespace feat::native::lossless
