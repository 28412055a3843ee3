// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Series of features, and what analyse finds in them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipelines/bench/analyse_arithmetic.h"
#include "pipelines/bench/array.h"

namespace feat::bench {

// Features of one kind: what one row of a table and one picture is about.
struct Series {
  std::string name;
  size_t samples = 0;
  std::function<Array(size_t)> read;
  std::function<std::string(size_t)> describe;  // where a sample comes from, for messages
  std::optional<int> layer_axis;                // each index of it is a row of its own
};

struct AnalyseOptions {
  size_t bins = 256;
  size_t block = 16;
  std::optional<std::pair<size_t, size_t>> block_at;  // row, column; absent: the middle
  std::optional<std::pair<float, float>> range;       // of the 10 bits; absent: that of each sample
};

// A square of a feature's first plane.
struct Block {
  size_t size = 0;
  size_t row = 0;
  size_t column = 0;
  std::vector<double> values;
  std::vector<double> dct;  // magnitudes
};

struct Findings {
  std::string name;
  size_t samples = 0;
  ValueStatistics statistics;
  double intensity_variance = 0;
  double gradient_magnitude = 0;
  double gradient_magnitude_8bit = 0;
  Histogram histogram{0, 0, 1};
  Block block;
};

// One Findings for the series, or for each of its layers. Samples are read twice, one at a time.
std::vector<Findings> analyse(const Series &series, const AnalyseOptions &options);

}  // namespace feat::bench
