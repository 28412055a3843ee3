// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/common/deblock_edge.h"
#include "codecs/vvc/decoder/loop_filter.h"

namespace feat::vvc {
namespace {

// Samples that the filter may change on a side, by the log2 sizes of the transform blocks.
int side_length(int log2_side) {
  return log2_side >= 5 ? 7 : 3;
}

void deblock_direction(Frame &frame, const SliceHeader &sh, int log2_ctu, bool vertical) {
  constexpr int kUnit = 1 << Frame::kLog2Unit;
  const ptrdiff_t across = vertical ? 1 : frame.width;
  const ptrdiff_t along = vertical ? frame.width : 1;
  const uint8_t edge_bit = vertical ? UnitInfo::kLeftEdge : UnitInfo::kTopEdge;
  const int first_x = vertical ? kUnit : 0;
  const int first_y = vertical ? 0 : kUnit;
  const int ctu_mask = (1 << log2_ctu) - 1;
  for (int y = first_y; y < frame.height; y += kUnit) {
    for (int x = first_x; x < frame.width; x += kUnit) {
      const UnitInfo &q = frame.unit_at(x, y);
      if ((q.edges & edge_bit) == 0) continue;
      const UnitInfo &p = vertical ? frame.unit_at(x - kUnit, y) : frame.unit_at(x, y - kUnit);
      if (p.bdpcm != 0 && q.bdpcm != 0) continue;
      const int qp = (p.qp + q.qp + 1) >> 1;
      EdgeParams e{};
      e.tc = deblock_tc(qp, sh.tc_offset_div2, frame.bit_depth);
      e.beta = deblock_beta(qp, sh.beta_offset_div2, frame.bit_depth);
      if (e.beta == 0) continue;
      const int log2_p = vertical ? p.log2_tb_w : p.log2_tb_h;
      const int log2_q = vertical ? q.log2_tb_w : q.log2_tb_h;
      e.length_p = e.length_q = 1;
      if (log2_p > 2 && log2_q > 2) {
        // Few lines above a CTU row need to be kept by a decoder that filters CTU by CTU.
        const bool ctu_row = !vertical && (y & ctu_mask) == 0;
        e.length_p = ctu_row ? 3 : side_length(log2_p);
        e.length_q = side_length(log2_q);
      }
      e.max_value = (1 << frame.bit_depth) - 1;
      deblock_edge(frame.at(x, y), across, along, e);
    }
  }
}

}  // namespace

void deblock_picture(Frame &frame, const SliceHeader &sh, int log2_ctu) {
  if (sh.deblocking_disabled) return;
  deblock_direction(frame, sh, log2_ctu, true);
  deblock_direction(frame, sh, log2_ctu, false);
}

}  // namespace feat::vvc
