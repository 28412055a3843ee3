// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What a coefficient costs by its size and its neighbours'.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "codecs/vvc/encoder/quant_step.h"
#include "codecs/vvc/encoder/rate_counter.h"

namespace feat::vvc::level_cost {

// Sizes are measured in sixteenths of a step. What a coefficient costs depends on its size and on
// those of the five around it that the contexts look at. In 1/64 bit, fitted by least squares to
// what the trellis made of blocks of several features at many QPs: below a step all of the cost,
// from there on the rate and the remaining distortion.
inline constexpr int kSixteenthsLog2 = 4;
inline constexpr int kSizeShift = QuantStep::kInverseBits + 1 - kSixteenthsLog2;  // of half steps
inline constexpr int kMaxSize = 63;
inline constexpr int kMaxNeighbour = 48;
inline constexpr int kClasses = 6;
inline constexpr int kBins = 24;
inline constexpr std::array<int, kClasses - 1> kClassBegin = {8, 16, 28, 44, 70};
inline constexpr std::array<int, kBins> kBinBegin = {
    0, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 20, 22, 24, 28, 32, 40, 48, 56};
inline constexpr std::array<std::array<int16_t, kBins>, kClasses> kBinCost = {
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
inline constexpr int kHalfOctave = 45;  // what a size larger by the square root of two costs more
inline constexpr int kAnyLevel = 207;   // last position and the like
inline constexpr int kUnitShift = kRateBits - 6;

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
inline constexpr auto kCost = make_costs();

constexpr auto make_classes() {
  std::array<uint8_t, 5 * kMaxNeighbour + 1> classes{};
  for (size_t sum = 0; sum < classes.size(); ++sum) {
    for (const int begin : kClassBegin) classes[sum] += static_cast<int>(sum) >= begin ? 1 : 0;
  }
  return classes;
}
inline constexpr auto kClass = make_classes();

// Which coefficients of a row have one, or two, to the right of them, as masks of bytes. Rows of
// 2^log2 coefficients follow one another; any 32 places in a run begin at 0 to 31.
struct Insides {
  std::array<uint8_t, 64> one{};
  std::array<uint8_t, 64> two{};
};

constexpr auto make_insides() {
  std::array<Insides, 6> all{};
  for (size_t log2 = 0; log2 < all.size(); ++log2) {
    const int last = (1 << log2) - 1;
    for (int i = 0; i < 64; ++i) {
      all[log2].one[static_cast<size_t>(i)] = (i & last) < last ? 0xff : 0;
      all[log2].two[static_cast<size_t>(i)] = (i & last) < last - 1 ? 0xff : 0;
    }
  }
  return all;
}
inline constexpr auto kInsides = make_insides();  // by log2

inline constexpr int64_t kRounding = (int64_t{42} << QuantStep::kInverseBits) / 100;
inline constexpr int32_t kMaxCoefficient = 32767;

}  // namespace feat::vvc::level_cost
