// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/ctu_writer.h"

#include <array>

namespace feat::vvc {

void CtuWriter::write_node(const TreeNode &node, CabacEncoder &cabac, const Split *&next) const {
  if (frame_.outside(node)) return;
  const Split split = *next++;
  const SplitOptions options =
      split_options(node, limits_, kLog2MinBlock, frame_.width, frame_.height);
  write_split_of(cabac, frame_, node, options, split);
  if (split == Split::kNone) {
    const CodingUnit &unit = frame_.unit(node.x, node.y);
    std::array<int32_t, size_t{1} << (2 * kLog2MaxBlock)> levels;
    for (int y = 0; unit.coded != 0 && y < unit.height(); ++y) {
      std::copy_n(frame_.levels_at(node.x, node.y + y), unit.width(),
                  levels.data() + y * unit.width());
    }
    write_unit_of(cabac, frame_, tools_, node, unit, levels.data());
    return;
  }
  TreeNode children[4];
  const int count = split_children(node, split, options.implied, children);
  for (int i = 0; i < count; ++i) write_node(children[i], cabac, next);
}

void CtuWriter::write(int x, int y, CabacEncoder &cabac) const {
  const Split *next = frame_.splits[frame_.ctu_index(x, y)].data();
  write_node(frame_.ctu_node(x, y), cabac, next);
}

}  // namespace feat::vvc
