// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/bench/statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace feat::bench {

namespace {

constexpr size_t kSteps = 1000;  // at which the curves are compared

double mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// The slope at an end, from the two nearest intervals, so that the curve stays monotone.
double end_slope(double h0, double h1, double d0, double d1) {
  const double slope = ((2 * h0 + h1) * d0 - h0 * d1) / (h0 + h1);
  if (slope * d0 <= 0) return 0;
  if (d0 * d1 < 0 && std::abs(slope) > 3 * std::abs(d0)) return 3 * d0;
  return slope;
}

struct Curve {
  Pchip log_rate;
  double low;
  double high;
};

Curve curve_of(const std::vector<RatePoint> &points) {
  std::vector<double> quality;
  std::vector<double> log_rate;
  for (const RatePoint &point : points) {
    quality.push_back(point.quality);
    log_rate.push_back(std::log(point.rate));
  }
  return {Pchip(quality, log_rate), quality.front(), quality.back()};
}

}  // namespace

std::optional<double> r_squared(std::span<const double> x, std::span<const double> y) {
  if (x.size() < 3) return std::nullopt;
  const double mean_x = mean(x);
  const double mean_y = mean(y);
  double xx = 0;
  double yy = 0;
  double xy = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    yy += (y[i] - mean_y) * (y[i] - mean_y);
    xy += (x[i] - mean_x) * (y[i] - mean_y);
  }
  if (!(xx > 0) || !(yy > 0)) return std::nullopt;
  return xy * xy / (xx * yy);
}

std::vector<RatePoint> rising(std::vector<RatePoint> points) {
  std::erase_if(points,
                [](const RatePoint &p) { return !(p.rate > 0) || !std::isfinite(p.quality); });
  std::sort(points.begin(), points.end(), [](const RatePoint &a, const RatePoint &b) {
    return a.rate != b.rate ? a.rate < b.rate : a.quality > b.quality;
  });
  std::vector<RatePoint> kept;
  for (const RatePoint &point : points)
    if (kept.empty() || point.quality > kept.back().quality) kept.push_back(point);
  return kept;
}

std::optional<double> bd_rate(const std::vector<RatePoint> &reference,
                              const std::vector<RatePoint> &test) {
  const std::vector<RatePoint> r = rising(reference);
  const std::vector<RatePoint> t = rising(test);
  if (r.size() < 2 || t.size() < 2) return std::nullopt;
  const Curve a = curve_of(r);
  const Curve b = curve_of(t);
  const double low = std::max(a.low, b.low);
  const double high = std::min(a.high, b.high);
  if (!(high > low)) return std::nullopt;
  double sum = 0;
  for (size_t i = 0; i < kSteps; ++i) {
    const double at = low + (high - low) * static_cast<double>(i) / (kSteps - 1);
    sum += b.log_rate(at) - a.log_rate(at);
  }
  return 100 * (std::exp(sum / kSteps) - 1);
}

Pchip::Pchip(std::vector<double> x, std::vector<double> y)
    : x_(std::move(x)), y_(std::move(y)), slope_(x_.size()) {
  const size_t n = x_.size();
  std::vector<double> h;
  std::vector<double> d;
  for (size_t i = 0; i + 1 < n; ++i) {
    h.push_back(x_[i + 1] - x_[i]);
    d.push_back((y_[i + 1] - y_[i]) / h[i]);
  }
  if (n == 2) {
    slope_ = {d[0], d[0]};
    return;
  }
  slope_[0] = end_slope(h[0], h[1], d[0], d[1]);
  slope_[n - 1] = end_slope(h[n - 2], h[n - 3], d[n - 2], d[n - 3]);
  for (size_t i = 1; i + 1 < n; ++i) {
    if (d[i - 1] * d[i] <= 0) continue;
    const double w0 = 2 * h[i] + h[i - 1];
    const double w1 = h[i] + 2 * h[i - 1];
    slope_[i] = (w0 + w1) / (w0 / d[i - 1] + w1 / d[i]);
  }
}

double Pchip::operator()(double at) const {
  const auto next = std::upper_bound(x_.begin() + 1, x_.end() - 1, at);
  const auto i = static_cast<size_t>(next - x_.begin()) - 1;
  const double h = x_[i + 1] - x_[i];
  const double t = (at - x_[i]) / h;
  const double u = 1 - t;
  return (1 + 2 * t) * u * u * y_[i] + h * t * u * u * slope_[i] + t * t * (3 - 2 * t) * y_[i + 1] -
         h * t * t * u * slope_[i + 1];
}

}  // namespace feat::bench
