// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Rates of residual_coding() under given context states, looked up by the trellis.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "codecs/vvc/common/contexts.h"

namespace feat::vvc {

inline constexpr uint32_t kLevelRow = 24;

struct TrellisRates {
  // [coded or not][context / 4][set][context % 4], so that eight in a row are those of two sets.
  std::array<std::array<std::array<std::array<int32_t, 4>, 3>, 3>, 2> significant;
  // [level_class()][context]: flags after sig_coeff_flag and the sign. There are 21 contexts; eight
  // may be read from any of them that is the first of its kind.
  std::array<std::array<int32_t, kLevelRow>, 6> level;
  std::array<std::array<int32_t, 2>, 2> subblock;
  // Prefix and suffix of the last position.
  std::array<int32_t, 32> last_x;
  std::array<int32_t, 32> last_y;

  void set(const ContextSet &contexts, int log2_w, int log2_h);

  int32_t of_significant(size_t state, bool coded, int context) const {
    const auto at = static_cast<size_t>(context);
    return significant[coded ? 1 : 0][at / 4][state > 1 ? state - 1 : 0][at % 4];
  }
};

// The flags tell apart levels below 4, and the others' parity.
inline size_t level_class(int32_t level) {
  return static_cast<size_t>(level < 4 ? level : 4 + (level & 1));
}

inline constexpr uint32_t kTabulatedRemainders = 64;
// By value and Rice parameter.
extern const std::array<std::array<int32_t, 4>, kTabulatedRemainders> kRemainderRates;
int32_t long_remainder_rate(uint32_t value, int rice);

// Rate of abs_remainder or dec_abs_level.
inline int32_t remainder_rate(uint32_t value, int rice) {
  return value < kTabulatedRemainders ? kRemainderRates[value][static_cast<size_t>(rice)]
                                      : long_remainder_rate(value, rice);
}

}  // namespace feat::vvc
