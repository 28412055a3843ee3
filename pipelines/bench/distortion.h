// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace feat::bench {

// Mean squared error of two tensors with as many values.
double mean_squared_error(std::span<const float> a, std::span<const float> b);

inline constexpr size_t kHistogramBins = 128;

// How many values are in each of kHistogramBins equal parts of [min, max]; those outside count at
// the ends.
std::vector<uint64_t> histogram(std::span<const float> values, double min, double max);

}  // namespace feat::bench
