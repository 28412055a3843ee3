// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/learn/position_targets.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace feat::native {

namespace {

constexpr Eigen::Index kWindow = 8;   // neighbours on each side
constexpr double kCap = 16;           // times the noise: what a neighbour counts for at most
constexpr double kDoubt = 1.5;        // times the noise: what neighbours show without any signal
constexpr double kSignificant = 9;    // times the noise: a number that is none
constexpr double kFinest = 1.0 / 32;  // of the deviation: what a profile file rounds to 0

// Squared distances and noises of one component along the positions.
struct Track {
  std::vector<double> squares;
  std::vector<double> noises;  // 0: not known
};

// Variance of the true means around position i, as its neighbours show it.
double local_variance(const Track &track, Eigen::Index i) {
  double sum = 0;
  double count = 0;
  const Eigen::Index end =
      std::min(i + kWindow + 1, static_cast<Eigen::Index>(track.squares.size()));
  for (Eigen::Index j = std::max<Eigen::Index>(i - kWindow, 0); j < end; ++j) {
    const double noise = track.noises[static_cast<size_t>(j)];
    if (j == i || !(noise > 0)) continue;
    sum += std::min(track.squares[static_cast<size_t>(j)], kCap * noise) - kDoubt * noise;
    ++count;
  }
  return count > 0 ? std::max(sum / count, 0.0) : 0;
}

// Share of a measured mean that is kept.
double share_of(const Track &track, Eigen::Index i) {
  const double noise = track.noises[static_cast<size_t>(i)];
  const double square = track.squares[static_cast<size_t>(i)];
  if (!(noise > 0)) return 0;
  const double local = local_variance(track, i);
  const double own = square > kSignificant * noise ? 1 - noise / square : 0;
  return std::max(own, local / (local + noise));
}

}  // namespace

PositionTargets choose_position_targets(const FeatureSums &features, const MeanModel &model,
                                        const FeatureSums::RowMatrix &sums,
                                        const Eigen::VectorXd &mean,
                                        const Eigen::VectorXd &variances) {
  const auto positions = static_cast<Eigen::Index>(features.positions());
  PositionTargets targets;
  targets.means.setZero(positions, sums.cols());
  const double total = variances.sum();
  Track track;
  track.squares.resize(features.positions());
  track.noises.resize(features.positions());
  for (Eigen::Index k = 0; k < sums.cols(); ++k) {
    const double variance = variances[k];
    if (!(variance > 0)) continue;
    const auto distance = [&](Eigen::Index i) {
      return sums(i, k) / static_cast<double>(features.counts[static_cast<size_t>(i)]) - mean[k];
    };
    for (Eigen::Index i = 0; i < positions; ++i) {
      // A position that varies more than others does so in each component.
      track.noises[static_cast<size_t>(i)] =
          variance * model.noises[static_cast<size_t>(i)] / total;
      track.squares[static_cast<size_t>(i)] = distance(i) * distance(i);
    }
    for (Eigen::Index i = 0; i < positions; ++i) {
      const double kept = share_of(track, i) * distance(i);
      if (std::abs(kept) < kFinest * std::sqrt(variance)) continue;
      targets.means(i, k) = kept;
      targets.positions = std::max(targets.positions, i + 1);
    }
  }
  return targets;
}

}  // namespace feat::native
