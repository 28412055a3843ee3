// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/decoder/alf_filter.h"

#include <algorithm>
#include <cstdlib>

namespace feat::vvc {
namespace {

constexpr int kBlock = 4;
// Rows at the end of a CTU that belong to the line buffer: the filter does not look across the
// virtual boundary above them.
constexpr int kBoundaryRows = 4;

struct BlockClass {
  int index;
  int transposition;
};

struct Gradients {
  int vertical = 0, horizontal = 0, diagonal0 = 0, diagonal1 = 0;
};

BlockClass classify(const Gradients &g, int weight, int bit_depth) {
  constexpr uint8_t kActivity[16] = {0, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 4};
  const int activity = std::min(((g.vertical + g.horizontal) * weight) >> (bit_depth + 4), 15);
  const bool vertical = g.vertical > g.horizontal;
  const bool falling = g.diagonal0 > g.diagonal1;
  const int64_t hv1 = std::max(g.vertical, g.horizontal);
  const int64_t hv0 = std::min(g.vertical, g.horizontal);
  const int64_t d1 = std::max(g.diagonal0, g.diagonal1);
  const int64_t d0 = std::min(g.diagonal0, g.diagonal1);
  const bool diagonal = d1 * hv0 > hv1 * d0;
  const int64_t strong = diagonal ? d1 : hv1;
  const int64_t weak = diagonal ? d0 : hv0;
  const int strength = 2 * strong > 9 * weak ? 2 : (strong > 2 * weak ? 1 : 0);

  BlockClass c;
  c.index = kActivity[activity];
  if (strength > 0) c.index += ((diagonal ? 0 : 2) + strength) * 5;
  c.transposition = (vertical ? 0 : 1) + (falling ? 0 : 2);
  return c;
}

// Where tap k of a filter is found in its four transpositions.
constexpr uint8_t kTapOrder[4][kAlfTaps] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11},
                                            {9, 4, 10, 8, 1, 5, 11, 7, 3, 0, 2, 6},
                                            {0, 3, 2, 1, 8, 7, 6, 5, 4, 9, 10, 11},
                                            {9, 8, 10, 4, 3, 7, 11, 5, 1, 0, 2, 6}};

// Place of a tap; its partner lies opposite.
constexpr int8_t kTapX[kAlfTaps] = {0, 1, 0, -1, 2, 1, 0, -1, -2, 3, 2, 1};
constexpr int8_t kTapY[kAlfTaps] = {3, 2, 2, 2, 1, 1, 1, 1, 1, 0, 0, 0};

void filter_block(const AlfArea &area, const AlfFilters &filters, BlockClass c, int x0, int y0) {
  constexpr int kShift = 7;
  const int boundary = area.ctu_side - kBoundaryRows;
  const auto &coeff = filters.coeff[static_cast<size_t>(c.index)];
  const auto &clip = filters.clip[static_cast<size_t>(c.index)];
  int weight[kAlfTaps];
  int limit[kAlfTaps];
  for (size_t k = 0; k < kAlfTaps; k++) {
    const size_t from = kTapOrder[c.transposition][k];
    weight[k] = coeff[from];
    limit[k] = clip[from] == 0 ? 1 << area.bit_depth : 1 << (area.bit_depth - 1 - 2 * clip[from]);
  }
  const int max_value = (1 << area.bit_depth) - 1;
  for (int y = y0; y < y0 + kBlock; y++) {
    // Rows as far away as the boundary on either side.
    const int in_ctu = area.y_in_ctu + y;
    const int reach = in_ctu < boundary ? boundary - 1 - in_ctu : in_ctu - boundary;
    const int shift = reach == 0 ? kShift + 3 : kShift;
    ptrdiff_t offset[kAlfTaps];
    for (int k = 0; k < kAlfTaps; k++) {
      offset[k] = std::min<int>(kTapY[k], reach) * area.from_stride + kTapX[k];
    }
    const uint16_t *from = area.from + y * area.from_stride + x0;
    uint16_t *to = area.to + y * area.to_stride + x0;
    int v[kBlock];
    int sum[kBlock];
    for (int x = 0; x < kBlock; x++) v[x] = from[x];
    for (int &s : sum) s = 1 << (shift - 1);
    for (int k = 0; k < kAlfTaps; k++) {
      const uint16_t *a = from + offset[k];
      const uint16_t *b = from - offset[k];
      for (int x = 0; x < kBlock; x++) {
        sum[x] += weight[k] * (std::clamp(a[x] - v[x], -limit[k], limit[k]) +
                               std::clamp(b[x] - v[x], -limit[k], limit[k]));
      }
    }
    for (int x = 0; x < kBlock; x++) {
      to[x] = static_cast<uint16_t>(std::clamp(v[x] + (sum[x] >> shift), 0, max_value));
    }
  }
}

int16_t bend(int16_t twice, uint16_t a, uint16_t b) {
  const auto v = static_cast<int16_t>(twice - a - b);
  return static_cast<int16_t>(v < 0 ? -v : v);
}

}  // namespace

// Adds up the gradients of the cells in rows y and y + 1: of their upper left and lower right
// sample.
void AlfFilter::add_gradients(const AlfArea &area, int y) {
  const int boundary = area.ctu_side - kBoundaryRows;
  const int in_ctu = area.y_in_ctu + y;
  const uint16_t *row = area.from + y * area.from_stride;
  const uint16_t *below = row + area.from_stride;
  // Next to the virtual boundary the row behind it is replaced.
  const uint16_t *above = in_ctu == boundary ? row : row - area.from_stride;
  const uint16_t *below2 = in_ctu == boundary - 2 ? below : below + area.from_stride;
  int16_t g[kGradients][128 + 8];
  const int length = area.width + 3;
  row -= 2;
  below -= 2;
  above -= 2;
  below2 -= 2;
  for (int i = 0; i < length; i++) {
    const auto a = static_cast<int16_t>(2 * row[i]);
    const auto b = static_cast<int16_t>(2 * below[i + 1]);
    g[0][i] =
        static_cast<int16_t>(bend(a, above[i], below[i]) + bend(b, row[i + 1], below2[i + 1]));
    g[1][i] =
        static_cast<int16_t>(bend(a, row[i + 1], row[i - 1]) + bend(b, below[i + 2], below[i]));
    g[2][i] =
        static_cast<int16_t>(bend(a, above[i - 1], below[i + 1]) + bend(b, row[i], below2[i + 2]));
    g[3][i] =
        static_cast<int16_t>(bend(a, below[i - 1], above[i + 1]) + bend(b, below2[i], row[i + 2]));
  }
  auto &sums = sums_[(y >> 1) & (kHistory - 1)];
  for (int k = 0; k < kGradients; k++) {
    const int16_t *from = g[k];
    for (int block = 0; block < area.width / kBlock; block++, from += kBlock) {
      sums[k][block] = static_cast<uint16_t>(from[0] + from[2] + from[4] + from[6]);
    }
  }
}

void AlfFilter::filter(const AlfArea &area, const AlfFilters &filters) {
  const int boundary = area.ctu_side - kBoundaryRows;
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
    const int weight = above_boundary || below_boundary ? 96 : 64;
    for (int x = 0; x < area.width; x += kBlock) {
      Gradients g;
      for (int row = first; row < end; row += 2) {
        const auto &sums = sums_[(row >> 1) & (kHistory - 1)];
        g.vertical += sums[0][x / kBlock];
        g.horizontal += sums[1][x / kBlock];
        g.diagonal0 += sums[2][x / kBlock];
        g.diagonal1 += sums[3][x / kBlock];
      }
      filter_block(area, filters, classify(g, weight, area.bit_depth), x, y);
    }
  }
}

}  // namespace feat::vvc
