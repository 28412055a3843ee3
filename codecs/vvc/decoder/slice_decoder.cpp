// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/decoder/slice_decoder.h"

namespace feat::vvc {

void SliceDecoder::decode(std::span<const uint8_t> data) {
  ctx_.init(sh_.qp);
  cabac_.start(data);
  qp_ = sh_.qp;
  const int side = 1 << sps_.log2_ctu;
  for (int y = 0; y < frame_.height; y += side) {
    if (y > 0 && sps_.entropy_sync) {
      ctx_ = row_ctx_;
      qp_ = sh_.qp;
    }
    for (int x = 0; x < frame_.width; x += side) {
      coding_tree_unit(x, y);
      if (x == 0 && sps_.entropy_sync) row_ctx_ = ctx_;
    }
    const bool last_row = y + side >= frame_.height;
    if (last_row || sps_.entropy_sync) {
      if (cabac_.terminate() == 0) fail_corrupt("the slice data has no terminating bin at its end");
      const size_t used = cabac_.finish();
      if (!last_row) {
        data = data.subspan(used);
        cabac_.start(data);
      }
    }
  }
}

void SliceDecoder::coding_tree_unit(int x, int y) {
  if (sh_.sao) parse_sao(x, y);
  if (sh_.alf) parse_alf(x, y);
  TreeNode root;
  root.x = x;
  root.y = y;
  root.log2_w = root.log2_h = sps_.log2_ctu;
  coding_tree(root);
}

TreeNeighbour SliceDecoder::neighbour(int x, int y, bool left) {
  if (x < 0 || y < 0) return {};
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

void SliceDecoder::coding_tree(const TreeNode &node) {
  if (pps_.cu_qp_delta && node.subdivision <= ph_.cu_qp_delta_subdiv) {
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
  for (int i = 0; i < count; i++) {
    const TreeNode &c = children[i];
    if (c.log2_w < 2 || c.log2_h < 2) {
      fail_corrupt("the partition limits lead to a block smaller than 4x4");
    }
    if (c.x < frame_.width && c.y < frame_.height) coding_tree(c);
  }
}

}  // namespace feat::vvc
