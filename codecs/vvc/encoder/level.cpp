// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/level.h"

namespace feat::vvc {
namespace {

struct LevelLimit {
  int level_idc;        // 16 * major + 3 * minor
  int64_t max_luma_ps;  // samples of a picture
};

// Levels that differ only in sample rate or bit rate are left out.
constexpr LevelLimit kLevels[] = {
    {16, 36864},   {32, 122880},  {35, 245760},   {48, 552960},    {51, 983040},
    {64, 2228224}, {80, 8912896}, {96, 35651584}, {105, 80216064},
};

}  // namespace

ProfileTierLevel level_for_size(int width, int height) {
  const int64_t w = width;
  const int64_t h = height;
  ProfileTierLevel ptl;
  for (const LevelLimit &level : kLevels) {
    ptl.level_idc = level.level_idc;
    // A side may not exceed sqrt(8 * MaxLumaPs).
    const int64_t side_limit = 8 * level.max_luma_ps;
    if (w * h <= level.max_luma_ps && w * w <= side_limit && h * h <= side_limit) break;
  }
  return ptl;
}

}  // namespace feat::vvc
