// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-featurepack
 * @title: featurepack
 * @short_description: Lays a quantised feature tensor out as a picture
 *
 * featurepack turns a quantised tensor into one frame of grey video that any video element takes.
 * Codes are left-justified: in GRAY16_LE a code of b bits is stored as v << (16 - b). For encoders
 * that want colour there are formats with neutral chroma. All of them are full range, so that no
 * converter scales the codes. The caps carry the description of the tensor in the field `feature`,
 * from which featureunpack restores it.
 *
 * ## Example
 *
 * |[
 * gst-launch-1.0 filesrc location=feature.npy ! npydec ! featurequant ! featurepack ! videoconvert
 * ! pngenc ! filesink location=feature.png
 * ]|
 *
 * Since: 0.1
 */
#include "gstfeaturepack.h"

#include <gst/video/gstvideopool.h>

#include "pictureformat.h"
#include "transform.h"

GST_DEBUG_CATEGORY_STATIC(feature_pack_debug);
#define GST_CAT_DEFAULT feature_pack_debug

namespace {

enum {
  PROP_0,
  PROP_PACKING,
  PROP_GRID_ROWS,
  PROP_GRID_COLUMNS,
  PROP_CONDITIONS,
  PROP_MAX_POINTS,
};

// Under the object lock.
struct Settings {
  feat::PackingSettings packing;
  GstFeatureConditions conditions = GST_FEATURE_CONDITIONS_CUSTOM;
  guint64 max_points = GST_FEATURE_DEFAULT_MAX_POINTS;
};

struct State {
  Settings settings;

  // Of the streaming thread.
  feat::Refusal refusal;
  feat::InfoPtr info;
  feat::PictureLayout layout;
  const feat::PictureFormat *format = nullptr;
  GstVideoInfo video;
  guint64 buffers = 0;
};

}  // namespace

struct _GstFeaturePack {
  GstBaseTransform parent;
  State *state;
};

G_DEFINE_FINAL_TYPE(GstFeaturePack, gst_feature_pack, GST_TYPE_BASE_TRANSFORM)
GST_ELEMENT_REGISTER_DEFINE(featurepack, "featurepack", GST_RANK_NONE, GST_TYPE_FEATURE_PACK)

static Settings take_settings(GstFeaturePack *self) {
  const feat::ObjectLock lock(self);
  return self->state->settings;
}

// The description with a packing, and the size of the picture.
static gboolean packed_info(const Settings &settings, GstFeatureInfo *info, gint *width,
                            gint *height, GError **error) {
  if (!gst_feature_info_is_quantized(info)) {
    g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_CAPS,
                "the caps have no bit-depth: only a quantised tensor can be packed, put "
                "featurequant before");
    return FALSE;
  }
  if (!gst_feature_info_validate(info, settings.max_points, error)) return FALSE;
  const auto *row = gst_feature_conditions_get_row(settings.conditions);
  if (row != nullptr && gst_feature_info_get_task(info) == GST_FEATURE_TASK_NONE)
    gst_feature_info_set_task(info, row->task);
  if (!feat::choose_packing(settings.packing, settings.conditions, info, width, height, error))
    return FALSE;
  GstVideoInfo video;
  gst_video_info_init(&video);
  if (gst_video_info_set_format(&video, GST_VIDEO_FORMAT_GRAY16_LE, static_cast<guint>(*width),
                                static_cast<guint>(*height)))
    return TRUE;
  g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_LIMIT,
              "a picture of %d x %d samples is larger than a video frame can be", *width, *height);
  return FALSE;
}

static void to_picture(const Settings &settings, const GstStructure *s, GstCaps *result) {
  const feat::CapsPtr caps(feat::picture_caps());
  GstStructure *out = gst_caps_get_structure(caps.get(), 0);
  const feat::InfoPtr info = feat::info_of_structure(s);
  const GValue *framerate = gst_structure_get_value(s, "framerate");
  if (framerate != nullptr) gst_structure_set_value(out, "framerate", framerate);
  gint width, height;
  if (info && packed_info(settings, info.get(), &width, &height, nullptr)) {
    gst_structure_set(out, "width", G_TYPE_INT, width, "height", G_TYPE_INT, height,
                      "interlace-mode", G_TYPE_STRING, "progressive", "pixel-aspect-ratio",
                      GST_TYPE_FRACTION, 1, 1, "colorimetry", G_TYPE_STRING, "1:4:0:0", nullptr);
    feat::set_picture_formats(out, gst_feature_info_get_bit_depth(info.get()),
                              (width | height) % 2 != 0);
    gst_feature_caps_set_info(caps.get(), info.get());
  } else {
    gint bit_depth;
    if (gst_structure_get_int(s, "bit-depth", &bit_depth) && bit_depth > 0 && bit_depth <= 16)
      feat::set_picture_formats(out, static_cast<guint>(bit_depth), false);
  }
  gst_caps_append_structure(result, gst_structure_copy(out));
}

static void append_codes(const GValue *framerate, const char *format, guint from, guint to,
                         GstCaps *result) {
  GstStructure *s =
      gst_structure_new(GST_FEATURE_TENSOR_CAPS_NAME, "format", G_TYPE_STRING, format, nullptr);
  if (from == to)
    gst_structure_set(s, "bit-depth", G_TYPE_INT, static_cast<gint>(from), nullptr);
  else
    gst_structure_set(s, "bit-depth", GST_TYPE_INT_RANGE, static_cast<gint>(from),
                      static_cast<gint>(to), nullptr);
  if (framerate != nullptr) gst_structure_set_value(s, "framerate", framerate);
  gst_caps_append_structure(result, s);
}

static void append_code_formats(const GValue *framerate, guint depth, GstCaps *result) {
  if (depth > 8) append_codes(framerate, "U16LE", 9, depth, result);
  append_codes(framerate, "U8", 2, MIN(depth, 8), result);
}

// Pictures of a tensor without a frame rate are of any rate that downstream asks for.
static void from_picture(const GstStructure *s, GstCaps *result) {
  const guint depth = feat::largest_depth(s);
  if (depth == 0) return;
  const GValue *framerate = gst_structure_get_value(s, "framerate");
  if (framerate != nullptr) append_code_formats(framerate, depth, result);
  append_code_formats(nullptr, depth, result);
}

static GstCaps *gst_feature_pack_transform_caps(GstBaseTransform *trans, GstPadDirection direction,
                                                GstCaps *caps, GstCaps *filter) {
  const Settings settings = take_settings(GST_FEATURE_PACK(trans));
  return feat::map_caps(caps, filter, [&](const GstStructure *s, GstCaps *result) {
    if (direction == GST_PAD_SINK)
      to_picture(settings, s, result);
    else
      from_picture(s, result);
  });
}

static GstCaps *fixate_picture(GstCaps *caps) {
  caps = gst_caps_truncate(caps);
  caps = gst_caps_make_writable(caps);
  GstStructure *s = gst_caps_get_structure(caps, 0);
  if (gst_structure_has_field(s, "framerate"))
    gst_structure_fixate_field_nearest_fraction(s, "framerate", 0, 1);
  return gst_caps_fixate(caps);
}

// Downstream's order of formats is by what it is best at; ours, by what carries least besides the
// codes.
static GstCaps *gst_feature_pack_fixate_caps(GstBaseTransform *trans, GstPadDirection direction,
                                             GstCaps *caps, GstCaps *other_caps) {
  if (direction == GST_PAD_SINK) {
    const feat::CapsPtr own(gst_feature_pack_transform_caps(trans, direction, caps, nullptr));
    const GValue *formats = gst_structure_get_value(gst_caps_get_structure(own.get(), 0), "format");
    for (guint i = 0; formats != nullptr && i < gst_value_list_get_size(formats); i++) {
      const feat::CapsPtr wanted(gst_caps_new_empty_simple("video/x-raw"));
      gst_caps_set_value(wanted.get(), "format", gst_value_list_get_value(formats, i));
      GstCaps *possible = gst_caps_intersect(other_caps, wanted.get());
      if (!gst_caps_is_empty(possible)) {
        gst_caps_unref(other_caps);
        return fixate_picture(possible);
      }
      gst_caps_unref(possible);
    }
  }
  return gst_caps_fixate(other_caps);
}

// Without this a size too large for an encoder would be "not negotiated", without a figure.
static gboolean check_downstream(GstBaseTransform *trans, gint width, gint height) {
  const feat::CapsPtr picture(gst_caps_new_simple("video/x-raw", "width", G_TYPE_INT, width,
                                                  "height", G_TYPE_INT, height, nullptr));
  const feat::CapsPtr taken(gst_pad_peer_query_caps(trans->srcpad, picture.get()));
  if (!gst_caps_is_empty(taken.get())) return TRUE;
  const feat::CharPtr sentence(g_strdup_printf(
      "No picture of %dx%d samples, which is what this tensor becomes, is taken downstream.", width,
      height));
  return GST_FEATURE_PACK(trans)->state->refusal.post(trans, sentence.get());
}

static gboolean gst_feature_pack_sink_event(GstBaseTransform *trans, GstEvent *event) {
  if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS) {
    GstCaps *caps;
    gst_event_parse_caps(event, &caps);
    feat::ErrorSlot error;
    const feat::InfoPtr info(gst_feature_info_from_caps(caps, error.out()));
    gint width, height;
    if (!info || !packed_info(take_settings(GST_FEATURE_PACK(trans)), info.get(), &width, &height,
                              error.out())) {
      gst_event_unref(event);
      return feat::post_caps_error(&GST_FEATURE_PACK(trans)->state->refusal, trans, error);
    }
    if (!check_downstream(trans, width, height)) {
      gst_event_unref(event);
      return FALSE;
    }
  }
  return GST_BASE_TRANSFORM_CLASS(gst_feature_pack_parent_class)->sink_event(trans, event);
}

// The plan follows the caps of the output, which say how the tensor is packed.
static gboolean gst_feature_pack_set_caps(GstBaseTransform *trans, GstCaps *in_caps,
                                          GstCaps *out_caps) {
  State *state = GST_FEATURE_PACK(trans)->state;
  feat::ErrorSlot error;
  const feat::InfoPtr input(gst_feature_info_from_caps(in_caps, error.out()));
  gint width, height;
  if (!input || !packed_info(take_settings(GST_FEATURE_PACK(trans)), input.get(), &width, &height,
                             error.out()))
    return feat::post_caps_error(&state->refusal, trans, error);
  feat::InfoPtr info(gst_feature_info_from_caps(out_caps, error.out()));
  if (!info) return feat::post_caps_error(&state->refusal, trans, error);
  if (!gst_video_info_from_caps(&state->video, out_caps)) {
    GST_ERROR_OBJECT(trans, "no video caps: %" GST_PTR_FORMAT, out_caps);
    return FALSE;
  }
  state->format =
      feat::picture_format_find(gst_video_format_to_string(GST_VIDEO_INFO_FORMAT(&state->video)));
  if (state->format == nullptr) return FALSE;
  state->layout = feat::picture_layout(info.get());
  state->info = std::move(info);
  return TRUE;
}

static void fill_chroma(GstVideoFrame *frame, const feat::PictureFormat &format) {
  const guint planes = GST_VIDEO_FRAME_N_PLANES(frame);
  // With two planes the second one has both components of chroma in turn.
  const gsize samples = static_cast<gsize>(GST_VIDEO_FRAME_COMP_WIDTH(frame, 1));
  for (guint plane = 1; plane < planes; plane++)
    feat::fill_plane(GST_VIDEO_FRAME_PLANE_DATA(frame, plane),
                     GST_VIDEO_FRAME_PLANE_STRIDE(frame, plane),
                     static_cast<gsize>(GST_VIDEO_FRAME_COMP_HEIGHT(frame, 1)),
                     planes == 2 ? 2 * samples : samples, format.bytes, format.neutral);
}

static GstFlowReturn gst_feature_pack_transform(GstBaseTransform *trans, GstBuffer *in_buffer,
                                                GstBuffer *out_buffer) {
  State *state = GST_FEATURE_PACK(trans)->state;
  const GstFeatureInfo *info = state->info.get();
  const guint64 number = state->buffers++;
  const gsize size = gst_buffer_get_size(in_buffer);
  if (size != gst_feature_info_get_size(info))
    return feat::post_size_error(trans, number, size, info);
  const feat::MappedBuffer in(in_buffer, GST_MAP_READ);
  feat::MappedPicture out(state->video, out_buffer, GST_MAP_WRITE);
  if (!in.ok() || !out.ok()) return feat::post_map_error(trans, number);
  const guint bit_depth = gst_feature_info_get_bit_depth(info);
  feat::pack_plane(
      state->layout, in.data(), bit_depth <= 8 ? 1 : 2, GST_VIDEO_FRAME_PLANE_DATA(out.frame(), 0),
      GST_VIDEO_FRAME_PLANE_STRIDE(out.frame(), 0), feat::plane_format(*state->format, bit_depth));
  if (GST_VIDEO_FRAME_N_PLANES(out.frame()) > 1) fill_chroma(out.frame(), *state->format);
  return GST_FLOW_OK;
}

// A buffer is one tensor, whatever its size says; transform() checks that.
static gboolean gst_feature_pack_transform_size(GstBaseTransform *trans, GstPadDirection, GstCaps *,
                                                gsize, GstCaps *other_caps, gsize *other_size) {
  return feat::get_unit_size(trans, other_caps, other_size);
}

static gboolean gst_feature_pack_propose_allocation(GstBaseTransform *trans, GstQuery *decide,
                                                    GstQuery *query) {
  return GST_BASE_TRANSFORM_CLASS(gst_feature_pack_parent_class)
             ->propose_allocation(trans, decide, query) &&
         feat::propose_tensor_pool(query);
}

static gboolean gst_feature_pack_decide_allocation(GstBaseTransform *trans, GstQuery *query) {
  const State *state = GST_FEATURE_PACK(trans)->state;
  GstCaps *caps;
  gst_query_parse_allocation(query, &caps, nullptr);
  GstBufferPool *pool = nullptr;
  guint size = 0, min = 0, max = 0;
  const bool offered = gst_query_get_n_allocation_pools(query) > 0;
  if (offered) gst_query_parse_nth_allocation_pool(query, 0, &pool, &size, &min, &max);
  if (pool == nullptr) pool = gst_video_buffer_pool_new();
  size = MAX(size, static_cast<guint>(GST_VIDEO_INFO_SIZE(&state->video)));
  GstStructure *config = gst_buffer_pool_get_config(pool);
  gst_buffer_pool_config_set_params(config, caps, size, min, max);
  // Where downstream knows the meta, rows may be as long as the pool likes them.
  if (gst_query_find_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr))
    gst_buffer_pool_config_add_option(config, GST_BUFFER_POOL_OPTION_VIDEO_META);
  gst_buffer_pool_set_config(pool, config);
  if (offered)
    gst_query_set_nth_allocation_pool(query, 0, pool, size, min, max);
  else
    gst_query_add_allocation_pool(query, pool, size, min, max);
  gst_object_unref(pool);
  return GST_BASE_TRANSFORM_CLASS(gst_feature_pack_parent_class)->decide_allocation(trans, query);
}

static gboolean gst_feature_pack_start(GstBaseTransform *trans) {
  State *state = GST_FEATURE_PACK(trans)->state;
  state->refusal.clear();
  state->buffers = 0;
  return TRUE;
}

static gboolean gst_feature_pack_stop(GstBaseTransform *trans) {
  GST_FEATURE_PACK(trans)->state->info.reset();
  return TRUE;
}

static void gst_feature_pack_set_property(GObject *object, guint id, const GValue *value,
                                          GParamSpec *pspec) {
  Settings &settings = GST_FEATURE_PACK(object)->state->settings;
  {
    const feat::ObjectLock lock(object);
    switch (id) {
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
      case PROP_CONDITIONS:
        settings.conditions = static_cast<GstFeatureConditions>(g_value_get_enum(value));
        break;
      case PROP_MAX_POINTS:
        settings.max_points = g_value_get_uint64(value);
        break;
      default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
        break;
    }
  }
  gst_base_transform_reconfigure_src(GST_BASE_TRANSFORM(object));
}

static void gst_feature_pack_get_property(GObject *object, guint id, GValue *value,
                                          GParamSpec *pspec) {
  const Settings &settings = GST_FEATURE_PACK(object)->state->settings;
  const feat::ObjectLock lock(object);
  switch (id) {
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
    case PROP_CONDITIONS:
      g_value_set_enum(value, settings.conditions);
      break;
    case PROP_MAX_POINTS:
      g_value_set_uint64(value, settings.max_points);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
      break;
  }
}

static void gst_feature_pack_finalize(GObject *object) {
  delete GST_FEATURE_PACK(object)->state;
  G_OBJECT_CLASS(gst_feature_pack_parent_class)->finalize(object);
}

static void gst_feature_pack_class_init(GstFeaturePackClass *klass) {
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS(klass);
  GstBaseTransformClass *trans_class = GST_BASE_TRANSFORM_CLASS(klass);

  object_class->set_property = gst_feature_pack_set_property;
  object_class->get_property = gst_feature_pack_get_property;
  object_class->finalize = gst_feature_pack_finalize;

  g_object_class_install_property(
      object_class, PROP_PACKING,
      g_param_spec_enum("packing", "Packing", "How the tensor is laid out as a picture",
                        feat::packing_choice_get_type(), feat::PACKING_AUTO, feat::kPropertyFlags));
  g_object_class_install_property(
      object_class, PROP_GRID_ROWS,
      g_param_spec_uint("grid-rows", "Grid rows",
                        "Rows of the mosaic; 0: from the conditions, or as square as the number "
                        "of channels allows",
                        0, G_MAXINT, 0, feat::kPropertyFlags));
  g_object_class_install_property(
      object_class, PROP_GRID_COLUMNS,
      g_param_spec_uint("grid-columns", "Grid columns", "Columns of the mosaic; 0: as grid-rows", 0,
                        G_MAXINT, 0, feat::kPropertyFlags));
  g_object_class_install_property(
      object_class, PROP_CONDITIONS,
      g_param_spec_enum("conditions", "Conditions",
                        "Row of the paper's test conditions that packing=auto follows",
                        GST_TYPE_FEATURE_CONDITIONS, GST_FEATURE_CONDITIONS_CUSTOM,
                        feat::kPropertyFlags));
  g_object_class_install_property(object_class, PROP_MAX_POINTS, feat::max_points_spec());

  gst_element_class_set_static_metadata(element_class, "Feature packer", "Filter/Converter/Video",
                                        "Lays a quantised feature tensor out as a picture",
                                        "GStreamer feature plug-ins");
  const feat::CapsPtr sink_caps(feat::tensor_caps(feat::kCodeFormats));
  const feat::CapsPtr src_caps(feat::picture_caps());
  feat::add_pad_templates(element_class, sink_caps.get(), src_caps.get());
  gst_type_mark_as_plugin_api(feat::packing_choice_get_type(), static_cast<GstPluginAPIFlags>(0));

  trans_class->transform_caps = gst_feature_pack_transform_caps;
  trans_class->fixate_caps = gst_feature_pack_fixate_caps;
  trans_class->accept_caps = feat::accept_caps;
  trans_class->sink_event = gst_feature_pack_sink_event;
  trans_class->set_caps = gst_feature_pack_set_caps;
  trans_class->transform = gst_feature_pack_transform;
  trans_class->get_unit_size = feat::get_unit_size;
  trans_class->transform_size = gst_feature_pack_transform_size;
  trans_class->propose_allocation = gst_feature_pack_propose_allocation;
  trans_class->decide_allocation = gst_feature_pack_decide_allocation;
  trans_class->start = gst_feature_pack_start;
  trans_class->stop = gst_feature_pack_stop;

  GST_DEBUG_CATEGORY_INIT(feature_pack_debug, "featurepack", 0, "feature packing");
}

static void gst_feature_pack_init(GstFeaturePack *self) {
  self->state = new State();
  gst_video_info_init(&self->state->video);
  gst_base_transform_set_qos_enabled(GST_BASE_TRANSFORM(self), FALSE);
  gst_base_transform_set_prefer_passthrough(GST_BASE_TRANSFORM(self), FALSE);
}
