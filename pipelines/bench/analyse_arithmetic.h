// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What "analyse" computes from values, without files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace feat::bench {

// Largest, smallest and mean value, and the variance around it.
class ValueStatistics {
 public:
  void add(std::span<const float> values);

  uint64_t count() const { return count_; }
  float min() const { return min_; }
  float max() const { return max_; }
  double mean() const { return mean_; }
  double variance() const { return count_ > 0 ? squares_ / static_cast<double>(count_) : 0; }

 private:
  uint64_t count_ = 0;
  float min_ = std::numeric_limits<float>::infinity();
  float max_ = -std::numeric_limits<float>::infinity();
  double mean_ = 0;
  double squares_ = 0;  // of the distances from the mean
};

// Bins of equal width from min to max; the last holds max itself. Values outside count as the
// nearest bin. If min is max, everything is in the first bin.
class Histogram {
 public:
  Histogram(float min, float max, size_t bins);

  void add(std::span<const float> values);
  size_t bins() const { return counts_.size(); }
  uint64_t count(size_t bin) const { return counts_[bin]; }
  uint64_t total() const { return total_; }
  // The lower edge of a bin; that of bin bins() is max.
  double edge(size_t bin) const;
  // The share of values in each bin and those below it.
  std::vector<double> cumulative() const;

 private:
  double min_;
  double width_;  // of all bins together
  std::vector<uint64_t> counts_;
  uint64_t total_ = 0;
};

// Integers of 10 bits, to the nearest, that share min to max; values outside are clipped.
std::vector<uint16_t> to_ten_bits(std::span<const float> values, float min, float max);

double variance(std::span<const uint16_t> values);

// Sobel gradients (weights 1 2 1 and -1 0 1, not scaled) over all points of a plane, which is
// mirrored at its outermost rows and columns.
struct GradientSums {
  double length = 0;     // of the vectors: sqrt(x^2 + y^2)
  double eight_bit = 0;  // (|x| + |y|) / 2, each part at most 255: what pictures of 8 bits hold
};
GradientSums gradient_sums(std::span<const uint16_t> plane, size_t rows, size_t columns);

// The two-dimensional orthonormal DCT-II of a square block.
std::vector<double> dct_of_block(std::span<const double> block, size_t size);

}  // namespace feat::bench
