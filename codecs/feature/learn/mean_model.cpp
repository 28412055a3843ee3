// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/learn/mean_model.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace feat::native {

namespace {

// With fewer samples nothing can be said of a position's variance.
constexpr uint64_t kLeastSamples = 4;
// Positions this many times farther from the median than usual say nothing of the others' mean.
constexpr double kOutlier = 9;
constexpr size_t kLeastPositions = 4;

Eigen::VectorXd mean_of_all(const FeatureSums &sums) {
  return sums.sums.colwise().sum().transpose() / static_cast<double>(sums.rows);
}

double median_of(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

Eigen::VectorXd position_mean(const FeatureSums &sums, size_t i) {
  return sums.sums.row(static_cast<Eigen::Index>(i)).transpose() /
         static_cast<double>(sums.counts[i]);
}

// The mean of rows whose position is like most others: first tokens of a language model would
// move it far.
Eigen::VectorXd mean_of_usual(const FeatureSums &sums) {
  const size_t positions = sums.positions();
  if (positions < kLeastPositions) return mean_of_all(sums);
  Eigen::VectorXd median(sums.sums.cols());
  std::vector<double> values(positions);
  for (Eigen::Index c = 0; c < median.size(); ++c) {
    for (size_t i = 0; i < positions; ++i)
      values[i] = sums.sums(static_cast<Eigen::Index>(i), c) / static_cast<double>(sums.counts[i]);
    median[c] = median_of(values);
  }
  for (size_t i = 0; i < positions; ++i)
    values[i] = (position_mean(sums, i) - median).squaredNorm();
  const double usual = kOutlier * median_of(values);

  const auto rest = static_cast<Eigen::Index>(positions);
  Eigen::VectorXd sum = sums.sums.row(rest).transpose();
  uint64_t rows = sums.counts[positions];
  for (size_t i = 0; i < positions; ++i) {
    if (values[i] > usual) continue;
    sum += sums.sums.row(static_cast<Eigen::Index>(i)).transpose();
    rows += sums.counts[i];
  }
  return sum / static_cast<double>(rows);
}

}  // namespace

MeanModel model_means(const FeatureSums &sums, bool with_positions) {
  MeanModel model;
  model.mean = with_positions ? mean_of_usual(sums) : mean_of_all(sums);
  model.freedom = static_cast<double>(sums.rows) - 1;
  model.shares.assign(sums.positions(), 0);
  model.noises.assign(sums.positions(), 0);
  if (!with_positions) return model;
  for (size_t i = 0; i < sums.positions(); ++i) {
    if (sums.counts[i] < kLeastSamples) continue;
    const auto samples = static_cast<double>(sums.counts[i]);
    const Eigen::VectorXd mean = position_mean(sums, i);
    const double within = sums.squares[i] - samples * mean.squaredNorm();
    model.noises[i] = std::max(within, 0.0) / (samples - 1) / samples;
    // James and Stein: the measured distance is noise, too.
    const double distance = (mean - model.mean).squaredNorm();
    const double share = distance > 0 ? std::max(0.0, 1 - model.noises[i] / distance) : 0;
    model.shares[i] = share;
    model.freedom -= 2 * share - share * share;
  }
  return model;
}

Eigen::MatrixXd residual_scatter(const FeatureSums &sums, const MeanModel &model) {
  // sum (x - d)(x - d)^T = sum x x^T - d s^T - s d^T + n d d^T for each position, with the sum s
  // of its n rows.
  FeatureSums::RowMatrix targets(sums.sums.rows(), sums.sums.cols());
  FeatureSums::RowMatrix halves = sums.sums;
  for (size_t i = 0; i < sums.counts.size(); ++i) {
    const auto row = static_cast<Eigen::Index>(i);
    const double share = i < model.shares.size() ? model.shares[i] : 0;
    targets.row(row) = (1 - share) * model.mean.transpose();
    if (share > 0) targets.row(row) += share * position_mean(sums, i).transpose();
    halves.row(row) -= 0.5 * static_cast<double>(sums.counts[i]) * targets.row(row);
  }
  Eigen::MatrixXd result = sums.scatter;
  result.noalias() -= targets.transpose() * halves;
  result.noalias() -= halves.transpose() * targets;
  return result;
}

}  // namespace feat::native
