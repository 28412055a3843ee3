// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the encoder searches at each effort.
#pragma once

#include "codecs/vvc/encoder/coding_unit_writer.h"
#include "codecs/vvc/encoder/mode_search.h"

namespace feat::vvc {

// Margins are in 1/1024 of the least cost.
struct Effort {
  CodingTools tools;
  int max_mtt_depth = 3;
  ModeSearchSettings modes;
  // Of the ways to predict a block without and with sub-partitions, those are coded whose guessed
  // cost lies this close to the least.
  int variant_margin = 16;
  // The coding tree is decided by guesses, and then only those splits are coded that lie this
  // close to the best; else all are coded that the search does not rule out.
  bool guess_tree = true;
  int split_margin = 0;
  // No split is ruled out.
  bool all_splits = false;
};

// `effort`: 0 to kMaxEffort.
const Effort &effort_settings(int effort);

}  // namespace feat::vvc
