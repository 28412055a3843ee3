// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Binary range coder with 16-bit probabilities and a 64-bit interval (docs/feature-codec.md,
// "Entropy coding"). Everything is integer arithmetic: every machine decodes the same bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace feat::native {

// Probabilities are of a one, in 1/65536, from 1 to 65535.
inline constexpr int kProbabilityBits = 16;
inline constexpr uint32_t kProbabilityOne = 1U << kProbabilityBits;

class RangeEncoder {
 public:
  // Appends to `out`.
  explicit RangeEncoder(std::vector<uint8_t> &out) : out_(&out), start_(out.size()) {}

  void bit(uint32_t probability, bool one) {
    const uint64_t bound = (range_ >> kProbabilityBits) * probability;
    // Without a branch, since bits are hard to foresee.
    const uint64_t if_zero = uint64_t{one} - 1;
    range_ = bound + ((range_ - 2 * bound) & if_zero);
    add(bound & if_zero);
    if (range_ < kRenormal) shift();
  }

  // `count` equally likely bits, the highest first; count is 0 to 16.
  void raw(uint32_t value, int count) {
    range_ >>= count;
    add(range_ * value);
    if (range_ < kRenormal) shift();
  }

  // Ends the code: of all numbers in the interval the one with the fewest bytes. The decoder reads
  // zeros behind it.
  void finish() {
    for (int bytes = 0; bytes <= 6; ++bytes) {
      const uint64_t mask = (uint64_t{1} << (kLowBits - 8 * bytes)) - 1;
      const uint64_t value = (low_ + mask) & ~mask;
      if (value - low_ >= range_) continue;
      low_ = value & kLowMask;
      if (value >> kLowBits) carry(*out_);
      for (int i = 1; i <= bytes; ++i)
        out_->push_back(static_cast<uint8_t>(low_ >> (kLowBits - 8 * i)));
      break;
    }
    while (out_->size() > start_ && out_->back() == 0) out_->pop_back();
  }

 private:
  // low_ has 48 bits; range_ is at most 2^48.
  static constexpr int kLowBits = 48;
  static constexpr uint64_t kLowMask = (uint64_t{1} << kLowBits) - 1;
  static constexpr uint64_t kRenormal = uint64_t{1} << 32;

  void add(uint64_t value) {
    low_ += value;
    if (low_ >> kLowBits) {
      low_ &= kLowMask;
      carry(*out_);
    }
  }
  static void carry(std::vector<uint8_t> &out) {
    size_t i = out.size();
    while (++out[--i] == 0) {
    }
  }
  void shift() {
    out_->push_back(static_cast<uint8_t>(low_ >> 40));
    out_->push_back(static_cast<uint8_t>(low_ >> 32));
    low_ = (low_ << 16) & kLowMask;
    range_ <<= 16;
  }

  std::vector<uint8_t> *out_;
  size_t start_;
  uint64_t low_ = 0;
  uint64_t range_ = uint64_t{1} << kLowBits;
};

class RangeDecoder {
 public:
  explicit RangeDecoder(std::span<const uint8_t> data) : data_(data) {
    for (int i = 0; i < 3; ++i) code_ = code_ << 16 | next();
  }

  bool bit(uint32_t probability) {
    const uint64_t bound = (range_ >> kProbabilityBits) * probability;
    const bool one = code_ < bound;
    if (one) {
      range_ = bound;
    } else {
      code_ -= bound;
      range_ -= bound;
    }
    if (range_ < kRenormal) shift();
    return one;
  }

  // The same without a branch that depends on the bit, for bits that are hard to foresee.
  bool even_bit(uint32_t probability) {
    const uint64_t bound = (range_ >> kProbabilityBits) * probability;
    const uint64_t one = code_ < bound ? 1 : 0;
    const uint64_t if_zero = one - 1;
    code_ -= bound & if_zero;
    range_ = bound + ((range_ - 2 * bound) & if_zero);
    if (range_ < kRenormal) shift();
    return one != 0;
  }

  uint32_t raw_bit() {
    range_ >>= 1;
    const uint64_t value = code_ >= range_ ? 1 : 0;
    code_ -= range_ & (0 - value);
    if (range_ < kRenormal) shift();
    return static_cast<uint32_t>(value);
  }

  uint32_t raw(int count) {
    range_ >>= count;
    uint64_t value = (uint64_t{1} << count) - 1;
    // Otherwise the data is damaged.
    if (code_ < range_ << count) {
      // Both are below 2^53; a division of doubles is faster than one of integers, and may come out
      // one too large.
      const auto quotient =
          static_cast<uint64_t>(static_cast<double>(static_cast<int64_t>(code_)) /
                                static_cast<double>(static_cast<int64_t>(range_)));
      value = quotient - (quotient * range_ > code_ ? 1 : 0);
    }
    code_ -= value * range_;
    if (range_ < kRenormal) shift();
    return static_cast<uint32_t>(value);
  }

 private:
  static constexpr uint64_t kRenormal = uint64_t{1} << 32;

  uint32_t next() {
    const uint32_t high = position_ < data_.size() ? data_[position_] : 0;
    const uint32_t low = position_ + 1 < data_.size() ? data_[position_ + 1] : 0;
    position_ += 2;
    return high << 8 | low;
  }
  void shift() {
    code_ = code_ << 16 | next();
    range_ <<= 16;
  }

  std::span<const uint8_t> data_;
  size_t position_ = 0;
  uint64_t code_ = 0;
  uint64_t range_ = uint64_t{1} << 48;
};

}  // namespace feat::native
