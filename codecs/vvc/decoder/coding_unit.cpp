// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Syntax of a coding unit: coding_unit(), transform_tree(), transform_unit().
#include <algorithm>
#include <cstdlib>

#include "codecs/vvc/common/mip.h"

#include "codecs/vvc/decoder/slice_decoder.h"

namespace feat::vvc {
namespace {

constexpr int kRemainingModes = 61;  // angular and DC modes that are not most probable

}  // namespace

void SliceDecoder::parse_prediction(const TreeNode &node) {
  cu_.bdpcm = false;
  cu_.ref_idx = 0;
  cu_.mip = false;
  cu_.isp = Isp::kNone;
  if (sps_.bdpcm && node.log2_w <= sps_.log2_max_ts && node.log2_h <= sps_.log2_max_ts) {
    cu_.bdpcm = cabac_.bin(ctx_[kCtxBdpcmFlag]) != 0;
    if (cu_.bdpcm) {
      cu_.mode = cabac_.bin(ctx_[kCtxBdpcmDir]) != 0 ? kVertical : kHorizontal;
      return;
    }
  }
  cu_.mip = sps_.mip && parse_mip_flag(node);
  if (cu_.mip) {
    cu_.mip_transposed = cabac_.bypass() != 0;
    cu_.mode = cabac_.truncated_binary(mip_modes(node.log2_w, node.log2_h));
    return;
  }
  const bool first_row = (node.y & ((1 << sps_.log2_ctu) - 1)) == 0;
  if (sps_.mrl && !first_row && cabac_.bin(ctx_[kCtxRefIdx]) != 0) {
    cu_.ref_idx = 1 + cabac_.bin(ctx_[kCtxRefIdx + 1]);
  }
  if (sps_.isp && cu_.ref_idx == 0 && node.log2_w + node.log2_h > 4 &&
      node.log2_w <= sps_.log2_max_tb && node.log2_h <= sps_.log2_max_tb &&
      cabac_.bin(ctx_[kCtxIspFlag]) != 0) {
    cu_.isp = cabac_.bin(ctx_[kCtxIspSplit]) != 0 ? Isp::kVertical : Isp::kHorizontal;
  }
  cu_.mode = parse_intra_mode(node);
}

bool SliceDecoder::parse_mip_flag(const TreeNode &node) {
  int ctx = 3;
  if (std::abs(node.log2_w - node.log2_h) <= 1) {
    ctx = (has_left(node.x) ? frame_.unit_at(node.x - 1, node.y).mip : 0) +
          (has_above(node.y) ? frame_.unit_at(node.x, node.y - 1).mip : 0);
  }
  return cabac_.bin(ctx_[kCtxMipFlag + ctx]) != 0;
}

bool SliceDecoder::lfnst_allowed() const {
  const TreeNode &n = cu_.node;
  if (!sps_.lfnst || n.log2_w > sps_.log2_max_tb || n.log2_h > sps_.log2_max_tb) return false;
  if (cu_.mip && (n.log2_w < 4 || n.log2_h < 4)) return false;
  bool beyond_first = cu_.isp != Isp::kNone;
  for (const TransformUnit &tu : cu_.tus) {
    if (tu.log2_w < 2 || tu.log2_h < 2) return false;
    if (!tu.coded) continue;
    const bool few = tu.log2_w == tu.log2_h && tu.log2_w <= 3;
    if (tu.transform_skip || tu.residual.last_scan_pos > (few ? 7 : 15)) return false;
    if (tu.residual.last_scan_pos > 0) beyond_first = true;
  }
  return beyond_first;
}

int SliceDecoder::parse_lfnst_idx() {
  if (!lfnst_allowed() || cabac_.bin(ctx_[kCtxLfnstIdx]) == 0) return 0;
  return 1 + cabac_.bin(ctx_[kCtxLfnstIdx + 2]);
}

int SliceDecoder::parse_mts_idx() {
  const TransformUnit &tu = cu_.tus.front();
  if (!sps_.explicit_mts_intra || cu_.node.log2_w > 5 || cu_.node.log2_h > 5 || cu_.bdpcm ||
      cu_.isp != Isp::kNone || cu_.lfnst_idx > 0 || !tu.coded || tu.transform_skip ||
      tu.residual.beyond_16x16 || tu.residual.last_scan_pos < 1) {
    return 0;
  }
  int idx = 0;
  while (idx < 4 && cabac_.bin(ctx_[kCtxMtsIdx + idx]) != 0) idx++;
  return idx;
}

int SliceDecoder::parse_intra_mode(const TreeNode &node) {
  const int width = 1 << node.log2_w;
  const int height = 1 << node.log2_h;
  // Another reference line implies a most probable mode that is not planar.
  const bool far_line = cu_.ref_idx > 0;
  const bool mpm = far_line || cabac_.bin(ctx_[kCtxMpmFlag]) != 0;
  int index = 0;
  if (mpm) {
    if (!far_line && cabac_.bin(ctx_[kCtxNotPlanar + (cu_.isp == Isp::kNone ? 1 : 0)]) == 0)
      return kPlanar;
    index = 1;
    while (index < 5 && cabac_.bypass() != 0) index++;
  }
  const int left =
      has_left(node.x) ? frame_.unit_at(node.x - 1, node.y + height - 1).mode : kPlanar;
  // Above, only the same CTU counts.
  const bool in_ctu = (node.y & ((1 << sps_.log2_ctu) - 1)) != 0;
  const int above = in_ctu ? frame_.unit_at(node.x + width - 1, node.y - 1).mode : kPlanar;
  std::array<uint8_t, 6> candidates = most_probable_modes(left, above);
  if (mpm) return candidates[static_cast<size_t>(index)];

  int mode = cabac_.truncated_binary(kRemainingModes);
  std::sort(candidates.begin(), candidates.end());
  for (const int c : candidates) mode += mode >= c ? 1 : 0;
  return mode;
}

void SliceDecoder::coding_unit(const TreeNode &node) {
  if (group_starts_) {
    group_starts_ = false;
    qp_ = predict_qp(node);
  }
  cu_.node = node;
  cu_.tus.clear();
  cu_.coefficients.clear();
  parse_prediction(node);
  if (cu_.isp == Isp::kNone) {
    transform_tree(node.x, node.y, node.log2_w, node.log2_h);
  } else {
    transform_partitions();
  }
  cu_.lfnst_idx = parse_lfnst_idx();
  cu_.mts_idx = parse_mts_idx();
  cu_.qp = qp_;

  UnitInfo info;
  info.mode = static_cast<uint8_t>(cu_.mip ? kPlanar : cu_.mode);
  info.mip = cu_.mip ? 1 : 0;
  info.log2_cb_w = static_cast<uint8_t>(node.log2_w);
  info.log2_cb_h = static_cast<uint8_t>(node.log2_h);
  info.qt_depth = static_cast<uint8_t>(node.qt_depth);
  info.qp = static_cast<int8_t>(cu_.qp);
  info.bdpcm = cu_.bdpcm ? 1 : 0;
  const int units = 1 << (node.log2_w - Frame::kLog2Unit);
  for (int y = 0; y < 1 << node.log2_h; y += 1 << Frame::kLog2Unit) {
    std::fill_n(&frame_.unit_at(node.x, node.y + y), units, info);
  }
  for (const TransformUnit &tu : cu_.tus) reconstruct(tu);
}

void SliceDecoder::transform_tree(int x, int y, int log2_w, int log2_h) {
  if (log2_w <= sps_.log2_max_tb && log2_h <= sps_.log2_max_tb) {
    transform_unit(x, y, log2_w, log2_h, cu_.bdpcm ? 1 : 0);
    return;
  }
  if (log2_w > sps_.log2_max_tb && log2_w > log2_h) {
    transform_tree(x, y, log2_w - 1, log2_h);
    transform_tree(x + (1 << (log2_w - 1)), y, log2_w - 1, log2_h);
  } else {
    transform_tree(x, y, log2_w, log2_h - 1);
    transform_tree(x, y + (1 << (log2_h - 1)), log2_w, log2_h - 1);
  }
}

void SliceDecoder::transform_partitions() {
  const TreeNode &n = cu_.node;
  // Four parts, or two if they would have less than 16 samples.
  const int log2_parts = n.log2_w + n.log2_h == 5 ? 1 : 2;
  const bool vertical = cu_.isp == Isp::kVertical;
  const int log2_w = n.log2_w - (vertical ? log2_parts : 0);
  const int log2_h = n.log2_h - (vertical ? 0 : log2_parts);
  const int parts = 1 << log2_parts;
  bool any = false;
  bool previous = false;
  for (int i = 0; i < parts; i++) {
    const int x = n.x + (vertical ? i << log2_w : 0);
    const int y = n.y + (vertical ? 0 : i << log2_h);
    const bool inferred = i == parts - 1 && !any;
    transform_unit(x, y, log2_w, log2_h, inferred ? -1 : 2 + (previous ? 1 : 0));
    previous = cu_.tus.back().coded;
    any |= previous;
  }
}

void SliceDecoder::transform_unit(int x, int y, int log2_w, int log2_h, int cbf_ctx) {
  TransformUnit tu;
  tu.x = x;
  tu.y = y;
  tu.log2_w = log2_w;
  tu.log2_h = log2_h;
  tu.first = cu_.coefficients.size();
  tu.coded = cbf_ctx < 0 || cabac_.bin(ctx_[kCtxCbf + cbf_ctx]) != 0;
  const bool large = cu_.node.log2_w > 6 || cu_.node.log2_h > 6;
  if (pps_.cu_qp_delta && !qp_delta_coded_ && (tu.coded || large)) parse_qp_delta();
  if (tu.coded) {
    if (cu_.bdpcm) {
      tu.transform_skip = true;
    } else if (cu_.isp == Isp::kNone && log2_w <= sps_.log2_max_ts && log2_h <= sps_.log2_max_ts) {
      tu.transform_skip = cabac_.bin(ctx_[kCtxTsFlag]) != 0;
    }
    if (tu.transform_skip && !sh_.ts_residual_coding_disabled) {
      parse_residual_ts(cabac_, ctx_, log2_w, log2_h, cu_.bdpcm, cu_.coefficients);
    } else {
      tu.residual = parse_residual(
          cabac_, ctx_, {log2_w, log2_h, sh_.dep_quant, sh_.sign_data_hiding}, cu_.coefficients);
    }
  }
  tu.count = cu_.coefficients.size() - tu.first;
  cu_.tus.push_back(tu);
}

void SliceDecoder::parse_qp_delta() {
  constexpr int kPrefixMax = 5;
  int delta = cabac_.bin(ctx_[kCtxCuQpDelta]);
  while (delta > 0 && delta < kPrefixMax && cabac_.bin(ctx_[kCtxCuQpDelta + 1]) != 0) delta++;
  if (delta == kPrefixMax) {
    int bits = 0;
    while (cabac_.bypass() != 0) {
      delta += 1 << bits;
      if (++bits > 7) fail_corrupt("cu_qp_delta_abs exceeds its limit of 38");
    }
    delta += static_cast<int>(cabac_.bypass_bits(bits));
  }
  const int offset = 6 * (sps_.bit_depth - 8);
  if (delta > 32 + offset / 2) fail_corrupt("cu_qp_delta_abs exceeds its limit");
  if (delta != 0 && cabac_.bypass() != 0) delta = -delta;
  qp_ = (qp_ + delta + 64 + 2 * offset) % (64 + offset) - offset;
  qp_delta_coded_ = true;
}

int SliceDecoder::predict_qp(const TreeNode &node) {
  const bool inner_column = node.x > ctu_x_;
  const bool inner_row = node.y > ctu_y_;
  if (first_in_tile_row_ && !inner_column && !inner_row && above_ctu_) {
    return frame_.unit_at(node.x, node.y - 1).qp;
  }
  const int above = inner_row ? frame_.unit_at(node.x, node.y - 1).qp : qp_;
  const int left = inner_column ? frame_.unit_at(node.x - 1, node.y).qp : qp_;
  return (above + left + 1) >> 1;
}

}  // namespace feat::vvc
