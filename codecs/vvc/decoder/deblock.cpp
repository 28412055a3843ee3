// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Which edges are deblocked, and how strongly (clauses 8.8.3.1 to 8.8.3.5).
#include <algorithm>

#include "codecs/vvc/common/deblock_edge.h"
#include "codecs/vvc/decoder/loop_filter.h"

namespace feat::vvc {
namespace {

constexpr int kUnit = 1 << Frame::kLog2Unit;

// Samples that the filter may change on a side, by the log2 sizes of the transform blocks.
int side_length(int log2_side) {
  return log2_side >= 5 ? 7 : 3;
}

int ladf_offset(const Ladf &ladf, const uint16_t *at, ptrdiff_t across, ptrdiff_t along) {
  const uint16_t *last = at + 3 * along;
  const int level = (at[-across] + last[-across] + at[0] + last[0]) >> 2;
  int offset = 0;
  for (size_t i = 0; i < static_cast<size_t>(ladf.intervals) && level > ladf.above[i]; i++) {
    offset = ladf.qp_offset[i];
  }
  return offset;
}

class RowDeblocker {
 public:
  RowDeblocker(CodedPicture &picture, bool vertical)
      : picture_(picture),
        frame_(picture.frame),
        vertical_(vertical),
        across_(vertical ? 1 : frame_.stride()),
        along_(vertical ? frame_.stride() : 1),
        lines_(vertical ? picture.header.virtual_boundaries.x
                        : picture.header.virtual_boundaries.y) {}

  void filter_ctu(int column, int row) {
    const CtuInfo &ctu = frame_.ctu(column, row);
    const SliceHeader &sh = picture_.slice_of(ctu).header;
    if (sh.deblocking_disabled) return;
    const int side = 1 << frame_.log2_ctu;
    const int x1 = std::min((column + 1) * side, frame_.width);
    const int y1 = std::min((row + 1) * side, frame_.height);
    int x0 = column * side;
    int y0 = row * side;
    // The edge that the CTU shares with the one before.
    const bool shared = vertical_ ? crosses(ctu, column - 1, row) : crosses(ctu, column, row - 1);
    if (!shared) (vertical_ ? x0 : y0) += kUnit;
    const uint8_t edge_bit = vertical_ ? UnitInfo::kLeftEdge : UnitInfo::kTopEdge;
    const ptrdiff_t back = vertical_ ? 1 : frame_.units_wide;
    for (int y = y0; y < y1; y += kUnit) {
      const UnitInfo *q = &frame_.unit_at(x0, y);
      for (int x = x0; x < x1; x += kUnit, q++) {
        if ((q->edges & edge_bit) != 0) filter_edge(sh, q[-back], *q, x, y);
      }
    }
  }

 private:
  bool crosses(const CtuInfo &ctu, int other_column, int other_row) const {
    if (!frame_.has_ctu(other_column, other_row)) return false;
    const CtuInfo &other = frame_.ctu(other_column, other_row);
    return may_cross(picture_, ctu, other) && may_cross(picture_, other, ctu);
  }

  void filter_edge(const SliceHeader &sh, const UnitInfo &p, const UnitInfo &q, int x, int y) {
    if (p.bdpcm != 0 && q.bdpcm != 0) return;
    if (!lines_.empty() &&
        std::find(lines_.begin(), lines_.end(), vertical_ ? x : y) != lines_.end()) {
      return;
    }
    uint16_t *at = frame_.at(x, y);
    int qp = (p.qp + q.qp + 1) >> 1;
    const Ladf &ladf = picture_.sps->ladf;
    if (ladf.intervals > 0) qp += ladf_offset(ladf, at, across_, along_);
    EdgeParams e{};
    e.tc = deblock_tc(qp, sh.tc_offset_div2, frame_.bit_depth);
    e.beta = deblock_beta(qp, sh.beta_offset_div2, frame_.bit_depth);
    if (e.beta == 0) return;
    const int log2_p = vertical_ ? p.log2_tb_w : p.log2_tb_h;
    const int log2_q = vertical_ ? q.log2_tb_w : q.log2_tb_h;
    e.length_p = e.length_q = 1;
    if (log2_p > 2 && log2_q > 2) {
      // Few lines above a CTU row need to be kept by a decoder that filters CTU by CTU.
      const bool ctu_row = !vertical_ && (y & ((1 << frame_.log2_ctu) - 1)) == 0;
      e.length_p = ctu_row ? 3 : side_length(log2_p);
      e.length_q = side_length(log2_q);
    }
    e.max_value = (1 << frame_.bit_depth) - 1;
    deblock_edge(at, across_, along_, e);
  }

  CodedPicture &picture_;
  Frame &frame_;
  const bool vertical_;
  const ptrdiff_t across_;
  const ptrdiff_t along_;
  const std::vector<int> &lines_;  // virtual boundaries
};

}  // namespace

void deblock_row(CodedPicture &picture, int row, bool vertical_edges) {
  RowDeblocker deblocker(picture, vertical_edges);
  for (int column = 0; column < picture.frame.ctus_wide; column++) {
    deblocker.filter_ctu(column, row);
  }
}

}  // namespace feat::vvc
