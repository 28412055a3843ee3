// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/effort.h"

#include <array>

#include "codecs/vvc/vvc.h"

namespace feat::vvc {
namespace {

constexpr CodingTools kFastTools = {.transform_skip = true, .isp = true, .mrl = false};
constexpr CodingTools kAllTools = {.transform_skip = true, .isp = true, .mrl = true};

// wanted, coarse_step, far_lines, margin_shift
constexpr ModeSearchSettings kOneMode = {1, 32, false, 5};
constexpr ModeSearchSettings kFewModes = {3, 32, true, 5};
constexpr ModeSearchSettings kManyModes = {4, 8, true, 4};

constexpr std::array<Effort, kMaxEffort + 1> kEfforts = {{
    {kFastTools, 2, kOneMode, 0, true, 0, false},
    {kFastTools, 3, kOneMode, 16, true, 0, false},
    {kAllTools, 3, kFewModes, 32, true, 8, false},
    {kAllTools, 3, kFewModes, 64, true, 16, false},
    {kAllTools, 3, kFewModes, 64, true, 24, false},
    {kAllTools, 3, kFewModes, 64, true, 32, false},
    {kAllTools, 3, kFewModes, 64, true, 64, false},
    {kAllTools, 3, kFewModes, 64, false, 0, false},
    {kAllTools, 3, kManyModes, 64, false, 0, false},
    {kAllTools, 3, kManyModes, 128, false, 0, true},
}};

}  // namespace

const Effort &effort_settings(int effort) {
  return kEfforts[static_cast<size_t>(effort)];
}

}  // namespace feat::vvc
