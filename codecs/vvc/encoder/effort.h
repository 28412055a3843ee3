// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the encoder searches at each effort.
#pragma once

#include "codecs/vvc/encoder/coding_unit_writer.h"
#include "codecs/vvc/encoder/dep_quant.h"
#include "codecs/vvc/encoder/mode_search.h"
#include "codecs/vvc/encoder/rate_counter.h"

namespace feat::vvc {

// Which ways to predict a block are guessed.
struct BlockSearch {
  ModeSearchSettings modes;
  // How many of the best modes are tried with sub-partitions.
  size_t partitioned_modes = 1;
};

// Which splits of a tree that was decided by guesses are coded.
struct Refinement {
  int margin = 0;  // how close to the best guess
  // At most so many ways for a node, the node as a whole among them; twice as many where it has
  // more than 512 samples.
  size_t ways = 2;
};

// A guess is off by a few bits in a small block and by more in a large one, about as the square
// root of its samples: margins are in eighths of a bit times that root.
struct Effort {
  BlockSearch block;
  // Of the ways to predict a block without and with sub-partitions, those are coded whose guessed
  // cost lies this close to the least.
  int variant_margin = 8;
  // How many of the best modes are coded, where their guesses are close.
  size_t coded_modes = 1;
  // The coding tree is decided by guesses, with this search of blocks, and then some of its splits
  // are coded; else all are coded that the search does not rule out.
  bool guess_tree = true;
  BlockSearch guessed_block;
  Refinement fine;  // where samples take a bit or more (Experience::fine())
  Refinement coarse;
  // While the tree is guessed, splits and sub-partitions that bring less on average than this are
  // hardly tried any more (Experience::least_gain()).
  int least_gain = 12;
  // Halves in one direction that save this share of the cost, 1/2^shift, or anything at all with
  // 0, rule out those in the other.
  int enough_shift = 0;
  // No split is ruled out.
  bool all_splits = false;
  // Blocks of so many samples or fewer, as a power of two, are not split.
  int log2_least_split = 4;
  int multi_type_depth = 4;  // most halves and thirds below quarters
  CodingTools tools = {.transform_skip = true, .isp = true, .mrl = true};
  // In smooth pictures kPaying; elsewhere that costs rate: single coefficients stand for single
  // tokens.
  PathStart path_start = PathStart::kAnywhere;
  bool loop_filter = true;
  bool lossless = false;
};

// What `margin` means for a block, as a cost.
inline int64_t guess_margin(const TreeNode &node, int margin) {
  return (int64_t{kOneBit} * margin << ((node.log2_w + node.log2_h) / 2)) >> 3;
}

// `effort`: 0 to kMaxEffort, for pictures that are smooth (is_smooth()) or not.
Effort effort_settings(int effort, bool smooth);

}  // namespace feat::vvc
