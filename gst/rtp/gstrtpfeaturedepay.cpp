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

#include <gst/rtp/gstrtpbuffer.h>

#include <string>

#include "gst/common/refusal.h"
#include "gst/rtp/stream_caps.h"
#include "gst/rtp/unit_receiver.h"

using namespace feat;
using namespace feat::rtp;

GST_DEBUG_CATEGORY_STATIC(rtpfeaturedepay_debug);
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

// Keeps a packet's payload mapped.
class MappedPayload {
 public:
  explicit MappedPayload(GstBuffer *payload) : buffer_(payload), map_(payload, GST_MAP_READ) {}
  Bytes bytes() const { return map_.ok() ? Bytes(map_.data(), map_.size()) : Bytes(); }
  // What stays allocated for it, which may be more than the payload.
  size_t cost() const {
    gsize allocated = 0;
    gst_buffer_get_sizes(buffer_.get(), nullptr, &allocated);
    return sizeof(GstBuffer) + sizeof(GstMemory) + sizeof(*this) + allocated;
  }

 private:
  BufferPtr buffer_;
  MappedBuffer map_;
};

class Depayloader final : public UnitReceiver::Listener {
 public:
  explicit Depayloader(GstRtpFeatureDepay *self) : element(self) {}

  bool unit(const ReceivedUnit &unit) override;
  void loss(const Loss &loss) override;
  void invalid(const char *why) override;
  void packet(GstRTPBuffer *rtp);
  bool set_caps(const GstCaps *caps);
  void start();
  void flush();
  GstStructure *make_stats() const;

  GstRtpFeatureDepay *const element;

  // Guarded by the object lock.
  Limits limits;
  guint64 max_points = GST_FEATURE_DEFAULT_MAX_POINTS;
  ReceiverStats stats;

  // Everything below belongs to the streaming thread.
  UnitReceiver receiver{*this};
  Refusal refusal;
  bool discont = true;  // of the next buffer

 private:
  bool negotiate(UnitKind kind, const Configuration &configuration);
  void warn(const std::string &sentence);
  void push_gap(GstClockTime end);

  bool warned_ = false;  // of the losses since the last unit
  Configuration configuration_;
  UnitKind kind_ = UnitKind::kTensor;
  gsize tensor_size_ = 0;
  GstClockTime frame_duration_ = GST_CLOCK_TIME_NONE;
  GstClockTime position_ = GST_CLOCK_TIME_NONE;  // what downstream knows of
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

GstStructure *Depayloader::make_stats() const {
  ReceiverStats s;
  {
    const ObjectLock lock(element);
    s = stats;
  }
  return gst_structure_new(
      "rtpfeaturedepay-stats", "units-received", G_TYPE_UINT64, s.units_received, "complete",
      G_TYPE_UINT64, s.complete, "damaged", G_TYPE_UINT64, s.damaged, "lost", G_TYPE_UINT64, s.lost,
      "recovered", G_TYPE_UINT64, s.recovered, "no-description", G_TYPE_UINT64, s.no_description,
      "restarts", G_TYPE_UINT64, s.restarts, "packets", G_TYPE_UINT64, s.packets, "bytes",
      G_TYPE_UINT64, s.bytes, "late", G_TYPE_UINT64, s.late, "duplicate", G_TYPE_UINT64,
      s.duplicate, "invalid", G_TYPE_UINT64, s.invalid, nullptr);
}

static void post_stats(GstRtpFeatureDepay *self) {
  gst_element_post_message(GST_ELEMENT(self),
                           gst_message_new_element(GST_OBJECT(self), self->state->make_stats()));
}

void Depayloader::start() {
  flush();
  receiver.forget_configurations();
  receiver.clear_stats();
  refusal.clear();
  configuration_.reset();
  const ObjectLock lock(element);
  stats = {};
}

void Depayloader::flush() {
  receiver.reset();
  discont = true;
  warned_ = false;
  position_ = GST_CLOCK_TIME_NONE;
}

bool Depayloader::set_caps(const GstCaps *caps) {
  const GstStructure *s = gst_caps_get_structure(caps, 0);
  const gchar *version = gst_structure_get_string(s, "version");
  if (version != nullptr && std::string(version) != "1") {
    const std::string sentence = std::string("The stream has version ") + version +
                                 " of the payload format; only version 1 is known.";
    return refusal.post(element, sentence.c_str()) != FALSE;
  }
  const gchar *name = gst_structure_get_string(s, "kind");
  const gchar *id = gst_structure_get_string(s, "configid");
  const gchar *config = gst_structure_get_string(s, "config");
  if (name == nullptr || id == nullptr || config == nullptr) return true;
  // A hint: the stream itself has it too, so nothing is lost with a wrong one.
  UnitKind kind;
  guint64 number = 0;
  if (!kind_from_name(name, kind) ||
      !g_ascii_string_to_unsigned(id, 10, 0, G_MAXUINT8, &number, nullptr) ||
      std::char_traits<char>::length(config) > kMaxConfigurationSize) {
    GST_WARNING_OBJECT(element, "ignoring the configuration in %" GST_PTR_FORMAT, caps);
    return true;
  }
  gsize size = 0;
  guchar *bytes = g_base64_decode(config, &size);
  receiver.set_configuration(kind, static_cast<uint8_t>(number), {bytes, size});
  g_free(bytes);
  return true;
}

void Depayloader::packet(GstRTPBuffer *rtp) {
  Limits current;
  {
    const ObjectLock lock(element);
    current = limits;
  }
  receiver.set_limits(current);
  GstBuffer *buffer = gst_rtp_buffer_get_payload_buffer(rtp);
  if (buffer == nullptr) buffer = gst_buffer_new();
  const auto payload = std::make_shared<MappedPayload>(buffer);
  Packet packet;
  packet.payload = payload->bytes();
  packet.cost = payload->cost();
  packet.owner = payload;
  if (GST_BUFFER_PTS_IS_VALID(rtp->buffer)) packet.time = GST_BUFFER_PTS(rtp->buffer);
  receiver.push(packet, gst_rtp_buffer_get_ssrc(rtp));
  const ObjectLock lock(element);
  stats = receiver.stats();
}

bool Depayloader::negotiate(UnitKind kind, const Configuration &configuration) {
  if (configuration == configuration_ && kind == kind_) return true;
  guint64 limit;
  {
    const ObjectLock lock(element);
    limit = max_points;
  }
  StreamCaps stream;
  const std::string wrong = read_configuration(kind, *configuration, limit, stream);
  if (!wrong.empty()) {
    GST_WARNING_OBJECT(element, "%s", wrong.c_str());
    return false;
  }
  configuration_ = configuration;
  kind_ = kind;
  tensor_size_ = kind == UnitKind::kTensor ? gst_feature_info_get_size(stream.info.get()) : 0;
  const Fraction &rate = stream.facts.framerate;
  frame_duration_ = GST_CLOCK_TIME_NONE;
  if (rate.denominator > 0 && rate.numerator > 0)
    frame_duration_ = gst_util_uint64_scale_int(GST_SECOND, static_cast<gint>(rate.denominator),
                                                static_cast<gint>(rate.numerator));
  const CapsPtr caps = write_caps(stream);
  gst_pad_set_caps(GST_RTP_BASE_DEPAYLOAD_SRCPAD(element), caps.get());
  return true;
}

bool Depayloader::unit(const ReceivedUnit &unit) {
  if (!negotiate(unit.kind, unit.configuration)) return false;
  if (kind_ == UnitKind::kTensor && unit.size != tensor_size_) return false;
  GstBuffer *buffer = gst_buffer_new_allocate(nullptr, unit.size, nullptr);
  if (buffer == nullptr) return false;
  gsize offset = 0;
  for (const Bytes &part : unit.parts)
    offset += gst_buffer_fill(buffer, offset, part.data(), part.size());
  if (unit.time != kNoTime) {
    GST_BUFFER_PTS(buffer) = GST_BUFFER_DTS(buffer) = unit.time;
    position_ = unit.time;
    if (GST_CLOCK_TIME_IS_VALID(frame_duration_)) position_ += frame_duration_;
  }
  if (discont) GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DISCONT);
  gst_rtp_base_depayload_push(GST_RTP_BASE_DEPAYLOAD(element), buffer);
  discont = false;
  if (warned_) post_stats(element);
  warned_ = false;
  return true;
}

void Depayloader::warn(const std::string &sentence) {
  if (warned_) return;
  warned_ = true;
  GST_ELEMENT_WARNING(element, STREAM, DECODE, ("%s", sentence.c_str()), (nullptr));
}

void Depayloader::loss(const Loss &loss) {
  GST_DEBUG_OBJECT(element, "%u units from %u on: %s", loss.units, loss.first, loss.reason.c_str());
  discont = true;
  if (loss.time != kNoTime) push_gap(loss.time);
  if (loss.units == 1)
    warn("Unit " + std::to_string(loss.first) + " is missing: it " + loss.reason + ".");
  else
    warn(std::to_string(loss.units) + " units from " + std::to_string(loss.first) +
         " on are missing: the first of them " + loss.reason + ".");
}

void Depayloader::invalid(const char *why) {
  warn(std::string("A packet was ignored: ") + why + ".");
}

// Tells downstream that nothing comes before this time.
void Depayloader::push_gap(GstClockTime end) {
  if (!GST_CLOCK_TIME_IS_VALID(position_) || end <= position_) return;
  GstPad *pad = GST_RTP_BASE_DEPAYLOAD_SRCPAD(element);
  GstEvent *segment = gst_pad_get_sticky_event(pad, GST_EVENT_SEGMENT, 0);
  if (segment == nullptr) return;  // nothing was pushed yet
  gst_event_unref(segment);
  GstEvent *gap = gst_event_new_gap(position_, end - position_);
  gst_event_set_gap_flags(gap, GST_GAP_FLAG_MISSING_DATA);
  position_ = end;
  gst_pad_push_event(pad, gap);
}

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
    s.receiver.finish();
    {
      const ObjectLock lock(self);
      s.stats = s.receiver.stats();
    }
    post_stats(self);
  }
  if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_STOP) s.flush();
  return GST_RTP_BASE_DEPAYLOAD_CLASS(gst_rtp_feature_depay_parent_class)
      ->handle_event(base, event);
}

/* The base class marks DISCONT wherever sequence numbers jump; here only missing units are a
 * discontinuity. It does so while it pushes, so that this is the first place to put it right. */
static GstPadProbeReturn set_discont(GstPad *, GstPadProbeInfo *info, gpointer self) {
  if (GST_RTP_FEATURE_DEPAY(self)->state->discont) return GST_PAD_PROBE_OK;
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
    g_value_take_boxed(value, s.make_stats());
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
  self->state = new Depayloader(self);
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
   * Totals since start, also posted as an element message `rtpfeaturedepay-stats` at EOS and when
   * units come again after a loss: `units-received` (of which a packet came), `complete` (handed
   * on), `damaged`, `lost` (no packet came), `recovered` (complete although packets were out of
   * order), `no-description`, `restarts` (of the sender), `packets`, `bytes` (of payload), `late`,
   * `duplicate`, `invalid` (packets).
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
