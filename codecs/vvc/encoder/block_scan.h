// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Scan of a whole transform block with everything that depends on the position alone, and the
// sums over neighbouring levels in a packed form that adds in one instruction.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace feat::vvc {

// Levels around a coefficient, packed: bits 0-2 number of non-zero ones, bits 3-7 sum of the
// partial levels min(a, 4 + (a & 1)), bits 8-15 sum of min(a, 51). More than 51 makes no
// difference to the Rice parameter, and five of each fit without a carry.
using PackedLevels = uint16_t;

constexpr PackedLevels pack_level(int level) {
  const int a = level < 0 ? -level : level;
  const int partial = a < 4 ? a : 4 + (a & 1);
  const int whole = a < 51 ? a : 51;
  return static_cast<PackedLevels>((a != 0 ? 1 : 0) | (partial << 3) | (whole << 8));
}
inline int partial_sum(PackedLevels p) {
  return (p >> 3) & 31;
}
inline int number_significant(PackedLevels p) {
  return p & 7;
}
inline int whole_sum(PackedLevels p) {
  return p >> 8;
}

// Packed levels of a block, with two columns and rows of zeros on the right and below.
struct LevelField {
  static constexpr int kStride = 34;
  std::array<PackedLevels, kStride * kStride> at;

  // All zeros, for a block of so many rows.
  void clear(int rows) { std::fill_n(at.data(), (rows + 2) * kStride, PackedLevels{0}); }

  PackedLevels neighbours(int i) const {
    const PackedLevels *p = at.data() + i;
    return static_cast<PackedLevels>(p[1] + p[2] + p[kStride] + p[kStride + 1] + p[2 * kStride]);
  }
};

struct BlockScan {
  int log2_w, log2_h;        // of the transform block
  int log2_sb_w, log2_sb_h;  // of a sub-block
  int sb_shift;              // log2 of the coefficients in a sub-block
  int count;                 // coefficients that may be non-zero (at most 32 x 32)
  int sb_columns, sb_rows;

  struct Position {
    uint8_t x, y;
    uint8_t sig_offset;      // context offsets by the diagonal
    uint8_t greater_offset;  // with the 1 that coefficients other than the last have
    uint16_t raster;         // y * width + x
    uint16_t field;          // index in a LevelField
  };
  std::vector<Position> positions;
  // For each position of a sub-block, the later ones of the same one whose contexts look at it.
  struct Observers {
    uint8_t count;
    std::array<uint8_t, 5> at;
  };
  std::vector<Observers> observers;
  // The same with all bits of the observers' elements set, for positions of a sub-block.
  std::vector<std::array<uint32_t, 16>> observer_masks;

  static constexpr uint8_t kNoSubblock = 64;
  struct Subblock {
    uint8_t x, y;
    // Those on the right, below, and below the right one: index in the scan or kNoSubblock.
    std::array<uint8_t, 3> next;
  };
  std::vector<Subblock> subblocks;
  // For each of Subblock::next, its positions that positions of a sub-block look at.
  struct Outlook {
    uint8_t at, seen;
  };
  std::array<std::vector<Outlook>, 3> outlooks;

  // Whether sub-block `sb` of a block in rows of 2^log2_w is all zeros.
  bool is_empty(size_t sb, const int32_t *levels) const {
    const int32_t *row = levels + positions[sb << sb_shift].raster;
    int32_t any = 0;
    for (int y = 0; y < 1 << log2_sb_h; ++y, row += ptrdiff_t{1} << log2_w) {
      for (int x = 0; x < 1 << log2_sb_w; ++x) any |= row[x];
    }
    return any == 0;
  }

  // Sides of 1 to 64, at least 16 samples.
  static const BlockScan &get(int log2_w, int log2_h);
};

// Group of a last position (table of last_sig_coeff_x_prefix) and its first context.
extern const std::array<uint8_t, 32> kLastGroup;
extern const std::array<uint8_t, 10> kLastGroupStart;
inline int last_suffix_bits(int group) {
  return group > 3 ? (group - 2) >> 1 : 0;
}
inline int last_ctx_offset(int log2_size) {
  constexpr std::array<uint8_t, 7> kOffset = {0, 0, 0, 3, 6, 10, 15};
  return kOffset[static_cast<size_t>(log2_size)];
}
inline int last_ctx_shift(int log2_size) {
  return (log2_size + 1) >> 2;
}
inline int last_group_max(int log2_size) {
  return kLastGroup[(size_t{1} << (log2_size < 5 ? log2_size : 5)) - 1];
}

}  // namespace feat::vvc
