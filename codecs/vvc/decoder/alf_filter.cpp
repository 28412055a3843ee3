// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/decoder/alf_filter.h"

#include <algorithm>

namespace feat::vvc {
namespace {

constexpr int kBlock = 4;
// Rows at the end of a CTU that belong to the line buffer: the filter does not look across the
// virtual boundary above them.
constexpr int kBoundaryRows = 4;

// Where tap k of a filter is found in its four transpositions.
constexpr uint8_t kTapOrder[kAlfTransposed][kAlfTaps] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11},
                                                         {9, 4, 10, 8, 1, 5, 11, 7, 3, 0, 2, 6},
                                                         {0, 3, 2, 1, 8, 7, 6, 5, 4, 9, 10, 11},
                                                         {9, 8, 10, 4, 3, 7, 11, 5, 1, 0, 2, 6}};

}  // namespace

void AlfFilter::prepare(const AlfFilters &filters, int bit_depth) {
  if (prepared_ == &filters) return;
  prepared_ = &filters;
  clip_ = false;
  for (size_t c = 0; c < kAlfClasses; c++) {
    for (size_t turn = 0; turn < kAlfTransposed; turn++) {
      AlfTaps &taps = taps_[c * kAlfTransposed + turn];
      for (size_t k = 0; k < kAlfTaps; k++) {
        const size_t from = kTapOrder[turn][k];
        const int clip = filters.clip[c][from];
        taps.weight[k] = filters.coeff[c][from];
        taps.limit[k] =
            static_cast<int16_t>(clip == 0 ? 1 << bit_depth : 1 << (bit_depth - 1 - 2 * clip));
        clip_ = clip_ || clip != 0;
      }
    }
  }
}

void AlfFilter::add_gradients(const AlfArea &area, int y) {
  const int boundary = area.ctu_side - kBoundaryRows;
  const int in_ctu = area.y_in_ctu + y;
  alf_gradients({area.from + y * area.from_stride, area.from_stride, in_ctu != boundary,
                 in_ctu != boundary - 2},
                area.width / kBlock, gradients_[row_index(y)]);
}

void AlfFilter::filter(const AlfArea &area, const AlfFilters &filters) {
  prepare(filters, area.bit_depth);
  const int boundary = area.ctu_side - kBoundaryRows;
  AlfBlocks blocks{};
  blocks.from_stride = area.from_stride;
  blocks.to_stride = area.to_stride;
  blocks.blocks = area.width / kBlock;
  blocks.clip = clip_;
  blocks.bit_depth = area.bit_depth;
  uint8_t classes[kAlfMaxBlocks];
  const AlfTaps *taps[kAlfMaxBlocks];
  blocks.taps = taps;
  add_gradients(area, -2);
  add_gradients(area, 0);
  for (int y = 0; y < area.height; y += kBlock) {
    add_gradients(area, y + 2);
    add_gradients(area, y + 4);
    // A window of 8x8, without the part behind the boundary.
    const int in_ctu = area.y_in_ctu + y;
    const bool above_boundary = in_ctu == boundary - kBlock;
    const bool below_boundary = in_ctu == boundary;
    const int first = below_boundary ? y : y - 2;
    const int end = above_boundary ? y + 4 : y + 6;
    const AlfGradients *rows[4];
    int count = 0;
    for (int row = first; row < end; row += 2) rows[count++] = &gradients_at(row);
    alf_classify(rows, count, count == 4 ? 64 : 96, area.bit_depth, blocks.blocks, classes);
    for (int b = 0; b < blocks.blocks; b++) taps[b] = &taps_[classes[b]];
    for (int i = 0; i < kBlock; i++) {
      // As far as the boundary lies away on either side.
      const int row = in_ctu + i;
      blocks.reach[i] = row < boundary ? boundary - 1 - row : row - boundary;
    }
    blocks.from = area.from + y * area.from_stride;
    blocks.to = area.to + y * area.to_stride;
    alf_filter_blocks(blocks);
  }
}

}  // namespace feat::vvc
