// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/learn/scatter_matrix.h"

namespace feat::native {

namespace {

constexpr double kHeavy = 64;     // times the mean square
constexpr double kMemory = 1024;  // vectors of the running mean

}  // namespace

ScatterMatrix::ScatterMatrix(int channels)
    : light_(kBlock, channels),
      heavy_(kHeavyBlock, channels),
      block_sum_(channels, channels),
      sum_(Eigen::MatrixXd::Zero(channels, channels)) {}

bool ScatterMatrix::is_heavy(float square) {
  // The first vectors are taken as doubles until it is known what is usual.
  const bool heavy = square > kHeavy * mean_square_;
  mean_square_ += ((heavy ? kHeavy * mean_square_ : square) - mean_square_) / kMemory;
  if (mean_square_ == 0) mean_square_ = square / kMemory;
  return heavy;
}

void ScatterMatrix::add(const float *vector) {
  const Eigen::Map<const Eigen::RowVectorXf> row(vector, light_.cols());
  if (is_heavy(row.squaredNorm()))
    heavy_.row(heavy_count_++) = row.cast<double>();
  else
    light_.row(light_count_++) = row;
}

void ScatterMatrix::flush() {
  if (light_count_ > 0) {
    block_sum_.setZero();
    block_sum_.selfadjointView<Eigen::Lower>().rankUpdate(light_.topRows(light_count_).transpose());
    sum_.triangularView<Eigen::Lower>() += block_sum_.cast<double>();
    light_count_ = 0;
  }
  if (heavy_count_ > 0) {
    sum_.selfadjointView<Eigen::Lower>().rankUpdate(heavy_.topRows(heavy_count_).transpose());
    heavy_count_ = 0;
  }
}

}  // namespace feat::native
