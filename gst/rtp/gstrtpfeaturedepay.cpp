// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-rtpfeaturedepay
 * @title: rtpfeaturedepay
 * @short_description: features out of RTP packets
 *
 * Puts the units of rtpfeaturepay together again (docs/rtp-payload.md). A unit with a lost packet
 * is missing, all others come out as they were sent: each is checked against a CRC-32, and a
 * tensor's size against its description as well. The caps are those that went into the payloader.
 *
 * Packets of one unit may come in any order. Units are not put in order: give-up is immediate
 * once a later unit is complete, so a network that reorders needs rtpjitterbuffer in front.
 *
 * |[
 * gst-launch-1.0 featuretestsrc num-buffers=5 pattern=cls ! rtpfeaturepay ! rtpfeaturedepay ! \
 *   featurebitcount print=true ! fakesink
 * ]|
 *
 * Since: 0.1
 */
#include "gst/rtp/gstrtpfeaturedepay.h"

#include <string>

#include "gst/common/gstcpp.h"
#include "gst/rtp/base_stats.h"
#include "gst/rtp/depayloader.h"
#include "gst/rtp/stream_caps.h"

using namespace feat;
using namespace feat::rtp;

GST_DEBUG_CATEGORY(rtpfeaturedepay_debug);
#define GST_CAT_DEFAULT rtpfeaturedepay_debug

namespace {

enum {
  PROP_0,
  PROP_MAX_UNIT_SIZE,
  PROP_MAX_PENDING_BYTES,
  PROP_MAX_PENDING_UNITS,
  PROP_MAX_POINTS,
  PROP_STATS
};

}  // namespace

struct _GstRtpFeatureDepay {
  GstRTPBaseDepayload parent;
  Depayloader *state;
};

G_DEFINE_FINAL_TYPE(GstRtpFeatureDepay, gst_rtp_feature_depay, GST_TYPE_RTP_BASE_DEPAYLOAD)
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE(
    rtpfeaturedepay, "rtpfeaturedepay", GST_RANK_SECONDARY, GST_TYPE_RTP_FEATURE_DEPAY,
    GST_DEBUG_CATEGORY_INIT(rtpfeaturedepay_debug, "rtpfeaturedepay", 0, "features out of RTP"));

static GstBuffer *gst_rtp_feature_depay_process(GstRTPBaseDepayload *base, GstRTPBuffer *rtp) {
  GST_RTP_FEATURE_DEPAY(base)->state->packet(rtp);
  return nullptr;
}

static gboolean gst_rtp_feature_depay_set_caps(GstRTPBaseDepayload *base, GstCaps *caps) {
  base->clock_rate = kClockRate;
  return GST_RTP_FEATURE_DEPAY(base)->state->set_caps(caps);
}

/* The jitterbuffer's word for a missing sequence number. FEC packets have those too, so it says
 * nothing of units: their own ids and offsets do. */
static gboolean gst_rtp_feature_depay_packet_lost(GstRTPBaseDepayload *, GstEvent *) {
  return TRUE;
}

static gboolean gst_rtp_feature_depay_handle_event(GstRTPBaseDepayload *base, GstEvent *event) {
  auto *self = GST_RTP_FEATURE_DEPAY(base);
  Depayloader &s = *self->state;
  if (GST_EVENT_TYPE(event) == GST_EVENT_EOS) {
    s.finish();
    s.post_stats();
  }
  if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_STOP) s.flush();
  return GST_RTP_BASE_DEPAYLOAD_CLASS(gst_rtp_feature_depay_parent_class)
      ->handle_event(base, event);
}

/* The base class marks DISCONT wherever sequence numbers jump; here only missing units are a
 * discontinuity. It does so while it pushes, so that this is the first place to put it right. */
static GstPadProbeReturn set_discont(GstPad *, GstPadProbeInfo *info, gpointer self) {
  if (GST_RTP_FEATURE_DEPAY(self)->state->discont()) return GST_PAD_PROBE_OK;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER(info);
  if (!GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DISCONT)) return GST_PAD_PROBE_OK;
  buffer = gst_buffer_make_writable(buffer);
  GST_BUFFER_FLAG_UNSET(buffer, GST_BUFFER_FLAG_DISCONT);
  GST_PAD_PROBE_INFO_DATA(info) = buffer;
  return GST_PAD_PROBE_OK;
}

static GstStateChangeReturn gst_rtp_feature_depay_change_state(GstElement *element,
                                                               GstStateChange transition) {
  Depayloader &s = *GST_RTP_FEATURE_DEPAY(element)->state;
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) s.start();
  const GstStateChangeReturn result =
      GST_ELEMENT_CLASS(gst_rtp_feature_depay_parent_class)->change_state(element, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) s.flush();
  return result;
}

static void gst_rtp_feature_depay_set_property(GObject *object, guint id, const GValue *value,
                                               GParamSpec *pspec) {
  Depayloader &s = *GST_RTP_FEATURE_DEPAY(object)->state;
  const ObjectLock lock(object);
  switch (id) {
    case PROP_MAX_UNIT_SIZE:
      s.limits.max_unit_size = g_value_get_uint(value);
      break;
    case PROP_MAX_PENDING_BYTES:
      s.limits.max_pending_bytes = g_value_get_uint64(value);
      break;
    case PROP_MAX_PENDING_UNITS:
      s.limits.max_pending_units = g_value_get_uint(value);
      break;
    case PROP_MAX_POINTS:
      s.max_points = g_value_get_uint64(value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void gst_rtp_feature_depay_get_property(GObject *object, guint id, GValue *value,
                                               GParamSpec *pspec) {
  const Depayloader &s = *GST_RTP_FEATURE_DEPAY(object)->state;
  if (id == PROP_STATS) {
    GstStructure *stats = s.make_stats();
    add_base_stats(object, gst_rtp_feature_depay_parent_class, stats);
    g_value_take_boxed(value, stats);
    return;
  }
  const ObjectLock lock(object);
  switch (id) {
    case PROP_MAX_UNIT_SIZE:
      g_value_set_uint(value, static_cast<guint>(s.limits.max_unit_size));
      break;
    case PROP_MAX_PENDING_BYTES:
      g_value_set_uint64(value, s.limits.max_pending_bytes);
      break;
    case PROP_MAX_PENDING_UNITS:
      g_value_set_uint(value, s.limits.max_pending_units);
      break;
    case PROP_MAX_POINTS:
      g_value_set_uint64(value, s.max_points);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void gst_rtp_feature_depay_finalize(GObject *object) {
  delete GST_RTP_FEATURE_DEPAY(object)->state;
  G_OBJECT_CLASS(gst_rtp_feature_depay_parent_class)->finalize(object);
}

static void gst_rtp_feature_depay_init(GstRtpFeatureDepay *self) {
  self->state = new Depayloader(GST_RTP_BASE_DEPAYLOAD(self));
  /* Otherwise the base class drops whatever comes behind a higher sequence number. Packets out of
   * order are put in place here, repeated ones ignored. */
  g_object_set(self, "max-reorder", 0, nullptr);
  gst_pad_add_probe(GST_RTP_BASE_DEPAYLOAD_SRCPAD(self), GST_PAD_PROBE_TYPE_BUFFER, set_discont,
                    self, nullptr);
}

static void install_properties(GObjectClass *object_class) {
  const auto flags = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                              GST_PARAM_MUTABLE_PLAYING);
  const Limits limits;
  /**
   * rtpfeaturedepay:max-unit-size:
   *
   * Largest unit, its configuration included, in bytes; larger ones are damaged units, and none of
   * their packets is kept.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_MAX_UNIT_SIZE,
      g_param_spec_uint("max-unit-size", "Maximum unit size", "Largest unit in bytes", 1,
                        kMaxTotalSize, static_cast<guint>(limits.max_unit_size), flags));
  /**
   * rtpfeaturedepay:max-pending-bytes:
   *
   * Memory for units that are not complete, with what each packet takes besides its payload. The
   * oldest unit goes where it is used up. What a packet announces takes no memory.
   *
   * Since: 0.1
   */
  g_object_class_install_property(object_class, PROP_MAX_PENDING_BYTES,
                                  g_param_spec_uint64("max-pending-bytes", "Maximum pending bytes",
                                                      "Memory for incomplete units", 1, G_MAXUINT64,
                                                      limits.max_pending_bytes, flags));
  /**
   * rtpfeaturedepay:max-pending-units:
   *
   * How many units may be incomplete at a time; the oldest one goes where there are more.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_MAX_PENDING_UNITS,
      g_param_spec_uint("max-pending-units", "Maximum pending units", "Incomplete units at a time",
                        1, 4096, limits.max_pending_units, flags));
  /**
   * rtpfeaturedepay:max-points:
   *
   * Largest tensor, in points, that a description may tell of; larger ones are damaged units.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_MAX_POINTS,
      g_param_spec_uint64("max-points", "Maximum points", "Largest tensor in points", 1,
                          G_MAXUINT64, GST_FEATURE_DEFAULT_MAX_POINTS, flags));
  /**
   * rtpfeaturedepay:stats:
   *
   * Totals since start besides the base class's, also posted as an element message
   * `rtpfeaturedepay-stats` at EOS and when units come again after a loss: `units-received` (of
   * which a packet came), `complete` (handed on), `damaged`, `lost` (no packet came), `recovered`
   * (complete although packets were out of order), `no-description`, `restarts` (of the sender),
   * `packets`, `bytes` (of payload), `late`, `duplicate`, `invalid` (packets).
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_STATS,
      g_param_spec_boxed("stats", "Statistics", "Totals since start", GST_TYPE_STRUCTURE,
                         static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));
}

static void gst_rtp_feature_depay_class_init(GstRtpFeatureDepayClass *klass) {
  auto *object_class = G_OBJECT_CLASS(klass);
  auto *element_class = GST_ELEMENT_CLASS(klass);
  auto *depay_class = GST_RTP_BASE_DEPAYLOAD_CLASS(klass);

  object_class->set_property = gst_rtp_feature_depay_set_property;
  object_class->get_property = gst_rtp_feature_depay_get_property;
  object_class->finalize = gst_rtp_feature_depay_finalize;
  element_class->change_state = gst_rtp_feature_depay_change_state;
  depay_class->set_caps = gst_rtp_feature_depay_set_caps;
  depay_class->process_rtp_packet = gst_rtp_feature_depay_process;
  depay_class->packet_lost = gst_rtp_feature_depay_packet_lost;
  depay_class->handle_event = gst_rtp_feature_depay_handle_event;
  install_properties(object_class);

  const std::string sink = std::string(
                               "application/x-rtp, media = (string) application, "
                               "clock-rate = (int) 90000, encoding-name = (string) ") +
                           kEncodingName;
  const CapsPtr sink_caps(gst_caps_from_string(sink.c_str()));
  const CapsPtr src_caps(gst_caps_from_string(kStreamCaps));
  add_pad_templates(element_class, sink_caps.get(), src_caps.get());
  gst_element_class_set_static_metadata(
      element_class, "RTP feature depayloader", "Codec/Depayloader/Network/RTP",
      "Puts features together from RTP packets", "The gst-feature project");
}
