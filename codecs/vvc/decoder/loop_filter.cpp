// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/decoder/loop_filter.h"

#include <algorithm>

namespace feat::vvc {

bool may_cross(const CodedPicture &picture, const CtuInfo &at, const CtuInfo &other) {
  const PicturePartition &p = picture.partition;
  return (p.filter_across_slices || at.slice == other.slice) &&
         (p.filter_across_tiles || at.tile == other.tile) &&
         (at.subpic == other.subpic || picture.subpics[at.subpic].filter_across);
}

void unmap_row(CodedPicture &picture, int row) {
  if (!picture.lmcs) return;
  Frame &frame = picture.frame;
  const uint16_t *table = picture.inverse_map.data();
  const int side = 1 << frame.log2_ctu;
  const int end = std::min((row + 1) * side, frame.height);
  for (int column = 0; column < frame.ctus_wide; column++) {
    if (!picture.slice_of(frame.ctu(column, row)).header.lmcs) continue;
    const int x0 = column * side;
    const int width = std::min(side, frame.width - x0);
    for (int y = row * side; y < end; y++) {
      uint16_t *samples = frame.at(x0, y);
      for (int x = 0; x < width; x++) samples[x] = table[samples[x]];
    }
  }
}

bool uses_sao(const CodedPicture &picture) {
  return std::any_of(picture.slices.begin(), picture.slices.end(),
                     [](const auto &slice) { return slice->header.sao; });
}

bool uses_alf(const CodedPicture &picture) {
  return std::any_of(picture.slices.begin(), picture.slices.end(),
                     [](const auto &slice) { return slice->header.alf; });
}

const SamplePlane &filtered_plane(const CodedPicture &picture) {
  return uses_sao(picture) != uses_alf(picture) ? picture.frame.filtered : picture.frame.samples;
}

}  // namespace feat::vvc
