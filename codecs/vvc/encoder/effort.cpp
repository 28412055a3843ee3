// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/effort.h"

#include <array>

#include "codecs/vvc/vvc.h"

namespace feat::vvc {
namespace {

// wanted, coarse_step, far_lines, margin_shift; partitioned_modes
constexpr BlockSearch kOneMode = {{1, 32, false, 5}, 1};
constexpr BlockSearch kFewModes = {{3, 32, true, 5}, 3};
constexpr BlockSearch kThreeModesOneParted = {{3, 32, true, 3}, 1};
constexpr BlockSearch kMoreModes = {{6, 32, true, 3}, 4};
constexpr BlockSearch kMoreModesAllParted = {{6, 32, true, 3}, 6};
constexpr BlockSearch kMoreModesOneParted = {{6, 32, true, 3}, 1};
constexpr BlockSearch kManyModes = {{8, 8, true, 3}, 8};

// block, variant_margin, coded_modes, guess_tree, guessed_block, fine and coarse refinement
// (margin, ways), least_gain, enough_shift, all_splits, log2_least_split, multi_type_depth, tools
using Efforts = std::array<Effort, kMaxEffort + 1>;
constexpr Efforts kEfforts = {{
    {kOneMode, 4, 1, true, kOneMode, {1, 2}, {1, 2}, 12, 0, false, 7, 4},
    {kFewModes, 8, 1, true, kOneMode, {4, 2}, {4, 2}, 12, 0, false, 7, 4},
    {kMoreModes, 8, 1, true, kOneMode, {8, 2}, {8, 2}, 12, 0, false, 7, 4},
    {kMoreModes, 8, 1, true, kOneMode, {12, 2}, {12, 2}, 12, 0, false, 7, 4},
    {kMoreModes, 8, 1, true, kOneMode, {16, 2}, {12, 2}, 12, 6, false, 7, 4},
    {kMoreModes, 10, 2, true, kOneMode, {24, 3}, {13, 2}, 12, 6, false, 7, 4},
    {kMoreModes, 12, 2, true, kOneMode, {28, 3}, {20, 3}, 12, 5, false, 7, 4},
    {kMoreModes, 16, 3, true, kOneMode, {28, 3}, {24, 3}, 8, 4, false, 7, 4},
    {kMoreModesAllParted, 16, 3, false, {}, {}, {}, 0, 4, false, 6, 4},
    {kManyModes, 32, 2, false, {}, {}, {}, 0, 0, true, 6, 4},
}};

// Here sub-partitions bring little, deep trees less than they take, and a choice of modes more.
constexpr CodingTools kUnparted = {.transform_skip = true, .isp = false, .mrl = true};
constexpr Efforts kSmoothEfforts = {{
    {kThreeModesOneParted, 8, 1, false, {}, {}, {}, 0, 0, false, 7, 1, kUnparted},
    {kThreeModesOneParted, 8, 1, false, {}, {}, {}, 0, 0, false, 7, 1},
    {kThreeModesOneParted, 8, 1, false, {}, {}, {}, 0, 0, false, 7, 2},
    {kThreeModesOneParted, 8, 2, false, {}, {}, {}, 0, 0, false, 7, 2},
    {kMoreModesOneParted, 8, 3, false, {}, {}, {}, 0, 6, false, 7, 2},
    {kMoreModesOneParted, 8, 3, false, {}, {}, {}, 0, 0, false, 7, 3},
    {kMoreModesOneParted, 8, 3, false, {}, {}, {}, 0, 6, false, 7, 3},
    {kMoreModesOneParted, 8, 4, false, {}, {}, {}, 0, 5, false, 6, 3},
    {kMoreModesAllParted, 16, 4, false, {}, {}, {}, 0, 0, true, 7, 4},
    {kManyModes, 32, 4, false, {}, {}, {}, 0, 0, true, 6, 4},
}};

}  // namespace

Effort effort_settings(int effort, bool smooth) {
  Effort settings = (smooth ? kSmoothEfforts : kEfforts)[static_cast<size_t>(effort)];
  settings.tools.implicit_mts = smooth;
  settings.path_start = smooth ? PathStart::kPaying : PathStart::kAnywhere;
  return settings;
}

}  // namespace feat::vvc
