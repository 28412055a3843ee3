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

constexpr int kStepX[4] = {1, 0, 1, -1};
constexpr int kStepY[4] = {0, 1, 1, 1};

// Compares every sample with its neighbours in both directions, wherever they lie.
void filter_edge(const SaoParams &p, int bit_depth, int width, int height, const uint16_t *in,
                 uint16_t *out, ptrdiff_t stride) {
  const ptrdiff_t step = kStepY[p.band_or_class] * stride + kStepX[p.band_or_class];
  // Valleys are raised, peaks lowered.
  const auto valley = static_cast<int16_t>(p.offset[0]);
  const auto half_valley = static_cast<int16_t>(p.offset[1]);
  const auto half_peak = static_cast<int16_t>(-p.offset[2]);
  const auto peak = static_cast<int16_t>(-p.offset[3]);
  const auto max_value = static_cast<int16_t>((1 << bit_depth) - 1);
  for (int y = 0; y < height; y++, in += stride, out += stride) {
    for (int x = 0; x < width; x++) {
      const auto v = static_cast<int16_t>(in[x]);
      const auto a = static_cast<int16_t>(in[x - step]);
      const auto b = static_cast<int16_t>(in[x + step]);
      const auto shape = static_cast<int16_t>((v > a) - (v < a) + (v > b) - (v < b));
      int16_t offset = 0;
      offset = shape == -2 ? valley : offset;
      offset = shape == -1 ? half_valley : offset;
      offset = shape == 1 ? half_peak : offset;
      offset = shape == 2 ? peak : offset;
      const auto sum = static_cast<int16_t>(v + offset);
      const int16_t low = sum < 0 ? int16_t{0} : sum;
      out[x] = static_cast<uint16_t>(low > max_value ? max_value : low);
    }
  }
}

// Puts back the samples that must not be changed, since a neighbour is out of bounds.
class BorderKeeper {
 public:
  BorderKeeper(CodedPicture &picture, int column, int row)
      : picture_(picture), frame_(picture.frame), column_(column), row_(row) {
    const CtuInfo &ctu = frame_.ctu(column, row);
    for (int dy = -1; dy <= 1; dy++) {
      for (int dx = -1; dx <= 1; dx++) {
        const bool ok = frame_.has_ctu(column + dx, row + dy) &&
                        may_cross(picture, ctu, frame_.ctu(column + dx, row + dy));
        usable_[dy + 1][dx + 1] = ok;
        all_usable_ = all_usable_ && ok;
      }
    }
  }

  void restore(int sao_class) {
    const int side = 1 << frame_.log2_ctu;
    const int x0 = column_ * side;
    const int y0 = row_ * side;
    const int x1 = std::min(x0 + side, frame_.width);
    const int y1 = std::min(y0 + side, frame_.height);
    const int dx = kStepX[sao_class];
    const int dy = kStepY[sao_class];
    const auto keep = [&](int x, int y) { *frame_.filtered.at(x, y) = *frame_.samples.at(x, y); };
    if (!all_usable_) {
      const auto usable = [&](int x, int y) {
        const int ry = y < y0 ? 0 : (y < y1 ? 1 : 2);
        const int rx = x < x0 ? 0 : (x < x1 ? 1 : 2);
        return usable_[ry][rx];
      };
      const auto check = [&](int x, int y) {
        if (!usable(x - dx, y - dy) || !usable(x + dx, y + dy)) keep(x, y);
      };
      for (int x = x0; x < x1; x++) {
        check(x, y0);
        check(x, y1 - 1);
      }
      for (int y = y0; y < y1; y++) {
        check(x0, y);
        check(x1 - 1, y);
      }
    }
    const VirtualBoundaries &lines = picture_.header.virtual_boundaries;
    for (size_t i = 0; dx != 0 && i < lines.x.size(); i++) {
      for (int x = std::max(x0, lines.x[i] - 1); x < std::min(x1, lines.x[i] + 1); x++) {
        for (int y = y0; y < y1; y++) keep(x, y);
      }
    }
    for (size_t i = 0; dy != 0 && i < lines.y.size(); i++) {
      for (int y = std::max(y0, lines.y[i] - 1); y < std::min(y1, lines.y[i] + 1); y++) {
        for (int x = x0; x < x1; x++) keep(x, y);
      }
    }
  }

 private:
  CodedPicture &picture_;
  Frame &frame_;
  const int column_;
  const int row_;
  bool usable_[3][3];
  bool all_usable_ = true;
};

}  // namespace

void SliceDecoder::parse_sao(int x, int y) {
  const int column = x >> sps_.log2_ctu;
  const int row = y >> sps_.log2_ctu;
  SaoParams &p = frame_.ctu(column, row).sao;
  p = SaoParams();
  if (left_ctu_ && cabac_.bin(ctx_[kCtxSaoMerge]) != 0) {
    p = frame_.ctu(column - 1, row).sao;
    return;
  }
  if (above_ctu_ && cabac_.bin(ctx_[kCtxSaoMerge]) != 0) {
    p = frame_.ctu(column, row - 1).sao;
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

void sao_row(CodedPicture &picture, int row) {
  Frame &frame = picture.frame;
  const int side = 1 << frame.log2_ctu;
  const int y0 = row * side;
  const int height = std::min(side, frame.height - y0);
  for (int y = y0; y < y0 + height; y++) {
    std::copy_n(frame.samples.at(0, y), frame.width, frame.filtered.at(0, y));
  }
  for (int column = 0; column < frame.ctus_wide; column++) {
    const SaoParams &p = frame.ctu(column, row).sao;
    const int x0 = column * side;
    const int width = std::min(side, frame.width - x0);
    uint16_t *out = frame.filtered.at(x0, y0);
    if (p.type == SaoParams::kBand) {
      filter_band(p, frame.bit_depth, width, height, out, frame.stride());
    } else if (p.type == SaoParams::kEdge) {
      filter_edge(p, frame.bit_depth, width, height, frame.samples.at(x0, y0), out, frame.stride());
      BorderKeeper(picture, column, row).restore(p.band_or_class);
    }
  }
}

}  // namespace feat::vvc
