// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <Eigen/Core>
#include <vector>

#include "codecs/feature/learn/feature_sums.h"

namespace feat::native {

// What the learner takes for the mean of a row, in the space of FeatureSums. A position's own mean
// is known as well as its few samples allow: a share of its distance from `mean` is kept.
struct MeanModel {
  Eigen::VectorXd mean;        // of rows without one of their own
  std::vector<double> shares;  // of each position, 0 to 1
  std::vector<double> noises;  // expected squared error of each position's mean
  double freedom = 0;          // rows that would tell as much of the covariance with known means
};

// With `with_positions` false all rows have one mean.
MeanModel model_means(const FeatureSums &sums, bool with_positions);

// The sum of r r^T over all rows r minus what the model says of them.
Eigen::MatrixXd residual_scatter(const FeatureSums &sums, const MeanModel &model);

}  // namespace feat::native
