// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/ctu_writer.h"

#include <array>

namespace feat::vvc {

void CtuWriter::write_leaf(const TreeNode &node, CabacEncoder &cabac) {
  const CodingUnit &unit = frame_.unit(node.x, node.y);
  std::array<int32_t, size_t{1} << (2 * kLog2MaxBlock)> levels;
  for (int y = 0; unit.coded != 0 && y < unit.height(); ++y) {
    std::copy_n(frame_.levels_at(node.x, node.y + y), unit.width(),
                levels.data() + y * unit.width());
  }
  std::optional<int> qp_delta;
  if (delta_pending_ && unit.coded != 0) {
    qp_delta = wanted_qp_ - qp_;
    qp_ = wanted_qp_;
    delta_pending_ = false;
  }
  if (node.x == 0) first_column_qp_ = qp_;
  write_unit_of(cabac, frame_, tools_, node, unit, levels.data(), qp_delta);
}

void CtuWriter::write_node(const TreeNode &node, CabacEncoder &cabac, const Split *&next) {
  if (frame_.outside(node)) return;
  const Split split = *next++;
  const SplitOptions options =
      split_options(node, limits_, kLog2MinBlock, frame_.width, frame_.height);
  write_split_of(cabac, frame_, node, options, split);
  if (split == Split::kNone) {
    write_leaf(node, cabac);
    return;
  }
  TreeNode children[4];
  const int count = split_children(node, split, options.implied, children);
  for (int i = 0; i < count; ++i) write_node(children[i], cabac, next);
}

void CtuWriter::write(int x, int y, CabacEncoder &cabac) {
  if (filtered_) {
    cabac.bin(kCtxAlfFlag + (x > 0 ? 1 : 0) + (y > 0 ? 1 : 0), 1);
    cabac.bin(kCtxAlfUseAps, 1);
  }
  delta_pending_ = qps_.mixed();
  wanted_qp_ = qps_.at(frame_.ctu_index(x, y)).qp;
  if (x == 0) qp_ = first_column_qp_;
  const Split *next = frame_.splits[frame_.ctu_index(x, y)].data();
  write_node(frame_.ctu_node(x, y), cabac, next);
}

}  // namespace feat::vvc
