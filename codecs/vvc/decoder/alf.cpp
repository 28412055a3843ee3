// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Adaptive loop filter of luma: CTU syntax (clause 7.3.11.2), classification and filter
// (clause 8.8.5).
#include "codecs/vvc/decoder/alf.h"

#include <algorithm>
#include <cstdlib>

#include "codecs/vvc/decoder/loop_filter.h"
#include "codecs/vvc/decoder/slice_decoder.h"

namespace feat::vvc {
namespace {

constexpr int kMargin = 3;
constexpr int kBlock = 4;
// Rows at the end of a CTU that belong to the line buffer: the filter does not look across the
// virtual boundary above them.
constexpr int kBoundaryRows = 4;

// The picture before the filter, its border replicated.
struct Padded {
  ptrdiff_t stride;
  std::vector<int16_t> samples;

  explicit Padded(const Frame &f) : stride(f.width + 2 * kMargin) {
    samples.resize(static_cast<size_t>(stride) * static_cast<size_t>(f.height + 2 * kMargin));
    for (int y = -kMargin; y < f.height + kMargin; y++) {
      const uint16_t *from =
          f.samples.data() + static_cast<ptrdiff_t>(std::clamp(y, 0, f.height - 1)) * f.width;
      int16_t *to = at(0, y);
      std::copy_n(from, f.width, to);
      std::fill_n(to - kMargin, kMargin, static_cast<int16_t>(from[0]));
      std::fill_n(to + f.width, kMargin, static_cast<int16_t>(from[f.width - 1]));
    }
  }
  int16_t *at(int x, int y) { return samples.data() + (y + kMargin) * stride + x + kMargin; }
  const int16_t *at(int x, int y) const {
    return samples.data() + (y + kMargin) * stride + x + kMargin;
  }
};

struct BlockClass {
  int index;
  int transposition;
};

struct Gradients {
  int vertical = 0, horizontal = 0, diagonal0 = 0, diagonal1 = 0;
};

// Adds the gradients of the two samples at (x, y) and (x + 1, y + 1). `above` and `below2`: the
// rows to use for y - 1 and y + 2.
void add_gradients(const int16_t *row, const int16_t *above, const int16_t *below,
                   const int16_t *below2, Gradients &g) {
  const int a = 2 * row[0];
  const int b = 2 * below[1];
  g.vertical += std::abs(a - above[0] - below[0]) + std::abs(b - row[1] - below2[1]);
  g.horizontal += std::abs(a - row[1] - row[-1]) + std::abs(b - below[2] - below[0]);
  g.diagonal0 += std::abs(a - above[-1] - below[1]) + std::abs(b - row[0] - below2[2]);
  g.diagonal1 += std::abs(a - below[-1] - above[1]) + std::abs(b - below2[0] - row[2]);
}

BlockClass classify(const Padded &in, int x, int y, int bit_depth, int ctu_mask) {
  const int boundary = ctu_mask + 1 - kBoundaryRows;
  const int in_ctu = y & ctu_mask;
  const bool above_boundary = in_ctu == boundary - kBlock;
  const bool below_boundary = in_ctu == boundary;
  // A window of 8x8, without the part behind the boundary.
  const int first = below_boundary ? 0 : -2;
  const int end = above_boundary ? 4 : 6;
  Gradients g;
  for (int dy = first; dy < end; dy += 2) {
    const int16_t *row = in.at(x, y + dy);
    const int16_t *above = below_boundary && dy == first ? row : row - in.stride;
    const int16_t *below = row + in.stride;
    const int16_t *below2 = above_boundary && dy == end - 2 ? below : below + in.stride;
    for (int dx = -2; dx < 6; dx += 2) {
      add_gradients(row + dx, above + dx, below + dx, below2 + dx, g);
    }
  }

  constexpr uint8_t kActivity[16] = {0, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 4};
  const int weight = above_boundary || below_boundary ? 96 : 64;
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

void filter_block(const Padded &in, const AlfFilters &filters, BlockClass c, int x0, int y0,
                  int ctu_mask, Frame &frame) {
  constexpr int kShift = 7;
  const int boundary = ctu_mask + 1 - kBoundaryRows;
  const auto &coeff = filters.coeff[static_cast<size_t>(c.index)];
  const auto &clip = filters.clip[static_cast<size_t>(c.index)];
  int weight[kAlfTaps];
  int limit[kAlfTaps];
  for (size_t k = 0; k < kAlfTaps; k++) {
    const size_t from = kTapOrder[c.transposition][k];
    weight[k] = coeff[from];
    limit[k] = clip[from] == 0 ? 1 << frame.bit_depth : 1 << (frame.bit_depth - 1 - 2 * clip[from]);
  }
  const int max_value = (1 << frame.bit_depth) - 1;
  for (int y = y0; y < y0 + kBlock; y++) {
    // Rows as far away as the boundary on either side.
    const int in_ctu = y & ctu_mask;
    const int reach = in_ctu < boundary ? boundary - 1 - in_ctu : in_ctu - boundary;
    const int shift = reach == 0 ? kShift + 3 : kShift;
    ptrdiff_t offset[kAlfTaps];
    for (int k = 0; k < kAlfTaps; k++) {
      offset[k] = std::min<int>(kTapY[k], reach) * in.stride + kTapX[k];
    }
    const int16_t *from = in.at(x0, y);
    uint16_t *to = frame.at(x0, y);
    for (int x = 0; x < kBlock; x++, from++) {
      const int v = *from;
      int sum = 1 << (shift - 1);
      for (int k = 0; k < kAlfTaps; k++) {
        sum += weight[k] * (std::clamp(from[offset[k]] - v, -limit[k], limit[k]) +
                            std::clamp(from[-offset[k]] - v, -limit[k], limit[k]));
      }
      to[x] = static_cast<uint16_t>(std::clamp(v + (sum >> shift), 0, max_value));
    }
  }
}

}  // namespace

void SliceDecoder::parse_alf(int x, int y) {
  const int side = 1 << sps_.log2_ctu;
  const auto on = [&](int cx, int cy) {
    return cx >= 0 && cy >= 0 && frame_.alf_at(cx, cy, sps_.log2_ctu) != Frame::kAlfOff ? 1 : 0;
  };
  int8_t &choice = frame_.alf_at(x, y, sps_.log2_ctu);
  choice = Frame::kAlfOff;
  if (cabac_.bin(ctx_[kCtxAlfFlag + on(x - side, y) + on(x, y - side)]) == 0) return;
  const int sets = sh_.alf_aps_count;
  if (sets > 0 && cabac_.bin(ctx_[kCtxAlfUseAps]) != 0) {
    choice = static_cast<int8_t>(kAlfFixedSets + (sets > 1 ? cabac_.truncated_binary(sets) : 0));
  } else {
    choice = static_cast<int8_t>(cabac_.truncated_binary(kAlfFixedSets));
  }
}

void alf_picture(Frame &frame, const std::vector<AlfFilters> &adapted, int log2_ctu) {
  const Padded in(frame);
  const int side = 1 << log2_ctu;
  for (int y0 = 0; y0 < frame.height; y0 += side) {
    for (int x0 = 0; x0 < frame.width; x0 += side) {
      const int8_t choice = frame.alf_at(x0, y0, log2_ctu);
      if (choice == Frame::kAlfOff) continue;
      const AlfFilters filters = choice < kAlfFixedSets
                                     ? fixed_alf_filters(choice)
                                     : adapted[static_cast<size_t>(choice - kAlfFixedSets)];
      for (int y = y0; y < std::min(y0 + side, frame.height); y += kBlock) {
        for (int x = x0; x < std::min(x0 + side, frame.width); x += kBlock) {
          const BlockClass c = classify(in, x, y, frame.bit_depth, side - 1);
          filter_block(in, filters, c, x, y, side - 1, frame);
        }
      }
    }
  }
}

}  // namespace feat::vvc
