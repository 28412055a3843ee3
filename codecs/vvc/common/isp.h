// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Intra sub-partitions: how a coding block is divided (clauses 7.4.12.5 and 8.4.5.1).
#pragma once

#include <cstdint>

namespace feat::vvc {

enum class Isp : uint8_t { kNone, kHorizontal, kVertical };

struct IspShape {
  int parts;
  int log2_w;  // of one part
  int log2_h;
};

// Blocks of 16 samples have none.
inline bool isp_allowed(int log2_w, int log2_h, int log2_max_tb) {
  return log2_w + log2_h > 4 && log2_w <= log2_max_tb && log2_h <= log2_max_tb;
}

// Four parts, or two if they would have less than 16 samples.
inline IspShape isp_shape(int log2_w, int log2_h, Isp isp) {
  const int log2_parts = log2_w + log2_h == 5 ? 1 : 2;
  if (isp == Isp::kVertical) return {1 << log2_parts, log2_w - log2_parts, log2_h};
  return {1 << log2_parts, log2_w, log2_h - log2_parts};
}

}  // namespace feat::vvc
