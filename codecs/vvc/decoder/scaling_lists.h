// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Scaling lists (clause 7.3.2.21): factors by which quantisation differs over the coefficients of a
// block; those of intra luma.
#pragma once

#include <array>
#include <cstdint>

#include "codecs/vvc/decoder/bit_reader.h"

namespace feat::vvc {

struct ScalingLists {
  static constexpr uint8_t kFlat = 16;

  // By the longer side of the block, 4 to 64; 4x4 or 8x8 factors, row by row.
  std::array<std::array<uint8_t, 64>, 5> factors{};
  std::array<uint8_t, 5> dc{};  // of sides from 16 on

  // The factor of the coefficient at (x, y).
  int factor(int log2_w, int log2_h, int x, int y) const {
    const int log2_side = log2_w > log2_h ? log2_w : log2_h;
    const auto list = static_cast<size_t>(log2_side < 2 ? 0 : log2_side - 2);
    if (list >= 2 && x == 0 && y == 0) return dc[list];
    const int log2_list = list == 0 ? 2 : 3;
    const int column = (x << log2_list) >> log2_w;
    const int row = (y << log2_list) >> log2_h;
    return factors[list][static_cast<size_t>((row << log2_list) + column)];
  }
};

ScalingLists parse_scaling_lists(BitReader &r, bool chroma_present);

}  // namespace feat::vvc
