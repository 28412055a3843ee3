// SPDX-License-Identifier: LGPL-2.1-or-later
//
// An expert's opinion of the next number: where it is and how far it may be off. The model asks for
// contexts only: how many spreads a threshold is from there, and how wide an interval is.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "codecs/feature/lossless_number.h"

namespace feat::native::lossless {

// 2^24 / m for m from 2^11 to 2^12.
inline constexpr int kSpreadBits = 12;
extern const std::array<uint16_t, 1 << (kSpreadBits - 1)> kReciprocals;

inline constexpr int kDistances = 32;  // halves of a spread, from -16
inline constexpr int64_t kLeastSpread = int64_t{1} << (kSpreadBits - 1);

class Expert {
 public:
  // `spread` is the mean absolute error that is expected.
  void set(int64_t position, int64_t spread) {
    position_ = position;
    const auto clamped =
        static_cast<uint64_t>(std::clamp(spread, kLeastSpread, int64_t{1} << kTopBits));
    shift_ = bit_width(clamped) - kSpreadBits;
    const auto leading = static_cast<uint32_t>(clamped >> shift_);
    reciprocal_ = kReciprocals[leading - kLeastSpread];
    // sqrt(2) * 2^11
    half_octaves_ = 2 * (shift_ + kSpreadBits - 1) + (leading >= 2896 ? 1 : 0);
  }
  // Sees the number line from the other side.
  void mirror() { position_ = -position_; }

  int64_t position() const { return position_; }
  int half_octaves() const { return half_octaves_; }

  // 0 to kDistances - 1.
  uint32_t distance(int64_t threshold) const {
    const int64_t off = std::clamp((threshold - position_) >> shift_, -kMaxOff, kMaxOff);
    const int32_t steps = (static_cast<int32_t>(off) * reciprocal_ + (1 << 22)) >> 23;
    return static_cast<uint32_t>(std::clamp(steps + kDistances / 2, 0, kDistances - 1));
  }
  // The distance in 1/1024 of a spread, from -2^15 to 2^15.
  int32_t fine_distance(int64_t position) const {
    const int64_t off = std::clamp((position - position_) >> shift_, -kMaxOff, kMaxOff);
    return static_cast<int32_t>(off) * reciprocal_ >> 14;
  }

 private:
  static constexpr int64_t kMaxOff = int64_t{1} << 16;
  int64_t position_ = 0;
  int shift_ = 0;
  int reciprocal_ = 0;
  int half_octaves_ = 0;
};

}  // namespace feat::native::lossless
