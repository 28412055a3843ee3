// SPDX-License-Identifier: LGPL-2.1-or-later
/**
 * SECTION:element-rtpvvcfeatdepay
 * @title: rtpvvcfeatdepay
 * @short_description: receives H.266 over RTP
 *
 * Puts the access units of an H.266 stream together from RTP packets after RFC 9328, of any sender.
 * A unit of which a packet is missing is dropped as a whole, the next one is marked with DISCONT,
 * and one warning is posted for each burst of damage. Parameter sets of the caps (SDP) go in front
 * of the first unit that lacks them.
 *
 * |[
 * gst-launch-1.0 udpsrc port=5004 caps="application/x-rtp, media=video, encoding-name=H266,
 *     clock-rate=90000, payload=96" ! rtpjitterbuffer do-lost=true ! rtpvvcfeatdepay ! vvcfeatdec !
 *     featureunpack ! fakesink
 * ]|
 *
 * Since: 0.1
 */
#include "gst/rtp/gstrtpvvcfeatdepay.h"

#include <gst/rtp/gstrtpbuffer.h>

#include <string>
#include <utility>

#include "codecs/vvc/decoder/nal.h"
#include "gst/common/gstcpp.h"
#include "gst/common/refusal.h"
#include "gst/rtp/base_stats.h"
#include "gst/rtp/vvc_depacketizer.h"
#include "gst/rtp/vvc_sdp.h"

GST_DEBUG_CATEGORY_STATIC(rtpvvcfeatdepay_debug);
#define GST_CAT_DEFAULT rtpvvcfeatdepay_debug

using feat::ObjectLock;
using feat::vvcrtp::AccessUnit;
using feat::vvcrtp::Bytes;
using feat::vvcrtp::Depacketizer;

namespace {

enum { PROP_0, PROP_MAX_UNIT_SIZE, PROP_STATS };

constexpr guint64 kDefaultMaxUnitSize = guint64{64} << 20;
constexpr guint64 kLargestMaxUnitSize = guint64{1} << 30;

GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE(
    "sink", GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS("application/x-rtp, media = (string) video, clock-rate = (int) 90000, "
                    "encoding-name = (string) H266"));
GstStaticPadTemplate src_template =
    GST_STATIC_PAD_TEMPLATE("src", GST_PAD_SRC, GST_PAD_ALWAYS,
                            GST_STATIC_CAPS("video/x-h266, stream-format = (string) byte-stream, "
                                            "alignment = (string) au"));

struct Stats {
  Depacketizer::Stats units;
  guint64 lost_packets = 0;
  guint64 gaps = 0;
};

struct State {
  // Guarded by the object lock.
  guint64 max_unit_size = kDefaultMaxUnitSize;
  Stats stats;

  // Everything below belongs to the streaming thread.
  feat::Refusal refusal;
  Depacketizer depacketizer;
  feat::vvcrtp::ParameterSets sets;  // of the caps
  bool sets_wanted = false;          // no unit has had them yet
  int payload_type = -1;             // of the caps
  std::vector<AccessUnit> complete;
  bool begun = false;  // the next two are those of the last packet
  guint16 seqnum = 0;
  guint32 ssrc = 0;
  bool lost = false;      // packets, since the last one
  bool discont = false;   // for the next unit
  bool in_burst = false;  // of damaged units

  void restart() {
    depacketizer.reset();
    sets_wanted = !sets.empty();
    begun = lost = in_burst = false;
  }
};

}  // namespace

struct _GstRtpVvcFeatDepay {
  GstRTPBaseDepayload parent;
  State *state;
};

G_DEFINE_FINAL_TYPE(GstRtpVvcFeatDepay, gst_rtp_vvc_feat_depay, GST_TYPE_RTP_BASE_DEPAYLOAD)
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE(rtpvvcfeatdepay, "rtpvvcfeatdepay", GST_RANK_MARGINAL,
                                      GST_TYPE_RTP_VVC_FEAT_DEPAY,
                                      GST_DEBUG_CATEGORY_INIT(rtpvvcfeatdepay_debug,
                                                              "rtpvvcfeatdepay", 0,
                                                              "H.266 over RTP, receiver"))

static GstStructure *make_stats(GstRtpVvcFeatDepay *self) {
  Stats s;
  {
    const ObjectLock lock(self);
    s = self->state->stats;
  }
  return gst_structure_new("rtpvvcfeatdepay-stats", "units-received", G_TYPE_UINT64,
                           s.units.received, "complete", G_TYPE_UINT64, s.units.complete, "damaged",
                           G_TYPE_UINT64, s.units.damaged, "bytes", G_TYPE_UINT64, s.units.bytes,
                           "packets", G_TYPE_UINT64, s.units.packets, "lost-packets", G_TYPE_UINT64,
                           s.lost_packets, "gaps", G_TYPE_UINT64, s.gaps, nullptr);
}

static void gst_rtp_vvc_feat_depay_set_property(GObject *object, guint id, const GValue *value,
                                                GParamSpec *pspec) {
  if (id != PROP_MAX_UNIT_SIZE) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
    return;
  }
  const ObjectLock lock(object);
  GST_RTP_VVC_FEAT_DEPAY(object)->state->max_unit_size = g_value_get_uint64(value);
}

static void gst_rtp_vvc_feat_depay_get_property(GObject *object, guint id, GValue *value,
                                                GParamSpec *pspec) {
  auto *self = GST_RTP_VVC_FEAT_DEPAY(object);
  if (id == PROP_STATS) {
    GstStructure *stats = make_stats(self);
    feat::add_base_stats(self, gst_rtp_vvc_feat_depay_parent_class, stats);
    g_value_take_boxed(value, stats);
  } else if (id == PROP_MAX_UNIT_SIZE) {
    const ObjectLock lock(object);
    g_value_set_uint64(value, self->state->max_unit_size);
  } else {
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
  }
}

static gboolean gst_rtp_vvc_feat_depay_set_caps(GstRTPBaseDepayload *base, GstCaps *caps) {
  auto *self = GST_RTP_VVC_FEAT_DEPAY(base);
  State &s = *self->state;
  const GstStructure *fields = gst_caps_get_structure(caps, 0);
  std::string message;
  if (!feat::vvcrtp::from_sdp_fields(fields, s.sets, message)) {
    message = "This stream cannot be received: " + message + ".";
    return s.refusal.post(self, message.c_str());
  }
  s.sets_wanted = !s.sets.empty();
  s.payload_type = -1;
  gst_structure_get_int(fields, "payload", &s.payload_type);
  base->clock_rate = 90000;
  const feat::CapsPtr out(gst_static_pad_template_get_caps(&src_template));
  return gst_pad_set_caps(GST_RTP_BASE_DEPAYLOAD_SRCPAD(base), out.get());
}

// The unit with the parameter sets of the caps that it lacks.
static void insert_sets(const feat::vvcrtp::ParameterSets &sets, AccessUnit &unit) {
  static constexpr std::array<uint8_t, 4> kStartCode = {0, 0, 0, 1};
  std::vector<Bytes> units;
  Bytes rest = unit.data;
  feat::vvc::NalUnit nal;
  while (feat::vvc::next_nal_unit(rest, nal)) units.push_back(nal.bytes);
  const size_t before = feat::vvcrtp::insert_position(units);
  // Behind the last of the units that stay in front, whose end is where their bytes end.
  const size_t at = before == 0 ? 0
                                : static_cast<size_t>(units[before - 1].data() +
                                                      units[before - 1].size() - unit.data.data());
  std::vector<uint8_t> bytes;
  for (const Bytes set : sets.missing_in(units)) {
    bytes.insert(bytes.end(), kStartCode.begin(), kStartCode.end());
    bytes.insert(bytes.end(), set.begin(), set.end());
  }
  unit.data.insert(unit.data.begin() + static_cast<ptrdiff_t>(at), bytes.begin(), bytes.end());
}

static GstBuffer *to_buffer(State &s, AccessUnit unit) {
  if (std::exchange(s.sets_wanted, false)) insert_sets(s.sets, unit);
  auto *data = new std::vector<uint8_t>(std::move(unit.data));
  GstBuffer *buffer = gst_buffer_new_wrapped_full(
      static_cast<GstMemoryFlags>(0), data->data(), data->capacity(), 0, data->size(), data,
      [](gpointer vector) { delete static_cast<std::vector<uint8_t> *>(vector); });
  GST_BUFFER_PTS(buffer) = unit.time;
  if (!unit.irap) GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  if (std::exchange(s.discont, false)) GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DISCONT);
  return buffer;
}

// Publishes the totals, and reports what was dropped since `damaged_before`.
static void report(GstRtpVvcFeatDepay *self, guint64 damaged_before) {
  State &s = *self->state;
  const Depacketizer::Stats &stats = s.depacketizer.stats();
  {
    const ObjectLock lock(self);
    s.stats.units = stats;
  }
  if (stats.damaged == damaged_before) return;
  s.discont = true;
  GST_DEBUG_OBJECT(self, "an access unit was dropped: %s", s.depacketizer.last_damage().c_str());
  if (std::exchange(s.in_burst, true)) return;
  GST_ELEMENT_WARNING(
      self, STREAM, DECODE,
      ("An access unit was dropped: %s.", s.depacketizer.last_damage().c_str()),
      ("%" G_GUINT64_FORMAT " so far; the next warning is for another burst", stats.damaged));
}

// Whether packets may be missing in front of this one. The base class marks gaps in the sequence
// numbers with DISCONT, rtpjitterbuffer what it has given up waiting for. rtpulpfecdec closes the
// gaps again, and only that mark and the event of the loss remain.
static bool check_sequence(GstRtpVvcFeatDepay *self, GstRTPBuffer *rtp) {
  State &s = *self->state;
  const guint16 seqnum = gst_rtp_buffer_get_seq(rtp);
  const guint32 ssrc = gst_rtp_buffer_get_ssrc(rtp);
  const bool gap = GST_BUFFER_IS_DISCONT(rtp->buffer) || s.lost;
  if (s.begun && ssrc != s.ssrc) {
    GST_INFO_OBJECT(self, "another sender: SSRC %08x after %08x", ssrc, s.ssrc);
    s.depacketizer.finish();
    s.restart();
  } else if (s.begun && gap) {
    constexpr guint16 kFar = 0x8000;
    const auto missing = static_cast<guint16>(seqnum - s.seqnum - 1);
    const ObjectLock lock(self);
    s.stats.gaps++;
    if (missing < kFar) s.stats.lost_packets += missing;
  }
  GST_LOG_OBJECT(self, "packet %u of %u%s, gap %d, event %d", seqnum,
                 gst_rtp_buffer_get_timestamp(rtp), gst_rtp_buffer_get_marker(rtp) ? ", last" : "",
                 gap, s.lost);
  s.begun = true;
  s.lost = false;
  s.seqnum = seqnum;
  s.ssrc = ssrc;
  return gap;
}

static GstBuffer *gst_rtp_vvc_feat_depay_process(GstRTPBaseDepayload *base, GstRTPBuffer *rtp) {
  auto *self = GST_RTP_VVC_FEAT_DEPAY(base);
  State &s = *self->state;
  // Error correction may come along with the stream.
  if (s.payload_type >= 0 && gst_rtp_buffer_get_payload_type(rtp) != s.payload_type) {
    GST_LOG_OBJECT(self, "a packet of payload type %u", gst_rtp_buffer_get_payload_type(rtp));
    return nullptr;
  }
  {
    const ObjectLock lock(self);
    s.depacketizer.set_max_unit_bytes(s.max_unit_size);
  }
  const guint64 damaged = s.depacketizer.stats().damaged;
  const bool gap = check_sequence(self, rtp);
  s.complete.clear();
  s.depacketizer.push({{static_cast<const uint8_t *>(gst_rtp_buffer_get_payload(rtp)),
                        gst_rtp_buffer_get_payload_len(rtp)},
                       gst_rtp_buffer_get_timestamp(rtp),
                       gst_rtp_buffer_get_marker(rtp) != FALSE,
                       gap,
                       GST_BUFFER_PTS(rtp->buffer)},
                      s.complete);
  report(self, damaged);
  if (s.complete.empty()) return nullptr;
  s.in_burst = false;
  // Two where the unit before this packet's ended without a marker.
  if (s.complete.size() == 2)
    gst_rtp_base_depayload_push(base, to_buffer(s, std::move(s.complete[0])));
  return to_buffer(s, std::move(s.complete.back()));
}

static gboolean gst_rtp_vvc_feat_depay_packet_lost(GstRTPBaseDepayload *base, GstEvent *event) {
  auto *self = GST_RTP_VVC_FEAT_DEPAY(base);
  State &s = *self->state;
  s.lost = true;
  // Without a number behind rtpulpfecdec, which does not leave a gap for it either.
  if (!gst_structure_has_field(gst_event_get_structure(event), "seqnum")) {
    const ObjectLock lock(self);
    s.stats.lost_packets++;
  }
  return GST_RTP_BASE_DEPAYLOAD_CLASS(gst_rtp_vvc_feat_depay_parent_class)
      ->packet_lost(base, event);
}

static gboolean gst_rtp_vvc_feat_depay_handle_event(GstRTPBaseDepayload *base, GstEvent *event) {
  auto *self = GST_RTP_VVC_FEAT_DEPAY(base);
  State &s = *self->state;
  if (GST_EVENT_TYPE(event) == GST_EVENT_EOS) {
    const guint64 damaged = s.depacketizer.stats().damaged;
    s.depacketizer.finish();
    report(self, damaged);
    gst_element_post_message(GST_ELEMENT(self),
                             gst_message_new_element(GST_OBJECT(self), make_stats(self)));
  }
  if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_STOP) s.restart();
  return GST_RTP_BASE_DEPAYLOAD_CLASS(gst_rtp_vvc_feat_depay_parent_class)
      ->handle_event(base, event);
}

static GstStateChangeReturn gst_rtp_vvc_feat_depay_change_state(GstElement *element,
                                                                GstStateChange transition) {
  auto *self = GST_RTP_VVC_FEAT_DEPAY(element);
  State &s = *self->state;
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) {
    s.depacketizer = Depacketizer();
    s.sets.clear();
    s.refusal.clear();
    s.discont = false;
    s.restart();
    const ObjectLock lock(self);
    s.stats = Stats();
  }
  return GST_ELEMENT_CLASS(gst_rtp_vvc_feat_depay_parent_class)->change_state(element, transition);
}

static void gst_rtp_vvc_feat_depay_finalize(GObject *object) {
  delete GST_RTP_VVC_FEAT_DEPAY(object)->state;
  G_OBJECT_CLASS(gst_rtp_vvc_feat_depay_parent_class)->finalize(object);
}

static void gst_rtp_vvc_feat_depay_class_init(GstRtpVvcFeatDepayClass *klass) {
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS(klass);
  GstRTPBaseDepayloadClass *base_class = GST_RTP_BASE_DEPAYLOAD_CLASS(klass);
  object_class->set_property = gst_rtp_vvc_feat_depay_set_property;
  object_class->get_property = gst_rtp_vvc_feat_depay_get_property;
  object_class->finalize = gst_rtp_vvc_feat_depay_finalize;
  element_class->change_state = gst_rtp_vvc_feat_depay_change_state;
  base_class->set_caps = gst_rtp_vvc_feat_depay_set_caps;
  base_class->process_rtp_packet = gst_rtp_vvc_feat_depay_process;
  base_class->packet_lost = gst_rtp_vvc_feat_depay_packet_lost;
  base_class->handle_event = gst_rtp_vvc_feat_depay_handle_event;

  /**
   * GstRtpVvcFeatDepay:max-unit-size:
   *
   * Largest access unit in bytes. No more than this, and what is not yet sent downstream, is ever
   * held; a larger unit is dropped.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_MAX_UNIT_SIZE,
      g_param_spec_uint64("max-unit-size", "Maximum unit size", "Largest access unit in bytes", 1,
                          kLargestMaxUnitSize, kDefaultMaxUnitSize,
                          static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                                   GST_PARAM_MUTABLE_PLAYING)));
  /**
   * GstRtpVvcFeatDepay:stats:
   *
   * Totals since start (guint64): access units `units-received` (of which any packet came),
   * `complete` and `damaged`, `bytes` of the complete ones, `packets`, `lost-packets` (by sequence
   * numbers, packets of error correction included) and `gaps`, the places where packets were
   * missing. Posted as element message at the end of the stream. Beside them, those of the base
   * class.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_STATS,
      g_param_spec_boxed("stats", "Statistics", "Totals since start", GST_TYPE_STRUCTURE,
                         static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));

  gst_element_class_add_static_pad_template(element_class, &sink_template);
  gst_element_class_add_static_pad_template(element_class, &src_template);
  gst_element_class_set_static_metadata(
      element_class, "RTP H.266 depayloader", "Codec/Depayloader/Network/RTP",
      "Receives H.266 over RTP (RFC 9328)", "GStreamer feature plug-ins");
}

static void gst_rtp_vvc_feat_depay_init(GstRtpVvcFeatDepay *self) {
  self->state = new State();
}
