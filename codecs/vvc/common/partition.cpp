// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/common/partition.h"

#include "codecs/vvc/common/contexts.h"

namespace feat::vvc {
namespace {

constexpr int kLog2MaxTriple = 6;  // also the side of the pipeline's virtual units

// The split that the picture's edge asks for, before knowing whether the syntax allows it.
Split edge_split(const TreeNode &n, const PartitionLimits &limits, int max_depth, bool below,
                 bool right) {
  const bool binary =
      n.log2_w <= limits.log2_max_bt && n.log2_h <= limits.log2_max_bt && n.mtt_depth < max_depth;
  const bool quad =
      n.log2_w > limits.log2_min_qt && n.log2_h > limits.log2_min_qt && n.mtt_depth == 0;
  if (below && right && quad) return Split::kQuad;
  if (below && binary && n.log2_w <= kLog2MaxTriple) return Split::kHorizontal;
  if (right && binary && n.log2_h <= kLog2MaxTriple) return Split::kVertical;
  return below || right ? Split::kQuad : Split::kNone;
}

}  // namespace

SplitOptions split_options(const TreeNode &n, const PartitionLimits &limits, int log2_min_cb,
                           int picture_width, int picture_height) {
  SplitOptions o;
  const int max_depth = limits.max_mtt_depth + n.implicit_bt;
  o.quad = (n.parent == Split::kNone || n.parent == Split::kQuad) && n.log2_w > limits.log2_min_qt;

  const bool below = n.y + (1 << n.log2_h) > picture_height;
  const bool right = n.x + (1 << n.log2_w) > picture_width;
  const Split edge = edge_split(n, limits, max_depth, below, right);
  if (edge != Split::kNone) {
    o.implied = true;
    o.horizontal = edge == Split::kHorizontal;
    o.vertical = edge == Split::kVertical;
    if (!o.multi()) o.quad = true;
    return o;
  }

  o.none = true;
  if (n.mtt_depth >= max_depth) return o;
  const int long_side = n.log2_w > n.log2_h ? n.log2_w : n.log2_h;
  const bool binary = long_side <= limits.log2_max_bt;
  const bool triple = long_side <= limits.log2_max_tt && long_side <= kLog2MaxTriple;
  // A virtual pipeline unit of 64x64 must not be left by half of a block.
  o.horizontal = binary && n.log2_h > log2_min_cb &&
                 !(n.log2_w > kLog2MaxTriple && n.log2_h <= kLog2MaxTriple);
  o.vertical = binary && n.log2_w > log2_min_cb &&
               !(n.log2_h > kLog2MaxTriple && n.log2_w <= kLog2MaxTriple);
  o.triple_horizontal = triple && n.log2_h > log2_min_cb + 1;
  o.triple_vertical = triple && n.log2_w > log2_min_cb + 1;
  // The middle of a ternary split must not be halved along it: two binary splits give the same.
  if (n.part == 1 && n.parent == Split::kTripleHorizontal) o.horizontal = false;
  if (n.part == 1 && n.parent == Split::kTripleVertical) o.vertical = false;
  return o;
}

int split_children(const TreeNode &n, Split split, bool implied, TreeNode children[4]) {
  TreeNode base = n;
  base.parent = split;
  if (split == Split::kQuad) {
    base.log2_w--;
    base.log2_h--;
    base.qt_depth++;
    base.subdivision += 2;
    for (int i = 0; i < 4; i++) {
      children[i] = base;
      children[i].part = i;
      children[i].x += (i & 1) << base.log2_w;
      children[i].y += (i >> 1) << base.log2_h;
    }
    return 4;
  }
  const bool vertical = split == Split::kVertical || split == Split::kTripleVertical;
  const bool triple = split == Split::kTripleHorizontal || split == Split::kTripleVertical;
  const int count = triple ? 3 : 2;
  base.mtt_depth++;
  if (implied) base.implicit_bt++;
  int offset = 0;
  for (int i = 0; i < count; i++) {
    TreeNode &c = children[i];
    c = base;
    c.part = i;
    const int halvings = triple && i != 1 ? 2 : 1;
    c.subdivision += halvings;
    int &log2_side = vertical ? c.log2_w : c.log2_h;
    (vertical ? c.x : c.y) += offset;
    log2_side -= halvings;
    offset += 1 << log2_side;
  }
  return count;
}

int split_cu_ctx(const TreeNode &n, const SplitOptions &o, TreeNeighbour left,
                 TreeNeighbour above) {
  const int smaller = (left.available && left.log2_side < n.log2_h ? 1 : 0) +
                      (above.available && above.log2_side < n.log2_w ? 1 : 0);
  const int choices =
      2 * o.quad + o.horizontal + o.vertical + o.triple_horizontal + o.triple_vertical;
  return kCtxSplitCu + smaller + 3 * ((choices > 0 ? choices - 1 : 0) >> 1);
}

int split_qt_ctx(const TreeNode &n, TreeNeighbour left, TreeNeighbour above) {
  const int deeper = (left.available && left.qt_depth > n.qt_depth ? 1 : 0) +
                     (above.available && above.qt_depth > n.qt_depth ? 1 : 0);
  return kCtxSplitQt + deeper + (n.qt_depth >= 2 ? 3 : 0);
}

int mtt_vertical_ctx(const TreeNode &n, const SplitOptions &o, TreeNeighbour left,
                     TreeNeighbour above) {
  const int horizontal = o.horizontal + o.triple_horizontal;
  const int vertical = o.vertical + o.triple_vertical;
  if (vertical < horizontal) return kCtxMttVertical + 3;
  if (vertical > horizontal) return kCtxMttVertical + 4;
  if (!left.available || !above.available) return kCtxMttVertical;
  // How much larger than its neighbour the block is, either way.
  const int across = n.log2_w - above.log2_side;
  const int down = n.log2_h - left.log2_side;
  // A block smaller than its neighbour counts as nought times as large, whatever the ratio.
  const int a = across < 0 ? -1 : across;
  const int d = down < 0 ? -1 : down;
  return kCtxMttVertical + (a == d ? 0 : (a < d ? 1 : 2));
}

int mtt_binary_ctx(const TreeNode &n, bool vertical) {
  return kCtxMttBinary + (vertical ? 2 : 0) + (n.mtt_depth <= 1 ? 1 : 0);
}

}  // namespace feat::vvc
