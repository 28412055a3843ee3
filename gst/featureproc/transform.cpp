// SPDX-License-Identifier: LGPL-2.1-or-later
#include "transform.h"

#include <gst/video/video.h>

#include <string>

namespace feat {

const GstFeatureFormat kAllFormats[] = {
    GST_FEATURE_FORMAT_F32LE,  GST_FEATURE_FORMAT_F16LE, GST_FEATURE_FORMAT_BF16LE,
    GST_FEATURE_FORMAT_F64LE,  GST_FEATURE_FORMAT_U8,    GST_FEATURE_FORMAT_S8,
    GST_FEATURE_FORMAT_U16LE,  GST_FEATURE_FORMAT_S16LE, GST_FEATURE_FORMAT_U32LE,
    GST_FEATURE_FORMAT_S32LE,  GST_FEATURE_FORMAT_U64LE, GST_FEATURE_FORMAT_S64LE,
    GST_FEATURE_FORMAT_UNKNOWN};
const GstFeatureFormat kCodeFormats[] = {GST_FEATURE_FORMAT_U16LE, GST_FEATURE_FORMAT_U8,
                                         GST_FEATURE_FORMAT_UNKNOWN};

GType non_finite_policy_get_type() {
  static const GEnumValue values[] = {
      {NON_FINITE_ERROR, "Stop with an error that names buffer, index and count", "error"},
      {NON_FINITE_CLAMP, "Infinity to the end of the range, NaN to its value nearest to zero",
       "clamp"},
      {0, nullptr, nullptr}};
  static const GType type = g_enum_register_static("GstFeatureNonFinite", values);
  return type;
}

Element element_of(GstFeatureFormat format) {
  switch (format) {
    case GST_FEATURE_FORMAT_F16LE:
      return Element::f16;
    case GST_FEATURE_FORMAT_BF16LE:
      return Element::bf16;
    case GST_FEATURE_FORMAT_F64LE:
      return Element::f64;
    case GST_FEATURE_FORMAT_U8:
      return Element::u8;
    case GST_FEATURE_FORMAT_S8:
      return Element::s8;
    case GST_FEATURE_FORMAT_U16LE:
      return Element::u16;
    case GST_FEATURE_FORMAT_S16LE:
      return Element::s16;
    case GST_FEATURE_FORMAT_U32LE:
      return Element::u32;
    case GST_FEATURE_FORMAT_S32LE:
      return Element::s32;
    case GST_FEATURE_FORMAT_U64LE:
      return Element::u64;
    case GST_FEATURE_FORMAT_S64LE:
      return Element::s64;
    default:
      return Element::f32;
  }
}

AxisLayout axis_layout(const GstFeatureInfo *info, gint axis) {
  if (axis < 0) return {1, 1, gst_feature_info_get_n_points(info)};
  guint n_dims;
  const gint *shape = gst_feature_info_get_shape(info, &n_dims);
  AxisLayout layout{1, static_cast<std::size_t>(shape[axis]), 1};
  for (guint i = 0; i < n_dims; i++) {
    if (i < static_cast<guint>(axis)) layout.outer *= static_cast<std::size_t>(shape[i]);
    if (i > static_cast<guint>(axis)) layout.inner *= static_cast<std::size_t>(shape[i]);
  }
  return layout;
}

void set_format_list(GstStructure *s, const char *field, const GstFeatureFormat *formats) {
  GValue list = G_VALUE_INIT;
  g_value_init(&list, GST_TYPE_LIST);
  for (; *formats != GST_FEATURE_FORMAT_UNKNOWN; formats++) {
    GValue name = G_VALUE_INIT;
    g_value_init(&name, G_TYPE_STRING);
    g_value_set_static_string(&name, gst_feature_format_to_string(*formats));
    gst_value_list_append_and_take_value(&list, &name);
  }
  gst_structure_take_value(s, field, &list);
}

GstCaps *tensor_caps(const GstFeatureFormat *formats) {
  GstCaps *caps = gst_caps_new_empty_simple(GST_FEATURE_TENSOR_CAPS_NAME);
  set_format_list(gst_caps_get_structure(caps, 0), "format", formats);
  return caps;
}

void remove_quantization(GstStructure *s) {
  gst_structure_remove_fields(s, "bit-depth", "range-min", "range-max", "range-axis", "rounding",
                              "source-format", nullptr);
}

void merge_info(GstStructure *s, const GstFeatureInfo *info) {
  remove_quantization(s);
  const CapsPtr caps(gst_feature_info_to_caps(info));
  if (!caps) return;
  gst_structure_foreach(
      gst_caps_get_structure(caps.get(), 0),
      [](GQuark field, const GValue *value, gpointer target) -> gboolean {
        gst_structure_id_set_value(static_cast<GstStructure *>(target), field, value);
        return TRUE;
      },
      s);
}

InfoPtr info_of_structure(const GstStructure *s, GError **error) {
  const CapsPtr caps(gst_caps_new_full(gst_structure_copy(s), nullptr));
  return InfoPtr(gst_feature_info_from_caps(caps.get(), error));
}

GstCaps *map_caps(const GstCaps *caps, const GstCaps *filter,
                  const std::function<void(const GstStructure *, GstCaps *)> &change) {
  GstCaps *result = gst_caps_new_empty();
  for (guint i = 0; i < gst_caps_get_size(caps); i++) {
    const CapsPtr changed(gst_caps_new_empty());
    change(gst_caps_get_structure(caps, i), changed.get());
    result = gst_caps_merge(result, gst_caps_copy(changed.get()));
  }
  if (filter != nullptr) {
    GstCaps *filtered =
        gst_caps_intersect_full(const_cast<GstCaps *>(filter), result, GST_CAPS_INTERSECT_FIRST);
    gst_caps_unref(result);
    result = filtered;
  }
  return result;
}

gboolean accept_caps(GstBaseTransform *trans, GstPadDirection direction, GstCaps *caps) {
  GstPad *pad = direction == GST_PAD_SINK ? trans->sinkpad : trans->srcpad;
  const CapsPtr allowed(gst_pad_get_pad_template_caps(pad));
  if (direction == GST_PAD_SRC || gst_caps_get_size(caps) == 0)
    return gst_caps_can_intersect(caps, allowed.get());
  return gst_structure_has_name(gst_caps_get_structure(caps, 0),
                                gst_structure_get_name(gst_caps_get_structure(allowed.get(), 0)));
}

gboolean get_unit_size(GstBaseTransform *, GstCaps *caps, gsize *size) {
  if (gst_structure_has_name(gst_caps_get_structure(caps, 0), "video/x-raw")) {
    GstVideoInfo video;
    if (!gst_video_info_from_caps(&video, caps)) return FALSE;
    *size = GST_VIDEO_INFO_SIZE(&video);
    return TRUE;
  }
  const InfoPtr info(gst_feature_info_from_caps(caps, nullptr));
  if (!info) return FALSE;
  *size = gst_feature_info_get_size(info.get());
  return TRUE;
}

gboolean post_caps_error(Refusal *refusal, gpointer element, const ErrorSlot &error) {
  return refusal->post(element, (std::string(error.message()) + ".").c_str());
}

GstFlowReturn post_size_error(gpointer element, guint64 buffer, gsize size,
                              const GstFeatureInfo *info) {
  const CharPtr shape = shape_text(info);
  GST_ELEMENT_ERROR(
      element, STREAM, FORMAT,
      ("Buffer %" G_GUINT64_FORMAT " has %" G_GSIZE_FORMAT
       " bytes; a tensor of shape %s and format %s has %" G_GSIZE_FORMAT ".",
       buffer, size, shape.get(), gst_feature_format_to_string(gst_feature_info_get_format(info)),
       gst_feature_info_get_size(info)),
      (nullptr));
  return GST_FLOW_ERROR;
}

GstFlowReturn post_map_error(gpointer element, guint64 buffer) {
  GST_ELEMENT_ERROR(element, RESOURCE, FAILED,
                    ("The memory of buffer %" G_GUINT64_FORMAT " cannot be mapped.", buffer),
                    (nullptr));
  return GST_FLOW_ERROR;
}

GstFlowReturn post_non_finite(gpointer element, guint64 buffer, const NonFinite &found) {
  GST_ELEMENT_ERROR(element, STREAM, FAILED,
                    ("Buffer %" G_GUINT64_FORMAT " has %" G_GSIZE_FORMAT
                     " values that are NaN or infinite, the first at index %" G_GSIZE_FORMAT
                     "; non-finite=clamp would replace them.",
                     buffer, found.count, found.first),
                    (nullptr));
  return GST_FLOW_ERROR;
}

gboolean propose_tensor_pool(GstQuery *query) {
  GstCaps *caps;
  gboolean need_pool;
  gst_query_parse_allocation(query, &caps, &need_pool);
  if (caps == nullptr) return TRUE;
  const InfoPtr info(gst_feature_info_from_caps(caps, nullptr));
  if (!info) return FALSE;
  const gsize size = gst_feature_info_get_size(info.get());
  if (need_pool && size <= G_MAXUINT) ensure_pool(query, caps, size);
  return TRUE;
}

void ensure_pool(GstQuery *query, GstCaps *caps, gsize size) {
  if (size == 0 || size > G_MAXUINT) return;  // a pool of nothing is no use, sizes are 32 bits
  const guint needed = static_cast<guint>(size);
  if (gst_query_get_n_allocation_pools(query) > 0) {
    GstBufferPool *pool;
    guint pool_size, min, max;
    gst_query_parse_nth_allocation_pool(query, 0, &pool, &pool_size, &min, &max);
    gst_query_set_nth_allocation_pool(query, 0, pool, MAX(pool_size, needed), min, max);
    if (pool != nullptr) gst_object_unref(pool);
    return;
  }
  GstBufferPool *pool = gst_buffer_pool_new();
  GstStructure *config = gst_buffer_pool_get_config(pool);
  gst_buffer_pool_config_set_params(config, caps, needed, 0, 0);
  if (gst_buffer_pool_set_config(pool, config))
    gst_query_add_allocation_pool(query, pool, needed, 0, 0);
  gst_object_unref(pool);
}

CharPtr shape_text(const GstFeatureInfo *info) {
  guint n_dims;
  const gint *shape = gst_feature_info_get_shape(info, &n_dims);
  GString *text = g_string_new("(");
  for (guint i = 0; i < n_dims; i++)
    g_string_append_printf(text, "%s%d", i > 0 ? "," : "", shape[i]);
  return CharPtr(g_string_free(g_string_append_c(text, ')'), FALSE));
}

GParamSpec *max_points_spec() {
  return g_param_spec_uint64("max-points", "Maximum points",
                             "Largest number of elements of a tensor; a larger one is an error", 1,
                             G_MAXUINT64, GST_FEATURE_DEFAULT_MAX_POINTS, kPropertyFlags);
}

GParamSpec *non_finite_spec() {
  return g_param_spec_enum("non-finite", "Non-finite values",
                           "What to do with NaN and infinity in a tensor",
                           non_finite_policy_get_type(), NON_FINITE_ERROR, kPropertyFlags);
}

}  // namespace feat
