// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The numbers that the lossless coder codes. A code is a sign and a magnitude; the magnitude is a
// class (a float's exponent, an integer's bit length) and the bits below it, the mantissa. Classes
// are intervals of the number line in both cases: class 0 is [0, 1), class k is [2^(k-1), 2^k),
// in units of the smallest normal float or of one. So one model serves floats and integers.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

namespace feat::native::lossless {

// A sign at bit 31, a magnitude below.
using Code = uint32_t;
inline constexpr int kSignShift = 31;
inline constexpr uint32_t kMagnitudeMask = (uint32_t{1} << kSignShift) - 1;

// Positions on the number line are integers: most values are below 2^kTypicalBits, none is above
// 2^kTopBits, and spreads are not below 2^kFloorBits.
inline constexpr int kTypicalBits = 34;
inline constexpr int kTopBits = 46;
inline constexpr int kIntegerScale = 17;  // bits that stand for one in integers

// std::bit_width(), which older libraries give another type.
inline int bit_width(uint64_t value) {
  return 64 - std::countl_zero(value);
}

struct NumberKind {
  bool integer = false;
  int mantissa_bits = 0;  // of floats
  int classes = 2;        // at least two
  // Class k begins at 2^(k - 1 + scale).
  int scale = 0;

  int class_of(uint32_t magnitude) const {
    return integer ? bit_width(magnitude) : static_cast<int>(magnitude >> mantissa_bits);
  }
  int mantissa_bits_of(int number_class) const {
    return integer ? std::max(number_class - 1, 0) : mantissa_bits;
  }
  // Where a class begins.
  int64_t edge(int number_class) const {
    const int bits = number_class - 1 + scale;
    if (number_class == 0 || bits < 0) return 0;
    return int64_t{1} << std::min(bits, kTopBits);
  }
  uint32_t magnitude(int number_class, uint32_t mantissa) const {
    if (!integer) return static_cast<uint32_t>(number_class) << mantissa_bits | mantissa;
    return number_class == 0 ? 0 : uint32_t{1} << (number_class - 1) | mantissa;
  }
  // The middle of what a code stands for.
  int64_t position(Code code) const {
    const uint32_t magnitude = code & kMagnitudeMask;
    const int number_class = class_of(magnitude);
    const int bits = mantissa_bits_of(number_class);
    const uint64_t mantissa = magnitude & ((uint32_t{1} << bits) - 1);
    const uint64_t significand = (number_class > 0 ? uint64_t{1} << bits : 0) | mantissa;
    // Twice the significand plus one half of the last bit.
    const int shift = std::max(number_class, 1) - 1 + scale - bits - 1;
    const uint64_t twice = significand << 1 | 1;
    int64_t result = 0;
    if (shift > kTopBits - bit_width(twice)) {
      result = int64_t{1} << kTopBits;
    } else if (shift >= 0) {
      result = static_cast<int64_t>(twice << shift);
    } else if (shift > -64) {
      result = static_cast<int64_t>(twice >> -shift);
    }
    return code >> kSignShift ? -result : result;
  }
};

}  // namespace feat::native::lossless
