// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What a level would cost in bits; encoder only.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "codecs/feature/level_model.h"

namespace feat::native {

// The tables step over log-odds in 1/64.
inline constexpr int kCostShift = 2;
inline constexpr int kCosts = (2 * kOddsLimit >> kCostShift) + 1;
// Bits of a zero where the log-odds of a one have this index; of a one at kCosts - 1 - index.
extern const float *const kZeroCosts;

inline float zero_cost(int32_t sum) {
  return kZeroCosts[odds_index(sum) >> kCostShift];
}
inline float one_cost(int32_t sum) {
  return kZeroCosts[kCosts - 1 - (odds_index(sum) >> kCostShift)];
}

// Bits of a magnitude above 0, its sign included.
template <class Row>
float magnitude_cost(const Row &row, int32_t magnitude) {
  const int width = std::bit_width(static_cast<uint32_t>(magnitude));
  float bits = 1.0F;
  for (int i = 0; i < width; ++i) bits += one_cost(row.sum(width_bin(i)));
  bits += zero_cost(row.sum(width_bin(width)));
  if (width == 2) {
    const int32_t sum = row.sum(kHalfBin);
    bits += (magnitude & 1) != 0 ? one_cost(sum) : zero_cost(sum);
  } else if (width > 2) {
    const int upper = (magnitude >> (width - 2)) & 1;
    const int32_t sum = row.sum(kUpperBin);
    const int32_t next = row.sum(kQuarterBin + upper);
    bits += upper != 0 ? one_cost(sum) : zero_cost(sum);
    bits += ((magnitude >> (width - 3)) & 1) != 0 ? one_cost(next) : zero_cost(next);
    bits += static_cast<float>(width - 3);
  }
  return bits;
}

}  // namespace feat::native
