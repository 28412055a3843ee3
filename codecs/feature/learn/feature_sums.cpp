// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/learn/feature_sums.h"

#include <algorithm>
#include <utility>

#include "codecs/common/parallel.h"

namespace feat::native {

FeatureAccumulator::FeatureAccumulator(uint32_t channels, uint32_t max_positions, int threads)
    : channels_(channels),
      max_positions_(max_positions),
      threads_(threads),
      scatter_(static_cast<int>(channels)),
      neighbours_(static_cast<int>(channels)),
      rest_(channels),
      row_(channels),
      before_(channels),
      neighbour_sum_(channels) {
  sums_.squares.assign(1, 0);
  sums_.counts.assign(1, 0);
}

void FeatureAccumulator::begin(const float *values, size_t rows) {
  using Rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::Map<const Rows> matrix(values, static_cast<Eigen::Index>(rows), channels_);
  centre_ = matrix.cast<double>().colwise().mean().transpose().cast<float>();
  sums_.centre = centre_.cast<double>();
}

void FeatureAccumulator::add_row(const float *row, size_t position) {
  // The last entry of counts and squares is that of the rows behind.
  if (position < max_positions_ && position == positions_.size()) {
    positions_.emplace_back(channels_);
    sums_.counts.insert(sums_.counts.end() - 1, 0);
    sums_.squares.insert(sums_.squares.end() - 1, 0);
  }
  const bool own = position < positions_.size();
  std::vector<double> &sum = own ? positions_[position] : rest_;
  const size_t index = own ? position : positions_.size();
  double square = 0;
  for (size_t c = 0; c < channels_; ++c) {
    const double value = row[c];
    sum[c] += value;
    square += value * value;
  }
  sums_.squares[index] += square;
  ++sums_.counts[index];
  scatter_.add(row);
}

void FeatureAccumulator::add_neighbours(const float *row, const float *before) {
  for (size_t c = 0; c < channels_; ++c) neighbour_sum_[c] = row[c] + before[c];
  neighbours_.add(neighbour_sum_.data());
}

void FeatureAccumulator::flush() {
  in_parallel(threads_, 2, [this](size_t i) { (i == 0 ? scatter_ : neighbours_).flush(); });
}

void FeatureAccumulator::add(const float *values, size_t rows) {
  if (rows == 0) return;
  if (sums_.features == 0) begin(values, rows);
  std::ranges::fill(before_, 0.F);
  for (size_t i = 0; i < rows; ++i) {
    for (size_t c = 0; c < channels_; ++c)
      row_[c] = values[i * channels_ + c] - centre_[static_cast<Eigen::Index>(c)];
    add_row(row_.data(), i);
    add_neighbours(row_.data(), before_.data());
    std::swap(row_, before_);
    if (scatter_.full() || neighbours_.full()) flush();
  }
  std::ranges::fill(row_, 0.F);
  add_neighbours(row_.data(), before_.data());
  if (neighbours_.full()) flush();
  ++sums_.features;
  sums_.rows += rows;
  if (rows > positions_.size()) ++sums_.long_features;
}

FeatureSums FeatureAccumulator::take() {
  flush();
  sums_.scatter = scatter_.sum().selfadjointView<Eigen::Lower>();
  sums_.pairs = neighbours_.sum().selfadjointView<Eigen::Lower>();
  sums_.pairs = 0.5 * sums_.pairs - sums_.scatter;
  sums_.sums.resize(static_cast<Eigen::Index>(positions_.size() + 1), channels_);
  positions_.push_back(std::move(rest_));
  for (size_t i = 0; i < positions_.size(); ++i)
    sums_.sums.row(static_cast<Eigen::Index>(i)) =
        Eigen::Map<const Eigen::RowVectorXd>(positions_[i].data(), channels_);
  return std::move(sums_);
}

}  // namespace feat::native
