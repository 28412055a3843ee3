// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What a report computes from points of curves.
#pragma once

#include <optional>
#include <span>
#include <vector>

namespace feat::bench {

// The coefficient of determination of the best straight line; nothing for fewer than three points,
// or where all x or all y are the same.
std::optional<double> r_squared(std::span<const double> x, std::span<const double> y);

// A point of a curve: bits per feature point, and a quality that is better when it is larger.
struct RatePoint {
  double rate = 0;
  double quality = 0;
};

// The points where more bits bring more quality, from the cheapest on: the others would not be
// chosen, and no curve goes through them.
std::vector<RatePoint> rising(std::vector<RatePoint> points);

// How much more rate in per cent `test` needs than `reference` for the same quality: the mean of
// the difference of log rates over the qualities that both reach, each curve being a monotone
// piecewise cubic (PCHIP) through its rising points. Negative: fewer bits. Nothing if the curves
// have fewer than two points or no quality in common.
std::optional<double> bd_rate(const std::vector<RatePoint> &reference,
                              const std::vector<RatePoint> &test);

// Piecewise cubic without overshoot (Fritsch and Butland), as SciPy's PchipInterpolator: x must
// rise.
class Pchip {
 public:
  Pchip(std::vector<double> x, std::vector<double> y);
  double operator()(double at) const;

 private:
  std::vector<double> x_;
  std::vector<double> y_;
  std::vector<double> slope_;
};

}  // namespace feat::bench
