// SPDX-License-Identifier: LGPL-2.1-or-later
//
// One level to bits and back, through a range coder; encoder and decoder are one piece of code.
#pragma once

#include <algorithm>
#include <bit>
#include <span>
#include <vector>

#include "codecs/feature/level_model.h"
#include "codecs/feature/range_coder.h"

namespace feat::native {

// What stands behind code_level() on either side: code() takes a probability of one and the bit and
// returns the bit, raw() does so with equally likely bits; code_even() is code() without a branch
// that depends on the bit. Loops work on copies, which processors keep in registers.
class BitWriter {
 public:
  explicit BitWriter(std::vector<uint8_t> &out) : coder_(out) {}
  bool code(uint32_t probability, bool value) {
    coder_.bit(probability, value);
    return value;
  }
  bool code_even(uint32_t probability, bool value) { return code(probability, value); }
  uint32_t raw(uint32_t value, int count) {
    coder_.raw(value, count);
    return value;
  }
  uint32_t raw_bit(uint32_t value) { return raw(value, 1); }
  void finish() { coder_.finish(); }

 private:
  RangeEncoder coder_;
};

class BitReader {
 public:
  explicit BitReader(std::span<const uint8_t> data) : coder_(data) {}
  bool code(uint32_t probability, bool) { return coder_.bit(probability); }
  bool code_even(uint32_t probability, bool) { return coder_.even_bit(probability); }
  uint32_t raw(uint32_t, int count) { return coder_.raw(count); }
  uint32_t raw_bit(uint32_t) { return coder_.raw_bit(); }
  void finish() {}

 private:
  RangeDecoder coder_;
};

// All of a level that is known not to be 0. Apart, so that loops over levels stay small.
template <class Bits>
[[gnu::noinline]] int32_t code_nonzero_level(Bits &bits, const LevelModel::Row &row,
                                             int32_t level) {
  const auto magnitude = static_cast<uint32_t>(level < 0 ? -level : level);
  const int true_width = std::bit_width(magnitude);
  const auto wider = [&](int width) {
    return LevelModel::code(bits, row, width_bin(width), true_width > width);
  };
  // Small levels one by one: branches of their own are easier to foresee.
  uint32_t value = 1;
  if (wider(1)) {
    if (!wider(2)) {
      value = 2U | (LevelModel::code_even(bits, row, kHalfBin, (magnitude & 1U) != 0) ? 1U : 0U);
    } else {
      int width = 3;
      while (width < kMaxWidth && wider(width)) ++width;
      const bool upper =
          LevelModel::code_even(bits, row, kUpperBin, ((magnitude >> (width - 2)) & 1U) != 0);
      value = 2U | (upper ? 1U : 0U);
      const bool quarter = LevelModel::code_even(bits, row, kQuarterBin + (upper ? 1 : 0),
                                                 ((magnitude >> (width - 3)) & 1U) != 0);
      value = value << 1 | (quarter ? 1U : 0U);
      for (int left = width - 3; left > 0;) {
        const int count = std::min(left, 16);
        left -= count;
        value = value << count | bits.raw((magnitude >> left) & ((1U << count) - 1), count);
      }
    }
  }
  const auto negative = static_cast<int32_t>(bits.raw_bit(level < 0 ? 1 : 0));
  return (static_cast<int32_t>(value) ^ -negative) + negative;
}

// Codes `level` (or decodes it, when its value is not looked at) and returns it.
template <class Bits>
[[gnu::always_inline]] inline int32_t code_level(Bits &bits, const LevelModel::Row &row,
                                                 int32_t level) {
  if (!LevelModel::code(bits, row, width_bin(0), level != 0)) return 0;
  return code_nonzero_level(bits, row, level);
}

}  // namespace feat::native
