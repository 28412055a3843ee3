// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/level_cost.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>

#include "codecs/vvc/encoder/rate_counter.h"

namespace feat::vvc {
namespace {

// Sizes are measured in eighths of a step. Costs in 1/64 bit, fitted by least squares to what the
// trellis made of blocks of several features at many QPs: below a step all of it, from there on
// the rate and the remaining distortion.
constexpr int kEighthsLog2 = 3;
constexpr int kTabulated = 32;
constexpr std::array<int16_t, kTabulated> kCost = {
    0,   8,   29,  29,  -11, -110, -247, -410, 250, 252, 258, 269, 282, 288, 293, 298,
    307, 317, 330, 342, 355, 362,  366,  371,  381, 390, 400, 410, 419, 429, 435, 442};
constexpr int kHalfOctave = 64;       // what a size larger by the square root of two costs more
constexpr int kAnyLevel = 210;        // coded flags and last position
constexpr int kUnitShift = kRateBits - 6;

constexpr int64_t kRounding = (int64_t{42} << QuantStep::kInverseBits) / 100;

}  // namespace

int64_t guess_level_cost(const int32_t *coefficients, int log2_w, int log2_h,
                         const QuantStep &step) {
  const int columns = std::min(1 << log2_w, 32);
  const int rows = std::min(1 << log2_h, 32);
  constexpr int kShift = QuantStep::kInverseBits + 1 - kEighthsLog2;  // a step is two half steps
  int64_t units = kAnyLevel;
  int64_t gain = 0;
  for (int y = 0; y < rows; ++y) {
    const int32_t *row = coefficients + (y << log2_w);
    for (int x = 0; x < columns; ++x) {
      const int64_t magnitude = std::abs(row[x]);
      const int64_t eighths = (magnitude * step.inverse) >> kShift;
      if (eighths < kTabulated) {
        units += kCost[static_cast<size_t>(eighths)];
      } else {
        const int log2 = std::bit_width(static_cast<uint64_t>(eighths)) - 1;
        const auto half = static_cast<int>((eighths >> (log2 - 1)) & 1);
        units += kCost[kTabulated - 1] + (2 * (log2 - 5) + half) * kHalfOctave;
      }
      if (eighths >= 1 << kEighthsLog2) gain += magnitude * magnitude;
    }
  }
  const int64_t cost =
      (units << kUnitShift) - ((gain * step.dist_mul) >> step.dist_shift);
  return std::min<int64_t>(cost, 0);
}

CoefficientArea requantize(int32_t *coefficients, int log2_w, int log2_h, const QuantStep &step) {
  const int columns = std::min(1 << log2_w, 32);
  const int rows = std::min(1 << log2_h, 32);
  CoefficientArea area;
  for (int y = 0; y < rows; ++y) {
    int32_t *row = coefficients + (y << log2_w);
    for (int x = 0; x < columns; ++x) {
      const int64_t magnitude = std::abs(row[x]);
      const int64_t level =
          (magnitude * (step.inverse / 2) + kRounding) >> QuantStep::kInverseBits;
      if (level == 0) {
        row[x] = 0;
        continue;
      }
      const auto value =
          static_cast<int32_t>(std::min<int64_t>(step.reconstruct(2 * level), 32767));
      row[x] = row[x] < 0 ? -value : value;
      area.columns = std::max(area.columns, x + 1);
      area.rows = y + 1;
    }
  }
  return area;
}

}  // namespace feat::vvc
