// SPDX-License-Identifier: LGPL-2.1-or-later
// What a description holds; what it must satisfy is in gstfeaturevalidate.cpp.
#include "gstfeatureinfo-private.h"

#include <cmath>
#include <cstring>
#include <new>
#include <numeric>

G_DEFINE_BOXED_TYPE(GstFeatureInfo, gst_feature_info, gst_feature_info_copy, gst_feature_info_free)

GstFeatureInfo *gst_feature_info_new(void) {
  return new (g_malloc(sizeof(GstFeatureInfo))) GstFeatureInfo();
}

GstFeatureInfo *gst_feature_info_copy(const GstFeatureInfo *info) {
  g_return_val_if_fail(info != nullptr, nullptr);
  return new (g_malloc(sizeof(GstFeatureInfo))) GstFeatureInfo(*info);
}

void gst_feature_info_free(GstFeatureInfo *info) {
  if (!info) return;
  info->~GstFeatureInfo();
  g_free(info);
}

static bool same_bits(const feat::Vector<gdouble> &a, const feat::Vector<gdouble> &b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(gdouble)) == 0);
}

gboolean gst_feature_info_is_equal(const GstFeatureInfo *info, const GstFeatureInfo *other) {
  g_return_val_if_fail(info != nullptr && other != nullptr, FALSE);
  return info->n_dims == other->n_dims &&
         std::memcmp(info->shape, other->shape, info->n_dims * sizeof(gint)) == 0 &&
         info->format == other->format && info->bit_depth == other->bit_depth &&
         info->source_format == other->source_format && info->rounding == other->rounding &&
         info->range_axis == other->range_axis && same_bits(info->range_min, other->range_min) &&
         same_bits(info->range_max, other->range_max) && info->packing == other->packing &&
         info->grid_rows == other->grid_rows && info->grid_columns == other->grid_columns &&
         info->task == other->task && info->framerate_n == other->framerate_n &&
         info->framerate_d == other->framerate_d;
}

const gint *gst_feature_info_get_shape(const GstFeatureInfo *info, guint *n_dims) {
  g_return_val_if_fail(info != nullptr, nullptr);
  if (n_dims) *n_dims = info->n_dims;
  return info->shape;
}

gboolean gst_feature_info_set_shape(GstFeatureInfo *info, const gint *shape, guint n_dims) {
  g_return_val_if_fail(info != nullptr, FALSE);
  g_return_val_if_fail(shape != nullptr || n_dims == 0, FALSE);
  if (n_dims > GST_FEATURE_MAX_DIMS) return FALSE;
  for (guint i = 0; i < n_dims; i++) {
    if (shape[i] < 0) return FALSE;
  }
  if (n_dims > 0) std::memmove(info->shape, shape, n_dims * sizeof(gint));
  info->n_dims = n_dims;
  return TRUE;
}

GstFeatureFormat gst_feature_info_get_format(const GstFeatureInfo *info) {
  g_return_val_if_fail(info != nullptr, GST_FEATURE_FORMAT_UNKNOWN);
  return info->format;
}

void gst_feature_info_set_format(GstFeatureInfo *info, GstFeatureFormat format) {
  g_return_if_fail(info != nullptr);
  g_return_if_fail(format == GST_FEATURE_FORMAT_UNKNOWN || gst_feature_format_get_size(format) > 0);
  info->format = format;
}

gboolean gst_feature_info_is_quantized(const GstFeatureInfo *info) {
  g_return_val_if_fail(info != nullptr, FALSE);
  return info->bit_depth != 0;
}

gboolean gst_feature_info_set_quantization(GstFeatureInfo *info, guint bit_depth,
                                           GstFeatureRounding rounding,
                                           GstFeatureFormat source_format) {
  g_return_val_if_fail(info != nullptr, FALSE);
  if (bit_depth == 0) {
    if (info->bit_depth == 0) return TRUE;
    info->format = info->source_format;
    info->bit_depth = 0;
    info->source_format = GST_FEATURE_FORMAT_UNKNOWN;
    info->rounding = GST_FEATURE_ROUNDING_NEAREST;
    info->range_axis = -1;
    info->range_min.clear();
    info->range_max.clear();
    return TRUE;
  }
  if (bit_depth < 2 || bit_depth > 16) return FALSE;
  if (!gst_feature_rounding_to_string(rounding)) return FALSE;
  if (gst_feature_format_get_size(source_format) == 0) return FALSE;
  info->format = bit_depth <= 8 ? GST_FEATURE_FORMAT_U8 : GST_FEATURE_FORMAT_U16LE;
  info->bit_depth = bit_depth;
  info->source_format = source_format;
  info->rounding = rounding;
  return TRUE;
}

guint gst_feature_info_get_bit_depth(const GstFeatureInfo *info) {
  g_return_val_if_fail(info != nullptr, 0);
  return info->bit_depth;
}

GstFeatureRounding gst_feature_info_get_rounding(const GstFeatureInfo *info) {
  g_return_val_if_fail(info != nullptr, GST_FEATURE_ROUNDING_NEAREST);
  return info->rounding;
}

GstFeatureFormat gst_feature_info_get_source_format(const GstFeatureInfo *info) {
  g_return_val_if_fail(info != nullptr, GST_FEATURE_FORMAT_UNKNOWN);
  return info->bit_depth ? info->source_format : info->format;
}

namespace feat {

const char *range_problem(double min, double max) {
  if (!std::isfinite(min) || !std::isfinite(max)) return "must be finite";
  if (!(min < max)) return "must have its lower end below its upper end";
  // Both the width and the steps per unit enter the quantiser.
  if (!std::isfinite(max - min)) return "is wider than the largest double";
  if (!std::isfinite(65535.0 / (max - min))) return "is too narrow to be divided into steps";
  return nullptr;
}

}  // namespace feat

gboolean gst_feature_info_set_ranges(GstFeatureInfo *info, gint axis, const gdouble *range_min,
                                     const gdouble *range_max, guint n_ranges, GError **error) {
  g_return_val_if_fail(info != nullptr, FALSE);
  g_return_val_if_fail((range_min != nullptr && range_max != nullptr) || n_ranges == 0, FALSE);
  if (!info->bit_depth) {
    g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_RANGE,
                "ranges need a bit depth: set the quantisation first");
    return FALSE;
  }
  if (axis < -1 || axis >= static_cast<gint>(info->n_dims)) {
    g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_RANGE,
                "range axis %d is outside -1 to %d, the last dimension", axis,
                static_cast<gint>(info->n_dims) - 1);
    return FALSE;
  }
  if (n_ranges > GST_FEATURE_MAX_RANGES) {
    g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_RANGE,
                "%u ranges are more than the limit of %u", n_ranges, GST_FEATURE_MAX_RANGES);
    return FALSE;
  }
  const guint wanted = axis < 0 ? 1 : static_cast<guint>(info->shape[axis]);
  if (n_ranges != wanted) {
    g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_RANGE,
                "%u ranges were given where axis %d needs %u", n_ranges, axis, wanted);
    return FALSE;
  }
  for (guint i = 0; i < n_ranges; i++) {
    if (const char *problem = feat::range_problem(range_min[i], range_max[i])) {
      g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_RANGE, "range %u, %.17g to %.17g, %s",
                  i, range_min[i], range_max[i], problem);
      return FALSE;
    }
  }
  info->range_axis = axis;
  // The arrays may be the description's own.
  feat::Vector<gdouble> min(range_min, range_min + n_ranges);
  feat::Vector<gdouble> max(range_max, range_max + n_ranges);
  info->range_min.swap(min);
  info->range_max.swap(max);
  return TRUE;
}

const gdouble *gst_feature_info_get_range_min(const GstFeatureInfo *info, guint *n_ranges) {
  g_return_val_if_fail(info != nullptr, nullptr);
  if (n_ranges) *n_ranges = static_cast<guint>(info->range_min.size());
  return info->range_min.data();
}

const gdouble *gst_feature_info_get_range_max(const GstFeatureInfo *info, guint *n_ranges) {
  g_return_val_if_fail(info != nullptr, nullptr);
  if (n_ranges) *n_ranges = static_cast<guint>(info->range_max.size());
  return info->range_max.data();
}

gint gst_feature_info_get_range_axis(const GstFeatureInfo *info) {
  g_return_val_if_fail(info != nullptr, -1);
  return info->range_axis;
}

GstFeaturePacking gst_feature_info_get_packing(const GstFeatureInfo *info) {
  g_return_val_if_fail(info != nullptr, GST_FEATURE_PACKING_NONE);
  return info->packing;
}

gboolean gst_feature_info_set_packing(GstFeatureInfo *info, GstFeaturePacking packing,
                                      guint grid_rows, guint grid_columns) {
  g_return_val_if_fail(info != nullptr, FALSE);
  if (!gst_feature_packing_to_string(packing)) return FALSE;
  const bool grid = packing == GST_FEATURE_PACKING_MOSAIC;
  if ((grid_rows > 0) != grid || (grid_columns > 0) != grid) return FALSE;
  if (grid_rows > G_MAXINT || grid_columns > G_MAXINT) return FALSE;
  info->packing = packing;
  info->grid_rows = grid_rows;
  info->grid_columns = grid_columns;
  return TRUE;
}

guint gst_feature_info_get_grid_rows(const GstFeatureInfo *info) {
  g_return_val_if_fail(info != nullptr, 0);
  return info->grid_rows;
}

guint gst_feature_info_get_grid_columns(const GstFeatureInfo *info) {
  g_return_val_if_fail(info != nullptr, 0);
  return info->grid_columns;
}

GstFeatureTask gst_feature_info_get_task(const GstFeatureInfo *info) {
  g_return_val_if_fail(info != nullptr, GST_FEATURE_TASK_NONE);
  return info->task;
}

void gst_feature_info_set_task(GstFeatureInfo *info, GstFeatureTask task) {
  g_return_if_fail(info != nullptr);
  g_return_if_fail(gst_feature_task_to_string(task) != nullptr);
  info->task = task;
}

void gst_feature_info_get_framerate(const GstFeatureInfo *info, gint *numerator,
                                    gint *denominator) {
  g_return_if_fail(info != nullptr);
  if (numerator) *numerator = info->framerate_n;
  if (denominator) *denominator = info->framerate_d;
}

void gst_feature_info_set_framerate(GstFeatureInfo *info, gint numerator, gint denominator) {
  g_return_if_fail(info != nullptr);
  g_return_if_fail(numerator >= 0 && denominator > 0);
  // Lowest terms, as fractions stand in caps.
  const gint divisor = std::gcd(numerator, denominator);
  info->framerate_n = numerator / divisor;
  info->framerate_d = denominator / divisor;
}
