// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the encoder searches at each effort.
#pragma once

#include "codecs/vvc/encoder/coding_unit_writer.h"
#include "codecs/vvc/encoder/mode_search.h"
#include "codecs/vvc/encoder/rate_counter.h"

namespace feat::vvc {

// A guess is off by a few bits in a small block and by more in a large one, about as the square
// root of its samples: margins are in eighths of a bit times that root.
struct Effort {
  CodingTools tools;
  ModeSearchSettings modes;
  // Of the ways to predict a block without and with sub-partitions, those are coded whose guessed
  // cost lies this close to the least.
  int variant_margin = 8;
  // The coding tree is decided by guesses, and then only those splits are coded that lie this
  // close to the best; else all are coded that the search does not rule out.
  bool guess_tree = true;
  int split_margin = 0;
  // No split is ruled out.
  bool all_splits = false;
  bool lossless = false;
};

// What `margin` means for a block, as a cost.
inline int64_t guess_margin(const TreeNode &node, int margin) {
  return (int64_t{kOneBit} * margin << ((node.log2_w + node.log2_h) / 2)) >> 3;
}

// `effort`: 0 to kMaxEffort.
const Effort &effort_settings(int effort);

}  // namespace feat::vvc
