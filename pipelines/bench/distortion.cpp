// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/bench/distortion.h"

#include <algorithm>
#include <cmath>

namespace feat::bench {

double mean_squared_error(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const double difference = double{a[i]} - double{b[i]};
    sum += difference * difference;
  }
  return sum / static_cast<double>(a.size());
}

std::vector<uint64_t> histogram(std::span<const float> values, double min, double max) {
  std::vector<uint64_t> counts(kHistogramBins);
  const double scale = static_cast<double>(kHistogramBins) / (max - min);
  constexpr double kLast = static_cast<double>(kHistogramBins - 1);
  for (const float value : values) {
    if (std::isnan(value)) continue;
    const double bin = std::clamp(std::floor((double{value} - min) * scale), 0.0, kLast);
    ++counts[static_cast<size_t>(bin)];
  }
  return counts;
}

}  // namespace feat::bench
