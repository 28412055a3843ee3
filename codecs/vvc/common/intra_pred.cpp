// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/common/intra_pred.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>

#include "codecs/vvc/common/intra_kernels.h"
#include "codecs/vvc/common/intra_tables.h"

namespace feat::vvc {
namespace {

constexpr int kPiece = 8;

int floor_log2(int v) {
  return std::bit_width(static_cast<unsigned>(v)) - 1;
}

void smooth_reference(const IntraReference &in, int width, int height, IntraReference &out) {
  const auto line = [](const auto &src, auto &dst, int length) {
    smooth_line(src.data(), length, dst.data());
    dst[static_cast<size_t>(length)] = src[static_cast<size_t>(length)];
  };
  line(in.left, out.left, 2 * height);
  line(in.above, out.above, 2 * width);
  const int corner = (in.left[1] + 2 * in.left[0] + in.above[1] + 2) >> 2;
  out.left[0] = out.above[0] = static_cast<uint16_t>(corner);
  repeat_last(out, 2 * height, 2 * width);
}

void predict_dc(const IntraReference &ref, int ref_idx, int log2_w, int log2_h, bool combine,
                uint16_t *pred, ptrdiff_t stride) {
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
  predict_constant(ref, (sum + (1 << (shift - 1))) >> shift, log2_w, log2_h, combine, pred, stride);
}

void predict_angular(const IntraReference &ref, int wide_mode, int ref_idx, int log2_w, int log2_h,
                     bool interpolate_smooth, int bit_depth, uint16_t *pred, ptrdiff_t stride) {
  const bool vertical = wide_mode >= kDiagonal;
  const int distance = vertical ? wide_mode - kVertical : kHorizontal - wide_mode;
  const auto index = static_cast<size_t>(std::abs(distance));
  Direction a{};
  a.angle = distance < 0 ? -kIntraAngle[index] : kIntraAngle[index];
  a.inverse = kInverseAngle[index];
  a.smooth = interpolate_smooth;
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

  a.main = main_ref;
  a.side = side_ref;
  uint16_t line[2 * Direction::kMaxBlock + 1 + Direction::kLineMargin];
  if (a.angle < 0 || ref_idx > 0) {
    uint16_t *main = line + Direction::kMaxBlock;
    int length = (main_length != 0 ? main_length : 2 * along) + ref_idx;
    if (a.angle < 0) {
      length = along + 1 + ref_idx;
      const int reach = (-a.angle * across + 31) >> 5;
      for (int k = 1; k <= reach; k++) {
        main[-k] = side_ref[std::min((k * a.inverse + 256) >> 9, across)];
      }
    }
    // More than there is, in pieces of a constant size, is faster than a call.
    for (int i = 0; i <= length; i += kPiece) std::copy_n(main_ref + i, kPiece, main + i);
    // A steep angle away from a far reference line runs past the end of the reference.
    const int extension =
        (ref_idx << std::max(0, log2_along - log2_across)) + IntraReference::kRepeated;
    std::fill_n(main + length + 1, extension, main[length]);
    a.main = main + ref_idx;
  }
  predict_direction(a, log2_along, log2_across, !vertical, pred, stride);
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
  repeat_last(ref, ref_idx + left_length, ref_idx + above_length);
}

void repeat_last(IntraReference &ref, int left_length, int above_length) {
  const auto repeat = [](auto &line, int last) {
    std::fill_n(line.data() + last + 1, IntraReference::kRepeated, line[static_cast<size_t>(last)]);
  };
  repeat(ref.left, left_length);
  repeat(ref.above, above_length);
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
    predict_planar(*used, log2_w, log2_h, true, pred, stride);
    return;
  }
  if (mode == kDc) {
    predict_dc(ref, ref_idx, log2_w, log2_h, ref_idx == 0, pred, stride);
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
    const bool combine = log2_w >= 2 && log2_h >= 2;
    if (mode == kPlanar) {
      predict_planar(ref, log2_w, log2_h, combine, pred, stride);
    } else {
      predict_dc(ref, 0, log2_w, log2_h, combine, pred, stride);
    }
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
