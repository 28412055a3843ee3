// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/common/intra_pred.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>

#include "codecs/vvc/common/intra_tables.h"

namespace feat::vvc {
namespace {

constexpr int kMaxBlock = 64;

int floor_log2(int v) {
  return std::bit_width(static_cast<unsigned>(v)) - 1;
}

void smooth_reference(const IntraReference &in, int width, int height, IntraReference &out) {
  const auto line = [](const auto &src, auto &dst, size_t length) {
    for (size_t i = 1; i < length; i++) {
      dst[i] = static_cast<uint16_t>((src[i - 1] + 2 * src[i] + src[i + 1] + 2) >> 2);
    }
    dst[length] = src[length];
  };
  line(in.left, out.left, 2 * static_cast<size_t>(height));
  line(in.above, out.above, 2 * static_cast<size_t>(width));
  const int corner = (in.left[1] + 2 * in.left[0] + in.above[1] + 2) >> 2;
  out.left[0] = out.above[0] = static_cast<uint16_t>(corner);
}

void predict_planar(const IntraReference &ref, int log2_w, int log2_h, uint16_t *pred,
                    ptrdiff_t stride) {
  const int width = 1 << log2_w;
  const int height = 1 << log2_h;
  const int right = ref.above[static_cast<size_t>(width) + 1];
  const int below = ref.left[static_cast<size_t>(height) + 1];
  const int round = width * height;
  const int shift = log2_w + log2_h + 1;
  int vertical[kMaxBlock];
  int step[kMaxBlock];
  for (int x = 0; x < width; x++) {
    const int above = ref.above[static_cast<size_t>(x) + 1];
    vertical[x] = (above << (log2_h + log2_w)) + round;
    step[x] = (below - above) * width;
  }
  for (int y = 0; y < height; y++, pred += stride) {
    const int left = ref.left[static_cast<size_t>(y) + 1];
    const int base = left * width * height;
    const int slope = (right - left) * height;
    for (int x = 0; x < width; x++) {
      vertical[x] += step[x];
      pred[x] = static_cast<uint16_t>((vertical[x] + base + (x + 1) * slope) >> shift);
    }
  }
}

void predict_dc(const IntraReference &ref, int ref_idx, int log2_w, int log2_h, uint16_t *pred,
                ptrdiff_t stride) {
  const int width = 1 << log2_w;
  const int height = 1 << log2_h;
  int sum = 0;
  if (width >= height) {
    for (int x = 0; x < width; x++) sum += ref.above[static_cast<size_t>(ref_idx + x) + 1];
  }
  if (height >= width) {
    for (int y = 0; y < height; y++) sum += ref.left[static_cast<size_t>(ref_idx + y) + 1];
  }
  const int shift = std::max(log2_w, log2_h) + (width == height ? 1 : 0);
  const auto value = static_cast<uint16_t>((sum + (1 << (shift - 1))) >> shift);
  for (int y = 0; y < height; y++, pred += stride) std::fill(pred, pred + width, value);
}

// Position-dependent combination of planar and DC with the unfiltered references.
void combine_smooth(const IntraReference &ref, int log2_w, int log2_h, uint16_t *pred,
                    ptrdiff_t stride) {
  const int width = 1 << log2_w;
  const int height = 1 << log2_h;
  const int scale = (log2_w + log2_h - 2) >> 2;
  const int reach = 3 << scale;  // the weights are 0 from here on
  int16_t weight[kMaxBlock];
  for (int i = 0; i < kMaxBlock; i++) {
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

struct Angular {
  int angle;
  int inverse;
  bool interpolate_smooth;  // Gaussian instead of cubic interpolation
  int pdpc_scale;           // negative: no PDPC
  int max_value;
  int ref_idx;
};

// Predicts as if vertical: `main` points at the sample before the first one above the block, `side`
// at the corner. main reaches as far back as the block is high and `ref_idx` more, and on to the
// end of the replicated reference.
void predict_vertical(const int16_t *main, const uint16_t *side, int width, int height,
                      const Angular &a, uint16_t *pred, ptrdiff_t stride) {
  const int combined = a.pdpc_scale < 0 ? 0 : std::min(3 << a.pdpc_scale, width);
  int position = a.angle * a.ref_idx;
  for (int y = 0; y < height; y++, pred += stride) {
    position += a.angle;
    const int whole = position >> 5;
    const int fraction = position & 31;
    const int16_t *from = main + whole;
    if ((a.angle & 31) == 0) {
      for (int x = 0; x < width; x++) pred[x] = static_cast<uint16_t>(from[x + 1]);
    } else {
      const int half = fraction >> 1;
      const int16_t gaussian[4] = {static_cast<int16_t>(16 - half), static_cast<int16_t>(32 - half),
                                   static_cast<int16_t>(16 + half), static_cast<int16_t>(half)};
      const int16_t *f = a.interpolate_smooth ? gaussian : kCubicFilter[fraction];
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

void predict_angular(const IntraReference &ref, int wide_mode, int ref_idx, int log2_w, int log2_h,
                     bool interpolate_smooth, int bit_depth, uint16_t *pred, ptrdiff_t stride) {
  const bool vertical = wide_mode >= kDiagonal;
  const int distance = vertical ? wide_mode - kVertical : kHorizontal - wide_mode;
  const auto index = static_cast<size_t>(std::abs(distance));
  Angular a{};
  a.angle = distance < 0 ? -kIntraAngle[index] : kIntraAngle[index];
  a.inverse = kInverseAngle[index];
  a.interpolate_smooth = interpolate_smooth;
  a.max_value = (1 << bit_depth) - 1;
  a.ref_idx = ref_idx;

  const uint16_t *main_ref = vertical ? ref.above.data() : ref.left.data();
  const uint16_t *side_ref = vertical ? ref.left.data() : ref.above.data();
  const int main_length = vertical ? ref.above_length : ref.left_length;
  const int log2_along = vertical ? log2_w : log2_h;
  const int log2_across = vertical ? log2_h : log2_w;
  const int along = 1 << log2_along;
  const int across = 1 << log2_across;

  if (std::min(log2_w, log2_h) < 2 || a.angle < 0 || ref_idx > 0) {
    a.pdpc_scale = -1;
  } else if (a.angle == 0) {
    a.pdpc_scale = (log2_w + log2_h - 2) >> 2;
  } else {
    a.pdpc_scale = std::min(2, log2_across - floor_log2(3 * a.inverse - 2) + 8);
  }

  // Room on the right: a steep angle away from a far reference line runs past its end.
  constexpr int kMargin = 64;
  int16_t line[kMaxBlock + 1 + 2 * kMaxBlock + kMargin];
  int16_t *main = line + kMaxBlock;
  int length;
  if (a.angle < 0) {
    length = along + 1 + ref_idx;
    for (int i = 0; i <= length; i++) main[i] = static_cast<int16_t>(main_ref[i]);
    for (int k = 1; k <= across; k++) {
      const int at = std::min((k * a.inverse + 256) >> 9, across);
      main[-k] = static_cast<int16_t>(side_ref[at]);
    }
  } else {
    length = (main_length != 0 ? main_length : 2 * along) + ref_idx;
    for (int i = 0; i <= length; i++) main[i] = static_cast<int16_t>(main_ref[i]);
  }
  const int extension = (ref_idx << std::max(0, log2_along - log2_across)) + 3;
  for (int i = 1; i <= extension; i++) main[length + i] = main[length];
  main += ref_idx;

  if (vertical) {
    predict_vertical(main, side_ref, along, across, a, pred, stride);
    return;
  }
  uint16_t turned[kMaxBlock * kMaxBlock];
  predict_vertical(main, side_ref, along, across, a, turned, along);
  for (int y = 0; y < along; y++) {
    for (int x = 0; x < across; x++) pred[y * stride + x] = turned[x * along + y];
  }
}

}  // namespace

void collect_reference(const uint16_t *recon, ptrdiff_t stride, int x, int y, int width, int height,
                       int left_count, int above_count, bool corner, int bit_depth,
                       IntraReference &ref, int ref_idx) {
  collect_reference_of_length(recon, stride, x, y, 2 * height, 2 * width, left_count, above_count,
                              corner, bit_depth, ref, ref_idx);
}

void collect_reference_of_length(const uint16_t *recon, ptrdiff_t stride, int x, int y,
                                 int left_length, int above_length, int left_count, int above_count,
                                 bool corner, int bit_depth, IntraReference &ref, int ref_idx) {
  ref.left_length = left_length;
  ref.above_length = above_length;
  const uint16_t *origin = recon + y * stride + x;
  const uint16_t *column = origin - 1 - ref_idx;
  const uint16_t *row = origin - (1 + ref_idx) * stride;
  // The first neighbour of the block itself, and one behind the last.
  const int first = 1 + ref_idx;
  const int left_end = first + left_length;
  const int above_end = first + above_length;
  uint16_t *left = ref.left.data();
  uint16_t *above = ref.above.data();
  for (int i = 0; i < left_count; i++) left[first + i] = column[i * stride];
  if (above_count > 0) {
    std::memcpy(above + first, row, static_cast<size_t>(above_count) * sizeof(*above));
  }
  if (corner) {
    for (int i = 0; i < first; i++) {
      left[i] = column[(i - first) * stride];
      above[i] = row[i - first];
    }
  }

  // The search for the first available sample runs up the left side, then along the top.
  uint16_t found;
  if (left_count > 0) {
    found = left[first + left_count - 1];
  } else if (corner) {
    found = left[first - 1];
  } else if (above_count > 0) {
    found = above[first];
  } else {
    found = static_cast<uint16_t>(1 << (bit_depth - 1));
  }
  std::fill(left + first + left_count, left + left_end, found);
  if (!corner) {
    std::fill(left, left + first, left[first]);
    std::fill(above, above + first, left[first]);
  }
  std::fill(above + first + above_count, above + above_end, above[first + above_count - 1]);
}

int wide_angle_mode(int mode, int log2_w, int log2_h) {
  if (mode <= kDc) return mode;
  constexpr int kReach[6] = {0, 6, 10, 12, 14, 15};
  const int reach = kReach[std::min(std::abs(log2_w - log2_h), 5)];
  if (log2_w > log2_h && mode < 2 + reach) return mode + 65;
  if (log2_h > log2_w && mode > 66 - reach) return mode - 67;
  return mode;
}

void predict_intra(const IntraReference &ref, int mode, int log2_w, int log2_h, int bit_depth,
                   uint16_t *pred, ptrdiff_t stride, int ref_idx) {
  const int width = 1 << log2_w;
  const int height = 1 << log2_h;
  IntraReference smoothed;
  smoothed.left_length = ref.left_length;
  smoothed.above_length = ref.above_length;
  const IntraReference *used = &ref;
  const auto smooth = [&] {
    smooth_reference(ref, width, height, smoothed);
    used = &smoothed;
  };

  if (mode == kPlanar) {
    if (width * height > 32) smooth();
    predict_planar(*used, log2_w, log2_h, pred, stride);
    combine_smooth(*used, log2_w, log2_h, pred, stride);
    return;
  }
  if (mode == kDc) {
    predict_dc(ref, ref_idx, log2_w, log2_h, pred, stride);
    if (ref_idx == 0) combine_smooth(ref, log2_w, log2_h, pred, stride);
    return;
  }

  const int wide = wide_angle_mode(mode, log2_w, log2_h);
  // Steps from the nearest of the two axes; modes below 2 lie one step closer than their number
  // says, since 0 and 1 are no angles.
  const int angular = wide < 2 ? wide + 2 : wide;
  const int distance = std::min(std::abs(angular - kVertical), std::abs(angular - kHorizontal));
  const bool filter = ref_idx == 0 && distance > kSmoothingThreshold[(log2_w + log2_h) >> 1];
  const int steps = wide >= kDiagonal ? wide - kVertical : kHorizontal - angular;
  const bool whole = (kIntraAngle[std::abs(steps)] & 31) == 0;
  if (filter && whole) smooth();
  predict_angular(*used, angular, ref_idx, log2_w, log2_h, filter && !whole, bit_depth, pred,
                  stride);
}

void predict_isp(const IntraReference &ref, int mode, int log2_cb_w, int log2_cb_h, int log2_w,
                 int log2_h, int bit_depth, uint16_t *pred, ptrdiff_t stride) {
  if (mode == kPlanar || mode == kDc) {
    if (mode == kPlanar) {
      predict_planar(ref, log2_w, log2_h, pred, stride);
    } else {
      predict_dc(ref, 0, log2_w, log2_h, pred, stride);
    }
    if (log2_w >= 2 && log2_h >= 2) combine_smooth(ref, log2_w, log2_h, pred, stride);
    return;
  }
  const int wide = wide_angle_mode(mode, log2_cb_w, log2_cb_h);
  predict_angular(ref, wide < 2 ? wide + 2 : wide, 0, log2_w, log2_h, false, bit_depth, pred,
                  stride);
}

void predict_bdpcm(const IntraReference &ref, bool vertical, int log2_w, int log2_h, uint16_t *pred,
                   ptrdiff_t stride) {
  const int width = 1 << log2_w;
  for (int y = 0; y < 1 << log2_h; y++, pred += stride) {
    if (vertical) {
      std::copy_n(ref.above.data() + 1, width, pred);
    } else {
      std::fill_n(pred, width, ref.left[static_cast<size_t>(y) + 1]);
    }
  }
}

std::array<uint8_t, 6> most_probable_modes(int left_mode, int above_mode) {
  // Neighbouring angles, on the circle of the 64 distinct directions.
  const auto turn = [](int mode, int by) {
    return static_cast<uint8_t>(2 + ((mode - 2 + by + 64) & 63));
  };
  const auto u8 = [](int v) { return static_cast<uint8_t>(v); };
  const int low = std::min(left_mode, above_mode);
  const int high = std::max(left_mode, above_mode);
  if (high < 2) return {kPlanar, kDc, kVertical, kHorizontal, kVertical - 4, kVertical + 4};
  if (low < 2 || low == high) {
    return {kPlanar, u8(high), turn(high, -1), turn(high, 1), turn(high, -2), turn(high, 2)};
  }
  const int gap = high - low;
  std::array<uint8_t, 6> mpm{kPlanar, u8(left_mode), u8(above_mode), 0, 0, 0};
  if (gap == 1) {
    mpm[3] = turn(low, -1);
    mpm[4] = turn(high, 1);
    mpm[5] = turn(low, -2);
  } else if (gap >= 62) {
    mpm[3] = turn(low, 1);
    mpm[4] = turn(high, -1);
    mpm[5] = turn(low, 2);
  } else if (gap == 2) {
    mpm[3] = turn(low, 1);
    mpm[4] = turn(low, -1);
    mpm[5] = turn(high, 1);
  } else {
    mpm[3] = turn(low, -1);
    mpm[4] = turn(low, 1);
    mpm[5] = turn(high, -1);
  }
  return mpm;
}

}  // namespace feat::vvc
