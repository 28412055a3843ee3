// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The loops over samples of the adaptive loop filter (clauses 8.8.5.2 and 8.8.5.3), for a row of
// blocks of 4x4 at a time.
#pragma once

#include <cstddef>
#include <cstdint>

namespace feat::vvc {

inline constexpr int kAlfMaxBlocks = 128 / 4;  // in a row
inline constexpr int kAlfTransposed = 4;       // ways to turn a filter

// Gradients of a row of cells of 2x2 samples: for every block the sum over its own two cells and
// one on either side.
struct AlfGradients {
  enum Direction { kVertical, kHorizontal, kFalling, kRising, kDirections };
  alignas(64) uint16_t sum[kDirections][kAlfMaxBlocks];
};

// `row` points at the first sample of the first of two rows. Rows from one above them to one below
// are read, three samples more on each side; an outer one that must not be seen is replaced by its
// neighbour.
struct AlfCells {
  const uint16_t *row;
  ptrdiff_t stride;
  bool see_above;
  bool see_below;
};
void alf_gradients(const AlfCells &cells, int blocks, AlfGradients &gradients);

// The class of each block times 4, plus how its filter is turned, from `count` rows of cells.
// `weight` makes up for rows that are missing: 64 of four, 96 of three. `classes` has room for
// kAlfMaxBlocks.
void alf_classify(const AlfGradients *const *rows, int count, int weight, int bit_depth, int blocks,
                  uint8_t *classes);

// A filter as it is applied to a block, turned.
struct AlfTaps {
  static constexpr int kCount = 12;
  // Where a tap lies; its partner lies opposite.
  static constexpr int8_t kX[kCount] = {0, 1, 0, -1, 2, 1, 0, -1, -2, 3, 2, 1};
  static constexpr int8_t kY[kCount] = {3, 2, 2, 2, 1, 1, 1, 1, 1, 0, 0, 0};

  // From a sample to tap k; one in a line further away than `reach` is taken from there.
  static constexpr ptrdiff_t offset(int k, int reach, ptrdiff_t stride) {
    return (kY[k] < reach ? kY[k] : reach) * stride + kX[k];
  }

  alignas(32) int16_t weight[16];
  alignas(32) int16_t limit[16];
};

struct AlfBlocks {
  const uint16_t *from;  // three more samples on each side are read
  ptrdiff_t from_stride;
  uint16_t *to;
  ptrdiff_t to_stride;
  int blocks;
  const AlfTaps *const *taps;  // of every block
  bool clip;                   // whether any limit is less than the range of samples
  int reach[4];                // how many rows above and below each of the four may be seen
  int bit_depth;
};
void alf_filter_blocks(const AlfBlocks &blocks);

namespace scalar {

void alf_gradients(const AlfCells &cells, int blocks, AlfGradients &gradients);
void alf_classify(const AlfGradients *const *rows, int count, int weight, int bit_depth, int blocks,
                  uint8_t *classes);
void alf_filter_blocks(const AlfBlocks &blocks);

}  // namespace scalar
}  // namespace feat::vvc
