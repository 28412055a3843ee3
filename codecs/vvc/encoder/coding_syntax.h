// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Syntax of the intra mode (clause 7.3.11.5) and of the coding unit's small flags.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "codecs/vvc/common/contexts.h"
#include "codecs/vvc/common/intra_pred.h"
#include "codecs/vvc/common/isp.h"

namespace feat::vvc {

using MpmList = std::array<uint8_t, 6>;

// How a block is predicted.
struct IntraChoice {
  uint8_t mode = kPlanar;
  uint8_t ref_idx = 0;
  Isp isp = Isp::kNone;
};

// Whether the mode goes with the reference line: a far one needs a most probable mode, not planar.
inline bool line_permitted(const IntraChoice &choice, const MpmList &mpm) {
  return choice.ref_idx == 0 || std::find(mpm.begin() + 1, mpm.end(), choice.mode) != mpm.end();
}

// Which of the syntax elements a block has.
struct IntraSyntax {
  bool ref_idx;
  bool isp;
};

// intra_luma_ref_idx, intra_subpartitions_mode_flag and _split_flag, intra_luma_mpm_flag,
// intra_luma_not_planar_flag, intra_luma_mpm_idx or intra_luma_mpm_remainder. A far reference line
// goes with a most probable mode other than planar.
template <typename Sink>
void write_intra_prediction(Sink &sink, const IntraChoice &choice, const IntraSyntax &syntax,
                            const MpmList &mpm) {
  if (syntax.ref_idx) {
    sink.bin(kCtxRefIdx, choice.ref_idx > 0 ? 1 : 0);
    if (choice.ref_idx > 0) sink.bin(kCtxRefIdx + 1, choice.ref_idx > 1 ? 1 : 0);
  }
  if (syntax.isp && choice.ref_idx == 0) {
    sink.bin(kCtxIspFlag, choice.isp != Isp::kNone ? 1 : 0);
    if (choice.isp != Isp::kNone) sink.bin(kCtxIspSplit, choice.isp == Isp::kVertical ? 1 : 0);
  }
  const auto found = std::find(mpm.begin(), mpm.end(), choice.mode);
  const bool far_line = choice.ref_idx > 0;
  if (!far_line) sink.bin(kCtxMpmFlag, found != mpm.end() ? 1 : 0);
  if (found != mpm.end()) {
    const auto index = static_cast<int>(found - mpm.begin());
    if (!far_line) sink.bin(kCtxNotPlanar + (choice.isp == Isp::kNone ? 1 : 0), index > 0 ? 1 : 0);
    if (index == 0) return;
    // Truncated unary of index - 1, at most 4.
    if (index < 5) {
      sink.bypass((1U << index) - 2, index);
    } else {
      sink.bypass(15, 4);
    }
    return;
  }
  int remainder = choice.mode;
  for (const uint8_t candidate : mpm) remainder -= candidate < choice.mode ? 1 : 0;
  // Truncated binary of 61 values: three of them take 5 bits.
  if (remainder < 3) {
    sink.bypass(static_cast<uint32_t>(remainder), 5);
  } else {
    sink.bypass(static_cast<uint32_t>(remainder + 3), 6);
  }
}

}  // namespace feat::vvc
