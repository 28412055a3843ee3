// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/effort.h"

#include <array>

#include "codecs/vvc/vvc.h"

namespace feat::vvc {
namespace {

// wanted, coarse_step, far_lines, margin_shift
constexpr ModeSearchSettings kOneMode = {1, 32, false, 5};
constexpr ModeSearchSettings kFewModes = {3, 32, true, 5};
constexpr ModeSearchSettings kMoreModes = {6, 32, true, 3};
constexpr ModeSearchSettings kManyModes = {8, 8, true, 3};

// modes, partitioned_modes, variant_margin, code_second, guess_tree, split_margin, enough_shift,
// all_splits, log2_least_split
constexpr std::array<Effort, kMaxEffort + 1> kEfforts = {{
    {kOneMode, 1, 4, false, true, 1, 0, false, 7},
    {kFewModes, 1, 8, false, true, 4, 0, false, 7},
    {kFewModes, 3, 16, false, true, 8, 0, false, 7},
    {kFewModes, 3, 16, false, true, 16, 0, false, 7},
    {kFewModes, 3, 4, false, false, 0, 0, false, 7},
    {kMoreModes, 6, 8, false, false, 0, 0, false, 7},
    {kMoreModes, 6, 8, true, false, 0, 6, false, 7},
    {kMoreModes, 6, 16, true, false, 0, 4, false, 6},
    {kMoreModes, 6, 16, true, false, 0, 0, true, 7},
    {kManyModes, 8, 32, true, false, 0, 0, true, 6},
}};

}  // namespace

const Effort &effort_settings(int effort) {
  return kEfforts[static_cast<size_t>(effort)];
}

}  // namespace feat::vvc
