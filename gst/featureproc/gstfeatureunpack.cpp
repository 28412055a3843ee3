// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-featureunpack
 * @title: featureunpack
 * @short_description: Restores a quantised feature tensor from a picture
 *
 * featureunpack is the exact inverse of featurepack. The field `feature` of the caps says what the
 * picture holds. Where an encoder or a decoder of another kind dropped the field, the properties
 * say it: #GstFeatureUnpack:shape, and #GstFeatureUnpack:conditions or bit depth and ranges.
 *
 * ## Example
 *
 * |[
 * gst-launch-1.0 filesrc location=feature.h265 ! h265parse ! avdec_h265 ! featureunpack
 * shape="<1,1,256,1536>" conditions=cls-vtm ! featuredequant ! npyenc ! filesink
 * location=feature.npy
 * ]|
 *
 * Since: 0.1
 */
#include "gstfeatureunpack.h"

#include <gst/video/gstvideopool.h>

#include "pictureformat.h"
#include "transform.h"
#include "unpacksettings.h"

GST_DEBUG_CATEGORY_STATIC(feature_unpack_debug);
#define GST_CAT_DEFAULT feature_unpack_debug

namespace {

enum {
  PROP_0,
  PROP_SHAPE,
  PROP_BIT_DEPTH,
  PROP_ROUNDING,
  PROP_SOURCE_FORMAT,
  PROP_PACKING,
  PROP_GRID_ROWS,
  PROP_GRID_COLUMNS,
  PROP_MAX_POINTS,
  PROP_RANGES,
};

struct State {
  feat::UnpackSettings settings;  // under the object lock
  bool changed = false;           // settings, since the plan was made; under the object lock

  // Of the streaming thread.
  feat::Refusal refusal;
  feat::StructurePtr caps;  // of the input
  feat::InfoPtr output;
  feat::PictureLayout layout;
  const feat::PictureFormat *format = nullptr;
  GstVideoInfo video;
  guint64 buffers = 0;
};

}  // namespace

struct _GstFeatureUnpack {
  GstBaseTransform parent;
  State *state;
};

G_DEFINE_FINAL_TYPE(GstFeatureUnpack, gst_feature_unpack, GST_TYPE_BASE_TRANSFORM)
GST_ELEMENT_REGISTER_DEFINE(featureunpack, "featureunpack", GST_RANK_NONE, GST_TYPE_FEATURE_UNPACK)

static feat::UnpackSettings take_settings(GstFeatureUnpack *self) {
  const feat::ObjectLock lock(self);
  return self->state->settings;
}

static feat::InfoPtr tensor_info(const GstFeatureInfo *packed) {
  feat::InfoPtr info(gst_feature_info_copy(packed));
  gst_feature_info_set_packing(info.get(), GST_FEATURE_PACKING_NONE, 0, 0);
  return info;
}

/* --- negotiation --- */

static void to_tensor(const feat::UnpackSettings &settings, const GstStructure *s,
                      GstCaps *result) {
  if (const feat::InfoPtr info = feat::packed_info(settings, s, nullptr)) {
    gst_caps_append(result, gst_feature_info_to_caps(tensor_info(info.get()).get()));
    return;
  }
  GstCaps *caps = feat::tensor_caps(feat::kCodeFormats);
  gint n, d;
  if (gst_structure_get_fraction(s, "framerate", &n, &d) && n > 0)
    gst_caps_set_simple(caps, "framerate", GST_TYPE_FRACTION, n, d, nullptr);
  gst_caps_append(result, caps);
}

static void from_tensor(const GstStructure *s, GstCaps *result) {
  GstCaps *caps = feat::picture_caps();
  GstStructure *picture = gst_caps_get_structure(caps, 0);
  gint bit_depth;
  if (gst_structure_get_int(s, "bit-depth", &bit_depth) && bit_depth > 0 && bit_depth <= 16)
    feat::set_picture_formats(picture, static_cast<guint>(bit_depth), false);
  if (const GValue *framerate = gst_structure_get_value(s, "framerate"))
    gst_structure_set_value(picture, "framerate", framerate);
  gst_caps_append(result, caps);
}

static GstCaps *gst_feature_unpack_transform_caps(GstBaseTransform *trans,
                                                  GstPadDirection direction, GstCaps *caps,
                                                  GstCaps *filter) {
  const feat::UnpackSettings settings = take_settings(GST_FEATURE_UNPACK(trans));
  return feat::map_caps(caps, filter, [&](const GstStructure *s, GstCaps *result) {
    if (direction == GST_PAD_SINK)
      to_tensor(settings, s, result);
    else
      from_tensor(s, result);
  });
}

static gboolean gst_feature_unpack_sink_event(GstBaseTransform *trans, GstEvent *event) {
  if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS) {
    GstCaps *caps;
    gst_event_parse_caps(event, &caps);
    feat::ErrorSlot error;
    if (!feat::packed_info(take_settings(GST_FEATURE_UNPACK(trans)),
                           gst_caps_get_structure(caps, 0), error.out())) {
      gst_event_unref(event);
      return feat::post_caps_error(&GST_FEATURE_UNPACK(trans)->state->refusal, trans, error);
    }
  }
  return GST_BASE_TRANSFORM_CLASS(gst_feature_unpack_parent_class)->sink_event(trans, event);
}

// Makes the plan from the settings of the moment. FALSE without an error where they describe
// another tensor than the caps of the output do.
static gboolean gst_feature_unpack_plan(GstFeatureUnpack *self, GError **error) {
  State *state = self->state;
  const feat::InfoPtr info = feat::packed_info(take_settings(self), state->caps.get(), error);
  if (!info || !gst_feature_info_is_equal(tensor_info(info.get()).get(), state->output.get()))
    return FALSE;
  state->layout = feat::picture_layout(info.get());
  return TRUE;
}

static gboolean gst_feature_unpack_set_caps(GstBaseTransform *trans, GstCaps *in_caps,
                                            GstCaps *out_caps) {
  GstFeatureUnpack *self = GST_FEATURE_UNPACK(trans);
  State *state = self->state;
  feat::ErrorSlot error;
  const GstStructure *s = gst_caps_get_structure(in_caps, 0);
  if (!feat::packed_info(take_settings(self), s, error.out()))
    return feat::post_caps_error(&state->refusal, self, error);
  feat::InfoPtr output(gst_feature_info_from_caps(out_caps, error.out()));
  if (!output) return feat::post_caps_error(&state->refusal, self, error);
  if (!gst_video_info_from_caps(&state->video, in_caps)) {
    GST_ERROR_OBJECT(self, "no video caps: %" GST_PTR_FORMAT, in_caps);
    return FALSE;
  }
  {
    const feat::ObjectLock lock(self);
    state->changed = false;
  }
  state->caps.reset(gst_structure_copy(s));
  state->output = std::move(output);
  state->format =
      feat::picture_format_find(gst_video_format_to_string(GST_VIDEO_INFO_FORMAT(&state->video)));
  // feat::UnpackSettings that changed meanwhile are negotiated before the next buffer.
  return gst_feature_unpack_plan(self, nullptr);
}

// A change of the packing alone leaves the output's caps as they are and does not come by
// set_caps().
static void gst_feature_unpack_before_transform(GstBaseTransform *trans, GstBuffer *) {
  GstFeatureUnpack *self = GST_FEATURE_UNPACK(trans);
  State *state = self->state;
  {
    const feat::ObjectLock lock(self);
    if (!state->changed) return;
  }
  if (state->output && gst_feature_unpack_plan(self, nullptr)) {
    const feat::ObjectLock lock(self);
    state->changed = false;
  }
}

/* --- data --- */

static GstFlowReturn gst_feature_unpack_transform(GstBaseTransform *trans, GstBuffer *in_buffer,
                                                  GstBuffer *out_buffer) {
  State *state = GST_FEATURE_UNPACK(trans)->state;
  const guint64 number = state->buffers++;
  const gsize size = gst_feature_info_get_size(state->output.get());
  gst_buffer_set_size(out_buffer, static_cast<gssize>(size));
  const feat::MappedBuffer out(out_buffer, GST_MAP_WRITE);
  feat::MappedPicture in(state->video, in_buffer, GST_MAP_READ);
  if (!in.ok() || !out.ok() || out.size() < size) return feat::post_map_error(trans, number);
  const guint bit_depth = gst_feature_info_get_bit_depth(state->output.get());
  feat::unpack_plane(state->layout, GST_VIDEO_FRAME_PLANE_DATA(in.frame(), 0),
                     GST_VIDEO_FRAME_PLANE_STRIDE(in.frame(), 0),
                     feat::plane_format(*state->format, bit_depth), out.data(),
                     bit_depth <= 8 ? 1 : 2, (1u << bit_depth) - 1);
  return GST_FLOW_OK;
}

// A buffer is one picture, with rows and planes as its meta says: its size says nothing.
static gboolean gst_feature_unpack_transform_size(GstBaseTransform *trans,
                                                  GstPadDirection direction, GstCaps *, gsize,
                                                  GstCaps *other_caps, gsize *other_size) {
  const State *state = GST_FEATURE_UNPACK(trans)->state;
  if (direction == GST_PAD_SINK && state->output) {
    *other_size = gst_feature_info_get_size(state->output.get());
    return TRUE;
  }
  return feat::get_unit_size(trans, other_caps, other_size);
}

static gboolean gst_feature_unpack_propose_allocation(GstBaseTransform *trans, GstQuery *decide,
                                                      GstQuery *query) {
  if (!GST_BASE_TRANSFORM_CLASS(gst_feature_unpack_parent_class)
           ->propose_allocation(trans, decide, query))
    return FALSE;
  GstCaps *caps;
  gboolean need_pool;
  gst_query_parse_allocation(query, &caps, &need_pool);
  GstVideoInfo video;
  if (caps == nullptr) return TRUE;
  if (!gst_video_info_from_caps(&video, caps)) return FALSE;
  const guint size = static_cast<guint>(GST_VIDEO_INFO_SIZE(&video));
  if (need_pool) {
    GstBufferPool *pool = gst_video_buffer_pool_new();
    GstStructure *config = gst_buffer_pool_get_config(pool);
    gst_buffer_pool_config_set_params(config, caps, size, 0, 0);
    gst_buffer_pool_config_add_option(config, GST_BUFFER_POOL_OPTION_VIDEO_META);
    if (gst_buffer_pool_set_config(pool, config))
      gst_query_add_allocation_pool(query, pool, size, 0, 0);
    gst_object_unref(pool);
  }
  gst_query_add_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr);
  return TRUE;
}

static gboolean gst_feature_unpack_decide_allocation(GstBaseTransform *trans, GstQuery *query) {
  GstCaps *caps;
  gst_query_parse_allocation(query, &caps, nullptr);
  feat::ensure_pool(query, caps,
                    gst_feature_info_get_size(GST_FEATURE_UNPACK(trans)->state->output.get()));
  return GST_BASE_TRANSFORM_CLASS(gst_feature_unpack_parent_class)->decide_allocation(trans, query);
}

static gboolean gst_feature_unpack_start(GstBaseTransform *trans) {
  State *state = GST_FEATURE_UNPACK(trans)->state;
  state->refusal.clear();
  state->buffers = 0;
  return TRUE;
}

static gboolean gst_feature_unpack_stop(GstBaseTransform *trans) {
  State *state = GST_FEATURE_UNPACK(trans)->state;
  state->caps.reset();
  state->output.reset();
  return TRUE;
}

/* --- object --- */

static void set_shape(std::vector<gint> *shape, const GValue *array) {
  shape->clear();
  for (guint i = 0; i < gst_value_array_get_size(array); i++)
    shape->push_back(g_value_get_int(gst_value_array_get_value(array, i)));
}

static void get_shape(const std::vector<gint> &shape, GValue *array) {
  for (const gint dimension : shape) {
    GValue value = G_VALUE_INIT;
    g_value_init(&value, G_TYPE_INT);
    g_value_set_int(&value, dimension);
    gst_value_array_append_and_take_value(array, &value);
  }
}

static void gst_feature_unpack_set_property(GObject *object, guint id, const GValue *value,
                                            GParamSpec *pspec) {
  State *state = GST_FEATURE_UNPACK(object)->state;
  {
    const feat::ObjectLock lock(object);
    feat::UnpackSettings &settings = state->settings;
    state->changed = true;
    switch (id) {
      case PROP_SHAPE:
        set_shape(&settings.shape, value);
        break;
      case PROP_BIT_DEPTH:
        settings.bit_depth = g_value_get_uint(value);
        break;
      case PROP_ROUNDING:
        settings.rounding = static_cast<GstFeatureRounding>(g_value_get_enum(value));
        break;
      case PROP_SOURCE_FORMAT:
        settings.source_format = static_cast<GstFeatureFormat>(g_value_get_enum(value));
        break;
      case PROP_PACKING:
        settings.packing.automatic = g_value_get_enum(value) == feat::PACKING_AUTO;
        settings.packing.packing = static_cast<GstFeaturePacking>(g_value_get_enum(value));
        break;
      case PROP_GRID_ROWS:
        settings.packing.grid_rows = g_value_get_uint(value);
        break;
      case PROP_GRID_COLUMNS:
        settings.packing.grid_columns = g_value_get_uint(value);
        break;
      case PROP_MAX_POINTS:
        settings.max_points = g_value_get_uint64(value);
        break;
      default:
        if (!settings.ranges.set(id - PROP_RANGES, value))
          G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
        break;
    }
  }
  gst_base_transform_reconfigure_src(GST_BASE_TRANSFORM(object));
}

static void gst_feature_unpack_get_property(GObject *object, guint id, GValue *value,
                                            GParamSpec *pspec) {
  const feat::ObjectLock lock(object);
  const feat::UnpackSettings &settings = GST_FEATURE_UNPACK(object)->state->settings;
  switch (id) {
    case PROP_SHAPE:
      get_shape(settings.shape, value);
      break;
    case PROP_BIT_DEPTH:
      g_value_set_uint(value, settings.bit_depth);
      break;
    case PROP_ROUNDING:
      g_value_set_enum(value, settings.rounding.value_or(GST_FEATURE_ROUNDING_NEAREST));
      break;
    case PROP_SOURCE_FORMAT:
      g_value_set_enum(value, settings.source_format);
      break;
    case PROP_PACKING:
      g_value_set_enum(
          value, settings.packing.automatic ? GST_FEATURE_PACKING_NONE : settings.packing.packing);
      break;
    case PROP_GRID_ROWS:
      g_value_set_uint(value, settings.packing.grid_rows);
      break;
    case PROP_GRID_COLUMNS:
      g_value_set_uint(value, settings.packing.grid_columns);
      break;
    case PROP_MAX_POINTS:
      g_value_set_uint64(value, settings.max_points);
      break;
    default:
      if (!settings.ranges.get(id - PROP_RANGES, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
      break;
  }
}

static void gst_feature_unpack_finalize(GObject *object) {
  delete GST_FEATURE_UNPACK(object)->state;
  G_OBJECT_CLASS(gst_feature_unpack_parent_class)->finalize(object);
}

static void install_properties(GObjectClass *object_class) {
  g_object_class_install_property(
      object_class, PROP_SHAPE,
      gst_param_spec_array("shape", "Shape",
                           "Shape of the tensor, slowest dimension first, as <1,1,257,1536>; "
                           "empty: as the caps say",
                           g_param_spec_int("dimension", "Dimension", "One dimension", 0, G_MAXINT,
                                            0, feat::kPropertyFlags),
                           feat::kPropertyFlags));
  g_object_class_install_property(
      object_class, PROP_BIT_DEPTH,
      g_param_spec_uint("bit-depth", "Bit depth",
                        "Bits of a code, 2 to 16, whatever the caps say; 0: as the caps or the "
                        "conditions say",
                        0, 16, 0, feat::kPropertyFlags));
  g_object_class_install_property(
      object_class, PROP_ROUNDING,
      g_param_spec_enum(
          "rounding", "Rounding", "How values had become codes; wins over the caps once set",
          GST_TYPE_FEATURE_ROUNDING, GST_FEATURE_ROUNDING_NEAREST, feat::kPropertyFlags));
  g_object_class_install_property(
      object_class, PROP_SOURCE_FORMAT,
      g_param_spec_enum("source-format", "Source format",
                        "Format the tensor had before featurequant, whatever the caps say; "
                        "unknown: as the caps say, F32LE where they say nothing",
                        GST_TYPE_FEATURE_FORMAT, GST_FEATURE_FORMAT_UNKNOWN, feat::kPropertyFlags));
  g_object_class_install_property(
      object_class, PROP_PACKING,
      g_param_spec_enum("packing", "Packing",
                        "How the tensor was laid out; auto: as the caps say, else as featurepack "
                        "would choose",
                        feat::packing_choice_get_type(), feat::PACKING_AUTO, feat::kPropertyFlags));
  g_object_class_install_property(
      object_class, PROP_GRID_ROWS,
      g_param_spec_uint("grid-rows", "Grid rows",
                        "Rows of the mosaic; 0: as the caps say, else as featurepack would choose",
                        0, G_MAXINT, 0, feat::kPropertyFlags));
  g_object_class_install_property(
      object_class, PROP_GRID_COLUMNS,
      g_param_spec_uint("grid-columns", "Grid columns", "Columns of the mosaic; 0: as grid-rows", 0,
                        G_MAXINT, 0, feat::kPropertyFlags));
  g_object_class_install_property(object_class, PROP_MAX_POINTS, feat::max_points_spec());
  feat::RangeSettings::install(object_class, PROP_RANGES);
}

static void gst_feature_unpack_class_init(GstFeatureUnpackClass *klass) {
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS(klass);
  GstBaseTransformClass *trans_class = GST_BASE_TRANSFORM_CLASS(klass);

  object_class->set_property = gst_feature_unpack_set_property;
  object_class->get_property = gst_feature_unpack_get_property;
  object_class->finalize = gst_feature_unpack_finalize;
  install_properties(object_class);

  gst_element_class_set_static_metadata(element_class, "Feature unpacker", "Filter/Converter/Video",
                                        "Restores a quantised feature tensor from a picture",
                                        "GStreamer feature plug-ins");
  const feat::CapsPtr sink_caps(feat::picture_caps());
  const feat::CapsPtr src_caps(feat::tensor_caps(feat::kCodeFormats));
  feat::add_pad_templates(element_class, sink_caps.get(), src_caps.get());
  gst_type_mark_as_plugin_api(feat::packing_choice_get_type(), static_cast<GstPluginAPIFlags>(0));

  trans_class->transform_caps = gst_feature_unpack_transform_caps;
  trans_class->accept_caps = feat::accept_caps;
  trans_class->sink_event = gst_feature_unpack_sink_event;
  trans_class->set_caps = gst_feature_unpack_set_caps;
  trans_class->before_transform = gst_feature_unpack_before_transform;
  trans_class->transform = gst_feature_unpack_transform;
  trans_class->get_unit_size = feat::get_unit_size;
  trans_class->transform_size = gst_feature_unpack_transform_size;
  trans_class->propose_allocation = gst_feature_unpack_propose_allocation;
  trans_class->decide_allocation = gst_feature_unpack_decide_allocation;
  trans_class->start = gst_feature_unpack_start;
  trans_class->stop = gst_feature_unpack_stop;

  GST_DEBUG_CATEGORY_INIT(feature_unpack_debug, "featureunpack", 0, "feature unpacking");
}

static void gst_feature_unpack_init(GstFeatureUnpack *self) {
  self->state = new State();
  gst_video_info_init(&self->state->video);
  gst_base_transform_set_qos_enabled(GST_BASE_TRANSFORM(self), FALSE);
  gst_base_transform_set_prefer_passthrough(GST_BASE_TRANSFORM(self), FALSE);
}
