// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/common/alf_filter.h"

namespace feat::vvc {
namespace {

// Rows at the end of a CTU that belong to the line buffer: the filter does not look across the
// virtual boundary above them.
constexpr int kBoundaryRows = 4;

}  // namespace

AlfClassifier::AlfClassifier(const AlfArea &area)
    : area_(area), boundary_(area.ctu_side - kBoundaryRows) {
  add_gradients(-2);
  add_gradients(0);
}

void AlfClassifier::add_gradients(int y) {
  const int in_ctu = area_.y_in_ctu + y;
  alf_gradients({area_.from + y * area_.from_stride, area_.from_stride, in_ctu != boundary_,
                 in_ctu != boundary_ - 2},
                blocks(), gradients_[row_index(y)]);
}

bool AlfClassifier::next() {
  y_ += kAlfBlock;
  if (y_ >= area_.height) return false;
  add_gradients(y_ + 2);
  add_gradients(y_ + 4);
  // A window of 8x8, without the part behind the boundary.
  const int in_ctu = area_.y_in_ctu + y_;
  const bool above_boundary = in_ctu == boundary_ - kAlfBlock;
  const bool below_boundary = in_ctu == boundary_;
  const int first = below_boundary ? y_ : y_ - 2;
  const int end = above_boundary ? y_ + 4 : y_ + 6;
  const AlfGradients *rows[kHistory];
  int count = 0;
  for (int row = first; row < end; row += 2) rows[count++] = &gradients_[row_index(row)];
  alf_classify(rows, count, count == 4 ? 64 : 96, area_.bit_depth, blocks(), classes_);
  return true;
}

int AlfClassifier::reach(int i) const {
  // As far as the boundary lies away on either side.
  const int row = area_.y_in_ctu + y_ + i;
  return row < boundary_ ? boundary_ - 1 - row : row - boundary_;
}

void AlfFilter::prepare(const AlfFilters &filters, int bit_depth) {
  if (prepared_ == &filters) return;
  prepared_ = &filters;
  clip_ = false;
  for (size_t c = 0; c < kAlfClasses; c++) {
    for (size_t turn = 0; turn < kAlfTransposed; turn++) {
      AlfTaps &taps = taps_[c * kAlfTransposed + turn];
      for (size_t k = 0; k < kAlfTaps; k++) {
        const size_t from = kAlfTapOrder[turn][k];
        const int clip = filters.clip[c][from];
        taps.weight[k] = filters.coeff[c][from];
        taps.limit[k] = static_cast<int16_t>(alf_limit(clip, bit_depth));
        clip_ = clip_ || clip != 0;
      }
    }
  }
}

void AlfFilter::filter(const AlfArea &area, const AlfFilters &filters, uint16_t *to,
                       ptrdiff_t to_stride) {
  prepare(filters, area.bit_depth);
  AlfClassifier rows(area);
  AlfBlocks blocks{};
  blocks.from_stride = area.from_stride;
  blocks.to_stride = to_stride;
  blocks.blocks = rows.blocks();
  blocks.clip = clip_;
  blocks.bit_depth = area.bit_depth;
  const AlfTaps *taps[kAlfMaxBlocks];
  blocks.taps = taps;
  while (rows.next()) {
    for (int b = 0; b < blocks.blocks; b++) taps[b] = &taps_[rows.classes()[b]];
    for (int i = 0; i < kAlfBlock; i++) blocks.reach[i] = rows.reach(i);
    blocks.from = area.from + rows.y() * area.from_stride;
    blocks.to = to + rows.y() * to_stride;
    alf_filter_blocks(blocks);
  }
}

}  // namespace feat::vvc
