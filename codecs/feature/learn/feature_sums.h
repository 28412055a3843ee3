// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What is kept of the features that a profile is learned from.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <memory>
#include <vector>

#include "codecs/feature/learn/scatter_matrix.h"

namespace feat::native {

// Vectors stand for rows of features minus `centre`, which is the mean of the first feature: sums
// of squares then lose few digits. A position is the number of a row in its feature.
struct FeatureSums {
  using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

  uint64_t features = 0;
  uint64_t rows = 0;
  Eigen::VectorXd centre;
  Eigen::MatrixXd scatter;  // sum of x x^T, both triangles
  Eigen::MatrixXd pairs;    // sum over neighbours in a feature of (x x'^T + x' x^T) / 2
  // One entry for each position that has sums of its own, and one for all rows behind them.
  RowMatrix sums;
  std::vector<double> squares;   // sums of the squared lengths
  std::vector<uint64_t> counts;  // of rows
  uint64_t long_features = 0;    // that have rows behind the last position

  size_t positions() const { return counts.size() - 1; }
};

class FeatureAccumulator {
 public:
  FeatureAccumulator(uint32_t channels, uint32_t max_positions, int threads);

  // `values` holds `rows` rows.
  void add(const float *values, size_t rows);
  // Everything so far; the accumulator must not be used afterwards.
  FeatureSums take();

  uint64_t features() const { return sums_.features; }
  uint64_t rows() const { return sums_.rows; }

 private:
  void begin(const float *values, size_t rows);
  void add_row(const float *row, size_t position);
  void add_neighbours(const float *row, const float *before);
  void flush();

  const uint32_t channels_;
  const uint32_t max_positions_;
  const int threads_;
  FeatureSums sums_;
  Eigen::VectorXf centre_;
  ScatterMatrix scatter_;
  // Of sums of neighbours, where zeros stand before the first row and behind the last: the square
  // of a sum has the product of the neighbours, and costs half of what a product costs.
  ScatterMatrix neighbours_;
  std::vector<std::vector<double>> positions_;
  std::vector<double> rest_;
  std::vector<float> row_, before_, neighbour_sum_;
};

}  // namespace feat::native
