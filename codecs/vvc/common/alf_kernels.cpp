// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/common/alf_kernels.h"

#include <algorithm>
#include <cstdlib>

namespace feat::vvc::scalar {

void alf_gradients(const AlfCells &cells, int blocks, AlfGradients &gradients) {
  const uint16_t *row = cells.row;
  const uint16_t *below = row + cells.stride;
  const uint16_t *above = cells.see_above ? row - cells.stride : row;
  const uint16_t *below2 = cells.see_below ? below + cells.stride : below;
  // A cell counts its upper left and its lower right sample.
  int cell[AlfGradients::kDirections][2 * kAlfMaxBlocks + 2] = {};
  for (int i = 0; i < 2 * blocks + 2; i++) {
    const int x = 2 * i - 2;
    const auto bend = [](int v, int a, int b) { return std::abs(2 * v - a - b); };
    const int p = row[x];
    const int q = below[x + 1];
    cell[AlfGradients::kVertical][i] =
        bend(p, above[x], below[x]) + bend(q, row[x + 1], below2[x + 1]);
    cell[AlfGradients::kHorizontal][i] =
        bend(p, row[x - 1], row[x + 1]) + bend(q, below[x], below[x + 2]);
    cell[AlfGradients::kFalling][i] =
        bend(p, above[x - 1], below[x + 1]) + bend(q, row[x], below2[x + 2]);
    cell[AlfGradients::kRising][i] =
        bend(p, above[x + 1], below[x - 1]) + bend(q, row[x + 2], below2[x]);
  }
  for (int d = 0; d < AlfGradients::kDirections; d++) {
    for (int b = 0; b < blocks; b++) {
      const int *at = cell[d] + 2 * b;
      gradients.sum[d][b] = static_cast<uint16_t>(at[0] + at[1] + at[2] + at[3]);
    }
  }
}

void alf_classify(const AlfGradients *const *rows, int count, int weight, int bit_depth, int blocks,
                  uint8_t *classes) {
  constexpr uint8_t kActivity[16] = {0, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 4};
  for (int b = 0; b < blocks; b++) {
    uint32_t sum[AlfGradients::kDirections] = {};
    for (int r = 0; r < count; r++) {
      for (int d = 0; d < AlfGradients::kDirections; d++) sum[d] += rows[r]->sum[d][b];
    }
    const uint32_t vertical = sum[AlfGradients::kVertical];
    const uint32_t horizontal = sum[AlfGradients::kHorizontal];
    const uint32_t falling = sum[AlfGradients::kFalling];
    const uint32_t rising = sum[AlfGradients::kRising];
    const uint32_t activity = ((vertical + horizontal) * static_cast<uint32_t>(weight)) >>
                              static_cast<uint32_t>(bit_depth + 4);
    const uint64_t straight1 = std::max(vertical, horizontal);
    const uint64_t straight0 = std::min(vertical, horizontal);
    const uint64_t diagonal1 = std::max(falling, rising);
    const uint64_t diagonal0 = std::min(falling, rising);
    const bool diagonal = diagonal1 * straight0 > straight1 * diagonal0;
    const uint64_t strong = diagonal ? diagonal1 : straight1;
    const uint64_t weak = diagonal ? diagonal0 : straight0;
    const int strength = 2 * strong > 9 * weak ? 2 : (strong > 2 * weak ? 1 : 0);
    int index = kActivity[std::min<uint32_t>(activity, 15)];
    if (strength > 0) index += ((diagonal ? 0 : 2) + strength) * 5;
    const int turned = (vertical > horizontal ? 0 : 1) + (falling > rising ? 0 : 2);
    classes[b] = static_cast<uint8_t>(index * kAlfTransposed + turned);
  }
}

void alf_filter_blocks(const AlfBlocks &a) {
  const int max_value = (1 << a.bit_depth) - 1;
  for (int y = 0; y < 4; y++) {
    const int shift = a.reach[y] == 0 ? 10 : 7;
    const uint16_t *from = a.from + y * a.from_stride;
    uint16_t *to = a.to + y * a.to_stride;
    ptrdiff_t offset[AlfTaps::kCount];
    for (int k = 0; k < AlfTaps::kCount; k++) {
      offset[k] = AlfTaps::offset(k, a.reach[y], a.from_stride);
    }
    for (int x = 0; x < 4 * a.blocks; x++) {
      const AlfTaps &taps = *a.taps[x / 4];
      const int v = from[x];
      int sum = 1 << (shift - 1);
      for (int k = 0; k < AlfTaps::kCount; k++) {
        const int limit = taps.limit[k];
        sum += taps.weight[k] * (std::clamp(from[x + offset[k]] - v, -limit, limit) +
                                 std::clamp(from[x - offset[k]] - v, -limit, limit));
      }
      to[x] = static_cast<uint16_t>(std::clamp(v + (sum >> shift), 0, max_value));
    }
  }
}

}  // namespace feat::vvc::scalar
