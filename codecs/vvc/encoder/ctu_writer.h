// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Writes the decided coding trees of a picture's CTUs, in coding order.
#pragma once

#include <optional>

#include "codecs/vvc/common/params.h"
#include "codecs/vvc/common/partition.h"
#include "codecs/vvc/encoder/cabac_encoder.h"
#include "codecs/vvc/encoder/coded_frame.h"
#include "codecs/vvc/encoder/coding_unit_writer.h"
#include "codecs/vvc/encoder/qp_plan.h"

namespace feat::vvc {

inline constexpr int kLog2MinBlock = 2;

// The syntax of a node's split, with the neighbours it depends on.
template <typename Sink>
void write_split_of(Sink &sink, const CodedFrame &frame, const TreeNode &node,
                    const SplitOptions &options, Split split) {
  write_split(sink, node, options, split, frame.left_of(node.x, node.y),
              frame.above(node.x, node.y));
}

// The syntax of a coding unit.
template <typename Sink>
void write_unit_of(Sink &sink, const CodedFrame &frame, const CodingTools &tools,
                   const TreeNode &node, const CodingUnit &unit, const int32_t *levels,
                   std::optional<int> qp_delta = {}) {
  write_coding_unit(sink, unit, tools, frame.may_use_far_lines(node.y),
                    frame.probable_modes(node.x, node.y, unit.width(), unit.height()), levels,
                    qp_delta);
}

class CtuWriter {
 public:
  // `filtered`: the slice has a loop filter, which all CTUs use.
  CtuWriter(const CodedFrame &frame, const PartitionLimits &limits, const CodingTools &tools,
            const QpPlan &qps, bool filtered)
      : frame_(frame),
        limits_(limits),
        tools_(tools),
        qps_(qps),
        filtered_(filtered),
        qp_(qps.slice_qp()),
        first_column_qp_(qps.slice_qp()) {}

  // The CTU at (x, y).
  void write(int x, int y, CabacEncoder &cabac);

 private:
  void write_node(const TreeNode &node, CabacEncoder &cabac, const Split *&next);
  void write_leaf(const TreeNode &node, CabacEncoder &cabac);

  const CodedFrame &frame_;
  PartitionLimits limits_;
  CodingTools tools_;
  QpPlan qps_;
  bool filtered_;
  // Where QPs are mixed, each CTU is a quantisation group: its first coded unit says how its QP
  // differs from that of the unit before, or of the one above in the first column.
  int qp_;
  int first_column_qp_;
  int wanted_qp_ = 0;
  bool delta_pending_ = false;
};

}  // namespace feat::vvc
