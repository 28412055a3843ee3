// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/learn/rate_curve.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace feat::native {

namespace {

constexpr int kLargestSnr = 60;
// Variances below this part of the mean are noise of the computation.
constexpr double kFloor = 1e-9;

double mean_of(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

double mean_logarithm(std::span<const double> values, double least) {
  double sum = 0;
  for (const double value : values) sum += std::log2(std::max(value, least));
  return sum / static_cast<double>(values.size());
}

}  // namespace

double gaussian_rate(std::span<const double> variances, double distortion) {
  const auto count = static_cast<double>(variances.size());
  if (variances.empty() || mean_of(variances) <= distortion || !(distortion > 0)) return 0;
  // The water level: what each number may be wrong, where it varies that much.
  double low = 0;
  double high = *std::ranges::max_element(variances);
  for (int i = 0; i < 100; ++i) {
    const double level = (low + high) / 2;
    double sum = 0;
    for (const double variance : variances) sum += std::min(variance, level);
    (sum < distortion * count ? low : high) = level;
  }
  double bits = 0;
  for (const double variance : variances)
    if (variance > high) bits += 0.5 * std::log2(variance / high);
  return bits / count;
}

void fill_rates(LearnReport &report) {
  report.curve.clear();
  report.coding_gain_db = 0;
  if (!(report.variance > 0) || report.variances.empty()) return;
  const std::vector<double> one(1, report.variance);
  std::vector<double> predicted = report.variances;
  for (size_t k = 0; k < predicted.size(); ++k)
    predicted[k] *= 1 - report.correlations[k] * report.correlations[k];
  for (int snr = 0; snr <= kLargestSnr; ++snr) {
    const double distortion = report.variance * std::pow(10.0, -snr / 10.0);
    report.curve.push_back({static_cast<double>(snr), gaussian_rate(one, distortion),
                            gaussian_rate(report.channel_variances, distortion),
                            gaussian_rate(report.variances, distortion),
                            gaussian_rate(predicted, distortion)});
  }
  const double least = report.variance * kFloor;
  if (report.variances.size() == report.channel_variances.size())
    report.coding_gain_db =
        10 * std::log10(2.0) *
        (mean_logarithm(report.channel_variances, least) - mean_logarithm(report.variances, least));
}

}  // namespace feat::native
