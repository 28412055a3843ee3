// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-rtpfeaturepay
 * @title: rtpfeaturepay
 * @short_description: features into RTP packets
 *
 * Sends any feature stream over RTP (docs/rtp-payload.md): raw and quantised tensors, H.266,
 * Hyperprior. A unit is cut into packets of the MTU; the first of them carries a CRC-32 and, as
 * often as `config-interval` says, the description of the feature. First packets are marked
 * GST_BUFFER_FLAG_NON_DROPPABLE, which rtpulpfecenc's `percentage-important` looks at.
 *
 * |[
 * gst-launch-1.0 featuretestsrc num-buffers=5 pattern=cls ! rtpfeaturepay ! rtpfeaturedepay ! \
 *   featurebitcount print=true ! fakesink
 * ]|
 *
 * Since: 0.1
 */
#include "gst/rtp/gstrtpfeaturepay.h"

#include <string>

#include "gst/common/gstcpp.h"
#include "gst/rtp/base_stats.h"
#include "gst/rtp/payloader.h"
#include "gst/rtp/stream_caps.h"

using namespace feat;
using namespace feat::rtp;

GST_DEBUG_CATEGORY_STATIC(rtpfeaturepay_debug);
#define GST_CAT_DEFAULT rtpfeaturepay_debug

namespace {

enum { PROP_0, PROP_CONFIG_INTERVAL, PROP_AGGREGATE_MODE, PROP_MAX_AGGREGATE_TIME, PROP_STATS };

constexpr GstClockTime kMaxMaxAggregateTime = 10 * GST_SECOND;

}  // namespace

struct _GstRtpFeaturePay {
  GstRTPBasePayload parent;
  Payloader *state;
};

G_DEFINE_FINAL_TYPE(GstRtpFeaturePay, gst_rtp_feature_pay, GST_TYPE_RTP_BASE_PAYLOAD)
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE(rtpfeaturepay, "rtpfeaturepay", GST_RANK_SECONDARY,
                                      GST_TYPE_RTP_FEATURE_PAY,
                                      GST_DEBUG_CATEGORY_INIT(rtpfeaturepay_debug, "rtpfeaturepay",
                                                              0, "features into RTP"));

#define GST_TYPE_RTP_FEATURE_AGGREGATE_MODE (gst_rtp_feature_aggregate_mode_get_type())
static GType gst_rtp_feature_aggregate_mode_get_type() {
  static const GEnumValue values[] = {
      {AGGREGATE_NONE, "A packet holds one unit or a part of one", "none"},
      {AGGREGATE_MAX, "As many units as fit into a packet and max-aggregate-time", "max"},
      {0, nullptr, nullptr},
  };
  static const GType type = g_enum_register_static("GstRtpFeatureAggregateMode", values);
  return type;
}

static GstFlowReturn gst_rtp_feature_pay_handle_buffer(GstRTPBasePayload *base, GstBuffer *buffer) {
  return GST_RTP_FEATURE_PAY(base)->state->unit(BufferPtr(buffer));
}

static gboolean gst_rtp_feature_pay_set_caps(GstRTPBasePayload *base, GstCaps *caps) {
  Payloader &s = *GST_RTP_FEATURE_PAY(base)->state;
  s.flush_queue();  // what waits has the configuration of before
  return s.set_caps(caps);
}

// GST_EVENT_IS_SERIALIZED mixes enumerations, which C++20 deprecates.
static bool is_serialized(GstEvent *event) {
  return (static_cast<guint>(GST_EVENT_TYPE(event)) & GST_EVENT_TYPE_SERIALIZED) != 0;
}

static gboolean gst_rtp_feature_pay_sink_event(GstRTPBasePayload *base, GstEvent *event) {
  Payloader &s = *GST_RTP_FEATURE_PAY(base)->state;
  if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_STOP)
    s.clear_queue();
  else if (is_serialized(event) && GST_EVENT_TYPE(event) != GST_EVENT_CAPS)
    s.flush_queue();
  if (GST_EVENT_TYPE(event) == GST_EVENT_EOS) s.post_stats();
  return GST_RTP_BASE_PAYLOAD_CLASS(gst_rtp_feature_pay_parent_class)->sink_event(base, event);
}

// A receiver that asks for a key frame (RTCP's PLI) lacks the description.
static gboolean gst_rtp_feature_pay_src_event(GstRTPBasePayload *base, GstEvent *event) {
  if (GST_EVENT_TYPE(event) == GST_EVENT_CUSTOM_UPSTREAM &&
      gst_event_has_name(event, "GstForceKeyUnit"))
    GST_RTP_FEATURE_PAY(base)->state->request_config();
  return GST_RTP_BASE_PAYLOAD_CLASS(gst_rtp_feature_pay_parent_class)->src_event(base, event);
}

/* The base class asks for queries of the sink pad alone. */
static gboolean gst_rtp_feature_pay_src_query(GstPad *pad, GstObject *parent, GstQuery *query) {
  const gboolean ok = gst_pad_query_default(pad, parent, query);
  if (ok == FALSE || GST_QUERY_TYPE(query) != GST_QUERY_LATENCY) return ok;
  GstClockTime waits = 0;
  {
    const ObjectLock lock(parent);
    const PaySettings &s = GST_RTP_FEATURE_PAY(parent)->state->settings;
    if (s.aggregate_mode != AGGREGATE_NONE) waits = s.max_aggregate_time;
  }
  gboolean live = FALSE;
  GstClockTime min = 0;
  GstClockTime max = 0;
  gst_query_parse_latency(query, &live, &min, &max);
  if (GST_CLOCK_TIME_IS_VALID(max)) max += waits;
  gst_query_set_latency(query, live, min + waits, max);
  return ok;
}

static GstStateChangeReturn gst_rtp_feature_pay_change_state(GstElement *element,
                                                             GstStateChange transition) {
  Payloader &s = *GST_RTP_FEATURE_PAY(element)->state;
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) s.start();
  const GstStateChangeReturn result =
      GST_ELEMENT_CLASS(gst_rtp_feature_pay_parent_class)->change_state(element, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) s.clear_queue();
  return result;
}

static void gst_rtp_feature_pay_set_property(GObject *object, guint id, const GValue *value,
                                             GParamSpec *pspec) {
  Payloader &s = *GST_RTP_FEATURE_PAY(object)->state;
  bool latency_changes = false;
  {
    const ObjectLock lock(object);
    switch (id) {
      case PROP_CONFIG_INTERVAL:
        s.settings.config_interval = g_value_get_int(value);
        break;
      case PROP_AGGREGATE_MODE:
        s.settings.aggregate_mode = static_cast<AggregateMode>(g_value_get_enum(value));
        latency_changes = true;
        break;
      case PROP_MAX_AGGREGATE_TIME:
        s.settings.max_aggregate_time = g_value_get_uint64(value);
        latency_changes = s.settings.aggregate_mode != AGGREGATE_NONE;
        break;
      default:
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    }
  }
  if (latency_changes)
    gst_element_post_message(GST_ELEMENT(object), gst_message_new_latency(GST_OBJECT(object)));
}

static void gst_rtp_feature_pay_get_property(GObject *object, guint id, GValue *value,
                                             GParamSpec *pspec) {
  const Payloader &s = *GST_RTP_FEATURE_PAY(object)->state;
  if (id == PROP_STATS) {
    GstStructure *stats = s.make_stats();
    add_base_stats(object, gst_rtp_feature_pay_parent_class, stats);
    g_value_take_boxed(value, stats);
    return;
  }
  const ObjectLock lock(object);
  switch (id) {
    case PROP_CONFIG_INTERVAL:
      g_value_set_int(value, s.settings.config_interval);
      break;
    case PROP_AGGREGATE_MODE:
      g_value_set_enum(value, s.settings.aggregate_mode);
      break;
    case PROP_MAX_AGGREGATE_TIME:
      g_value_set_uint64(value, s.settings.max_aggregate_time);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void gst_rtp_feature_pay_finalize(GObject *object) {
  delete GST_RTP_FEATURE_PAY(object)->state;
  G_OBJECT_CLASS(gst_rtp_feature_pay_parent_class)->finalize(object);
}

static void gst_rtp_feature_pay_init(GstRtpFeaturePay *self) {
  self->state = new Payloader(GST_RTP_BASE_PAYLOAD(self));
  gst_pad_set_query_function(GST_RTP_BASE_PAYLOAD_SRCPAD(self), gst_rtp_feature_pay_src_query);
}

static void install_properties(GObjectClass *object_class) {
  const auto flags = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                              GST_PARAM_MUTABLE_PLAYING);
  const PaySettings defaults;
  /**
   * rtpfeaturepay:config-interval:
   *
   * How often the description of the feature is sent, besides whenever it changes: -1 with every
   * unit, 0 never, else after so many seconds. A receiver that joins late waits as long for its
   * first unit, unless it has the description from SDP.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_CONFIG_INTERVAL,
      g_param_spec_int("config-interval", "Interval of descriptions",
                       "Seconds between descriptions (0: on change only, -1: with every unit)", -1,
                       3600, defaults.config_interval, flags));
  /**
   * rtpfeaturepay:aggregate-mode:
   *
   * Whether small units share a packet.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_AGGREGATE_MODE,
      g_param_spec_enum("aggregate-mode", "Aggregate mode", "Whether small units share a packet",
                        GST_TYPE_RTP_FEATURE_AGGREGATE_MODE, AGGREGATE_NONE, flags));
  /**
   * rtpfeaturepay:max-aggregate-time:
   *
   * With `aggregate-mode=max`, how long a unit may wait for others to share its packet, in ns. It
   * waits for units that duration or frame rate let expect within this time; where neither is
   * known nothing waits.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_MAX_AGGREGATE_TIME,
      g_param_spec_uint64("max-aggregate-time", "Maximum aggregate time",
                          "How long a unit may wait for others, in ns", 0, kMaxMaxAggregateTime,
                          defaults.max_aggregate_time, flags));
  /**
   * rtpfeaturepay:stats:
   *
   * Totals since start besides the base class's, also posted as an element message
   * `rtpfeaturepay-stats` at EOS: `units-sent`, `descriptions-sent`, `packets`, `bytes` (of
   * payload).
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_STATS,
      g_param_spec_boxed("stats", "Statistics", "Totals since start", GST_TYPE_STRUCTURE,
                         static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));
}

static void gst_rtp_feature_pay_class_init(GstRtpFeaturePayClass *klass) {
  auto *object_class = G_OBJECT_CLASS(klass);
  auto *element_class = GST_ELEMENT_CLASS(klass);
  auto *pay_class = GST_RTP_BASE_PAYLOAD_CLASS(klass);

  object_class->set_property = gst_rtp_feature_pay_set_property;
  object_class->get_property = gst_rtp_feature_pay_get_property;
  object_class->finalize = gst_rtp_feature_pay_finalize;
  element_class->change_state = gst_rtp_feature_pay_change_state;
  pay_class->set_caps = gst_rtp_feature_pay_set_caps;
  pay_class->handle_buffer = gst_rtp_feature_pay_handle_buffer;
  pay_class->sink_event = gst_rtp_feature_pay_sink_event;
  pay_class->src_event = gst_rtp_feature_pay_src_event;
  install_properties(object_class);

  const std::string src = std::string(
                              "application/x-rtp, media = (string) application, "
                              "clock-rate = (int) 90000, encoding-name = (string) ") +
                          kEncodingName + ", payload = (int) [ 0, 127 ]";
  const CapsPtr sink_caps(gst_caps_from_string(kStreamCaps));
  const CapsPtr src_caps(gst_caps_from_string(src.c_str()));
  add_pad_templates(element_class, sink_caps.get(), src_caps.get());
  gst_type_mark_as_plugin_api(GST_TYPE_RTP_FEATURE_AGGREGATE_MODE,
                              static_cast<GstPluginAPIFlags>(0));
  gst_element_class_set_static_metadata(element_class, "RTP feature payloader",
                                        "Codec/Payloader/Network/RTP",
                                        "Sends features in RTP packets", "The gst-feature project");
}
