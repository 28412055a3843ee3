// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Which splits the coding tree allows where (clauses 6.4.1 to 6.4.3 and 7.3.11.4), and the contexts
// of the split flags (clause 9.3.4.2.3), shared by encoder and decoder.
#pragma once

#include "codecs/vvc/common/params.h"

namespace feat::vvc {

enum class Split { kNone, kQuad, kHorizontal, kVertical, kTripleHorizontal, kTripleVertical };

// A node of the coding tree.
struct TreeNode {
  int x = 0;
  int y = 0;
  int log2_w = 0;
  int log2_h = 0;
  int qt_depth = 0;
  int mtt_depth = 0;
  int implicit_bt = 0;          // binary splits that the picture's edge enforced
  int subdivision = 0;          // cbSubdiv, for quantisation groups
  Split parent = Split::kNone;  // kNone at the root
  int part = 0;                 // index in the parent
};

struct SplitOptions {
  bool none = false;
  bool quad = false;
  bool horizontal = false;
  bool vertical = false;
  bool triple_horizontal = false;
  bool triple_vertical = false;
  bool implied = false;  // by the picture's edge

  bool multi() const { return horizontal || vertical || triple_horizontal || triple_vertical; }
  bool any() const { return quad || multi(); }
};

SplitOptions split_options(const TreeNode &node, const PartitionLimits &limits, int log2_min_cb,
                           int picture_width, int picture_height);

// The children of a node in coding order; their number is 2, 3 or 4. Some may lie outside the
// picture.
int split_children(const TreeNode &node, Split split, bool implied, TreeNode children[4]);

// What the contexts need to know of the blocks to the left of and above the node's first sample.
struct TreeNeighbour {
  bool available = false;
  int log2_side = 0;  // the height of the left one, the width of the upper one
  int qt_depth = 0;
};

int split_cu_ctx(const TreeNode &node, const SplitOptions &o, TreeNeighbour left,
                 TreeNeighbour above);
int split_qt_ctx(const TreeNode &node, TreeNeighbour left, TreeNeighbour above);
int mtt_vertical_ctx(const TreeNode &node, const SplitOptions &o, TreeNeighbour left,
                     TreeNeighbour above);
int mtt_binary_ctx(const TreeNode &node, bool vertical);

}  // namespace feat::vvc
