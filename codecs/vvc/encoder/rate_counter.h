// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Rate of bins without coding them: fractional bits in units of 2^-15.
#pragma once

#include <array>
#include <cstdint>

#include "codecs/vvc/common/contexts.h"

namespace feat::vvc {

inline constexpr int kRateBits = 15;
inline constexpr int kOneBit = 1 << kRateBits;

// Cost of a 1 (index 1) or 0 (index 0) by the top 8 bits of a model's state.
extern const std::array<std::array<int32_t, 2>, 256> kBinRate;

inline int bin_rate(const ContextModel &model, int value) {
  return kBinRate[static_cast<size_t>(model.state() >> 7)][static_cast<size_t>(value)];
}

// A sink like CabacEncoder that adds up rates and lets the contexts adapt.
struct RateCounter {
  ContextSet contexts;
  int64_t rate = 0;

  void bin(int ctx, int value) {
    ContextModel &model = contexts[ctx];
    rate += bin_rate(model, value);
    model.update(value);
  }
  void bypass(uint32_t, int count) { rate += int64_t{count} << kRateBits; }
};

}  // namespace feat::vvc
