// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/metric/comparison.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "gst/common/visitformat.h"

namespace feat {

namespace {

// Points that are converted at a time: two blocks fit the first-level cache, and sums of sums
// lose less than one long sum.
constexpr guint64 kBlock = 1024;

void load_block(GstFeatureFormat format, const guint8 *data, guint64 first, guint64 n,
                std::array<double, kBlock> *block) {
  visit_format(format, [&](auto scalar) {
    using S = decltype(scalar);
    const guint8 *p = data + first * S::kSize;
    for (guint64 i = 0; i < n; ++i) (*block)[i] = S::load(p + i * S::kSize);
  });
}

}  // namespace

void Comparison::add(const Comparison &other) {
  if (non_finite == 0 && other.non_finite > 0)
    first_non_finite = points + non_finite + other.first_non_finite;
  points += other.points;
  non_finite += other.non_finite;
  squared_error += other.squared_error;
  max_error = std::max(max_error, other.max_error);
  product += other.product;
  ref_squares += other.ref_squares;
  test_squares += other.test_squares;
  ref_min = std::min(ref_min, other.ref_min);
  ref_max = std::max(ref_max, other.ref_max);
}

double Comparison::mse() const {
  return points > 0 ? squared_error / static_cast<double>(points) : 0;
}

double Comparison::psnr(double peak) const {
  const double error = mse();
  if (error == 0) return std::numeric_limits<double>::infinity();
  return 20 * std::log10(peak) - 10 * std::log10(error);
}

double Comparison::cosine() const {
  if (ref_squares == 0 && test_squares == 0) return 1;
  if (ref_squares == 0 || test_squares == 0) return 0;
  return product / (std::sqrt(ref_squares) * std::sqrt(test_squares));
}

Comparison compare(GstFeatureFormat ref_format, const guint8 *ref, GstFeatureFormat test_format,
                   const guint8 *test, guint64 n) {
  std::array<double, kBlock> a;
  std::array<double, kBlock> b;
  Comparison total;
  for (guint64 first = 0; first < n; first += kBlock) {
    const guint64 count = std::min(kBlock, n - first);
    load_block(ref_format, ref, first, count, &a);
    load_block(test_format, test, first, count, &b);
    Comparison block;
    for (guint64 i = 0; i < count; ++i) {
      if (!std::isfinite(a[i]) || !std::isfinite(b[i])) {
        if (block.non_finite++ == 0) block.first_non_finite = i;
        continue;
      }
      const double error = std::abs(b[i] - a[i]);
      ++block.points;
      block.squared_error += error * error;
      block.max_error = std::max(block.max_error, error);
      block.product += a[i] * b[i];
      block.ref_squares += a[i] * a[i];
      block.test_squares += b[i] * b[i];
      block.ref_min = std::min(block.ref_min, a[i]);
      block.ref_max = std::max(block.ref_max, a[i]);
    }
    total.add(block);
  }
  return total;
}

}  // namespace feat
