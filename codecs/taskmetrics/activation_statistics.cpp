// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/taskmetrics/task_metrics.h"

namespace feat {

bool ActivationStatistics::add(std::span<const float> activations) {
  const size_t n = activations.size();
  if (count_ == 0) {
    first_.assign(activations.begin(), activations.end());
    sum_.assign(n, 0);
    products_.assign(n * n, 0);
  } else if (n != dimensions()) {
    return false;
  }
  std::vector<double> difference(n);
  for (size_t i = 0; i < n; ++i) {
    difference[i] = activations[i] - first_[i];
    sum_[i] += difference[i];
    for (size_t k = 0; k <= i; ++k) products_[i * n + k] += difference[i] * difference[k];
  }
  ++count_;
  return true;
}

std::vector<double> ActivationStatistics::mean() const {
  std::vector<double> mean(dimensions());
  for (size_t i = 0; i < mean.size(); ++i)
    mean[i] = first_[i] + sum_[i] / static_cast<double>(count_);
  return mean;
}

std::vector<double> ActivationStatistics::covariance() const {
  const size_t n = dimensions();
  if (count_ < 2) return std::vector<double>(n * n, std::numeric_limits<double>::quiet_NaN());
  std::vector<double> covariance(n * n);
  const auto images = static_cast<double>(count_);
  for (size_t i = 0; i < n; ++i)
    for (size_t k = 0; k <= i; ++k)
      covariance[i * n + k] = covariance[k * n + i] =
          (products_[i * n + k] - sum_[i] * sum_[k] / images) / (images - 1);
  return covariance;
}

}  // namespace feat
