// SPDX-License-Identifier: LGPL-2.1-or-later
#ifndef GST_METRIC_COMPARISON_H
#define GST_METRIC_COMPARISON_H

#include <gst/feature/gstfeature.h>

#include <limits>

namespace feat {

/// Sums over pairs of points, all in double. Pairs with NaN or infinity on either side are
/// counted and left out of the sums.
struct Comparison {
  guint64 points = 0;
  guint64 non_finite = 0;
  guint64 first_non_finite = 0;  ///< index of the first, if there are any
  double squared_error = 0;
  double max_error = 0;
  double product = 0;
  double ref_squares = 0;
  double test_squares = 0;
  double ref_min = std::numeric_limits<double>::infinity();
  double ref_max = -std::numeric_limits<double>::infinity();

  void add(const Comparison &other);
  /// Mean squared error; 0 without points.
  double mse() const;
  /// Largest minus smallest value of the reference; 0 without points.
  double ref_range() const { return ref_max > ref_min ? ref_max - ref_min : 0; }
  /// In dB: infinity for equal tensors, and -infinity for others against a peak of 0.
  double psnr(double peak) const;
  /// Cosine of the angle between the two; 1 if both are zero and 0 if one is.
  double cosine() const;
};

/// Compares `n` points, whatever the formats.
Comparison compare(GstFeatureFormat ref_format, const guint8 *ref, GstFeatureFormat test_format,
                   const guint8 *test, guint64 n);

}  // namespace feat

#endif  // GST_METRIC_COMPARISON_H
