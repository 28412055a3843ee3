// SPDX-License-Identifier: LGPL-2.1-or-later
//
// coding_unit() with transform_unit() for intra units of one component (clauses 7.3.11.5 and
// 7.3.11.10), to a CabacEncoder or a RateCounter.
#pragma once

#include <cstdint>
#include <optional>

#include "codecs/vvc/encoder/coded_frame.h"
#include "codecs/vvc/encoder/coding_syntax.h"
#include "codecs/vvc/encoder/residual_writer.h"

namespace feat::vvc {

inline constexpr int kLog2MaxBlock = 6;
inline constexpr int kLog2MaxTransformSkip = 5;

// Tools of the sequence that change the syntax of a coding unit.
struct CodingTools {
  bool transform_skip = false;
  bool isp = false;
  bool mrl = false;
  bool bdpcm = false;
  // Sides of 4 to 16 samples have the DST-VII, without any syntax (implicit MTS).
  bool implicit_mts = false;
  // Transform-skipped levels are written as others are, and none with dependent quantisation.
  bool plain_residuals = false;
};

inline bool may_skip_transform(int log2_w, int log2_h) {
  return log2_w <= kLog2MaxTransformSkip && log2_h <= kLog2MaxTransformSkip;
}

// split_cu_flag, split_qt_flag, mtt_split_cu_vertical_flag and mtt_split_cu_binary_flag (clause
// 7.3.11.4), as far as `options` leave a choice.
template <typename Sink>
void write_split(Sink &sink, const TreeNode &node, const SplitOptions &options, Split split,
                 TreeNeighbour left, TreeNeighbour above) {
  if (options.none && options.any()) {
    sink.bin(split_cu_ctx(node, options, left, above), split != Split::kNone ? 1 : 0);
  }
  if (split == Split::kNone) return;
  if (options.quad && options.multi()) {
    sink.bin(split_qt_ctx(node, left, above), split == Split::kQuad ? 1 : 0);
  }
  if (split == Split::kQuad) return;
  const bool vertical = split == Split::kVertical || split == Split::kTripleVertical;
  const bool binary = split == Split::kVertical || split == Split::kHorizontal;
  if ((options.vertical || options.triple_vertical) &&
      (options.horizontal || options.triple_horizontal)) {
    sink.bin(mtt_vertical_ctx(node, options, left, above), vertical ? 1 : 0);
  }
  if (vertical ? options.vertical && options.triple_vertical
               : options.horizontal && options.triple_horizontal) {
    sink.bin(mtt_binary_ctx(node, vertical), binary ? 1 : 0);
  }
}

// cu_qp_delta_abs, less than 5, and cu_qp_delta_sign_flag (clause 7.3.11.10).
template <typename Sink>
void write_qp_delta(Sink &sink, int delta) {
  const int magnitude = std::abs(delta);
  for (int i = 0; i < magnitude; ++i) sink.bin(kCtxCuQpDelta + (i > 0 ? 1 : 0), 1);
  sink.bin(kCtxCuQpDelta + (magnitude > 0 ? 1 : 0), 0);
  if (magnitude > 0) sink.bypass(delta < 0 ? 1 : 0, 1);
}

// `levels` in rows of the unit's width; those of sub-partitions one after the other, in rows of
// theirs. `qp_delta` is coded where given and there are levels.
template <typename Sink>
void write_coding_unit(Sink &sink, const CodingUnit &cu, const CodingTools &tools, bool far_lines,
                       const MpmList &mpm, const int32_t *levels,
                       std::optional<int> qp_delta = {}) {
  const bool isp = tools.isp && isp_allowed(cu.log2_w, cu.log2_h, kLog2MaxBlock);
  if (tools.bdpcm && may_skip_transform(cu.log2_w, cu.log2_h)) {
    sink.bin(kCtxBdpcmFlag, cu.bdpcm ? 1 : 0);
  }
  if (cu.bdpcm) {
    sink.bin(kCtxBdpcmDir, cu.mode == kVertical ? 1 : 0);
  } else {
    write_intra_prediction(sink, {cu.mode, cu.ref_idx, cu.isp}, {tools.mrl && far_lines, isp}, mpm);
  }
  if (cu.isp == Isp::kNone) {
    sink.bin(kCtxCbf + (cu.bdpcm ? 1 : 0), cu.coded);
    if (cu.coded == 0) return;
    if (qp_delta) write_qp_delta(sink, *qp_delta);
    if (tools.transform_skip && !cu.bdpcm && may_skip_transform(cu.log2_w, cu.log2_h)) {
      sink.bin(kCtxTsFlag, cu.transform_skip ? 1 : 0);
    }
    if (cu.transform_skip && !tools.plain_residuals) {
      TsResidualWriter<Sink>(sink, levels, cu.log2_w, cu.log2_h, cu.bdpcm).write();
    } else {
      ResidualWriter<Sink>(sink, levels, cu.log2_w, cu.log2_h, !tools.plain_residuals).write();
    }
    return;
  }
  const IspShape shape = isp_shape(cu.log2_w, cu.log2_h, cu.isp);
  int previous = 0;
  for (int i = 0; i < shape.parts; ++i) {
    const int coded = (cu.coded >> i) & 1;
    const bool inferred = i + 1 == shape.parts && (cu.coded & ((1 << i) - 1)) == 0;
    if (!inferred) sink.bin(kCtxCbf + 2 + previous, coded);
    previous = coded;
    if (coded == 0) continue;
    if (qp_delta && (cu.coded & ((1 << i) - 1)) == 0) write_qp_delta(sink, *qp_delta);
    ResidualWriter<Sink>(sink, levels + (i << (shape.log2_w + shape.log2_h)), shape.log2_w,
                         shape.log2_h)
        .write();
  }
}

}  // namespace feat::vvc
