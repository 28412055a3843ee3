// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/effort.h"

#include <array>

#include "codecs/vvc/vvc.h"

namespace feat::vvc {
namespace {

// wanted, coarse_step, far_lines, margin_shift
constexpr ModeSearchSettings kOneMode = {1, 32, false, 5};
constexpr ModeSearchSettings kFewModes = {3, 32, true, 5};
constexpr ModeSearchSettings kThreeModes = {3, 32, true, 3};
constexpr ModeSearchSettings kMoreModes = {6, 32, true, 3};
constexpr ModeSearchSettings kManyModes = {8, 8, true, 3};

// modes, partitioned_modes, variant_margin, coded_modes, guess_tree, split_margin, enough_shift,
// all_splits, log2_least_split, multi_type_depth, tools
using Efforts = std::array<Effort, kMaxEffort + 1>;
constexpr Efforts kEfforts = {{
    {kOneMode, 1, 4, 1, true, 1, 0, false, 7, 4},
    {kFewModes, 1, 8, 1, true, 4, 0, false, 7, 4},
    {kFewModes, 3, 16, 1, true, 8, 0, false, 7, 4},
    {kFewModes, 3, 16, 1, true, 16, 0, false, 7, 4},
    {kThreeModes, 3, 4, 1, false, 0, 0, false, 7, 4},
    {kMoreModes, 6, 8, 1, false, 0, 0, false, 7, 4},
    {kMoreModes, 6, 8, 2, false, 0, 6, false, 7, 4},
    {kMoreModes, 6, 16, 2, false, 0, 4, false, 6, 4},
    {kMoreModes, 6, 16, 2, false, 0, 0, true, 7, 4},
    {kManyModes, 8, 32, 2, false, 0, 0, true, 6, 4},
}};

// Here sub-partitions bring little, deep trees less than they take, and a choice of modes more.
constexpr CodingTools kUnparted = {.transform_skip = true, .isp = false, .mrl = true};
constexpr Efforts kSmoothEfforts = {{
    {kThreeModes, 1, 8, 1, false, 0, 0, false, 7, 1, kUnparted},
    {kThreeModes, 1, 8, 1, false, 0, 0, false, 7, 1},
    {kThreeModes, 1, 8, 1, false, 0, 0, false, 7, 2},
    {kThreeModes, 1, 8, 2, false, 0, 0, false, 7, 2},
    {kThreeModes, 1, 8, 2, false, 0, 0, false, 7, 3},
    {kMoreModes, 1, 8, 3, false, 0, 6, false, 6, 2},
    {kMoreModes, 1, 8, 3, false, 0, 6, false, 6, 3},
    {kMoreModes, 1, 16, 4, false, 0, 4, false, 6, 3},
    {kMoreModes, 6, 16, 4, false, 0, 0, true, 7, 4},
    {kManyModes, 8, 32, 4, false, 0, 0, true, 6, 4},
}};

}  // namespace

Effort effort_settings(int effort, bool smooth) {
  Effort settings = (smooth ? kSmoothEfforts : kEfforts)[static_cast<size_t>(effort)];
  settings.tools.implicit_mts = smooth;
  return settings;
}

}  // namespace feat::vvc
