// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-rtpvvcfeatpay
 * @title: rtpvvcfeatpay
 * @short_description: sends H.266 over RTP
 *
 * Puts the access units of an H.266 stream into RTP packets after RFC 9328, which any receiver of
 * H.266 understands: small NAL units together, large ones in fragments, without copying them.
 * Parameter sets are in the caps for SDP, and repeated in the stream where `config-interval` asks
 * for it. Every unit leaves when it comes in.
 *
 * |[
 * gst-launch-1.0 featuretestsrc num-buffers=3 pattern=cls ! featuretrunc ! featurequant !
 *     featurepack ! vvcfeatenc ! rtpvvcfeatpay ! rtpvvcfeatdepay ! vvcfeatdec ! fakesink
 * ]|
 *
 * Since: 0.1
 */
#include "gst/rtp/gstrtpvvcfeatpay.h"

#include <gst/rtp/gstrtpbuffer.h>

#include <cstring>

#include "codecs/vvc/decoder/nal.h"
#include "gst/common/gstcpp.h"
#include "gst/rtp/base_stats.h"
#include "gst/rtp/vvc_packetizer.h"
#include "gst/rtp/vvc_sdp.h"

GST_DEBUG_CATEGORY_STATIC(rtpvvcfeatpay_debug);
#define GST_CAT_DEFAULT rtpvvcfeatpay_debug

using feat::ObjectLock;
using feat::vvcrtp::Aggregate;
using feat::vvcrtp::Bytes;
using feat::vvcrtp::Payload;
using feat::vvcrtp::Piece;

namespace {

enum { PROP_0, PROP_AGGREGATE_MODE, PROP_CONFIG_INTERVAL, PROP_STATS };

constexpr Aggregate kDefaultAggregate = Aggregate::kZeroLatency;
constexpr int kDefaultConfigInterval = -1;
constexpr int kMaxConfigInterval = 3600;  // s

GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS,
                            GST_STATIC_CAPS("video/x-h266, stream-format = (string) byte-stream, "
                                            "alignment = (string) au"));
GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE(
    "src", GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS("application/x-rtp, media = (string) video, payload = (int) [ 96, 127 ], "
                    "clock-rate = (int) 90000, encoding-name = (string) H266"));

struct Stats {
  guint64 units = 0;
  guint64 packets = 0;
  guint64 bytes = 0;
  guint64 aggregates = 0;
  guint64 fragments = 0;
  guint64 left_out = 0;
};

struct State {
  // Guarded by the object lock.
  Aggregate aggregate = kDefaultAggregate;
  int config_interval = kDefaultConfigInterval;
  Stats stats;

  // Everything below belongs to the streaming thread.
  feat::vvcrtp::ParameterSets sets;
  bool announced = false;                   // the caps say what is in `sets`
  GstClockTime sent = GST_CLOCK_TIME_NONE;  // running time of the unit that last had all sets
  std::vector<Bytes> units;
  feat::vvcrtp::Plan plan;

  void restart() {
    sets.clear();
    announced = false;
    sent = GST_CLOCK_TIME_NONE;
  }
};

GType aggregate_mode_get_type() {
  static const GEnumValue values[] = {
      {static_cast<gint>(Aggregate::kNone), "One NAL unit in a packet", "none"},
      {static_cast<gint>(Aggregate::kZeroLatency), "NAL units up to the first slice or suffix unit",
       "zero-latency"},
      {static_cast<gint>(Aggregate::kMax), "As many NAL units of an access unit as fit", "max"},
      {0, nullptr, nullptr},
  };
  static const GType type = g_enum_register_static("GstRtpVvcFeatAggregateMode", values);
  return type;
}

}  // namespace

struct _GstRtpVvcFeatPay {
  GstRTPBasePayload parent;
  State *state;
};

G_DEFINE_FINAL_TYPE(GstRtpVvcFeatPay, gst_rtp_vvc_feat_pay, GST_TYPE_RTP_BASE_PAYLOAD)
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE(rtpvvcfeatpay, "rtpvvcfeatpay", GST_RANK_MARGINAL,
                                      GST_TYPE_RTP_VVC_FEAT_PAY,
                                      GST_DEBUG_CATEGORY_INIT(rtpvvcfeatpay_debug, "rtpvvcfeatpay",
                                                              0, "H.266 over RTP, sender"))

static GstStructure *make_stats(GstRtpVvcFeatPay *self) {
  Stats s;
  {
    const ObjectLock lock(self);
    s = self->state->stats;
  }
  return gst_structure_new("rtpvvcfeatpay-stats", "units-sent", G_TYPE_UINT64, s.units, "packets",
                           G_TYPE_UINT64, s.packets, "bytes", G_TYPE_UINT64, s.bytes, "aggregates",
                           G_TYPE_UINT64, s.aggregates, "fragments", G_TYPE_UINT64, s.fragments,
                           "left-out", G_TYPE_UINT64, s.left_out, nullptr);
}

static void gst_rtp_vvc_feat_pay_set_property(GObject *object, guint id, const GValue *value,
                                              GParamSpec *pspec) {
  State &s = *GST_RTP_VVC_FEAT_PAY(object)->state;
  const ObjectLock lock(object);
  switch (id) {
    case PROP_AGGREGATE_MODE:
      s.aggregate = static_cast<Aggregate>(g_value_get_enum(value));
      break;
    case PROP_CONFIG_INTERVAL:
      s.config_interval = g_value_get_int(value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static void gst_rtp_vvc_feat_pay_get_property(GObject *object, guint id, GValue *value,
                                              GParamSpec *pspec) {
  auto *self = GST_RTP_VVC_FEAT_PAY(object);
  if (id == PROP_STATS) {
    GstStructure *stats = make_stats(self);
    feat::add_base_stats(self, gst_rtp_vvc_feat_pay_parent_class, stats);
    g_value_take_boxed(value, stats);
    return;
  }
  const State &s = *self->state;
  const ObjectLock lock(object);
  switch (id) {
    case PROP_AGGREGATE_MODE:
      g_value_set_enum(value, static_cast<gint>(s.aggregate));
      break;
    case PROP_CONFIG_INTERVAL:
      g_value_set_int(value, s.config_interval);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static gboolean gst_rtp_vvc_feat_pay_set_caps(GstRTPBasePayload *base, GstCaps *) {
  GST_RTP_VVC_FEAT_PAY(base)->state->restart();
  gst_rtp_base_payload_set_options(base, "video", TRUE, "H266", 90000);
  return TRUE;  // the output caps follow when the parameter sets are known
}

static bool announce(GstRtpVvcFeatPay *self) {
  State &s = *self->state;
  const feat::StructurePtr fields = feat::vvcrtp::to_sdp_fields(s.sets);
  s.announced = true;
  return gst_rtp_base_payload_set_outcaps_structure(GST_RTP_BASE_PAYLOAD(self), fields.get()) !=
         FALSE;
}

// Whether a unit of this running time should hold all parameter sets.
static bool wants_sets(GstRtpVvcFeatPay *self, GstClockTime now) {
  State &s = *self->state;
  int interval = 0;
  {
    const ObjectLock lock(self);
    interval = s.config_interval;
  }
  if (interval < 0) {
    for (const Bytes unit : s.units) {
      if (feat::vvcrtp::is_irap(feat::vvcrtp::NalHeader::read(unit).type)) return true;
    }
    return false;
  }
  if (interval == 0) return false;
  if (!GST_CLOCK_TIME_IS_VALID(s.sent) || !GST_CLOCK_TIME_IS_VALID(now) || now < s.sent)
    return true;
  return now - s.sent >= static_cast<GstClockTime>(interval) * GST_SECOND;
}

// Puts the parameter sets that the unit lacks into it, if it is time to.
static void complete_sets(GstRtpVvcFeatPay *self, GstClockTime now) {
  State &s = *self->state;
  const std::vector<Bytes> missing = s.sets.missing_in(s.units);
  if (!missing.empty()) {
    if (!wants_sets(self, now)) return;
    const auto at = static_cast<ptrdiff_t>(feat::vvcrtp::insert_position(s.units));
    s.units.insert(s.units.begin() + at, missing.begin(), missing.end());
  }
  s.sent = now;
}

// A packet without its RTP header's content. Bytes of `source`, mapped as `map`, are shared;
// those of aggregation packets and repeated parameter sets, which are few, are copied.
static GstBuffer *make_packet(GstRTPBasePayload *base, const Payload &payload,
                              std::span<const Piece> pieces, GstBuffer *source,
                              const feat::MappedBuffer &map) {
  const Bytes data = pieces[0].data;
  const bool shared = payload.kind != Payload::Kind::kAggregation && data.data() >= map.data() &&
                      data.data() < map.data() + map.size();
  const gsize own = shared ? pieces[0].head_size : payload.size;
  GstBuffer *packet =
      gst_rtp_base_payload_allocate_output_buffer(base, static_cast<guint>(own), 0, 0);
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
  gst_rtp_buffer_map(packet, GST_MAP_WRITE, &rtp);
  gst_rtp_buffer_set_marker(&rtp, payload.marker);
  if (own > 0) {
    auto *out = static_cast<guint8 *>(gst_rtp_buffer_get_payload(&rtp));
    for (const Piece &piece : pieces) {
      std::memcpy(out, piece.head.data(), piece.head_size);
      out += piece.head_size;
      if (shared) break;
      std::memcpy(out, piece.data.data(), piece.data.size());
      out += piece.data.size();
    }
  }
  gst_rtp_buffer_unmap(&rtp);
  if (shared) {
    gst_buffer_copy_into(packet, source, GST_BUFFER_COPY_MEMORY,
                         static_cast<gsize>(data.data() - map.data()), data.size());
  }
  if (payload.marker) GST_BUFFER_FLAG_SET(packet, GST_BUFFER_FLAG_MARKER);
  // rtpulpfecenc protects these by its percentage-important.
  if (payload.important) GST_BUFFER_FLAG_SET(packet, GST_BUFFER_FLAG_NON_DROPPABLE);
  return packet;
}

static GstBufferList *make_packets(GstRtpVvcFeatPay *self, GstBuffer *source,
                                   const feat::MappedBuffer &map) {
  State &s = *self->state;
  auto *base = GST_RTP_BASE_PAYLOAD(self);
  const bool delta = GST_BUFFER_FLAG_IS_SET(source, GST_BUFFER_FLAG_DELTA_UNIT);
  const std::span<const Piece> pieces(s.plan.pieces);
  GstBufferList *list = gst_buffer_list_new_sized(static_cast<guint>(s.plan.payloads.size()));
  bool first = true;
  for (const Payload &payload : s.plan.payloads) {
    GstBuffer *packet = make_packet(
        base, payload, pieces.subspan(payload.first_piece, payload.pieces), source, map);
    GST_BUFFER_PTS(packet) = GST_BUFFER_PTS(source);
    GST_BUFFER_DTS(packet) = GST_BUFFER_DTS(source);
    if (delta || !first) GST_BUFFER_FLAG_SET(packet, GST_BUFFER_FLAG_DELTA_UNIT);
    if (first && GST_BUFFER_IS_DISCONT(source))
      GST_BUFFER_FLAG_SET(packet, GST_BUFFER_FLAG_DISCONT);
    first = false;
    gst_buffer_list_add(list, packet);
  }
  return list;
}

static void count(GstRtpVvcFeatPay *self) {
  const ObjectLock lock(self);
  Stats &stats = self->state->stats;
  const feat::vvcrtp::Plan &plan = self->state->plan;
  stats.left_out += plan.units_left_out;
  if (plan.payloads.empty()) return;
  stats.units++;
  stats.packets += plan.payloads.size();
  for (const Payload &payload : plan.payloads) {
    stats.bytes += payload.size;
    if (payload.kind == Payload::Kind::kAggregation) stats.aggregates++;
    if (payload.kind == Payload::Kind::kFragment) stats.fragments++;
  }
}

// Reads the NAL units of the access unit, and plans its packets.
static void plan_unit(GstRtpVvcFeatPay *self, GstBuffer *buffer, Bytes stream) {
  State &s = *self->state;
  auto *base = GST_RTP_BASE_PAYLOAD(self);
  s.units.clear();
  feat::vvc::NalUnit nal;
  while (feat::vvc::next_nal_unit(stream, nal)) {
    s.units.push_back(nal.bytes);
    if (s.sets.learn(nal.bytes)) s.announced = false;
  }
  if (!s.units.empty()) {
    complete_sets(
        self, gst_segment_to_running_time(&base->segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer)));
  }
  Aggregate aggregate = kDefaultAggregate;
  {
    const ObjectLock lock(self);
    aggregate = s.aggregate;
  }
  const guint room = gst_rtp_buffer_calc_payload_len(GST_RTP_BASE_PAYLOAD_MTU(base), 0, 0);
  feat::vvcrtp::plan_payloads(s.units, room, aggregate, s.plan);
}

static GstFlowReturn gst_rtp_vvc_feat_pay_handle_buffer(GstRTPBasePayload *base,
                                                        GstBuffer *buffer) {
  auto *self = GST_RTP_VVC_FEAT_PAY(base);
  State &s = *self->state;
  const feat::BufferPtr owned(buffer);
  GstBufferList *list = nullptr;
  {
    const feat::MappedBuffer map(buffer, GST_MAP_READ);
    if (!map.ok()) {
      GST_ELEMENT_ERROR(self, RESOURCE, READ, ("An access unit could not be mapped."), (nullptr));
      return GST_FLOW_ERROR;
    }
    plan_unit(self, buffer, {map.data(), map.size()});
    count(self);
    if (s.plan.units_left_out > 0) {
      GST_WARNING_OBJECT(self, "%" G_GSIZE_FORMAT " NAL units of types that RTP cannot carry",
                         s.plan.units_left_out);
    }
    if (s.plan.payloads.empty()) {
      GST_ELEMENT_WARNING(
          self, STREAM, FORMAT,
          ("A buffer of %" G_GSIZE_FORMAT " bytes holds no NAL unit to send.", map.size()),
          (nullptr));
      return GST_FLOW_OK;
    }
    if (!s.announced && !announce(self)) return GST_FLOW_NOT_NEGOTIATED;
    list = make_packets(self, buffer, map);
  }
  return gst_rtp_base_payload_push_list(base, list);
}

static gboolean gst_rtp_vvc_feat_pay_sink_event(GstRTPBasePayload *base, GstEvent *event) {
  auto *self = GST_RTP_VVC_FEAT_PAY(base);
  if (GST_EVENT_TYPE(event) == GST_EVENT_EOS) {
    gst_element_post_message(GST_ELEMENT(self),
                             gst_message_new_element(GST_OBJECT(self), make_stats(self)));
  }
  if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_STOP) self->state->sent = GST_CLOCK_TIME_NONE;
  return GST_RTP_BASE_PAYLOAD_CLASS(gst_rtp_vvc_feat_pay_parent_class)->sink_event(base, event);
}

static GstStateChangeReturn gst_rtp_vvc_feat_pay_change_state(GstElement *element,
                                                              GstStateChange transition) {
  auto *self = GST_RTP_VVC_FEAT_PAY(element);
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) {
    self->state->restart();
    const ObjectLock lock(self);
    self->state->stats = Stats();
  }
  return GST_ELEMENT_CLASS(gst_rtp_vvc_feat_pay_parent_class)->change_state(element, transition);
}

static void gst_rtp_vvc_feat_pay_finalize(GObject *object) {
  delete GST_RTP_VVC_FEAT_PAY(object)->state;
  G_OBJECT_CLASS(gst_rtp_vvc_feat_pay_parent_class)->finalize(object);
}

static void gst_rtp_vvc_feat_pay_class_init(GstRtpVvcFeatPayClass *klass) {
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS(klass);
  GstRTPBasePayloadClass *base_class = GST_RTP_BASE_PAYLOAD_CLASS(klass);
  object_class->set_property = gst_rtp_vvc_feat_pay_set_property;
  object_class->get_property = gst_rtp_vvc_feat_pay_get_property;
  object_class->finalize = gst_rtp_vvc_feat_pay_finalize;
  element_class->change_state = gst_rtp_vvc_feat_pay_change_state;
  base_class->set_caps = gst_rtp_vvc_feat_pay_set_caps;
  base_class->handle_buffer = gst_rtp_vvc_feat_pay_handle_buffer;
  base_class->sink_event = gst_rtp_vvc_feat_pay_sink_event;
  const auto flags = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                              GST_PARAM_MUTABLE_PLAYING);

  /**
   * GstRtpVvcFeatPay:aggregate-mode:
   *
   * Which NAL units share a packet. No mode makes a unit wait for another.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_AGGREGATE_MODE,
      g_param_spec_enum("aggregate-mode", "Aggregate mode", "Which NAL units share a packet",
                        aggregate_mode_get_type(), static_cast<gint>(kDefaultAggregate), flags));
  /**
   * GstRtpVvcFeatPay:config-interval:
   *
   * How often parameter sets are repeated in the stream, where it does not do so by itself: -1
   * with every random access point, 0 never, else after as many seconds.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_CONFIG_INTERVAL,
      g_param_spec_int("config-interval", "Config interval",
                       "Seconds between parameter sets; 0: as they come, -1: with every IDR", -1,
                       kMaxConfigInterval, kDefaultConfigInterval, flags));
  /**
   * GstRtpVvcFeatPay:stats:
   *
   * Totals since start (guint64): `units-sent`, `packets`, `bytes` of payload, `aggregates` and
   * `fragments` among the packets, and NAL units `left-out` because RTP cannot carry their type.
   * Posted as element message at the end of the stream. Beside them, those of the base class.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_STATS,
      g_param_spec_boxed("stats", "Statistics", "Totals since start", GST_TYPE_STRUCTURE,
                         static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));

  gst_type_mark_as_plugin_api(aggregate_mode_get_type(), static_cast<GstPluginAPIFlags>(0));
  gst_element_class_add_static_pad_template(element_class, &sink_template);
  gst_element_class_add_static_pad_template(element_class, &src_template);
  gst_element_class_set_static_metadata(
      element_class, "RTP H.266 payloader", "Codec/Payloader/Network/RTP",
      "Sends H.266 over RTP (RFC 9328)", "GStreamer feature plug-ins");
}

static void gst_rtp_vvc_feat_pay_init(GstRtpVvcFeatPay *self) {
  self->state = new State();
}
