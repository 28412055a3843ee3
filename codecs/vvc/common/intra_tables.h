// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Constants of the angular intra modes (clause 8.4.5.2.13).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace feat::vvc {

// Displacement per row in 1/32 sample, by the distance to the horizontal or vertical mode.
inline constexpr int kIntraAngle[32] = {0,  1,  2,  3,   4,   6,   8,   10,  12,  14,  16,
                                        18, 20, 23, 26,  29,  32,  35,  39,  45,  51,  57,
                                        64, 73, 86, 102, 128, 171, 256, 341, 512, 1024};

// Rounded 512 * 32 / angle.
inline constexpr int kInverseAngle[32] = {
    0,   16384, 8192, 5461, 4096, 2731, 2048, 1638, 1365, 1170, 1024, 910, 819, 712, 630, 565,
    512, 468,   420,  364,  321,  287,  256,  224,  191,  161,  128,  96,  64,  48,  32,  16};

// Distance to the horizontal or vertical mode above which references are smoothed, by the mean of
// the block's log2 sides.
inline constexpr int kSmoothingThreshold[7] = {24, 24, 24, 14, 2, 0, 0};

// Cubic interpolation at 1/32 sample positions.
inline constexpr int16_t kCubicFilter[32][4] = {
    {0, 64, 0, 0},    {-1, 63, 2, 0},   {-2, 62, 4, 0},   {-2, 60, 7, -1},  {-2, 58, 10, -2},
    {-3, 57, 12, -2}, {-4, 56, 14, -2}, {-4, 55, 15, -2}, {-4, 54, 16, -2}, {-5, 53, 18, -2},
    {-6, 52, 20, -2}, {-6, 49, 24, -3}, {-6, 46, 28, -4}, {-5, 44, 29, -4}, {-4, 42, 30, -4},
    {-4, 39, 33, -4}, {-4, 36, 36, -4}, {-4, 33, 39, -4}, {-4, 30, 42, -4}, {-4, 29, 44, -5},
    {-4, 28, 46, -6}, {-3, 24, 49, -6}, {-2, 20, 52, -6}, {-2, 18, 53, -5}, {-2, 16, 54, -4},
    {-2, 15, 55, -4}, {-2, 14, 56, -4}, {-2, 12, 57, -3}, {-2, 10, 58, -2}, {-1, 7, 60, -2},
    {0, 4, 62, -2},   {0, 2, 63, -1},
};

// Gaussian interpolation at the same positions.
inline constexpr auto kGaussianFilter = [] {
  std::array<std::array<int16_t, 4>, 32> filter{};
  for (size_t fraction = 0; fraction < 32; ++fraction) {
    const auto half = static_cast<int16_t>(fraction / 2);
    filter[fraction] = {static_cast<int16_t>(16 - half), static_cast<int16_t>(32 - half),
                        static_cast<int16_t>(16 + half), half};
  }
  return filter;
}();

}  // namespace feat::vvc
