// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-featurequant
 * @title: featurequant
 * @short_description: Quantises a feature tensor uniformly
 *
 * featurequant turns values x into codes q = (x - min) * (2^bits - 1) / (max - min) of
 * #GstFeatureQuant:bit-depth bits; values outside the range get its first or last code. The range
 * is chosen as featuretrunc chooses it, so that both agree without a property. The caps of the
 * output say everything that featuredequant needs.
 *
 * With #GstFeatureQuant:rounding nearest the product is computed in double precision. With floor
 * the arithmetic is that of the paper's reference software, to the bit: single precision for
 * F32LE, half precision for F16LE, every intermediate rounded.
 *
 * ## Example
 *
 * |[
 * gst-launch-1.0 filesrc location=feature.npy ! npydec ! featurequant conditions=cls-vtm !
 * featuredequant ! npyenc ! filesink location=quantised.npy
 * ]|
 *
 * Since: 0.1
 */
#include "gstfeaturequant.h"

#include "kernels/quantize.h"
#include "rangesettings.h"
#include "transform.h"

GST_DEBUG_CATEGORY_STATIC(feature_quant_debug);
#define GST_CAT_DEFAULT feature_quant_debug

namespace {

constexpr guint kDefaultBitDepth = 10;

enum {
  PROP_0,
  PROP_BIT_DEPTH,
  PROP_ROUNDING,
  PROP_NON_FINITE,
  PROP_MAX_POINTS,
  PROP_RANGES,
};

// Under the object lock.
struct Settings {
  feat::RangeSettings ranges;
  guint bit_depth = kDefaultBitDepth;
  GstFeatureRounding rounding = GST_FEATURE_ROUNDING_NEAREST;
  feat::NonFinitePolicy non_finite = feat::NON_FINITE_ERROR;
  guint64 max_points = GST_FEATURE_DEFAULT_MAX_POINTS;
};

struct State {
  Settings settings;

  // Of the streaming thread.
  feat::Refusal refusal;
  feat::InfoPtr input;
  gsize output_size = 0;
  std::unique_ptr<feat::Quantizer> quantizer;
  guint64 buffers = 0;
};

}  // namespace

struct _GstFeatureQuant {
  GstBaseTransform parent;
  State *state;
};

G_DEFINE_FINAL_TYPE(GstFeatureQuant, gst_feature_quant, GST_TYPE_BASE_TRANSFORM)
GST_ELEMENT_REGISTER_DEFINE(featurequant, "featurequant", GST_RANK_NONE, GST_TYPE_FEATURE_QUANT)

static Settings take_settings(GstFeatureQuant *self) {
  const feat::ObjectLock lock(self);
  return self->state->settings;
}

// The description of the output for one of the input.
static gboolean quantized_info(const Settings &settings, const GstFeatureInfo *input,
                               feat::InfoPtr *output, GError **error) {
  if (gst_feature_info_is_quantized(input)) {
    g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_CAPS,
                "the tensor is quantised to %u bits already",
                gst_feature_info_get_bit_depth(input));
    return FALSE;
  }
  feat::Ranges ranges;
  if (!gst_feature_info_validate(input, settings.max_points, error) ||
      !settings.ranges.resolve(input, &ranges, error))
    return FALSE;
  feat::InfoPtr info(gst_feature_info_copy(input));
  gst_feature_info_set_quantization(info.get(), settings.bit_depth, settings.rounding,
                                    gst_feature_info_get_format(input));
  const auto *row = gst_feature_conditions_get_row(settings.ranges.conditions());
  if (row != nullptr && gst_feature_info_get_task(input) == GST_FEATURE_TASK_NONE)
    gst_feature_info_set_task(info.get(), row->task);
  if (!gst_feature_info_set_ranges(info.get(), ranges.axis, ranges.min.data(), ranges.max.data(),
                                   static_cast<guint>(ranges.min.size()), error))
    return FALSE;
  *output = std::move(info);
  return TRUE;
}

static void to_quantized(const Settings &settings, const GstStructure *s, GstCaps *result) {
  GstStructure *out = gst_structure_copy(s);
  feat::InfoPtr output;
  const feat::InfoPtr input = feat::info_of_structure(s);
  if (input && quantized_info(settings, input.get(), &output, nullptr)) {
    feat::merge_info(out, output.get());
  } else {
    feat::remove_quantization(out);
    if (const GValue *format = gst_structure_get_value(s, "format"))
      gst_structure_set_value(out, "source-format", format);
    gst_structure_set(out, "format", G_TYPE_STRING, settings.bit_depth <= 8 ? "U8" : "U16LE",
                      "bit-depth", G_TYPE_INT, static_cast<gint>(settings.bit_depth), "rounding",
                      G_TYPE_STRING, gst_feature_rounding_to_string(settings.rounding), nullptr);
  }
  gst_caps_append_structure(result, out);
}

static void from_quantized(const Settings &settings, const GstStructure *s, GstCaps *result) {
  const feat::CapsPtr own(
      gst_caps_new_simple(GST_FEATURE_TENSOR_CAPS_NAME, "format", G_TYPE_STRING,
                          settings.bit_depth <= 8 ? "U8" : "U16LE", "bit-depth", G_TYPE_INT,
                          static_cast<gint>(settings.bit_depth), "rounding", G_TYPE_STRING,
                          gst_feature_rounding_to_string(settings.rounding), nullptr));
  if (!gst_structure_can_intersect(s, gst_caps_get_structure(own.get(), 0))) return;
  GstStructure *in = gst_structure_copy(s);
  const GValue *source_format = gst_structure_get_value(s, "source-format");
  if (source_format != nullptr)
    gst_structure_set_value(in, "format", source_format);
  else
    feat::set_format_list(in, "format", feat::kAllFormats);
  feat::remove_quantization(in);
  const auto *row = gst_feature_conditions_get_row(settings.ranges.conditions());
  const gchar *task = gst_structure_get_string(s, "task");
  // The task may be what this element adds.
  if (row != nullptr && g_strcmp0(task, gst_feature_task_to_string(row->task)) == 0) {
    GstStructure *without = gst_structure_copy(in);
    gst_structure_remove_field(without, "task");
    gst_caps_append_structure(result, without);
  }
  gst_caps_append_structure(result, in);
}

static GstCaps *gst_feature_quant_transform_caps(GstBaseTransform *trans, GstPadDirection direction,
                                                 GstCaps *caps, GstCaps *filter) {
  const Settings settings = take_settings(GST_FEATURE_QUANT(trans));
  return feat::map_caps(caps, filter, [&](const GstStructure *s, GstCaps *result) {
    if (direction == GST_PAD_SINK)
      to_quantized(settings, s, result);
    else
      from_quantized(settings, s, result);
  });
}

static gboolean gst_feature_quant_sink_event(GstBaseTransform *trans, GstEvent *event) {
  if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS) {
    GstCaps *caps;
    gst_event_parse_caps(event, &caps);
    feat::ErrorSlot error;
    feat::InfoPtr output;
    const feat::InfoPtr input(gst_feature_info_from_caps(caps, error.out()));
    if (!input || !quantized_info(take_settings(GST_FEATURE_QUANT(trans)), input.get(), &output,
                                  error.out())) {
      gst_event_unref(event);
      return feat::post_caps_error(&GST_FEATURE_QUANT(trans)->state->refusal, trans, error);
    }
  }
  return GST_BASE_TRANSFORM_CLASS(gst_feature_quant_parent_class)->sink_event(trans, event);
}

// The output caps were made from settings that may have changed since: the plan follows the caps.
static gboolean gst_feature_quant_set_caps(GstBaseTransform *trans, GstCaps *in_caps,
                                           GstCaps *out_caps) {
  State *state = GST_FEATURE_QUANT(trans)->state;
  feat::ErrorSlot error;
  feat::InfoPtr input(gst_feature_info_from_caps(in_caps, error.out()));
  feat::InfoPtr wanted;
  if (!input ||
      !quantized_info(take_settings(GST_FEATURE_QUANT(trans)), input.get(), &wanted, error.out()))
    return feat::post_caps_error(&state->refusal, trans, error);
  const feat::InfoPtr output(gst_feature_info_from_caps(out_caps, error.out()));
  if (!output) return feat::post_caps_error(&state->refusal, trans, error);
  const feat::Ranges ranges = feat::Ranges::of(output.get());
  state->quantizer = feat::Quantizer::create(
      feat::element_of(gst_feature_info_get_format(input.get())),
      gst_feature_info_get_bit_depth(output.get()),
      gst_feature_info_get_rounding(output.get()) == GST_FEATURE_ROUNDING_FLOOR
          ? feat::Rounding::floor
          : feat::Rounding::nearest,
      ranges.pairs(), feat::axis_layout(output.get(), ranges.axis));
  state->output_size = gst_feature_info_get_size(output.get());
  state->input = std::move(input);
  return TRUE;
}

static GstFlowReturn gst_feature_quant_transform(GstBaseTransform *trans, GstBuffer *in_buffer,
                                                 GstBuffer *out_buffer) {
  State *state = GST_FEATURE_QUANT(trans)->state;
  const guint64 number = state->buffers++;
  const gsize size = gst_buffer_get_size(in_buffer);
  if (size != gst_feature_info_get_size(state->input.get()))
    return feat::post_size_error(trans, number, size, state->input.get());
  gst_buffer_set_size(out_buffer, static_cast<gssize>(state->output_size));
  const feat::MappedBuffer in(in_buffer, GST_MAP_READ);
  const feat::MappedBuffer out(out_buffer, GST_MAP_WRITE);
  if (!in.ok() || !out.ok() || out.size() < state->output_size)
    return feat::post_map_error(trans, number);
  const feat::NonFinite found = state->quantizer->run(in.data(), out.data());
  if (found.count == 0) return GST_FLOW_OK;
  if (take_settings(GST_FEATURE_QUANT(trans)).non_finite == feat::NON_FINITE_ERROR)
    return feat::post_non_finite(trans, number, found);
  return GST_FLOW_OK;
}

// A buffer is one tensor, whatever its size says; transform() checks that.
static gboolean gst_feature_quant_transform_size(GstBaseTransform *trans, GstPadDirection direction,
                                                 GstCaps *, gsize, GstCaps *other_caps,
                                                 gsize *other_size) {
  const State *state = GST_FEATURE_QUANT(trans)->state;
  if (direction == GST_PAD_SINK && state->quantizer) {
    *other_size = state->output_size;
    return TRUE;
  }
  return feat::get_unit_size(trans, other_caps, other_size);
}

static gboolean gst_feature_quant_propose_allocation(GstBaseTransform *trans, GstQuery *decide,
                                                     GstQuery *query) {
  return GST_BASE_TRANSFORM_CLASS(gst_feature_quant_parent_class)
             ->propose_allocation(trans, decide, query) &&
         feat::propose_tensor_pool(query);
}

static gboolean gst_feature_quant_decide_allocation(GstBaseTransform *trans, GstQuery *query) {
  GstCaps *caps;
  gst_query_parse_allocation(query, &caps, nullptr);
  feat::ensure_pool(query, caps, GST_FEATURE_QUANT(trans)->state->output_size);
  return GST_BASE_TRANSFORM_CLASS(gst_feature_quant_parent_class)->decide_allocation(trans, query);
}

static gboolean gst_feature_quant_start(GstBaseTransform *trans) {
  State *state = GST_FEATURE_QUANT(trans)->state;
  state->refusal.clear();
  state->buffers = 0;
  return TRUE;
}

static gboolean gst_feature_quant_stop(GstBaseTransform *trans) {
  State *state = GST_FEATURE_QUANT(trans)->state;
  state->input.reset();
  state->quantizer.reset();
  return TRUE;
}

static void gst_feature_quant_set_property(GObject *object, guint id, const GValue *value,
                                           GParamSpec *pspec) {
  State *state = GST_FEATURE_QUANT(object)->state;
  {
    const feat::ObjectLock lock(object);
    switch (id) {
      case PROP_BIT_DEPTH:
        state->settings.bit_depth = g_value_get_uint(value);
        break;
      case PROP_ROUNDING:
        state->settings.rounding = static_cast<GstFeatureRounding>(g_value_get_enum(value));
        break;
      case PROP_NON_FINITE:
        state->settings.non_finite = static_cast<feat::NonFinitePolicy>(g_value_get_enum(value));
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

static void gst_feature_quant_get_property(GObject *object, guint id, GValue *value,
                                           GParamSpec *pspec) {
  const State *state = GST_FEATURE_QUANT(object)->state;
  const feat::ObjectLock lock(object);
  switch (id) {
    case PROP_BIT_DEPTH:
      g_value_set_uint(value, state->settings.bit_depth);
      break;
    case PROP_ROUNDING:
      g_value_set_enum(value, state->settings.rounding);
      break;
    case PROP_NON_FINITE:
      g_value_set_enum(value, state->settings.non_finite);
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

static void gst_feature_quant_finalize(GObject *object) {
  delete GST_FEATURE_QUANT(object)->state;
  G_OBJECT_CLASS(gst_feature_quant_parent_class)->finalize(object);
}

static void gst_feature_quant_class_init(GstFeatureQuantClass *klass) {
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS(klass);
  GstBaseTransformClass *trans_class = GST_BASE_TRANSFORM_CLASS(klass);

  object_class->set_property = gst_feature_quant_set_property;
  object_class->get_property = gst_feature_quant_get_property;
  object_class->finalize = gst_feature_quant_finalize;

  g_object_class_install_property(object_class, PROP_BIT_DEPTH,
                                  g_param_spec_uint("bit-depth", "Bit depth", "Bits of a code", 2,
                                                    16, kDefaultBitDepth, feat::kPropertyFlags));
  g_object_class_install_property(
      object_class, PROP_ROUNDING,
      g_param_spec_enum("rounding", "Rounding",
                        "How values become codes; floor is the arithmetic of the paper's "
                        "reference software",
                        GST_TYPE_FEATURE_ROUNDING, GST_FEATURE_ROUNDING_NEAREST,
                        feat::kPropertyFlags));
  g_object_class_install_property(object_class, PROP_NON_FINITE, feat::non_finite_spec());
  g_object_class_install_property(object_class, PROP_MAX_POINTS, feat::max_points_spec());
  feat::RangeSettings::install(object_class, PROP_RANGES);

  gst_element_class_set_static_metadata(element_class, "Feature quantiser", "Filter/Converter",
                                        "Quantises the values of a feature tensor to integers",
                                        "GStreamer feature plug-ins");
  const feat::CapsPtr sink_caps(feat::tensor_caps(feat::kAllFormats));
  const feat::CapsPtr src_caps(feat::tensor_caps(feat::kCodeFormats));
  feat::add_pad_templates(element_class, sink_caps.get(), src_caps.get());
  gst_type_mark_as_plugin_api(feat::non_finite_policy_get_type(),
                              static_cast<GstPluginAPIFlags>(0));

  trans_class->transform_caps = gst_feature_quant_transform_caps;
  trans_class->accept_caps = feat::accept_caps;
  trans_class->sink_event = gst_feature_quant_sink_event;
  trans_class->set_caps = gst_feature_quant_set_caps;
  trans_class->transform = gst_feature_quant_transform;
  trans_class->get_unit_size = feat::get_unit_size;
  trans_class->transform_size = gst_feature_quant_transform_size;
  trans_class->propose_allocation = gst_feature_quant_propose_allocation;
  trans_class->decide_allocation = gst_feature_quant_decide_allocation;
  trans_class->start = gst_feature_quant_start;
  trans_class->stop = gst_feature_quant_stop;

  GST_DEBUG_CATEGORY_INIT(feature_quant_debug, "featurequant", 0, "feature quantisation");
}

static void gst_feature_quant_init(GstFeatureQuant *self) {
  self->state = new State();
  gst_base_transform_set_qos_enabled(GST_BASE_TRANSFORM(self), FALSE);
  gst_base_transform_set_prefer_passthrough(GST_BASE_TRANSFORM(self), FALSE);
}
