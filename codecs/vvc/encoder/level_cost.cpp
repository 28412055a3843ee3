// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/level_cost.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>

#include "codecs/vvc/encoder/level_cost_tables.h"

namespace feat::vvc {
namespace scalar {

using namespace level_cost;  // NOLINT(google-build-using-namespace)

int64_t guess_level_cost(const int32_t *coefficients, int log2_w, int log2_h,
                         const QuantStep &step) {
  const int columns = std::min(1 << log2_w, 32);
  const int rows = std::min(1 << log2_h, 32);
  constexpr int kStride = 34;
  std::array<uint8_t, kStride * kStride> sizes;
  std::array<uint8_t, kStride * kStride> neighbours;
  int64_t units = kAnyLevel;
  int64_t gain = 0;
  for (int y = 0; y < rows; ++y) {
    const int32_t *row = coefficients + (y << log2_w);
    uint8_t *size = sizes.data() + y * kStride;
    uint8_t *neighbour = neighbours.data() + y * kStride;
    for (int x = 0; x < columns; ++x) {
      const int64_t magnitude = std::abs(row[x]);
      const int64_t whole = (magnitude * step.inverse) >> kSizeShift;
      gain += whole >= 1 << kSixteenthsLog2 ? magnitude * magnitude : 0;
      size[x] = static_cast<uint8_t>(std::min<int64_t>(whole, kMaxSize));
      neighbour[x] = static_cast<uint8_t>(std::min<int64_t>(whole, kMaxNeighbour));
      if (whole > kMaxSize) {
        const int log2 = std::bit_width(static_cast<uint64_t>(whole)) - 1;
        const auto half = static_cast<int>((whole >> (log2 - 1)) & 1);
        units += (2 * (log2 - 6) + half + 1) * kHalfOctave;
      }
    }
    neighbour[columns] = neighbour[columns + 1] = 0;
  }
  std::fill_n(neighbours.data() + rows * kStride, 2 * kStride, uint8_t{0});
  for (int y = 0; y < rows; ++y) {
    const uint8_t *size = sizes.data() + y * kStride;
    const uint8_t *n = neighbours.data() + y * kStride;
    int32_t line = 0;
    for (int x = 0; x < columns; ++x, ++n) {
      const int sum = n[1] + n[2] + n[kStride] + n[kStride + 1] + n[2 * kStride];
      line += kCost[kClass[static_cast<size_t>(sum)]][size[x]];
    }
    units += line;
  }
  const int64_t cost =
      units * (int64_t{1} << kUnitShift) - ((gain * step.dist_mul) >> step.dist_shift);
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
      const int64_t level = (magnitude * (step.inverse / 2) + kRounding) >> QuantStep::kInverseBits;
      if (level == 0) {
        row[x] = 0;
        continue;
      }
      const auto value =
          static_cast<int32_t>(std::min<int64_t>(step.reconstruct(2 * level), kMaxCoefficient));
      row[x] = row[x] < 0 ? -value : value;
      area.columns = std::max(area.columns, x + 1);
      area.rows = y + 1;
    }
  }
  return area;
}

}  // namespace scalar
}  // namespace feat::vvc
