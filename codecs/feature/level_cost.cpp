// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/level_cost.h"

#include <array>
#include <cmath>

namespace feat::native {

namespace {

std::array<float, kCosts> make_costs() {
  std::array<float, kCosts> costs{};
  for (int i = 0; i < kCosts; ++i) {
    const double odds = ((i << kCostShift) - kOddsLimit) / double{1 << kOddsBits};
    costs[static_cast<size_t>(i)] = static_cast<float>(std::log1p(std::exp(odds)) / std::log(2.0));
  }
  return costs;
}

}  // namespace

const float *const kZeroCosts = [] {
  static const std::array<float, kCosts> costs = make_costs();
  return costs.data();
}();

}  // namespace feat::native
