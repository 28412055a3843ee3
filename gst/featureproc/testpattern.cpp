// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/featureproc/testpattern.h"

#include <algorithm>
#include <array>
#include <limits>

#include "gst/common/visitformat.h"
#include "gst/featureproc/prng.h"

namespace feat {

namespace {

/// Values that noise and gradient span: -1 to 1 for real formats, else all that the integer
/// holds, or the code values of a quantised tensor.
struct Range {
  double low = -1;
  double high = 1;
};

/// Consecutive integers from 0 that every format holds exactly.
guint64 ramp_period(GstFeatureFormat format, guint bit_depth) {
  if (bit_depth > 0) return guint64{1} << bit_depth;
  switch (format) {
    case GST_FEATURE_FORMAT_S8:
      return 1 << 7;
    case GST_FEATURE_FORMAT_U8:
    case GST_FEATURE_FORMAT_BF16LE:
      return 1 << 8;
    case GST_FEATURE_FORMAT_F16LE:
      return 1 << 11;
    case GST_FEATURE_FORMAT_S16LE:
      return 1 << 15;
    case GST_FEATURE_FORMAT_U16LE:
      return 1 << 16;
    default:
      return 1 << 24;
  }
}

Range value_range(GstFeatureFormat format, guint bit_depth) {
  if (bit_depth > 0) return {0, static_cast<double>((guint64{1} << bit_depth) - 1)};
  if (gst_feature_format_is_float(format)) return {};
  const bool is_signed = format == GST_FEATURE_FORMAT_S8 || format == GST_FEATURE_FORMAT_S16LE ||
                         format == GST_FEATURE_FORMAT_S32LE || format == GST_FEATURE_FORMAT_S64LE;
  double count = 1;
  for (guint i = 0; i < gst_feature_format_get_size(format); ++i) count *= 256;
  return is_signed ? Range{-count / 2, count / 2 - 1} : Range{0, count - 1};
}

template <typename S>
void fill(Pattern pattern, guint64 seed, guint64 index, const GstFeatureInfo *info, guint8 *data) {
  guint n_dims = 0;
  const gint *shape = gst_feature_info_get_shape(info, &n_dims);
  const guint64 n = gst_feature_info_get_n_points(info);
  const GstFeatureFormat format = gst_feature_info_get_format(info);
  const guint bit_depth = gst_feature_info_get_bit_depth(info);
  const Range range = value_range(format, bit_depth);
  const double span = range.high - range.low;
  switch (pattern) {
    case Pattern::kNoise: {
      Random random(seed, index);
      // Whole numbers, each as likely as the other: floor of [low, high + 1).
      const bool whole = bit_depth > 0 || !gst_feature_format_is_float(format);
      for (guint64 i = 0; i < n; ++i) {
        const double u = random.uniform();
        S::store(data + i * S::kSize,
                 whole ? std::floor(range.low + (span + 1) * u) : range.low + span * u);
      }
      break;
    }
    case Pattern::kGradient: {
      const auto columns = static_cast<guint64>(n_dims > 0 ? shape[n_dims - 1] : 1);
      const auto rows = static_cast<guint64>(n_dims > 1 ? shape[n_dims - 2] : 1);
      const double steps = static_cast<double>(std::max<guint64>(rows + columns, 3) - 2);
      for (guint64 i = 0; i < n; ++i) {
        const auto place = static_cast<double>(i % columns + i / columns % rows);
        S::store(data + i * S::kSize, range.low + span * (place / steps));
      }
      break;
    }
    case Pattern::kZero:
      std::fill_n(data, gst_feature_info_get_size(info), guint8{0});
      break;
    case Pattern::kRamp: {
      const guint64 period = ramp_period(format, bit_depth);
      for (guint64 i = 0; i < n; ++i)
        S::store(data + i * S::kSize, static_cast<double>((i + index) % period));
      break;
    }
    default: {
      const std::vector<float> x = synthesize(to_synth(pattern), seed, index, {shape, n_dims});
      for (guint64 i = 0; i < n; ++i) S::store(data + i * S::kSize, x[i]);
    }
  }
}

}  // namespace

GstFeatureFormat pattern_format(Pattern pattern) {
  return is_synthetic(pattern) && synth_kind(to_synth(pattern)).half ? GST_FEATURE_FORMAT_F16LE
                                                                     : GST_FEATURE_FORMAT_F32LE;
}

std::span<const int32_t> pattern_shape(Pattern pattern) {
  static constexpr std::array<int32_t, 4> kPlain = {1, 1, 64, 256};
  return is_synthetic(pattern) ? synth_kind(to_synth(pattern)).shape : kPlain;
}

void fill_pattern(Pattern pattern, guint64 seed, guint64 index, const GstFeatureInfo *info,
                  guint8 *data) {
  visit_format(gst_feature_info_get_format(info),
               [&](auto scalar) { fill<decltype(scalar)>(pattern, seed, index, info, data); });
}

}  // namespace feat
