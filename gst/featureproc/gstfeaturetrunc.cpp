// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-featuretrunc
 * @title: featuretrunc
 * @short_description: Clamps the values of a feature tensor
 *
 * featuretrunc limits every value of a tensor to a range, in place. The range is that of
 * #GstFeatureTrunc:range-min and #GstFeatureTrunc:range-max, else of the test conditions in
 * #GstFeatureTrunc:conditions, else of the conditions for the `task` in the caps, else -20 to 20.
 * Several ranges go along the dimension #GstFeatureTrunc:range-axis.
 *
 * ## Example
 *
 * |[
 * gst-launch-1.0 filesrc location=feature.npy ! npydec ! featuretrunc range-min="<-5.0>"
 * range-max="<5.0>" ! npyenc ! filesink location=truncated.npy
 * ]|
 *
 * Since: 0.1
 */
#include "gstfeaturetrunc.h"

#include "kernels/truncate.h"
#include "rangesettings.h"
#include "transform.h"

GST_DEBUG_CATEGORY_STATIC(feature_trunc_debug);
#define GST_CAT_DEFAULT feature_trunc_debug

namespace {

enum { PROP_0, PROP_NON_FINITE, PROP_MAX_POINTS, PROP_RANGES };

// Under the object lock.
struct Settings {
  feat::RangeSettings ranges;
  feat::NonFinitePolicy non_finite = feat::NON_FINITE_ERROR;
  guint64 max_points = GST_FEATURE_DEFAULT_MAX_POINTS;
};

struct State {
  Settings settings;
  bool changed = false;  // settings, since the plan was made; under the object lock

  // Of the streaming thread.
  feat::Refusal refusal;
  feat::InfoPtr info;
  std::unique_ptr<feat::Truncator> truncator;
  guint64 buffers = 0;
};

}  // namespace

struct _GstFeatureTrunc {
  GstBaseTransform parent;
  State *state;
};

G_DEFINE_FINAL_TYPE(GstFeatureTrunc, gst_feature_trunc, GST_TYPE_BASE_TRANSFORM)
GST_ELEMENT_REGISTER_DEFINE(featuretrunc, "featuretrunc", GST_RANK_NONE, GST_TYPE_FEATURE_TRUNC)

static Settings take_settings(GstFeatureTrunc *self) {
  const feat::ObjectLock lock(self);
  self->state->changed = false;
  return self->state->settings;
}

// Makes the plan for a tensor from the settings of the moment.
static gboolean gst_feature_trunc_plan(GstFeatureTrunc *self, feat::InfoPtr info, GError **error) {
  const Settings settings = take_settings(self);
  if (gst_feature_info_is_quantized(info.get())) {
    g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_CAPS,
                "the tensor is quantised to %u bits already; featuretrunc belongs before "
                "featurequant",
                gst_feature_info_get_bit_depth(info.get()));
    return FALSE;
  }
  feat::Ranges ranges;
  if (!gst_feature_info_validate(info.get(), settings.max_points, error) ||
      !settings.ranges.resolve(info.get(), &ranges, error))
    return FALSE;
  const GstFeatureFormat format = gst_feature_info_get_format(info.get());
  auto truncator = feat::Truncator::create(feat::element_of(format), ranges.pairs(),
                                           feat::axis_layout(info.get(), ranges.axis));
  if (!truncator) {
    g_set_error(error, GST_FEATURE_ERROR, GST_FEATURE_ERROR_RANGE,
                "a range holds no value of format %s", gst_feature_format_to_string(format));
    return FALSE;
  }
  self->state->info = std::move(info);
  self->state->truncator = std::move(truncator);
  return TRUE;
}

static gboolean gst_feature_trunc_sink_event(GstBaseTransform *trans, GstEvent *event) {
  GstFeatureTrunc *self = GST_FEATURE_TRUNC(trans);
  if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS) {
    GstCaps *caps;
    gst_event_parse_caps(event, &caps);
    feat::ErrorSlot error;
    feat::InfoPtr info(gst_feature_info_from_caps(caps, error.out()));
    if (!info || !gst_feature_trunc_plan(self, std::move(info), error.out())) {
      gst_event_unref(event);
      return feat::post_caps_error(&self->state->refusal, self, error);
    }
  }
  return GST_BASE_TRANSFORM_CLASS(gst_feature_trunc_parent_class)->sink_event(trans, event);
}

static GstFlowReturn gst_feature_trunc_transform_ip(GstBaseTransform *trans, GstBuffer *buffer) {
  GstFeatureTrunc *self = GST_FEATURE_TRUNC(trans);
  State *state = self->state;
  bool changed;
  feat::NonFinitePolicy policy;
  {
    const feat::ObjectLock lock(self);
    changed = state->changed;
    policy = state->settings.non_finite;
  }
  if (changed) {
    feat::ErrorSlot error;
    feat::InfoPtr info(gst_feature_info_copy(state->info.get()));
    if (!gst_feature_trunc_plan(self, std::move(info), error.out())) {
      feat::post_caps_error(&state->refusal, self, error);
      return GST_FLOW_ERROR;
    }
  }
  const guint64 number = state->buffers++;
  const feat::MappedBuffer map(buffer, GST_MAP_READWRITE);
  if (!map.ok()) return feat::post_map_error(self, number);
  if (map.size() != gst_feature_info_get_size(state->info.get()))
    return feat::post_size_error(self, number, map.size(), state->info.get());
  const feat::NonFinite found = state->truncator->run(map.data());
  if (found.count > 0 && policy == feat::NON_FINITE_ERROR)
    return feat::post_non_finite(self, number, found);
  return GST_FLOW_OK;
}

// A buffer is one tensor, and as long before as after; without points it has no bytes, which the
// base class could not divide by.
static gboolean gst_feature_trunc_transform_size(GstBaseTransform *, GstPadDirection, GstCaps *,
                                                 gsize size, GstCaps *, gsize *other_size) {
  *other_size = size;
  return TRUE;
}

static gboolean gst_feature_trunc_propose_allocation(GstBaseTransform *trans, GstQuery *decide,
                                                     GstQuery *query) {
  return GST_BASE_TRANSFORM_CLASS(gst_feature_trunc_parent_class)
             ->propose_allocation(trans, decide, query) &&
         feat::propose_tensor_pool(query);
}

static gboolean gst_feature_trunc_start(GstBaseTransform *trans) {
  State *state = GST_FEATURE_TRUNC(trans)->state;
  state->refusal.clear();
  state->buffers = 0;
  return TRUE;
}

static gboolean gst_feature_trunc_stop(GstBaseTransform *trans) {
  State *state = GST_FEATURE_TRUNC(trans)->state;
  state->info.reset();
  state->truncator.reset();
  return TRUE;
}

static void gst_feature_trunc_set_property(GObject *object, guint id, const GValue *value,
                                           GParamSpec *pspec) {
  State *state = GST_FEATURE_TRUNC(object)->state;
  const feat::ObjectLock lock(object);
  state->changed = true;
  switch (id) {
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

static void gst_feature_trunc_get_property(GObject *object, guint id, GValue *value,
                                           GParamSpec *pspec) {
  const State *state = GST_FEATURE_TRUNC(object)->state;
  const feat::ObjectLock lock(object);
  switch (id) {
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

static void gst_feature_trunc_finalize(GObject *object) {
  delete GST_FEATURE_TRUNC(object)->state;
  G_OBJECT_CLASS(gst_feature_trunc_parent_class)->finalize(object);
}

static void gst_feature_trunc_class_init(GstFeatureTruncClass *klass) {
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS(klass);
  GstBaseTransformClass *trans_class = GST_BASE_TRANSFORM_CLASS(klass);

  object_class->set_property = gst_feature_trunc_set_property;
  object_class->get_property = gst_feature_trunc_get_property;
  object_class->finalize = gst_feature_trunc_finalize;

  g_object_class_install_property(object_class, PROP_NON_FINITE, feat::non_finite_spec());
  g_object_class_install_property(object_class, PROP_MAX_POINTS, feat::max_points_spec());
  feat::RangeSettings::install(object_class, PROP_RANGES);

  gst_element_class_set_static_metadata(element_class, "Feature truncation", "Filter/Effect",
                                        "Clamps the values of a feature tensor to a range",
                                        "GStreamer feature plug-ins");
  const feat::CapsPtr caps(feat::tensor_caps(feat::kAllFormats));
  feat::add_pad_templates(element_class, caps.get(), caps.get());
  gst_type_mark_as_plugin_api(feat::non_finite_policy_get_type(),
                              static_cast<GstPluginAPIFlags>(0));

  trans_class->accept_caps = feat::accept_caps;
  trans_class->sink_event = gst_feature_trunc_sink_event;
  trans_class->transform_ip = gst_feature_trunc_transform_ip;
  trans_class->get_unit_size = feat::get_unit_size;
  trans_class->transform_size = gst_feature_trunc_transform_size;
  trans_class->propose_allocation = gst_feature_trunc_propose_allocation;
  trans_class->start = gst_feature_trunc_start;
  trans_class->stop = gst_feature_trunc_stop;

  GST_DEBUG_CATEGORY_INIT(feature_trunc_debug, "featuretrunc", 0, "feature truncation");
}

static void gst_feature_trunc_init(GstFeatureTrunc *self) {
  self->state = new State();
  gst_base_transform_set_qos_enabled(GST_BASE_TRANSFORM(self), FALSE);
}
