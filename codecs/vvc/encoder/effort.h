// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the encoder searches at each effort.
#pragma once

#include <cstddef>

#include "codecs/vvc/encoder/coding_unit_writer.h"
#include "codecs/vvc/encoder/mode_search.h"

namespace feat::vvc {

struct Effort {
  CodingTools tools;
  ModeSearchSettings modes;
  int mode_margin_shift = 5;  // no mode is tried that is more than 1/2^shift above the best
  int isp_margin_shift = 6;
  int max_mtt_depth = 3;
  bool guess_first = false;  // the tree is decided by guesses first
  int split_margin = 0;      // of alternatives coded after the guess, in 1/1024
};

Effort effort_settings(int effort);

}  // namespace feat::vvc
