// SPDX-License-Identifier: LGPL-2.1-or-later
// Sizes, and what a description must satisfy. Products of dimensions are overflow-safe.
#include "gstfeatureinfo-private.h"

namespace {

// Product of the dimensions. A dimension of 0 gives 0 only if the product of the others does not
// overflow either, so that whoever multiplies a part of them (a stride, a plane) is safe too.
bool count_points(const GstFeatureInfo *info, guint64 *points) {
  guint64 product = 1;
  bool empty = false;
  for (guint i = 0; i < info->n_dims; i++) {
    if (info->shape[i] == 0) {
      empty = true;
    } else if (__builtin_mul_overflow(product, static_cast<guint64>(info->shape[i]), &product)) {
      return false;
    }
  }
  // Bytes must fit a signed size: buffers and offsets are counted in those.
  guint64 bytes;
  const guint64 element = MAX(gst_feature_format_get_size(info->format), 1);
  if (__builtin_mul_overflow(product, element, &bytes) || bytes > G_MAXSSIZE) return false;
  *points = empty ? 0 : product;
  return true;
}

gchar *shape_text(const GstFeatureInfo *info) {
  GString *text = g_string_new("(");
  for (guint i = 0; i < info->n_dims; i++) {
    g_string_append_printf(text, "%s%d", i ? "," : "", info->shape[i]);
  }
  return g_string_free(g_string_append_c(text, ')'), FALSE);
}

// The shape as (N,C,H,W): missing outer dimensions are 1, surplus ones are merged into N.
struct Planes {
  guint64 n = 1, c = 1, h = 1, w = 1;
};

bool to_planes(const GstFeatureInfo *info, Planes *planes) {
  const auto dim = [info](guint from_end) {
    return info->n_dims < from_end ? G_GUINT64_CONSTANT(1)
                                   : static_cast<guint64>(info->shape[info->n_dims - from_end]);
  };
  planes->w = dim(1);
  planes->h = dim(2);
  planes->c = dim(3);
  for (guint from_end = 4; from_end <= info->n_dims; from_end++) {
    if (__builtin_mul_overflow(planes->n, dim(from_end), &planes->n)) return false;
  }
  return true;
}

bool check_quantization(const GstFeatureInfo *info, GError **error) {
  const GstFeatureFormat wanted =
      info->bit_depth <= 8 ? GST_FEATURE_FORMAT_U8 : GST_FEATURE_FORMAT_U16LE;
  if (info->format != wanted) {
    g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_RANGE,
                "format %s cannot hold a tensor quantised to %u bits: that takes %s",
                gst_feature_format_to_string(info->format), info->bit_depth,
                gst_feature_format_to_string(wanted));
    return false;
  }
  if (info->range_axis >= static_cast<gint>(info->n_dims)) {
    g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_RANGE,
                "range axis %d is outside -1 to %d, the last dimension", info->range_axis,
                static_cast<gint>(info->n_dims) - 1);
    return false;
  }
  // The ranges were checked one by one when they were set; the shape may have changed since.
  const guint wanted_ranges =
      info->range_axis < 0 ? 1 : static_cast<guint>(info->shape[info->range_axis]);
  if (info->range_min.size() != wanted_ranges) {
    g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_RANGE,
                "%u ranges were given where axis %d needs %u",
                static_cast<guint>(info->range_min.size()), info->range_axis, wanted_ranges);
    return false;
  }
  return true;
}

}  // namespace

guint64 gst_feature_info_get_n_points(const GstFeatureInfo *info) {
  g_return_val_if_fail(info != nullptr, 0);
  guint64 points;
  return count_points(info, &points) ? points : 0;
}

gsize gst_feature_info_get_size(const GstFeatureInfo *info) {
  return gst_feature_info_get_n_points(info) * gst_feature_format_get_size(info->format);
}

gboolean gst_feature_info_validate(const GstFeatureInfo *info, guint64 max_points, GError **error) {
  g_return_val_if_fail(info != nullptr, FALSE);
  if (gst_feature_format_get_size(info->format) == 0) {
    g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_CAPS, "the element format is not set");
    return FALSE;
  }
  guint64 points;
  if (!count_points(info, &points)) {
    g_autofree gchar *shape = shape_text(info);
    g_set_error(
        error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_SHAPE,
        "a tensor of shape %s and format %s is larger than the address space, %" G_GINT64_FORMAT
        " bytes",
        shape, gst_feature_format_to_string(info->format), static_cast<gint64>(G_MAXSSIZE));
    return FALSE;
  }
  if (max_points > 0 && points > max_points) {
    g_autofree gchar *shape = shape_text(info);
    g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_LIMIT,
                "a tensor of shape %s has %" G_GUINT64_FORMAT
                " points, more than max-points=%" G_GUINT64_FORMAT,
                shape, points, max_points);
    return FALSE;
  }
  if (info->bit_depth && !check_quantization(info, error)) return FALSE;
  if (info->packing != GST_FEATURE_PACKING_NONE) {
    gint width, height;
    return gst_feature_info_get_packed_size(info, &width, &height, error);
  }
  return TRUE;
}

gboolean gst_feature_info_get_packed_size(const GstFeatureInfo *info, gint *width, gint *height,
                                          GError **error) {
  g_return_val_if_fail(info != nullptr, FALSE);
  g_return_val_if_fail(width != nullptr && height != nullptr, FALSE);
  Planes p;
  guint64 columns = 0, rows = 0;
  bool fits = to_planes(info, &p);
  const char *need = "sides of at most 2147483647";
  switch (info->packing) {
    case GST_FEATURE_PACKING_ROWS:
      if (fits && (p.n != 1 || p.c != 1)) {
        fits = false;
        need = "all but the two innermost dimensions to be 1";
      }
      columns = p.w;
      rows = p.h;
      break;
    case GST_FEATURE_PACKING_STACK:
      fits = fits && !__builtin_mul_overflow(p.c, p.w, &columns) &&
             !__builtin_mul_overflow(p.n, p.h, &rows);
      break;
    case GST_FEATURE_PACKING_MOSAIC: {
      const guint64 cells = static_cast<guint64>(info->grid_rows) * info->grid_columns;
      if (fits && p.c != cells) {
        g_autofree gchar *shape = shape_text(info);
        g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_SHAPE,
                    "packing mosaic with a grid of %u x %u needs %" G_GUINT64_FORMAT
                    " channels, shape %s has %" G_GUINT64_FORMAT,
                    info->grid_rows, info->grid_columns, cells, shape, p.c);
        return FALSE;
      }
      fits = fits &&
             !__builtin_mul_overflow(static_cast<guint64>(info->grid_columns), p.w, &columns) &&
             !__builtin_mul_overflow(static_cast<guint64>(info->grid_rows), p.h, &rows) &&
             !__builtin_mul_overflow(p.n, rows, &rows);
      break;
    }
    case GST_FEATURE_PACKING_NONE:
      g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_SHAPE, "no packing is set");
      return FALSE;
  }
  if (fits && (columns > G_MAXINT || rows > G_MAXINT)) fits = false;
  if (fits && (columns == 0 || rows == 0)) {
    fits = false;
    need = "every dimension to be 1 or more";
  }
  if (!fits) {
    g_autofree gchar *shape = shape_text(info);
    g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_SHAPE,
                "shape %s cannot be packed as %s, which needs %s", shape,
                gst_feature_packing_to_string(info->packing), need);
    return FALSE;
  }
  *width = static_cast<gint>(columns);
  *height = static_cast<gint>(rows);
  return TRUE;
}
