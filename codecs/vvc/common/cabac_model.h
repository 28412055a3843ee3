// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Adaptive binary probability model of CABAC (H.266 clauses 9.3.2.2, 9.3.4.3.2.2 and 9.3.4.3.2.3).
#pragma once

#include <algorithm>
#include <cstdint>

namespace feat::vvc {

// One context: two estimators with different adaptation rates, 10 and 14 bits wide.
class ContextModel {
 public:
  void init(int init_value, int shift_idx, int qp) {
    const int slope = (init_value >> 3) - 4;
    const int offset = (init_value & 7) * 18 + 1;
    const int pre = std::clamp(((slope * (std::clamp(qp, 0, 63) - 16)) >> 1) + offset, 1, 127);
    p0_ = static_cast<uint16_t>(pre << 3);
    p1_ = static_cast<uint16_t>(pre << 7);
    shift0_ = static_cast<uint8_t>((shift_idx >> 2) + 2);
    shift1_ = static_cast<uint8_t>((shift_idx & 3) + 3 + shift0_);
  }

  // Probability that the bin is 1, 15 bits.
  int state() const { return p1_ + 16 * p0_; }
  int mps() const { return state() >> 14; }
  // Width of the LPS interval for the current range (256 to 510).
  int lps_range(int range) const {
    const int s = state();
    const int q = (s >> 14) != 0 ? 32767 - s : s;
    return (((range >> 5) * (q >> 9)) >> 1) + 4;
  }
  void update(int bin) {
    p0_ = static_cast<uint16_t>(p0_ - (p0_ >> shift0_) + (bin != 0 ? 1023 >> shift0_ : 0));
    p1_ = static_cast<uint16_t>(p1_ - (p1_ >> shift1_) + (bin != 0 ? 16383 >> shift1_ : 0));
  }

 private:
  uint16_t p0_ = 0;
  uint16_t p1_ = 0;
  uint8_t shift0_ = 0;
  uint8_t shift1_ = 0;
};

}  // namespace feat::vvc
