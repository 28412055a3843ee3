// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Reconstruction of a transform block: prediction plus residual.
#include <algorithm>

#include "codecs/vvc/common/lfnst.h"
#include "codecs/vvc/common/mip.h"
#include "codecs/vvc/common/transform.h"
#include "codecs/vvc/decoder/slice_decoder.h"

namespace feat::vvc {
namespace {

// Sums the level differences along the direction of prediction.
void accumulate_bdpcm(const int32_t *levels, int log2_w, int log2_h, bool vertical, int32_t *out) {
  const int width = 1 << log2_w;
  const int back = vertical ? width : 1;
  for (int y = 0; y < 1 << log2_h; y++) {
    for (int x = 0; x < width; x++) {
      const int i = y * width + x;
      const bool first = vertical ? y == 0 : x == 0;
      out[i] = first ? levels[i] : std::clamp(out[i - back] + levels[i], -32768, 32767);
    }
  }
}

}  // namespace

std::pair<Kernel, Kernel> SliceDecoder::kernels(const TransformUnit &tu) const {
  if (cu_.mts_idx > 0) {
    const int idx = cu_.mts_idx - 1;
    return {(idx & 1) != 0 ? Kernel::kDct8 : Kernel::kDst7,
            (idx & 2) != 0 ? Kernel::kDct8 : Kernel::kDst7};
  }
  const bool by_size = cu_.isp != Isp::kNone || (!sps_.explicit_mts_intra && !cu_.mip);
  if (sps_.mts && by_size && cu_.lfnst_idx == 0) {
    return {implicit_kernel(tu.log2_w), implicit_kernel(tu.log2_h)};
  }
  return {Kernel::kDct2, Kernel::kDct2};
}

void SliceDecoder::reconstruct(const TransformUnit &tu) {
  constexpr int kUnit = 1 << Frame::kLog2Unit;
  if (tu.log2_w >= 2) {
    predict(tu, tu.log2_w);
  } else if ((tu.x & (kUnit - 1)) == 0) {
    predict(tu, 2);  // narrow partitions are predicted four columns at a time
  }
  if (tu.count > 0) add_residual_of(tu);
  const int units = std::max(1, (1 << tu.log2_w) >> Frame::kLog2Unit);
  for (int y = tu.y; y < tu.y + (1 << tu.log2_h); y = (y & -kUnit) + kUnit) {
    UnitInfo *row = &frame_.unit_at(tu.x, y);
    for (int i = 0; i < units; i++) {
      row[i].decoded = 1;
      row[i].log2_tb_w = static_cast<uint8_t>(tu.log2_w);
      row[i].log2_tb_h = static_cast<uint8_t>(tu.log2_h);
      if (y == tu.y && (y & (kUnit - 1)) == 0) row[i].edges |= UnitInfo::kTopEdge;
    }
    if ((tu.x & (kUnit - 1)) == 0) row->edges |= UnitInfo::kLeftEdge;
  }
}

void SliceDecoder::predict(const TransformUnit &tu, int log2_w) {
  constexpr int kUnit = 1 << Frame::kLog2Unit;
  const int width = 1 << log2_w;
  const int height = 1 << tu.log2_h;
  const bool isp = cu_.isp != Isp::kNone;
  const int left_length = height + (isp ? 1 << cu_.node.log2_h : height);
  const int above_length = width + (isp ? 1 << cu_.node.log2_w : width);
  // Neither the CTU below nor, inside a CTU, the one to the right can be there already.
  const int side = 1 << sps_.log2_ctu;
  const int below_end = std::min({tu.y + left_length, frame_.height, ctu_y_ + side});
  int right_end = std::min(tu.x + above_length, frame_.width);
  if (tu.y > ctu_y_ || !above_right_ctu_) right_end = std::min(right_end, ctu_x_ + side);
  int left_count = 0;
  if (has_left(tu.x)) {
    int y = tu.y;
    while (y < below_end && frame_.unit_at(tu.x - 1, y).decoded != 0) y = (y & -kUnit) + kUnit;
    left_count = std::min(y, below_end) - tu.y;
  }
  int above_count = 0;
  if (has_above(tu.y)) {
    const UnitInfo *row = &frame_.unit_at(tu.x, tu.y - 1);
    int x = tu.x;
    while (x < right_end && row->decoded != 0) {
      x += kUnit;
      row++;
    }
    above_count = std::min(x, right_end) - tu.x;
  }
  collect_reference_of_length(frame_.at(0, 0), frame_.stride(), tu.x, tu.y, left_length,
                              above_length, left_count, above_count, has_corner(tu.x, tu.y),
                              frame_.bit_depth, reference_, cu_.ref_idx);
  uint16_t *pred = frame_.at(tu.x, tu.y);
  if (cu_.bdpcm) {
    predict_bdpcm(reference_, cu_.mode == kVertical, log2_w, tu.log2_h, pred, frame_.stride());
  } else if (cu_.mip) {
    predict_mip(reference_, cu_.mode, cu_.mip_transposed, log2_w, tu.log2_h, frame_.bit_depth, pred,
                frame_.stride());
  } else if (isp) {
    predict_isp(reference_, cu_.mode, cu_.node.log2_w, cu_.node.log2_h, log2_w, tu.log2_h,
                frame_.bit_depth, pred, frame_.stride());
  } else {
    predict_intra(reference_, cu_.mode, log2_w, tu.log2_h, frame_.bit_depth, pred, frame_.stride(),
                  cu_.ref_idx);
  }
}

void SliceDecoder::add_residual_of(const TransformUnit &tu) {
  ScalingParams scaling{};
  scaling.bit_depth = frame_.bit_depth;
  scaling.qp = cu_.qp + 6 * (frame_.bit_depth - 8);
  scaling.transform_skip = tu.transform_skip;
  scaling.dep_quant = sh_.dep_quant && !tu.transform_skip;
  if (tu.transform_skip) {
    scaling.qp = std::max(scaling.qp, 4 + 6 * sps_.internal_minus_input_bit_depth);
  }
  const Scaler scale(tu.log2_w, tu.log2_h, scaling);
  const Coefficient *first = cu_.coefficients.data() + tu.first;
  const Coefficient *end = first + tu.count;
  const int32_t *residual = residual_;
  if (cu_.bdpcm) {
    for (const Coefficient *c = first; c != end; c++) {
      scaled_[(c->y << tu.log2_w) + c->x] = c->level;
    }
    accumulate_bdpcm(scaled_, tu.log2_w, tu.log2_h, cu_.mode == kVertical, residual_);
    for (int i = 0; i < 1 << (tu.log2_w + tu.log2_h); i++) residual_[i] = scale(residual_[i]);
  } else {
    if (sh_.scaling_lists && !tu.transform_skip &&
        (cu_.lfnst_idx == 0 || sps_.scaling_lists_for_lfnst)) {
      for (const Coefficient *c = first; c != end; c++) {
        scaled_[(c->y << tu.log2_w) + c->x] =
            scale(c->level, picture_.scaling->factor(tu.log2_w, tu.log2_h, c->x, c->y));
      }
    } else {
      for (const Coefficient *c = first; c != end; c++) {
        scaled_[(c->y << tu.log2_w) + c->x] = scale(c->level);
      }
    }
    if (tu.transform_skip) {
      residual = scaled_;
    } else {
      int nonzero_w = tu.residual.max_x + 1;
      int nonzero_h = tu.residual.max_y + 1;
      if (cu_.lfnst_idx > 0) {
        const int mode = cu_.mip ? kPlanar : cu_.mode;
        const bool isp = cu_.isp != Isp::kNone;
        const int block_w = isp ? cu_.node.log2_w : tu.log2_w;
        const int block_h = isp ? cu_.node.log2_h : tu.log2_h;
        inverse_lfnst(scaled_, tu.log2_w, tu.log2_h, wide_angle_mode(mode, block_w, block_h),
                      cu_.lfnst_idx);
        nonzero_w = nonzero_h = tu.log2_w >= 3 && tu.log2_h >= 3 ? 8 : 4;
      }
      const auto [horizontal, vertical] = kernels(tu);
      inverse_transform(scaled_, tu.log2_w, tu.log2_h, nonzero_w, nonzero_h, horizontal, vertical,
                        frame_.bit_depth, residual_);
    }
  }
  uint16_t *recon = frame_.at(tu.x, tu.y);
  add_residual(recon, frame_.stride(), residual, 1 << tu.log2_w, 1 << tu.log2_h, frame_.bit_depth,
               recon, frame_.stride());
  for (const Coefficient *c = first; c != end; c++) scaled_[(c->y << tu.log2_w) + c->x] = 0;
  if (cu_.lfnst_idx > 0) {
    for (int y = 0; y < std::min(8, 1 << tu.log2_h); y++) {
      std::fill_n(scaled_ + (y << tu.log2_w), std::min(8, 1 << tu.log2_w), 0);
    }
  }
}

}  // namespace feat::vvc
