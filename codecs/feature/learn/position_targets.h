// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <Eigen/Core>

#include "codecs/feature/learn/feature_sums.h"
#include "codecs/feature/learn/mean_model.h"

namespace feat::native {

// Means of positions, each number for itself.
struct PositionTargets {
  FeatureSums::RowMatrix means;  // positions x components, from the mean of the model; 0: none
  Eigen::Index positions = 0;    // up to the last one that has any
};

// `sums` are those of the positions in the space of the components, `mean` is the model's there,
// `variances` are those of the components within a position.
PositionTargets choose_position_targets(const FeatureSums &features, const MeanModel &model,
                                        const FeatureSums::RowMatrix &sums,
                                        const Eigen::VectorXd &mean,
                                        const Eigen::VectorXd &variances);

}  // namespace feat::native
