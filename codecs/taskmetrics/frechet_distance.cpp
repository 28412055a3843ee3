// SPDX-License-Identifier: LGPL-2.1-or-later
#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <algorithm>

#include "codecs/taskmetrics/task_metrics.h"

namespace feat {

namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Eigen::Map<const Eigen::VectorXd> as_vector(const std::vector<double> &values) {
  return {values.data(), static_cast<Eigen::Index>(values.size())};
}

Eigen::Map<const Matrix> as_matrix(const std::vector<double> &values, size_t n) {
  return {values.data(), static_cast<Eigen::Index>(n), static_cast<Eigen::Index>(n)};
}

// The trace of (A B)^(1/2) for covariances A and B. With A = R R^T, A B and R^T B R have the same
// eigenvalues, and those of the latter, which is symmetric, are real and quickly found.
double trace_of_root(const Matrix &a, const Matrix &b) {
  const Eigen::LDLT<Matrix> factors(a);
  // Where there are fewer images than dimensions, pivots are 0, or as much below as rounding has
  // it.
  const Eigen::VectorXd scale = factors.vectorD().cwiseMax(0).cwiseSqrt();
  const Matrix lower = factors.matrixL();
  const Matrix root = factors.transpositionsP().transpose() * (lower * scale.asDiagonal());
  const Matrix product = root.transpose() * b * root;
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(product, Eigen::EigenvaluesOnly);
  return solver.eigenvalues().cwiseMax(0).cwiseSqrt().sum();
}

}  // namespace

double frechet_distance(const ActivationStatistics &a, const ActivationStatistics &b) {
  const size_t n = a.dimensions();
  if (a.count() < 2 || b.count() < 2 || n != b.dimensions())
    return std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> mean_a = a.mean();
  const std::vector<double> mean_b = b.mean();
  const std::vector<double> covariance_a = a.covariance();
  const std::vector<double> covariance_b = b.covariance();
  const Matrix first = as_matrix(covariance_a, n);
  const Matrix second = as_matrix(covariance_b, n);
  const double distance = (as_vector(mean_a) - as_vector(mean_b)).squaredNorm() + first.trace() +
                          second.trace() - 2 * trace_of_root(first, second);
  return std::max(distance, 0.0);  // of equal sets, rounding may leave less
}

}  // namespace feat
