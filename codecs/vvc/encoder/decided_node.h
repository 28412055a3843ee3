// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What was decided for a node of the coding tree, as the frame holds it: splits, units, and what
// they reconstruct to.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "codecs/vvc/common/partition.h"
#include "codecs/vvc/encoder/coded_frame.h"

namespace feat::vvc {

class DecidedNode {
 public:
  enum class Levels : bool { kLeft, kTaken };  // guesses have none

  // Takes a copy. The node's splits are those from `first_split` on.
  void take(const CodedFrame &frame, const TreeNode &node, const std::vector<Split> &splits,
            size_t first_split, Levels levels);
  // Puts it back into the same node; its splits come behind those in `splits`.
  void put(CodedFrame &frame, const TreeNode &node, std::vector<Split> &splits) const;

 private:
  std::vector<Split> splits_;
  std::vector<uint16_t> recon_;
  std::vector<int16_t> levels_;
  std::vector<CodingUnit> units_;
};

}  // namespace feat::vvc
