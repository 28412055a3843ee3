// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Pictures that tests make for themselves, the same on every machine.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

namespace feat::vvc {

// A linear congruential generator; only its upper bits are used.
class Lcg {
 public:
  explicit Lcg(uint32_t seed) : state_(seed) {}
  int below(int limit) {
    state_ = state_ * 1664525U + 1013904223U;
    return static_cast<int>((static_cast<uint64_t>(state_ >> 8) * static_cast<uint64_t>(limit)) >>
                            24);
  }

 private:
  uint32_t state_;
};

// "flat", "noise" (uniform), "gradient" (wraps around), "checker" (both extremes), or "feature":
// bell-shaped around the middle, columns of different mean and spread, and single extremes, as
// activations of transformers look.
inline std::vector<uint16_t> synthetic_content(std::string_view kind, int width, int height,
                                               int depth) {
  const int range = 1 << depth;
  std::vector<uint16_t> samples;
  samples.reserve(static_cast<size_t>(width) * static_cast<size_t>(height));
  Lcg random(1);
  std::vector<int> mean;
  std::vector<int> spread;
  for (int x = 0; x < width; ++x) {
    mean.push_back(range / 2 + random.below(range / 16) - range / 32);
    spread.push_back(1 + random.below(x % 13 == 5 ? range / 4 : range / 24));
  }
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const auto column = static_cast<size_t>(x);
      int v = range / 2;
      if (kind == "noise") v = random.below(range);
      if (kind == "gradient") v = (3 * x + 2 * y) & (range - 1);
      if (kind == "checker") v = ((x ^ y) & 1) != 0 ? range - 1 : 0;
      if (kind == "feature") {
        const int s = spread[column];
        v = mean[column] + (random.below(s) + random.below(s) + random.below(s) - 3 * s / 2);
        if (random.below(500) == 0) v = random.below(2) * (range - 1);
      }
      samples.push_back(static_cast<uint16_t>(std::clamp(v, 0, range - 1)));
    }
  }
  return samples;
}

}  // namespace feat::vvc
