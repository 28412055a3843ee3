// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/learn/profile_solver.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "codecs/feature/learn/mean_model.h"
#include "codecs/feature/learn/position_targets.h"
#include "codecs/feature/learn/rate_curve.h"
#include "codecs/feature/learn/shrinkage.h"

namespace feat::native {

namespace {

using Eigen::Index;
using RowMatrix = FeatureSums::RowMatrix;

// Bits a value below which means of positions are noise, or not worth their bytes.
constexpr double kLeastPositionBits = 0.001;
// Part of the variance that is the error at which bits are counted for that: 20 dB.
constexpr double kErrorForBits = 0.01;
// Rows of real features tell less than rows of a Gaussian process with their correlation.
constexpr double kHeavyTails = 0.8;

// Everything in the space of the components.
struct Components {
  Eigen::MatrixXd basis;        // a column for each component
  Eigen::VectorXd eigenvalues;  // falling
  RowMatrix sums;               // of the positions and the rows behind them
  Eigen::VectorXd mean;
  Eigen::VectorXd scatter;  // sum of the squares, about the centre of the sums
  Eigen::VectorXd pairs;    // sum of the products of neighbours, about the centre
  PositionTargets targets;

  // What is taken for the mean of component k at entry i of the sums.
  double target(Index i, Index k) const {
    return mean[k] + (i < targets.means.rows() ? targets.means(i, k) : 0);
  }
};

double ratio(uint64_t a, uint64_t b) {
  return b > 0 ? static_cast<double>(a) / static_cast<double>(b) : 0;
}

void find_basis(const FeatureSums &sums, const MeanModel &model, Components &out) {
  const Eigen::MatrixXd covariance = residual_scatter(sums, model) / std::max(model.freedom, 1.0);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(covariance);
  out.basis = solver.eigenvectors().rowwise().reverse();
  out.eigenvalues = solver.eigenvalues().reverse().cwiseMax(0.0);
  // The sign of an eigenvector is anyone's choice; this makes it the same everywhere.
  for (Index k = 0; k < out.basis.cols(); ++k) {
    Index largest = 0;
    out.basis.col(k).cwiseAbs().maxCoeff(&largest);
    if (out.basis(largest, k) < 0) out.basis.col(k) *= -1;
  }
}

// The sums of squares and products, from those that the covariance was made of.
void transform_sums(const FeatureSums &sums, const MeanModel &model, Components &out) {
  out.sums = sums.sums * out.basis;
  out.mean = out.basis.transpose() * model.mean;
  out.scatter = out.eigenvalues * std::max(model.freedom, 1.0);
  for (Index i = 0; i < out.sums.rows(); ++i) {
    const auto entry = static_cast<size_t>(i);
    const auto count = static_cast<double>(sums.counts[entry]);
    if (count == 0) continue;
    const double share = entry < model.shares.size() ? model.shares[entry] : 0;
    const Eigen::VectorXd sum = out.sums.row(i).transpose();
    const Eigen::VectorXd target = share / count * sum + (1 - share) * out.mean;
    out.scatter += 2 * target.cwiseProduct(sum) - count * target.cwiseAbs2();
  }
  out.pairs = (sums.pairs * out.basis).cwiseProduct(out.basis).colwise().sum().transpose();
}

// Sum of the squares of component k about the targets.
double residual_square(const FeatureSums &sums, const Components &all, Index k) {
  double square = all.scatter[k];
  for (Index i = 0; i < all.sums.rows(); ++i) {
    const double target = all.target(i, k);
    const auto count = static_cast<double>(sums.counts[static_cast<size_t>(i)]);
    square += target * (count * target - 2 * all.sums(i, k));
  }
  return std::max(square, 0.0);
}

// Sum of the products of neighbours of component k about the targets. Where features have different
// numbers of rows, a position's mean is taken to be the same in all of them.
double residual_product(const FeatureSums &sums, const Components &all, Index k) {
  double product = all.pairs[k];
  const auto take = [&](Index before, Index now, uint64_t pairs) {
    const double count = static_cast<double>(pairs);
    const double first = all.target(before, k);
    const double second = all.target(now, k);
    const double first_sum =
        all.sums(before, k) * ratio(pairs, sums.counts[static_cast<size_t>(before)]);
    const double second_sum =
        all.sums(now, k) * ratio(pairs, sums.counts[static_cast<size_t>(now)]);
    product -= second * first_sum + first * second_sum - count * first * second;
  };
  const Index rest = all.sums.rows() - 1;
  for (Index i = 1; i < rest; ++i) take(i - 1, i, sums.counts[static_cast<size_t>(i)]);
  if (rest > 0 && sums.long_features > 0) take(rest - 1, rest, sums.long_features);
  const uint64_t behind = sums.counts[static_cast<size_t>(rest)] - sums.long_features;
  if (behind > 0) take(rest, rest, behind);
  return product;
}

Components solve_components(const FeatureSums &sums, bool with_positions, MeanModel &model) {
  Components all;
  model = model_means(sums, with_positions);
  find_basis(sums, model, all);
  transform_sums(sums, model, all);
  if (with_positions)
    all.targets = choose_position_targets(sums, model, all.sums, all.mean, all.eigenvalues);
  return all;
}

// What means of positions save for each value: the determinant of the covariance without them
// against the product of the eigenvalues with them.
double saved_bits(const FeatureSums &sums, const MeanModel &model, const Components &all) {
  const MeanModel plain = model_means(sums, false);
  Eigen::MatrixXd covariance = residual_scatter(sums, plain) / std::max(plain.freedom, 1.0);
  const auto channels = static_cast<double>(covariance.rows());
  const double error = kErrorForBits * covariance.trace() / channels;
  covariance.diagonal().array() += error;
  const Eigen::LLT<Eigen::MatrixXd> triangle(covariance);
  const double without = 2 * triangle.matrixLLT().diagonal().array().log().sum();
  const double with = (all.eigenvalues.array() + error).log().sum();
  // The errors of the positions' means come on top.
  double errors = 0;
  for (const double share : model.shares) errors += share * share;
  errors /= static_cast<double>(sums.rows);
  return ((without - with) / channels - std::log1p(errors)) / (2 * std::log(2.0));
}

size_t count_live(const FeatureSums &sums) {
  const double largest = sums.scatter.diagonal().maxCoeff();
  const Eigen::VectorXd mean =
      sums.sums.colwise().sum().transpose() / static_cast<double>(sums.rows);
  size_t live = 0;
  for (Index c = 0; c < mean.size(); ++c)
    if (sums.scatter(c, c) - static_cast<double>(sums.rows) * mean[c] * mean[c] > largest * 1e-14)
      ++live;
  return live;
}

// Fills what the report says of variances and correlations, in the order of `all`.
void measure(const FeatureSums &sums, const MeanModel &model, const Components &all,
             LearnReport &report) {
  const Index channels = all.mean.size();
  const auto rows = static_cast<double>(sums.rows);
  const double pairs = rows - static_cast<double>(sums.features);
  std::vector<double> squares;
  double mean_correlation = 0;  // of the squares
  for (Index k = 0; k < channels; ++k) {
    squares.push_back(residual_square(sums, all, k));
    const double product = residual_product(sums, all, k);
    const double correlation =
        pairs > 0 && squares.back() > 0 ? product / pairs / (squares.back() / rows) : 0;
    report.correlations.push_back(std::clamp(correlation, -1.0, 1.0));
    mean_correlation += report.correlations.back() * report.correlations.back();
  }
  mean_correlation /= static_cast<double>(channels);
  report.independent_rows = model.freedom * (1 - mean_correlation) / (1 + mean_correlation);
  report.eigenvalues.assign(all.eigenvalues.begin(), all.eigenvalues.end());
  report.variances = shrink_eigenvalues(report.eigenvalues, count_live(sums),
                                        kHeavyTails * report.independent_rows);
  // Means of positions are rounded and left out number by number, unlike those of the model.
  for (Index k = 0; k < channels; ++k) {
    const auto i = static_cast<size_t>(k);
    if (report.eigenvalues[i] > 0) report.variances[i] *= squares[i] / rows / report.eigenvalues[i];
  }
  const Eigen::VectorXd mean = sums.sums.colwise().sum().transpose() / rows;
  for (Index c = 0; c < channels; ++c)
    report.channel_variances.push_back(
        std::max(sums.scatter(c, c) / rows - mean[c] * mean[c], 0.0));
  report.variance =
      std::accumulate(report.channel_variances.begin(), report.channel_variances.end(), 0.0) /
      static_cast<double>(channels);
}

// Components by falling variance.
std::vector<size_t> sort_components(LearnReport &report) {
  std::vector<size_t> order(report.variances.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return report.variances[a] > report.variances[b]; });
  const auto permute = [&](std::vector<double> &values) {
    std::vector<double> sorted;
    sorted.reserve(values.size());
    for (const size_t k : order) sorted.push_back(values[k]);
    values = std::move(sorted);
  };
  permute(report.variances);
  permute(report.correlations);
  return order;
}

void fill_profile(const FeatureSums &sums, const MeanModel &model, const Components &all,
                  const std::vector<size_t> &order, const LearnReport &report,
                  ProfileData &profile) {
  const Index channels = all.mean.size();
  for (Index c = 0; c < channels; ++c)
    profile.mean.push_back(static_cast<float>(sums.centre[c] + model.mean[c]));
  for (size_t k = 0; k < profile.components; ++k) {
    const auto column = static_cast<Index>(order[k]);
    for (Index c = 0; c < channels; ++c)
      profile.basis.push_back(static_cast<float>(all.basis(c, column)));
    profile.deviations.push_back(static_cast<float>(std::sqrt(report.variances[k])));
    profile.correlations.push_back(static_cast<float>(report.correlations[k]));
  }
  const uint64_t components = std::max<uint64_t>(profile.components, 1);
  const uint64_t limit =
      std::min<uint64_t>(kMaxProfilePositionMeans / components, kMaxProfilePositions);
  profile.positions = static_cast<uint32_t>(
      std::min<uint64_t>(static_cast<uint64_t>(all.targets.positions), limit));
  for (Index i = 0; i < static_cast<Index>(profile.positions); ++i)
    for (size_t k = 0; k < profile.components; ++k)
      profile.position_means.push_back(
          static_cast<float>(all.targets.means(i, static_cast<Index>(order[k]))));
}

}  // namespace

void solve_profile(const FeatureSums &sums, uint32_t components, ProfileData &profile,
                   LearnReport &report) {
  MeanModel model;
  Components all = solve_components(sums, sums.positions() > 0, model);
  if (all.targets.positions > 0) report.position_bits = saved_bits(sums, model, all);
  if (sums.positions() > 0 && report.position_bits < kLeastPositionBits) {
    report.position_bits = 0;
    all = solve_components(sums, false, model);
  }
  measure(sums, model, all, report);
  const std::vector<size_t> order = sort_components(report);

  profile.channels = static_cast<uint32_t>(all.mean.size());
  profile.components = components;
  fill_profile(sums, model, all, order, report, profile);
  report.features = sums.features;
  report.rows = sums.rows;
  report.channels = profile.channels;
  report.components = profile.components;
  report.positions = profile.positions;
  fill_rates(report);
}

}  // namespace feat::native
