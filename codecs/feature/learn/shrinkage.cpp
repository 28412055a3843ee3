// SPDX-License-Identifier: LGPL-2.1-or-later
#include "codecs/feature/learn/shrinkage.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace feat::native {

namespace {

constexpr double kPi = std::numbers::pi;
const double kRoot5 = std::sqrt(5.0);

// Density of the eigenvalues at one of them and its Hilbert transform, by a kernel
// (Epanechnikov's) whose width grows with the eigenvalue.
struct Density {
  double value = 0;
  double hilbert = 0;
};

double kernel_hilbert(double x) {
  // Far away the terms below cancel; what is left is that of a point with the kernel's variance.
  if (std::abs(x) > 1000) return -(1 + 1 / (x * x)) / (kPi * x);
  const double line = -0.3 / kPi * x;
  if (std::abs(std::abs(x) - kRoot5) < 1e-9) return line;
  const double logarithm = std::log(std::abs((kRoot5 - x) / (kRoot5 + x)));
  return line + 0.75 / kRoot5 / kPi * (1 - x * x / 5) * logarithm;
}

Density density_at(double at, const std::vector<double> &eigenvalues, size_t count, double width) {
  Density density;
  for (size_t i = 0; i < count; ++i) {
    const double unit = width * eigenvalues[i];
    const double x = (at - eigenvalues[i]) / unit;
    const double parabola = 1 - x * x / 5;
    density.value += 0.75 / kRoot5 * std::max(parabola, 0.0) / unit;
    density.hilbert += kernel_hilbert(x) / unit;
  }
  density.value /= static_cast<double>(count);
  density.hilbert /= static_cast<double>(count);
  return density;
}

// What eigenvalues of 0 stand for where there are fewer samples than directions.
double null_variance(const std::vector<double> &eigenvalues, size_t count, double width,
                     double ratio) {
  double inverse = 0;
  for (size_t i = 0; i < count; ++i) inverse += 1 / eigenvalues[i];
  inverse /= static_cast<double>(count);
  const double h = width;
  const double logarithm = std::log((1 + kRoot5 * h) / (1 - kRoot5 * h));
  const double hilbert =
      (0.3 / (h * h) + 0.75 / kRoot5 / h * (1 - 0.2 / (h * h)) * logarithm) / kPi * inverse;
  return 1 / (kPi * (ratio - 1) * hilbert);
}

}  // namespace

void make_falling(std::vector<double> &values) {
  struct Run {
    double mean;
    size_t count;
  };
  std::vector<Run> runs;
  for (const double value : values) {
    runs.push_back({value, 1});
    while (runs.size() > 1 && runs[runs.size() - 2].mean < runs.back().mean) {
      const Run last = runs.back();
      runs.pop_back();
      Run &run = runs.back();
      const auto a = static_cast<double>(run.count);
      const auto b = static_cast<double>(last.count);
      run = {(run.mean * a + last.mean * b) / (a + b), run.count + last.count};
    }
  }
  size_t i = 0;
  for (const Run &run : runs)
    for (size_t k = 0; k < run.count; ++k) values[i++] = run.mean;
}

std::vector<double> shrink_eigenvalues(const std::vector<double> &eigenvalues, size_t directions,
                                       double samples) {
  std::vector<double> result = eigenvalues;
  if (directions == 0 || samples < 4) return result;
  const auto all = static_cast<double>(directions);
  // Where both are nearly the same, the formula has a pole.
  if (samples > 0.95 * all && samples < 1.05 * all) samples = 0.95 * all;
  const double ratio = all / samples;
  const double width = std::min(std::pow(samples, -1.0 / 3), 0.4);
  size_t count = std::min(directions, ratio > 1 ? static_cast<size_t>(samples) : directions);
  while (count > 0 && !(eigenvalues[count - 1] > eigenvalues[0] * 1e-14)) --count;
  if (count == 0) return result;

  for (size_t i = 0; i < count; ++i) {
    const double at = eigenvalues[i];
    const Density d = density_at(at, eigenvalues, count, width);
    const double imaginary = kPi * at * d.value;
    const double real = kPi * at * d.hilbert;
    const double a = ratio < 1 ? ratio * imaginary : imaginary;
    const double b = ratio < 1 ? 1 - ratio - ratio * real : real;
    result[i] = at / (a * a + b * b);
  }
  const double null = ratio > 1 ? null_variance(eigenvalues, count, width, ratio) : 0;
  for (size_t i = count; i < result.size(); ++i) result[i] = i < directions ? null : 0;
  make_falling(result);
  return result;
}

}  // namespace feat::native
