// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/common/intra_kernels.h"

#include <algorithm>

namespace feat::vvc::scalar {
namespace {

// Position-dependent combination of planar and DC with the unfiltered references.
void combine_smooth(const IntraReference &ref, int log2_w, int log2_h, uint16_t *pred,
                    ptrdiff_t stride) {
  const int width = 1 << log2_w;
  const int height = 1 << log2_h;
  const int scale = (log2_w + log2_h - 2) >> 2;
  const int reach = 3 << scale;  // the weights are 0 from here on
  int16_t weight[Direction::kMaxBlock];
  for (int i = 0; i < Direction::kMaxBlock; i++) {
    weight[i] = static_cast<int16_t>(i < reach ? 32 >> ((2 * i) >> scale) : 0);
  }
  for (int y = 0; y < height; y++, pred += stride) {
    const int left = ref.left[static_cast<size_t>(y) + 1];
    const int w_top = weight[y];
    const int columns = y < reach ? width : std::min(width, reach);
    for (int x = 0; x < columns; x++) {
      const int v = pred[x];
      const int above = ref.above[static_cast<size_t>(x) + 1];
      pred[x] =
          static_cast<uint16_t>(v + ((weight[x] * (left - v) + w_top * (above - v) + 32) >> 6));
    }
  }
}

void predict_down(const Direction &a, int width, int height, uint16_t *pred, ptrdiff_t stride) {
  const uint16_t *side = a.side;
  const int combined = a.pdpc_scale < 0 ? 0 : std::min(3 << a.pdpc_scale, width);
  int position = a.angle * a.ref_idx;
  for (int y = 0; y < height; y++, pred += stride) {
    position += a.angle;
    const int whole = position >> 5;
    const uint16_t *from = a.main + whole;
    if ((a.angle & 31) == 0) {
      for (int x = 0; x < width; x++) pred[x] = from[x + 1];
    } else {
      const int16_t *f = a.taps(position);
      const int16_t f0 = f[0], f1 = f[1], f2 = f[2], f3 = f[3];
      for (int x = 0; x < width; x++) {
        const int v =
            (f0 * from[x] + f1 * from[x + 1] + f2 * from[x + 2] + f3 * from[x + 3] + 32) >> 6;
        pred[x] = static_cast<uint16_t>(std::clamp(v, 0, a.max_value));
      }
    }
    if (a.angle == 0) {
      const int gradient = side[1 + y] - side[0];
      for (int x = 0; x < combined; x++) {
        const int weight = 32 >> ((2 * x) >> a.pdpc_scale);
        pred[x] = static_cast<uint16_t>(
            std::clamp(pred[x] + ((weight * gradient + 32) >> 6), 0, a.max_value));
      }
    } else {
      int projected = 256;
      for (int x = 0; x < combined; x++) {
        projected += a.inverse;
        const int weight = 32 >> ((2 * x) >> a.pdpc_scale);
        const int v = pred[x];
        const int s = side[y + (projected >> 9) + 1];
        pred[x] = static_cast<uint16_t>(v + ((weight * (s - v) + 32) >> 6));
      }
    }
  }
}

}  // namespace

void smooth_line(const uint16_t *in, int length, uint16_t *out) {
  for (int i = 1; i < length; i++) {
    out[i] = static_cast<uint16_t>((in[i - 1] + 2 * in[i] + in[i + 1] + 2) >> 2);
  }
}

void predict_planar(const IntraReference &ref, int log2_w, int log2_h, bool combine, uint16_t *pred,
                    ptrdiff_t stride) {
  const int width = 1 << log2_w;
  const int height = 1 << log2_h;
  const int right = ref.above[static_cast<size_t>(width) + 1];
  const int below = ref.left[static_cast<size_t>(height) + 1];
  const int round = width * height;
  const int shift = log2_w + log2_h + 1;
  int vertical[Direction::kMaxBlock];
  int step[Direction::kMaxBlock];
  for (int x = 0; x < width; x++) {
    const int above = ref.above[static_cast<size_t>(x) + 1];
    vertical[x] = (above << (log2_h + log2_w)) + round;
    step[x] = (below - above) * width;
  }
  for (int y = 0; y < height; y++) {
    const int left = ref.left[static_cast<size_t>(y) + 1];
    const int base = left * width * height;
    const int slope = (right - left) * height;
    for (int x = 0; x < width; x++) {
      vertical[x] += step[x];
      pred[y * stride + x] = static_cast<uint16_t>((vertical[x] + base + (x + 1) * slope) >> shift);
    }
  }
  if (combine) combine_smooth(ref, log2_w, log2_h, pred, stride);
}

void predict_constant(const IntraReference &ref, int value, int log2_w, int log2_h, bool combine,
                      uint16_t *pred, ptrdiff_t stride) {
  for (int y = 0; y < 1 << log2_h; y++) {
    std::fill_n(pred + y * stride, 1 << log2_w, static_cast<uint16_t>(value));
  }
  if (combine) combine_smooth(ref, log2_w, log2_h, pred, stride);
}

void predict_direction(const Direction &direction, int log2_along, int log2_across, bool turned,
                       uint16_t *pred, ptrdiff_t stride) {
  const int along = 1 << log2_along;
  const int across = 1 << log2_across;
  if (!turned) {
    predict_down(direction, along, across, pred, stride);
    return;
  }
  uint16_t block[Direction::kMaxBlock * Direction::kMaxBlock];
  predict_down(direction, along, across, block, along);
  for (int y = 0; y < along; y++) {
    for (int x = 0; x < across; x++) pred[y * stride + x] = block[x * along + y];
  }
}

}  // namespace feat::vvc::scalar
