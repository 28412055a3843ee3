// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pictureformat.h"

#include "rangesettings.h"

namespace feat {

const PictureFormat kPictureFormats[] = {
    {"GRAY8", 8, 8, 1, 0, false},           {"GRAY16_LE", 16, 16, 2, 0, false},
    {"GRAY10_LE16", 10, 10, 2, 0, false},   {"I420", 8, 8, 1, 0x80, true},
    {"NV12", 8, 8, 1, 0x80, true},          {"I420_10LE", 10, 10, 2, 0x200, true},
    {"P010_10LE", 10, 16, 2, 0x8000, true}, {"I420_12LE", 12, 12, 2, 0x800, true},
    {"Y444", 8, 8, 1, 0x80, false},         {"Y444_10LE", 10, 10, 2, 0x200, false},
    {"Y444_12LE", 12, 12, 2, 0x800, false}, {nullptr, 0, 0, 0, 0, false},
};

namespace {

bool is_known(const PictureFormat &format) {
  return gst_video_format_from_string(format.name) != GST_VIDEO_FORMAT_UNKNOWN;
}

void append_name(GValue *list, const char *text) {
  GValue name = G_VALUE_INIT;
  g_value_init(&name, G_TYPE_STRING);
  g_value_set_static_string(&name, text);
  gst_value_list_append_and_take_value(list, &name);
}

// The shape as (N,C,H,W): outer dimensions that are missing count as 1, more than four are merged.
PictureLayout plain_layout(const GstFeatureInfo *info) {
  guint n_dims;
  const gint *shape = gst_feature_info_get_shape(info, &n_dims);
  const auto dimension = [&](guint from_end) {
    return from_end <= n_dims ? static_cast<std::size_t>(shape[n_dims - from_end]) : 1;
  };
  PictureLayout layout;
  layout.width = dimension(1);
  layout.height = dimension(2);
  layout.channels = dimension(3);
  for (guint from_end = 4; from_end <= n_dims; from_end++) layout.images *= dimension(from_end);
  return layout;
}

// As square a grid as there is without empty cells.
void square_grid(guint channels, guint *rows, guint *columns) {
  *rows = 1;
  for (guint divisor = 2; divisor <= channels / divisor; divisor++)
    if (channels % divisor == 0) *rows = divisor;
  *columns = channels / *rows;
}

PackingSettings automatic_packing(GstFeatureConditions conditions, const GstFeatureInfo *info) {
  if (const auto *row = gst_feature_conditions_get_row(conditions))
    return {false, row->packing, row->grid_rows, row->grid_columns};
  const PictureLayout layout = plain_layout(info);
  if (const auto *row = conditions_of_task(gst_feature_info_get_task(info))) {
    const bool fits = row->packing == GST_FEATURE_PACKING_ROWS
                          ? layout.images == 1 && layout.channels == 1
                          : row->packing != GST_FEATURE_PACKING_MOSAIC ||
                                layout.channels == row->grid_rows * row->grid_columns;
    if (fits) return {false, row->packing, row->grid_rows, row->grid_columns};
  }
  const bool planes = layout.channels > 1 && layout.height == layout.width && layout.width > 1;
  return {false, planes ? GST_FEATURE_PACKING_MOSAIC : GST_FEATURE_PACKING_STACK, 0, 0};
}

}  // namespace

const PictureFormat *picture_format_find(const gchar *name) {
  for (const PictureFormat *format = kPictureFormats; format->name != nullptr; format++)
    if (g_strcmp0(format->name, name) == 0) return is_known(*format) ? format : nullptr;
  return nullptr;
}

PlaneFormat plane_format(const PictureFormat &format, guint bit_depth) {
  return {format.bytes, format.top - bit_depth};
}

void set_picture_formats(GstStructure *s, guint bit_depth, bool odd) {
  GValue list = G_VALUE_INIT;
  g_value_init(&list, GST_TYPE_LIST);
  // Codecs cannot signal an odd size where chroma is subsampled.
  for (const bool last : {false, true})
    for (const PictureFormat *format = kPictureFormats; format->name != nullptr; format++)
      if (format->depth >= bit_depth && (odd && format->subsampled) == last && is_known(*format))
        append_name(&list, format->name);
  gst_structure_take_value(s, "format", &list);
}

guint largest_depth(const GstStructure *s) {
  const GValue *formats = gst_structure_get_value(s, "format");
  if (formats == nullptr) return 16;
  guint depth = 0;
  for (const PictureFormat *format = kPictureFormats; format->name != nullptr; format++) {
    GValue name = G_VALUE_INIT;
    g_value_init(&name, G_TYPE_STRING);
    g_value_set_static_string(&name, format->name);
    if (is_known(*format) && gst_value_intersect(nullptr, formats, &name))
      depth = MAX(depth, format->depth);
    g_value_unset(&name);
  }
  return depth;
}

GstCaps *picture_caps() {
  GstCaps *caps = gst_caps_new_simple("video/x-raw", "width", GST_TYPE_INT_RANGE, 1, G_MAXINT,
                                      "height", GST_TYPE_INT_RANGE, 1, G_MAXINT, "framerate",
                                      GST_TYPE_FRACTION_RANGE, 0, 1, G_MAXINT, 1, nullptr);
  set_picture_formats(gst_caps_get_structure(caps, 0), 2, false);
  return caps;
}

gboolean choose_packing(const PackingSettings &settings, GstFeatureConditions conditions,
                        GstFeatureInfo *info, gint *width, gint *height, GError **error) {
  PackingSettings choice = settings.automatic ? automatic_packing(conditions, info) : settings;
  if (settings.grid_rows > 0) choice.grid_rows = settings.grid_rows;
  if (settings.grid_columns > 0) choice.grid_columns = settings.grid_columns;
  if (choice.packing == GST_FEATURE_PACKING_MOSAIC) {
    const guint channels = static_cast<guint>(MAX(plain_layout(info).channels, 1));
    if (choice.grid_rows == 0 && choice.grid_columns == 0)
      square_grid(channels, &choice.grid_rows, &choice.grid_columns);
    else if (choice.grid_rows == 0)
      choice.grid_rows = MAX(channels / choice.grid_columns, 1);
    else if (choice.grid_columns == 0)
      choice.grid_columns = MAX(channels / choice.grid_rows, 1);
  } else {
    choice.grid_rows = choice.grid_columns = 0;
  }
  if (!gst_feature_info_set_packing(info, choice.packing, choice.grid_rows, choice.grid_columns)) {
    g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_SHAPE,
                "a grid of %u x %u channels is out of range", choice.grid_rows,
                choice.grid_columns);
    return FALSE;
  }
  return gst_feature_info_get_packed_size(info, width, height, error);
}

PictureLayout picture_layout(const GstFeatureInfo *info) {
  PictureLayout layout = plain_layout(info);
  layout.grid_rows = 1;
  layout.grid_columns = layout.channels;
  if (gst_feature_info_get_packing(info) == GST_FEATURE_PACKING_MOSAIC) {
    layout.grid_rows = gst_feature_info_get_grid_rows(info);
    layout.grid_columns = gst_feature_info_get_grid_columns(info);
  }
  return layout;
}

GType packing_choice_get_type() {
  static const GEnumValue values[] = {
      {PACKING_AUTO, "By the conditions, the task in the caps, or the shape", "auto"},
      {PACKING_ROWS, "The two innermost dimensions as they are", "rows"},
      {PACKING_STACK, "Channels side by side, images on top of each other", "stack"},
      {PACKING_MOSAIC, "Channels in a grid", "mosaic"},
      {0, nullptr, nullptr}};
  static const GType type = g_enum_register_static("GstFeaturePackingChoice", values);
  return type;
}

}  // namespace feat
