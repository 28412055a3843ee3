// SPDX-License-Identifier: LGPL-2.1-or-later
#include "unpacksettings.h"

#include "transform.h"

namespace feat {
namespace {

gboolean apply_shape(const UnpackSettings &settings, bool described, GstFeatureInfo *info,
                     GError **error) {
  if (settings.shape.empty()) {
    if (described) return TRUE;
    g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_CAPS,
                "the caps have no feature field: set shape, and conditions or bit-depth, "
                "range-min and range-max");
    return FALSE;
  }
  if (gst_feature_info_set_shape(info, settings.shape.data(),
                                 static_cast<guint>(settings.shape.size())))
    return TRUE;
  g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_SHAPE,
              "shape has %" G_GSIZE_FORMAT
              " dimensions or one below 0; at most %d of 0 or more are possible",
              settings.shape.size(), GST_FEATURE_MAX_DIMS);
  return FALSE;
}

gboolean apply_quantization(const UnpackSettings &settings, GstFeatureInfo *info, GError **error) {
  const auto *row = gst_feature_conditions_get_row(settings.ranges.conditions());
  guint bit_depth = settings.bit_depth;
  if (bit_depth == 0) bit_depth = gst_feature_info_get_bit_depth(info);
  if (bit_depth == 0 && row != nullptr) bit_depth = row->bit_depth;
  if (bit_depth == 0) {
    g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_CAPS,
                "neither the caps nor bit-depth nor conditions say how many bits a code has");
    return FALSE;
  }
  GstFeatureFormat source_format = settings.source_format;
  if (source_format == GST_FEATURE_FORMAT_UNKNOWN && gst_feature_info_is_quantized(info))
    source_format = gst_feature_info_get_source_format(info);
  if (source_format == GST_FEATURE_FORMAT_UNKNOWN) source_format = GST_FEATURE_FORMAT_F32LE;
  const GstFeatureRounding rounding =
      settings.rounding.value_or(gst_feature_info_get_rounding(info));
  if (!gst_feature_info_set_quantization(info, bit_depth, rounding, source_format)) {
    g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_CAPS,
                "bit-depth is %u, expected 2 to 16", bit_depth);
    return FALSE;
  }
  if (row != nullptr && gst_feature_info_get_task(info) == GST_FEATURE_TASK_NONE)
    gst_feature_info_set_task(info, row->task);
  return TRUE;
}

gboolean apply_ranges(const UnpackSettings &settings, GstFeatureInfo *info, GError **error) {
  if (!settings.ranges.given()) {
    guint n_ranges;
    gst_feature_info_get_range_min(info, &n_ranges);
    if (n_ranges > 0 || gst_feature_info_get_range_axis(info) >= 0) return TRUE;
    g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_CAPS,
                "neither the caps nor the properties have a range: set range-min and range-max, or "
                "conditions");
    return FALSE;
  }
  Ranges ranges;
  return settings.ranges.resolve(info, &ranges, error) &&
         gst_feature_info_set_ranges(info, ranges.axis, ranges.min.data(), ranges.max.data(),
                                     static_cast<guint>(ranges.min.size()), error);
}

gboolean apply_packing(const UnpackSettings &settings, GstFeatureInfo *info, gint *width,
                       gint *height, GError **error) {
  const bool own = !settings.packing.automatic || settings.packing.grid_rows > 0 ||
                   settings.packing.grid_columns > 0;
  if (own || gst_feature_info_get_packing(info) == GST_FEATURE_PACKING_NONE)
    return choose_packing(settings.packing, settings.ranges.conditions(), info, width, height,
                          error);
  return gst_feature_info_get_packed_size(info, width, height, error);
}

gboolean check_picture(const GstStructure *s, const GstFeatureInfo *info, gint width, gint height,
                       GError **error) {
  gint real_width, real_height;
  if (!gst_structure_get_int(s, "width", &real_width) ||
      !gst_structure_get_int(s, "height", &real_height)) {
    g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_CAPS, "the caps have no picture size");
    return FALSE;
  }
  if (real_width != width || real_height != height) {
    const CharPtr shape = shape_text(info);
    g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_SHAPE,
                "the picture has %d x %d samples, a tensor of shape %s packed as %s has %d x %d",
                real_width, real_height, shape.get(),
                gst_feature_packing_to_string(gst_feature_info_get_packing(info)), width, height);
    return FALSE;
  }
  const gchar *name = gst_structure_get_string(s, "format");
  const PictureFormat *format = picture_format_find(name);
  const guint bit_depth = gst_feature_info_get_bit_depth(info);
  if (format != nullptr && bit_depth <= format->depth) return TRUE;
  g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_CAPS,
              "video format %s cannot hold codes of %u bits", name != nullptr ? name : "(none)",
              bit_depth);
  return FALSE;
}

}  // namespace

InfoPtr packed_info(const UnpackSettings &settings, const GstStructure *s, GError **error) {
  const CapsPtr caps(gst_caps_new_full(gst_structure_copy(s), nullptr));
  const bool described = gst_feature_caps_has_info(caps.get());
  InfoPtr info(described ? gst_feature_info_from_caps(caps.get(), error) : gst_feature_info_new());
  if (!info) return nullptr;
  gint n, d;
  if (gst_structure_get_fraction(s, "framerate", &n, &d))
    gst_feature_info_set_framerate(info.get(), n, d);
  if (!described) gst_feature_info_set_format(info.get(), GST_FEATURE_FORMAT_U16LE);
  gint width, height;
  if (!apply_shape(settings, described, info.get(), error) ||
      !apply_quantization(settings, info.get(), error) ||
      !apply_ranges(settings, info.get(), error) ||
      !apply_packing(settings, info.get(), &width, &height, error) ||
      !gst_feature_info_validate(info.get(), settings.max_points, error) ||
      !check_picture(s, info.get(), width, height, error))
    return nullptr;
  return info;
}

}  // namespace feat
