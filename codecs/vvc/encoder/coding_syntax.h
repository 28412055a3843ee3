// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Syntax of the intra mode (clause 7.3.11.5) and of the coding unit's small flags.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "codecs/vvc/common/contexts.h"

namespace feat::vvc {

using MpmList = std::array<uint8_t, 6>;

// intra_luma_mpm_flag, intra_luma_not_planar_flag, intra_luma_mpm_idx or
// intra_luma_mpm_remainder.
template <typename Sink>
void write_intra_mode(Sink &sink, int mode, const MpmList &mpm) {
  const auto found = std::find(mpm.begin(), mpm.end(), mode);
  sink.bin(kCtxMpmFlag, found != mpm.end() ? 1 : 0);
  if (found != mpm.end()) {
    const auto index = static_cast<int>(found - mpm.begin());
    sink.bin(kCtxNotPlanar + 1, index > 0 ? 1 : 0);
    if (index == 0) return;
    // Truncated unary of index - 1, at most 4.
    if (index < 5) {
      sink.bypass((1U << index) - 2, index);
    } else {
      sink.bypass(15, 4);
    }
    return;
  }
  int remainder = mode;
  for (const uint8_t candidate : mpm) remainder -= candidate < mode ? 1 : 0;
  // Truncated binary of 61 values: three of them take 5 bits.
  if (remainder < 3) {
    sink.bypass(static_cast<uint32_t>(remainder), 5);
  } else {
    sink.bypass(static_cast<uint32_t>(remainder + 3), 6);
  }
}

}  // namespace feat::vvc
