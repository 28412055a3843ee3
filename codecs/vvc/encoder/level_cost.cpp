// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/vvc/encoder/level_cost.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>

#include "codecs/vvc/encoder/rate_counter.h"

namespace feat::vvc {
namespace {

// Sizes are measured in sixteenths of a step. What a coefficient costs depends on its size and on
// those of the five around it that the contexts look at. In 1/64 bit, fitted by least squares to
// what the trellis made of blocks of several features at many QPs: below a step all of the cost,
// from there on the rate and the remaining distortion.
constexpr int kSixteenthsLog2 = 4;
constexpr int kMaxSize = 63;
constexpr int kMaxNeighbour = 48;
constexpr int kClasses = 6;
constexpr int kBins = 24;
constexpr std::array<int, kClasses - 1> kClassBegin = {8, 16, 28, 44, 70};
constexpr std::array<int, kBins> kBinBegin = {0,  2,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13,
                                              14, 15, 16, 18, 20, 22, 24, 28, 32, 40, 48, 56};
constexpr std::array<std::array<int16_t, kBins>, kClasses> kBinCost = {
    {{0,    0,    2,   4,   10,  11,  24,  22,  -33, -70, -141, -206,
      -295, -397, 321, 332, 356, 403, 440, 450, 470, 598, 632,  673},
     {-1,   -3,   -10, -12, -16, -23, -29, -45, -93, -137, -191, -273,
      -343, -429, 281, 295, 300, 332, 360, 365, 427, 472,  568,  591},
     {49,   38,   23,  12,  -2,  -17, -41, -81, -128, -189, -246, -324,
      -389, -489, 229, 250, 261, 283, 306, 331, 366,  436,  493,  556},
     {114,  88,   71,  34,  14,  -26, -56, -107, -156, -220, -287, -356,
      -429, -518, 208, 214, 238, 255, 277, 298,  325,  374,  434,  517},
     {127,  107,  82,  54,  30,  -15, -50, -100, -164, -220, -284, -362,
      -428, -512, 206, 207, 212, 232, 254, 269,  300,  361,  411,  459},
     {168,  152,  111, 87,  72,  38,  -9,  -62, -119, -183, -250, -322,
      -395, -493, 223, 230, 233, 236, 241, 257, 284,  330,  351,  395}}};
constexpr int kHalfOctave = 45;  // what a size larger by the square root of two costs more
constexpr int kAnyLevel = 207;   // last position and the like
constexpr int kUnitShift = kRateBits - 6;

constexpr auto make_costs() {
  std::array<std::array<int16_t, kMaxSize + 1>, kClasses> costs{};
  for (size_t c = 0; c < kClasses; ++c) {
    size_t bin = 0;
    for (int size = 0; size <= kMaxSize; ++size) {
      while (bin + 1 < kBins && size >= kBinBegin[bin + 1]) ++bin;
      costs[c][static_cast<size_t>(size)] = kBinCost[c][bin];
    }
  }
  return costs;
}
constexpr auto kCost = make_costs();

constexpr auto make_classes() {
  std::array<uint8_t, 5 * kMaxNeighbour + 1> classes{};
  for (size_t sum = 0; sum < classes.size(); ++sum) {
    for (const int begin : kClassBegin) classes[sum] += static_cast<int>(sum) >= begin ? 1 : 0;
  }
  return classes;
}
constexpr auto kClass = make_classes();

}  // namespace

int64_t guess_level_cost(const int32_t *coefficients, int log2_w, int log2_h,
                         const QuantStep &step) {
  const int columns = std::min(1 << log2_w, 32);
  const int rows = std::min(1 << log2_h, 32);
  constexpr int kShift = QuantStep::kInverseBits + 1 - kSixteenthsLog2;  // a step is two half steps
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
      const int64_t whole = (magnitude * step.inverse) >> kShift;
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
  const int64_t cost = units * (int64_t{1} << kUnitShift) - ((gain * step.dist_mul) >> step.dist_shift);
  return std::min<int64_t>(cost, 0);
}

namespace scalar {

using namespace level_cost;  // NOLINT(google-build-using-namespace)

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
