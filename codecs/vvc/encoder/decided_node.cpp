// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/decided_node.h"

#include <algorithm>

namespace feat::vvc {
namespace {

// As far as the node lies in the picture.
int width_of(const CodedFrame &frame, const TreeNode &node) {
  return std::min(1 << node.log2_w, frame.width - node.x);
}
int height_of(const CodedFrame &frame, const TreeNode &node) {
  return std::min(1 << node.log2_h, frame.height - node.y);
}

}  // namespace

void DecidedNode::take(const CodedFrame &frame, const TreeNode &node,
                       const std::vector<Split> &splits, size_t first_split, Levels levels) {
  splits_.assign(splits.begin() + static_cast<ptrdiff_t>(first_split), splits.end());
  recon_.clear();
  levels_.clear();
  units_.clear();
  const int width = width_of(frame, node);
  for (int y = node.y; y < node.y + height_of(frame, node); ++y) {
    const uint16_t *recon = frame.recon_at(node.x, y);
    recon_.insert(recon_.end(), recon, recon + width);
    if (levels == Levels::kTaken) {
      const int16_t *row = frame.levels_at(node.x, y);
      levels_.insert(levels_.end(), row, row + width);
    }
    if (y % 4 != 0) continue;
    const CodingUnit *units = &frame.unit(node.x, y);
    units_.insert(units_.end(), units, units + width / 4);
  }
}

void DecidedNode::put(CodedFrame &frame, const TreeNode &node, std::vector<Split> &splits) const {
  splits.insert(splits.end(), splits_.begin(), splits_.end());
  const int width = width_of(frame, node);
  for (int i = 0; i < height_of(frame, node); ++i) {
    std::copy_n(recon_.data() + i * width, width, frame.recon_at(node.x, node.y + i));
    if (!levels_.empty()) {
      std::copy_n(levels_.data() + i * width, width, frame.levels_at(node.x, node.y + i));
    }
    if (i % 4 != 0) continue;
    std::copy_n(units_.data() + i / 4 * (width / 4), width / 4, &frame.unit(node.x, node.y + i));
  }
}

}  // namespace feat::vvc
