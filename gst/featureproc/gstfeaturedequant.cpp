// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-featuredequant
 * @title: featuredequant
 * @short_description: Restores the values of a quantised feature tensor
 *
 * featuredequant is the inverse of featurequant: x = q * (max - min) / (2^bits - 1) + min, in the
 * format the tensor had before. Everything it needs is in the caps; the properties are for streams
 * that lost it on their way through somebody else's elements, and override the caps where set.
 *
 * ## Example
 *
 * |[
 * gst-launch-1.0 filesrc location=feature.npy ! npydec ! featurequant ! featuredequant ! npyenc !
 * filesink location=quantised.npy
 * ]|
 *
 * Since: 0.1
 */
#include "gstfeaturedequant.h"

#include <optional>

#include "kernels/quantize.h"
#include "rangesettings.h"
#include "transform.h"

GST_DEBUG_CATEGORY_STATIC(feature_dequant_debug);
#define GST_CAT_DEFAULT feature_dequant_debug

namespace {

enum {
  PROP_0,
  PROP_BIT_DEPTH,
  PROP_ROUNDING,
  PROP_SOURCE_FORMAT,
  PROP_MAX_POINTS,
  PROP_RANGES,
};

// Under the object lock.
struct Settings {
  feat::RangeSettings ranges;
  guint bit_depth = 0;
  std::optional<GstFeatureRounding> rounding;
  GstFeatureFormat source_format = GST_FEATURE_FORMAT_UNKNOWN;
  guint64 max_points = GST_FEATURE_DEFAULT_MAX_POINTS;
};

struct State {
  Settings settings;
  bool changed = false;  // settings, since the plan was made; under the object lock

  // Of the streaming thread.
  feat::Refusal refusal;
  feat::StructurePtr caps;  // of the input
  feat::InfoPtr input;
  feat::InfoPtr output;
  std::unique_ptr<feat::Dequantizer> dequantizer;
  guint64 buffers = 0;
};

}  // namespace

struct _GstFeatureDequant {
  GstBaseTransform parent;
  State *state;
};

G_DEFINE_FINAL_TYPE(GstFeatureDequant, gst_feature_dequant, GST_TYPE_BASE_TRANSFORM)
GST_ELEMENT_REGISTER_DEFINE(featuredequant, "featuredequant", GST_RANK_NONE,
                            GST_TYPE_FEATURE_DEQUANT)

static Settings take_settings(GstFeatureDequant *self) {
  const feat::ObjectLock lock(self);
  return self->state->settings;
}

static gboolean check_code_format(const GstStructure *s, gint bit_depth, GError **error) {
  if (bit_depth < 2 || bit_depth > 16) {
    g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_CAPS,
                "bit-depth is %d, expected 2 to 16", bit_depth);
    return FALSE;
  }
  const gchar *format = gst_structure_get_string(s, "format");
  const gchar *wanted = bit_depth <= 8 ? "U8" : "U16LE";
  if (g_strcmp0(format, wanted) == 0) return TRUE;
  g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_CAPS,
              "codes of %d bits come as %s, the caps say format %s", bit_depth, wanted,
              format != nullptr ? format : "nothing");
  return FALSE;
}

// The description of the input: what its caps say, and the settings over it.
static feat::InfoPtr quantized_info(const Settings &settings, const GstStructure *s,
                                    GError **error) {
  feat::StructurePtr plain(gst_structure_copy(s));
  feat::remove_quantization(plain.get());
  feat::InfoPtr info = feat::info_of_structure(plain.get(), error);
  if (!info || !gst_feature_info_validate(info.get(), settings.max_points, error)) return nullptr;

  gint bit_depth = static_cast<gint>(settings.bit_depth);
  if (bit_depth == 0 && !gst_structure_get_int(s, "bit-depth", &bit_depth)) {
    g_set_error(
        error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_CAPS,
        "the caps have no bit-depth: put featurequant before, or set bit-depth and a range");
    return nullptr;
  }
  const bool own_ranges = settings.ranges.given();
  if (!own_ranges && !gst_structure_has_field(s, "range-min")) {
    g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_CAPS,
                "the caps have no range-min: set range-min and range-max, or conditions");
    return nullptr;
  }
  if (!check_code_format(s, bit_depth, error)) return nullptr;

  feat::StructurePtr merged(gst_structure_copy(s));
  gst_structure_set(merged.get(), "bit-depth", G_TYPE_INT, bit_depth, nullptr);
  if (settings.rounding)
    gst_structure_set(merged.get(), "rounding", G_TYPE_STRING,
                      gst_feature_rounding_to_string(*settings.rounding), nullptr);
  if (settings.source_format != GST_FEATURE_FORMAT_UNKNOWN)
    gst_structure_set(merged.get(), "source-format", G_TYPE_STRING,
                      gst_feature_format_to_string(settings.source_format), nullptr);
  if (own_ranges) {
    feat::Ranges ranges;
    if (!settings.ranges.resolve(info.get(), &ranges, error)) return nullptr;
    gst_feature_info_set_quantization(info.get(), static_cast<guint>(bit_depth),
                                      GST_FEATURE_ROUNDING_NEAREST, GST_FEATURE_FORMAT_F32LE);
    if (!gst_feature_info_set_ranges(info.get(), ranges.axis, ranges.min.data(), ranges.max.data(),
                                     static_cast<guint>(ranges.min.size()), error))
      return nullptr;
    const feat::CapsPtr caps(gst_feature_info_to_caps(info.get()));
    const GstStructure *with_ranges = gst_caps_get_structure(caps.get(), 0);
    gst_structure_remove_field(merged.get(), "range-axis");
    for (const char *field : {"range-min", "range-max", "range-axis"})
      if (const GValue *value = gst_structure_get_value(with_ranges, field))
        gst_structure_set_value(merged.get(), field, value);
  }
  return feat::info_of_structure(merged.get(), error);
}

static feat::InfoPtr restored_info(const GstFeatureInfo *quantized) {
  feat::InfoPtr info(gst_feature_info_copy(quantized));
  gst_feature_info_set_quantization(info.get(), 0, GST_FEATURE_ROUNDING_NEAREST,
                                    GST_FEATURE_FORMAT_UNKNOWN);
  return info;
}

static void to_restored(const Settings &settings, const GstStructure *s, GstCaps *result) {
  GstStructure *out = gst_structure_copy(s);
  if (const feat::InfoPtr input = quantized_info(settings, s, nullptr)) {
    feat::merge_info(out, restored_info(input.get()).get());
  } else {
    feat::remove_quantization(out);
    const GValue *source_format = gst_structure_get_value(s, "source-format");
    if (settings.source_format != GST_FEATURE_FORMAT_UNKNOWN)
      gst_structure_set(out, "format", G_TYPE_STRING,
                        gst_feature_format_to_string(settings.source_format), nullptr);
    else if (source_format != nullptr)
      gst_structure_set_value(out, "format", source_format);
    else
      feat::set_format_list(out, "format", feat::kAllFormats);
  }
  gst_caps_append_structure(result, out);
}

static void from_restored(const Settings &settings, const GstStructure *s, GstCaps *result) {
  const GValue *format = gst_structure_get_value(s, "format");
  GstStructure *in = gst_structure_copy(s);
  feat::remove_quantization(in);
  feat::set_format_list(in, "format", feat::kCodeFormats);
  if (settings.source_format != GST_FEATURE_FORMAT_UNKNOWN) {
    GValue own = G_VALUE_INIT;
    g_value_init(&own, G_TYPE_STRING);
    g_value_set_static_string(&own, gst_feature_format_to_string(settings.source_format));
    const bool fits = format == nullptr || gst_value_intersect(nullptr, format, &own);
    g_value_unset(&own);
    if (!fits) {
      gst_structure_free(in);
      return;
    }
  } else if (format != nullptr && settings.bit_depth == 0) {
    GstStructure *named = gst_structure_copy(in);
    gst_structure_set_value(named, "source-format", format);
    gst_caps_append_structure(result, named);
  }
  // Caps without a source format are taken too. With a bit depth set they are what is expected.
  gst_caps_append_structure(result, in);
}

static GstCaps *gst_feature_dequant_transform_caps(GstBaseTransform *trans,
                                                   GstPadDirection direction, GstCaps *caps,
                                                   GstCaps *filter) {
  const Settings settings = take_settings(GST_FEATURE_DEQUANT(trans));
  return feat::map_caps(caps, filter, [&](const GstStructure *s, GstCaps *result) {
    if (direction == GST_PAD_SINK)
      to_restored(settings, s, result);
    else
      from_restored(settings, s, result);
  });
}

// Makes the plan from the settings of the moment, for the format the output's caps say.
static gboolean gst_feature_dequant_plan(GstFeatureDequant *self, GError **error) {
  State *state = self->state;
  Settings settings;
  {
    const feat::ObjectLock lock(self);
    settings = state->settings;
    state->changed = false;
  }
  state->dequantizer.reset();
  feat::InfoPtr input = quantized_info(settings, state->caps.get(), error);
  if (!input) return FALSE;
  const feat::Ranges ranges = feat::Ranges::of(input.get());
  state->dequantizer = feat::Dequantizer::create(
      feat::element_of(gst_feature_info_get_format(state->output.get())),
      gst_feature_info_get_bit_depth(input.get()),
      gst_feature_info_get_rounding(input.get()) == GST_FEATURE_ROUNDING_FLOOR
          ? feat::Rounding::floor
          : feat::Rounding::nearest,
      ranges.pairs(), feat::axis_layout(input.get(), ranges.axis));
  state->input = std::move(input);
  return TRUE;
}

static gboolean gst_feature_dequant_sink_event(GstBaseTransform *trans, GstEvent *event) {
  GstFeatureDequant *self = GST_FEATURE_DEQUANT(trans);
  if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS) {
    GstCaps *caps;
    gst_event_parse_caps(event, &caps);
    feat::ErrorSlot error;
    if (!quantized_info(take_settings(self), gst_caps_get_structure(caps, 0), error.out())) {
      gst_event_unref(event);
      return feat::post_caps_error(&self->state->refusal, self, error);
    }
  }
  return GST_BASE_TRANSFORM_CLASS(gst_feature_dequant_parent_class)->sink_event(trans, event);
}

static gboolean gst_feature_dequant_set_caps(GstBaseTransform *trans, GstCaps *in_caps,
                                             GstCaps *out_caps) {
  GstFeatureDequant *self = GST_FEATURE_DEQUANT(trans);
  State *state = self->state;
  feat::ErrorSlot error;
  if (!quantized_info(take_settings(self), gst_caps_get_structure(in_caps, 0), error.out()))
    return feat::post_caps_error(&state->refusal, self, error);
  feat::InfoPtr output(gst_feature_info_from_caps(out_caps, error.out()));
  if (!output) return feat::post_caps_error(&state->refusal, self, error);
  state->caps.reset(gst_structure_copy(gst_caps_get_structure(in_caps, 0)));
  state->output = std::move(output);
  if (!gst_feature_dequant_plan(self, error.out()))
    return feat::post_caps_error(&state->refusal, self, error);
  return TRUE;
}

// Settings that leave the output's caps as they are do not come by set_caps().
static void gst_feature_dequant_before_transform(GstBaseTransform *trans, GstBuffer *) {
  GstFeatureDequant *self = GST_FEATURE_DEQUANT(trans);
  bool changed;
  {
    const feat::ObjectLock lock(self);
    changed = self->state->changed;
  }
  feat::ErrorSlot error;
  if (changed && self->state->output && !gst_feature_dequant_plan(self, error.out()))
    feat::post_caps_error(&self->state->refusal, self, error);
}

static GstFlowReturn gst_feature_dequant_transform(GstBaseTransform *trans, GstBuffer *in_buffer,
                                                   GstBuffer *out_buffer) {
  State *state = GST_FEATURE_DEQUANT(trans)->state;
  if (!state->dequantizer) return GST_FLOW_ERROR;  // posted when the plan failed
  const guint64 number = state->buffers++;
  const gsize size = gst_buffer_get_size(in_buffer);
  if (size != gst_feature_info_get_size(state->input.get()))
    return feat::post_size_error(trans, number, size, state->input.get());
  const gsize output_size = gst_feature_info_get_size(state->output.get());
  gst_buffer_set_size(out_buffer, static_cast<gssize>(output_size));
  const feat::MappedBuffer in(in_buffer, GST_MAP_READ);
  const feat::MappedBuffer out(out_buffer, GST_MAP_WRITE);
  if (!in.ok() || !out.ok() || out.size() < output_size) return feat::post_map_error(trans, number);
  state->dequantizer->run(in.data(), out.data());
  return GST_FLOW_OK;
}

// A buffer is one tensor, whatever its size says; transform() checks that.
static gboolean gst_feature_dequant_transform_size(GstBaseTransform *trans,
                                                   GstPadDirection direction, GstCaps *, gsize,
                                                   GstCaps *other_caps, gsize *other_size) {
  const State *state = GST_FEATURE_DEQUANT(trans)->state;
  if (direction == GST_PAD_SINK && state->output) {
    *other_size = gst_feature_info_get_size(state->output.get());
    return TRUE;
  }
  return feat::get_unit_size(trans, other_caps, other_size);
}

static gboolean gst_feature_dequant_propose_allocation(GstBaseTransform *trans, GstQuery *decide,
                                                       GstQuery *query) {
  if (!GST_BASE_TRANSFORM_CLASS(gst_feature_dequant_parent_class)
           ->propose_allocation(trans, decide, query))
    return FALSE;
  feat::propose_tensor_pool(query);  // caps may lack what the settings add: then without a pool
  return TRUE;
}

static gboolean gst_feature_dequant_decide_allocation(GstBaseTransform *trans, GstQuery *query) {
  GstCaps *caps;
  gst_query_parse_allocation(query, &caps, nullptr);
  feat::ensure_pool(query, caps,
                    gst_feature_info_get_size(GST_FEATURE_DEQUANT(trans)->state->output.get()));
  return GST_BASE_TRANSFORM_CLASS(gst_feature_dequant_parent_class)
      ->decide_allocation(trans, query);
}

static gboolean gst_feature_dequant_start(GstBaseTransform *trans) {
  State *state = GST_FEATURE_DEQUANT(trans)->state;
  state->refusal.clear();
  state->buffers = 0;
  return TRUE;
}

static gboolean gst_feature_dequant_stop(GstBaseTransform *trans) {
  State *state = GST_FEATURE_DEQUANT(trans)->state;
  state->caps.reset();
  state->input.reset();
  state->output.reset();
  state->dequantizer.reset();
  return TRUE;
}

static void gst_feature_dequant_set_property(GObject *object, guint id, const GValue *value,
                                             GParamSpec *pspec) {
  State *state = GST_FEATURE_DEQUANT(object)->state;
  {
    const feat::ObjectLock lock(object);
    state->changed = true;
    switch (id) {
      case PROP_BIT_DEPTH:
        state->settings.bit_depth = g_value_get_uint(value);
        break;
      case PROP_ROUNDING:
        state->settings.rounding = static_cast<GstFeatureRounding>(g_value_get_enum(value));
        break;
      case PROP_SOURCE_FORMAT:
        state->settings.source_format = static_cast<GstFeatureFormat>(g_value_get_enum(value));
        break;
      case PROP_MAX_POINTS:
        state->settings.max_points = g_value_get_uint64(value);
        break;
      default:
        if (!state->settings.ranges.set(id - PROP_RANGES, value))
          G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
        break;
    }
  }
  gst_base_transform_reconfigure_src(GST_BASE_TRANSFORM(object));
}

static void gst_feature_dequant_get_property(GObject *object, guint id, GValue *value,
                                             GParamSpec *pspec) {
  const State *state = GST_FEATURE_DEQUANT(object)->state;
  const feat::ObjectLock lock(object);
  switch (id) {
    case PROP_BIT_DEPTH:
      g_value_set_uint(value, state->settings.bit_depth);
      break;
    case PROP_ROUNDING:
      g_value_set_enum(value, state->settings.rounding.value_or(GST_FEATURE_ROUNDING_NEAREST));
      break;
    case PROP_SOURCE_FORMAT:
      g_value_set_enum(value, state->settings.source_format);
      break;
    case PROP_MAX_POINTS:
      g_value_set_uint64(value, state->settings.max_points);
      break;
    default:
      if (!state->settings.ranges.get(id - PROP_RANGES, value))
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
      break;
  }
}

static void gst_feature_dequant_finalize(GObject *object) {
  delete GST_FEATURE_DEQUANT(object)->state;
  G_OBJECT_CLASS(gst_feature_dequant_parent_class)->finalize(object);
}

static void gst_feature_dequant_class_init(GstFeatureDequantClass *klass) {
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS(klass);
  GstBaseTransformClass *trans_class = GST_BASE_TRANSFORM_CLASS(klass);

  object_class->set_property = gst_feature_dequant_set_property;
  object_class->get_property = gst_feature_dequant_get_property;
  object_class->finalize = gst_feature_dequant_finalize;

  g_object_class_install_property(
      object_class, PROP_BIT_DEPTH,
      g_param_spec_uint("bit-depth", "Bit depth",
                        "Bits of a code, 2 to 16, whatever the caps say; 0: as the caps say", 0, 16,
                        0, feat::kPropertyFlags));
  g_object_class_install_property(
      object_class, PROP_ROUNDING,
      g_param_spec_enum(
          "rounding", "Rounding", "How values had become codes; wins over the caps once set",
          GST_TYPE_FEATURE_ROUNDING, GST_FEATURE_ROUNDING_NEAREST, feat::kPropertyFlags));
  g_object_class_install_property(
      object_class, PROP_SOURCE_FORMAT,
      g_param_spec_enum("source-format", "Source format",
                        "Format of the output, whatever the caps say; unknown: as the caps say, "
                        "F32LE where they say nothing",
                        GST_TYPE_FEATURE_FORMAT, GST_FEATURE_FORMAT_UNKNOWN, feat::kPropertyFlags));
  g_object_class_install_property(object_class, PROP_MAX_POINTS, feat::max_points_spec());
  feat::RangeSettings::install(object_class, PROP_RANGES);

  gst_element_class_set_static_metadata(element_class, "Feature dequantiser", "Filter/Converter",
                                        "Restores the values of a quantised feature tensor",
                                        "GStreamer feature plug-ins");
  const feat::CapsPtr sink_caps(feat::tensor_caps(feat::kCodeFormats));
  const feat::CapsPtr src_caps(feat::tensor_caps(feat::kAllFormats));
  feat::add_pad_templates(element_class, sink_caps.get(), src_caps.get());

  trans_class->transform_caps = gst_feature_dequant_transform_caps;
  trans_class->accept_caps = feat::accept_caps;
  trans_class->sink_event = gst_feature_dequant_sink_event;
  trans_class->set_caps = gst_feature_dequant_set_caps;
  trans_class->before_transform = gst_feature_dequant_before_transform;
  trans_class->transform = gst_feature_dequant_transform;
  trans_class->get_unit_size = feat::get_unit_size;
  trans_class->transform_size = gst_feature_dequant_transform_size;
  trans_class->propose_allocation = gst_feature_dequant_propose_allocation;
  trans_class->decide_allocation = gst_feature_dequant_decide_allocation;
  trans_class->start = gst_feature_dequant_start;
  trans_class->stop = gst_feature_dequant_stop;

  GST_DEBUG_CATEGORY_INIT(feature_dequant_debug, "featuredequant", 0, "feature dequantisation");
}

static void gst_feature_dequant_init(GstFeatureDequant *self) {
  self->state = new State();
  gst_base_transform_set_qos_enabled(GST_BASE_TRANSFORM(self), FALSE);
  gst_base_transform_set_prefer_passthrough(GST_BASE_TRANSFORM(self), FALSE);
}
