// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Sample adaptive offset: CTU syntax (clause 7.3.11.3) and filter (clause 8.8.4).
#include <algorithm>

#include "codecs/vvc/decoder/loop_filter.h"
#include "codecs/vvc/decoder/slice_decoder.h"

namespace feat::vvc {
namespace {

constexpr int kOffsets = 4;
constexpr int kLog2Bands = 5;

int sign(int v) {
  return (v > 0) - (v < 0);
}

void filter_band(const SaoParams &p, int bit_depth, int width, int height, uint16_t *at,
                 ptrdiff_t stride) {
  constexpr int kBands = 1 << kLog2Bands;
  int offset[kBands] = {};
  for (int i = 0; i < kOffsets; i++) offset[(p.band_or_class + i) % kBands] = p.offset[i];
  const int max_value = (1 << bit_depth) - 1;
  for (int y = 0; y < height; y++, at += stride) {
    for (int x = 0; x < width; x++) {
      const int v = at[x];
      at[x] = static_cast<uint16_t>(
          std::clamp(v + offset[v >> (bit_depth - kLog2Bands)], 0, max_value));
    }
  }
}

// `before`: the picture as it was before the filter.
void filter_edge(const SaoParams &p, const Frame &frame, const std::vector<uint16_t> &before,
                 int x0, int y0, int x1, int y1, uint16_t *samples) {
  constexpr int kStepX[4] = {1, 0, 1, -1};
  constexpr int kStepY[4] = {0, 1, 1, 1};
  const int dx = kStepX[p.band_or_class];
  const int dy = kStepY[p.band_or_class];
  // Valleys are raised, peaks lowered.
  const int offset[5] = {p.offset[0], p.offset[1], 0, -p.offset[2], -p.offset[3]};
  const int max_value = (1 << frame.bit_depth) - 1;
  // Samples with a neighbour outside the picture stay.
  if (dx != 0) {
    x0 = std::max(x0, 1);
    x1 = std::min(x1, frame.width - 1);
  }
  if (dy != 0) {
    y0 = std::max(y0, 1);
    y1 = std::min(y1, frame.height - 1);
  }
  const ptrdiff_t step = static_cast<ptrdiff_t>(dy) * frame.width + dx;
  for (int y = y0; y < y1; y++) {
    const uint16_t *in = before.data() + static_cast<ptrdiff_t>(y) * frame.width;
    uint16_t *out = samples + static_cast<ptrdiff_t>(y) * frame.width;
    for (int x = x0; x < x1; x++) {
      const int v = in[x];
      const int shape = 2 + sign(v - in[x - step]) + sign(v - in[x + step]);
      out[x] = static_cast<uint16_t>(std::clamp(v + offset[shape], 0, max_value));
    }
  }
}

}  // namespace

void SliceDecoder::parse_sao(int x, int y) {
  SaoParams &p = frame_.sao_at(x, y, sps_.log2_ctu);
  p = SaoParams();
  const int side = 1 << sps_.log2_ctu;
  if (x > 0 && cabac_.bin(ctx_[kCtxSaoMerge]) != 0) {
    p = frame_.sao_at(x - side, y, sps_.log2_ctu);
    return;
  }
  if (y > 0 && cabac_.bin(ctx_[kCtxSaoMerge]) != 0) {
    p = frame_.sao_at(x, y - side, sps_.log2_ctu);
    return;
  }
  if (cabac_.bin(ctx_[kCtxSaoType]) == 0) return;
  p.type = cabac_.bypass() != 0 ? SaoParams::kEdge : SaoParams::kBand;
  const int max_offset = (1 << (std::min(sps_.bit_depth, 10) - 5)) - 1;
  for (int16_t &offset : p.offset) {
    int value = 0;
    while (value < max_offset && cabac_.bypass() != 0) value++;
    offset = static_cast<int16_t>(value);
  }
  if (p.type == SaoParams::kBand) {
    for (int16_t &offset : p.offset) {
      if (offset != 0 && cabac_.bypass() != 0) offset = static_cast<int16_t>(-offset);
    }
    p.band_or_class = static_cast<uint8_t>(cabac_.bypass_bits(kLog2Bands));
  } else {
    p.band_or_class = static_cast<uint8_t>(cabac_.bypass_bits(2));
  }
}

void sao_picture(Frame &frame, const SliceHeader &sh, int log2_ctu) {
  if (!sh.sao) return;
  const std::vector<uint16_t> before = frame.samples;
  const int side = 1 << log2_ctu;
  for (int y = 0; y < frame.height; y += side) {
    for (int x = 0; x < frame.width; x += side) {
      const SaoParams &p = frame.sao_at(x, y, log2_ctu);
      const int x1 = std::min(x + side, frame.width);
      const int y1 = std::min(y + side, frame.height);
      if (p.type == SaoParams::kBand) {
        filter_band(p, frame.bit_depth, x1 - x, y1 - y, frame.at(x, y), frame.width);
      } else if (p.type == SaoParams::kEdge) {
        filter_edge(p, frame, before, x, y, x1, y1, frame.samples.data());
      }
    }
  }
}

}  // namespace feat::vvc
