// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/effort.h"

#include <array>

#include "codecs/vvc/vvc.h"

namespace feat::vvc {
namespace {

constexpr CodingTools kAllTools = {.transform_skip = true, .isp = true, .mrl = true};

// wanted, coarse_step, far_lines, margin_shift
constexpr ModeSearchSettings kOneMode = {1, 32, false, 5};
constexpr ModeSearchSettings kFewModes = {3, 32, true, 5};
constexpr ModeSearchSettings kManyModes = {4, 8, true, 4};

// tools, modes, variant_margin, guess_tree, split_margin, all_splits
constexpr std::array<Effort, kMaxEffort + 1> kEfforts = {{
    {kAllTools, kOneMode, 4, true, 1, false},
    {kAllTools, kFewModes, 8, true, 4, false},
    {kAllTools, kFewModes, 16, true, 8, false},
    {kAllTools, kFewModes, 16, true, 16, false},
    {kAllTools, kFewModes, 4, false, 0, false},
    {kAllTools, kFewModes, 8, false, 0, false},
    {kAllTools, kFewModes, 16, false, 0, false},
    {kAllTools, kManyModes, 24, false, 0, false},
    {kAllTools, kFewModes, 16, false, 0, true},
    {kAllTools, kManyModes, 32, false, 0, true},
}};

}  // namespace

const Effort &effort_settings(int effort) {
  return kEfforts[static_cast<size_t>(effort)];
}

}  // namespace feat::vvc
