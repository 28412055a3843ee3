// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/decoder/slice_decoder.h"

namespace feat::vvc {

bool SliceDecoder::decode(const SliceSegment &segment, const RowDone &row_done) {
  slice_ = picture_.slices[static_cast<size_t>(segment.slice)].get();
  sh_ = slice_->header;
  std::span<const uint8_t> data = segment.data;
  for (size_t i = 0; i < segment.substreams.size(); i++) {
    cabac_.start(data);
    if (!decode_substream(segment.substreams[i], row_done)) return false;
    if (cabac_.terminate() == 0) fail_corrupt("the slice data has no terminating bin at its end");
    const size_t used = cabac_.finish();
    const bool last = i + 1 == segment.substreams.size();
    if (last && !segment.last && used != data.size()) {
      fail_corrupt("an entry point does not agree with the slice data");
    }
    data = data.subspan(used);
  }
  return true;
}

bool SliceDecoder::decode_substream(const Substream &substream, const RowDone &row_done) {
  const CtuRect &area = substream.area;
  const bool wavefronts = sps_.entropy_sync;
  qp_ = sh_.qp;
  for (int y = area.y0; y < area.y1; y++) {
    for (int x = area.x0; x < area.x1; x++) {
      if (substream.follows && !progress_.wait(x, y - 1)) return false;
      if (x == area.x0 && y == area.y0) {
        if (substream.follows) {
          ctx_ = progress_.contexts(x, y - 1);
        } else {
          ctx_.init(sh_.qp);
        }
      }
      first_in_tile_row_ = x == area.x0;
      enter_ctu(x, y);
      coding_tree_unit(ctu_x_, ctu_y_);
      if (x == area.x0 && wavefronts) progress_.contexts(x, y) = ctx_;
      if (progress_.done(x, y) && row_done) row_done();
    }
  }
  return true;
}

void SliceDecoder::enter_ctu(int x, int y) {
  ctu_x_ = x << sps_.log2_ctu;
  ctu_y_ = y << sps_.log2_ctu;
  left_ctu_ = frame_.joined(x, y, x - 1, y);
  above_ctu_ = frame_.joined(x, y, x, y - 1);
  corner_ctu_ = frame_.joined(x, y, x - 1, y - 1);
  // With wavefronts the next CTU of the row above may not be there yet.
  above_right_ctu_ = !sps_.entropy_sync && frame_.joined(x, y, x + 1, y - 1);
}

void SliceDecoder::coding_tree_unit(int x, int y) {
  if (sh_.sao) parse_sao(x, y);
  if (sh_.alf) parse_alf(x, y);
  TreeNode root;
  root.x = x;
  root.y = y;
  root.log2_w = root.log2_h = sps_.log2_ctu;
  coding_tree(root, true);
}

TreeNeighbour SliceDecoder::neighbour(int x, int y, bool left) {
  if (left ? !has_left(x + 1) : !has_above(y + 1)) return {};
  const UnitInfo &u = frame_.unit_at(x, y);
  return {true, left ? u.log2_cb_h : u.log2_cb_w, u.qt_depth};
}

Split SliceDecoder::parse_split(const TreeNode &node, const SplitOptions &o) {
  if (!o.any()) return Split::kNone;
  const TreeNeighbour left = neighbour(node.x - 1, node.y, true);
  const TreeNeighbour above = neighbour(node.x, node.y - 1, false);
  if (o.none && cabac_.bin(ctx_[split_cu_ctx(node, o, left, above)]) == 0) return Split::kNone;
  if (o.quad && (!o.multi() || cabac_.bin(ctx_[split_qt_ctx(node, left, above)]) != 0)) {
    return Split::kQuad;
  }
  bool vertical = o.vertical || o.triple_vertical;
  if (vertical && (o.horizontal || o.triple_horizontal)) {
    vertical = cabac_.bin(ctx_[mtt_vertical_ctx(node, o, left, above)]) != 0;
  }
  bool binary = vertical ? o.vertical : o.horizontal;
  if (binary && (vertical ? o.triple_vertical : o.triple_horizontal)) {
    binary = cabac_.bin(ctx_[mtt_binary_ctx(node, vertical)]) != 0;
  }
  if (binary) return vertical ? Split::kVertical : Split::kHorizontal;
  return vertical ? Split::kTripleVertical : Split::kTripleHorizontal;
}

void SliceDecoder::coding_tree(const TreeNode &node, bool groups) {
  if (pps_.cu_qp_delta && groups && node.subdivision <= ph_.cu_qp_delta_subdiv) {
    group_starts_ = true;
    qp_delta_coded_ = false;
  }
  const SplitOptions options =
      split_options(node, ph_.partition, sps_.log2_min_cb, frame_.width, frame_.height);
  const Split split = parse_split(node, options);
  if (split == Split::kNone) {
    coding_unit(node);
    return;
  }
  TreeNode children[4];
  const int count = split_children(node, split, options.implied, children);
  // The parts of a ternary split begin quantisation groups only if the smaller ones may.
  const bool triple = split == Split::kTripleHorizontal || split == Split::kTripleVertical;
  groups = groups && (!triple || node.subdivision + 2 <= ph_.cu_qp_delta_subdiv);
  for (int i = 0; i < count; i++) {
    const TreeNode &c = children[i];
    if (c.log2_w < 2 || c.log2_h < 2) {
      fail_corrupt("the partition limits lead to a block smaller than 4x4");
    }
    if (c.x < frame_.width && c.y < frame_.height) coding_tree(c, groups);
  }
}

}  // namespace feat::vvc
