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

#include <gst/rtp/gstrtpbuffer.h>

#include <algorithm>
#include <string>
#include <utility>

#include "gst/common/refusal.h"
#include "gst/rtp/stream_caps.h"
#include "gst/rtp/unit_queue.h"

using namespace feat;
using namespace feat::rtp;

GST_DEBUG_CATEGORY_STATIC(rtpfeaturepay_debug);
#define GST_CAT_DEFAULT rtpfeaturepay_debug

namespace {

enum { PROP_0, PROP_CONFIG_INTERVAL, PROP_AGGREGATE_MODE, PROP_MAX_AGGREGATE_TIME, PROP_STATS };

enum AggregateMode { AGGREGATE_NONE, AGGREGATE_MAX };

constexpr gint kDefaultConfigInterval = 1;
constexpr GstClockTime kDefaultMaxAggregateTime = 50 * GST_MSECOND;
constexpr GstClockTime kMaxMaxAggregateTime = 10 * GST_SECOND;
constexpr guint kMaxPacket = G_MAXUINT16;  // of UDP, and of RFC 4571 over TCP
constexpr guint kPacketsInList = 1024;
constexpr size_t kMaxSdpConfiguration = 4096;  // longer ones travel in band alone

struct Settings {
  gint config_interval = kDefaultConfigInterval;
  AggregateMode aggregate_mode = AGGREGATE_NONE;
  GstClockTime max_aggregate_time = kDefaultMaxAggregateTime;
};

struct Stats {
  guint64 units = 0;
  guint64 descriptions = 0;
  guint64 packets = 0;
  guint64 bytes = 0;
};

class Payloader {
 public:
  explicit Payloader(GstRtpFeaturePay *self) : element(self) {}

  void start();
  gboolean set_caps(const GstCaps *caps);
  GstFlowReturn unit(BufferPtr buffer);
  GstFlowReturn flush_queue();
  GstStructure *make_stats() const;

  GstRtpFeaturePay *const element;

  // Guarded by the object lock.
  Settings settings;
  Stats stats;

  // Everything below belongs to the streaming thread, but config_due, which events set too.
  Refusal refusal;
  UnitQueue queue;
  gint config_due = 0;  // atomic

 private:
  bool wants_config(gint interval, GstClockTime now);
  size_t max_payload(GstBuffer *buffer) const;
  GstFlowReturn send(BufferPtr buffer, uint32_t unit_id, uint32_t crc, bool has_config);
  GstBuffer *make_packet(const uint8_t *header, size_t size, GstBuffer *unit, bool first,
                         bool last) const;
  void count(guint64 units, bool has_config, guint64 packets, guint64 bytes);

  StreamCaps stream_;
  std::vector<uint8_t> configuration_;
  uint8_t config_id_ = 0;
  bool known_ = false;  // there is a configuration
  GstClockTime config_sent_ = GST_CLOCK_TIME_NONE;
  uint32_t next_unit_ = 0;
};

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

GstStructure *Payloader::make_stats() const {
  const ObjectLock lock(element);
  return gst_structure_new("rtpfeaturepay-stats", "units-sent", G_TYPE_UINT64, stats.units,
                           "descriptions-sent", G_TYPE_UINT64, stats.descriptions, "packets",
                           G_TYPE_UINT64, stats.packets, "bytes", G_TYPE_UINT64, stats.bytes,
                           nullptr);
}

void Payloader::start() {
  queue.clear();
  refusal.clear();
  known_ = false;
  // Random, so that a receiver takes a sender that began anew for what it is.
  config_id_ = static_cast<uint8_t>(g_random_int());
  next_unit_ = g_random_int();
  config_sent_ = GST_CLOCK_TIME_NONE;
  const ObjectLock lock(element);
  stats = {};
}

gboolean Payloader::set_caps(const GstCaps *caps) {
  StreamCaps stream;
  const std::string wrong = read_caps(caps, stream);
  if (!wrong.empty()) return refusal.post(element, wrong.c_str());
  std::vector<uint8_t> configuration = write_configuration(stream);
  if (!known_ || stream.kind != stream_.kind || configuration != configuration_) {
    if (known_) ++config_id_;
    known_ = true;
    g_atomic_int_set(&config_due, 1);
    configuration_ = std::move(configuration);
  }
  stream_ = std::move(stream);

  // Strings alone, and lower-case keys: what SDP's fmtp attribute keeps.
  const StructurePtr fields(gst_structure_new("fields", "version", G_TYPE_STRING, "1", "kind",
                                              G_TYPE_STRING, kind_name(stream_.kind), nullptr));
  if (configuration_.size() <= kMaxSdpConfiguration) {
    const CharPtr id(g_strdup_printf("%u", config_id_));
    const CharPtr base64(g_base64_encode(configuration_.data(), configuration_.size()));
    gst_structure_set(fields.get(), "configid", G_TYPE_STRING, id.get(), "config", G_TYPE_STRING,
                      base64.get(), nullptr);
  }
  gst_rtp_base_payload_set_options(GST_RTP_BASE_PAYLOAD(element), "application", TRUE,
                                   kEncodingName, kClockRate);
  return gst_rtp_base_payload_set_outcaps_structure(GST_RTP_BASE_PAYLOAD(element), fields.get());
}

// Whether the unit at this time carries the description.
bool Payloader::wants_config(gint interval, GstClockTime now) {
  const bool due = g_atomic_int_compare_and_exchange(&config_due, 1, 0) != FALSE;
  if (interval < 0 || due) return true;
  if (interval == 0) return false;
  // Without timestamps an interval cannot be kept, so better too often.
  if (!GST_CLOCK_TIME_IS_VALID(now) || !GST_CLOCK_TIME_IS_VALID(config_sent_)) return true;
  const GstClockTimeDiff since = GST_CLOCK_DIFF(config_sent_, now);
  return since < 0 || since >= interval * static_cast<GstClockTimeDiff>(GST_SECOND);
}

// Bytes behind the RTP header; 0 if there is no room for any.
size_t Payloader::max_payload(GstBuffer *buffer) const {
  auto *base = GST_RTP_BASE_PAYLOAD(element);
  const guint packet = std::min(GST_RTP_BASE_PAYLOAD_MTU(base), kMaxPacket);
  const guint header = gst_rtp_buffer_calc_header_len(
      static_cast<guint8>(gst_rtp_base_payload_get_source_count(base, buffer)));
  return packet > header ? packet - header : 0;
}

void Payloader::count(guint64 units, bool has_config, guint64 packets, guint64 bytes) {
  const ObjectLock lock(element);
  stats.units += units;
  stats.descriptions += has_config ? 1 : 0;
  stats.packets += packets;
  stats.bytes += bytes;
}

GstFlowReturn Payloader::unit(BufferPtr buffer) {
  Settings s;
  {
    const ObjectLock lock(element);
    s = settings;
  }
  const gsize size = gst_buffer_get_size(buffer.get());
  if (stream_.kind == UnitKind::kTensor && size != gst_feature_info_get_size(stream_.info.get())) {
    GST_ELEMENT_ERROR(element, STREAM, FORMAT,
                      ("A buffer has %" G_GSIZE_FORMAT
                       " bytes, but its caps describe a tensor of %" G_GSIZE_FORMAT ".",
                       size, gst_feature_info_get_size(stream_.info.get())),
                      (nullptr));
    return GST_FLOW_ERROR;
  }
  const GstClockTime pts = GST_BUFFER_PTS(buffer.get());
  const bool has_config = wants_config(s.config_interval, pts);
  const size_t config_size = has_config ? configuration_.size() : 0;
  if (size > kMaxTotalSize - config_size) {
    GST_ELEMENT_ERROR(element, STREAM, FORMAT,
                      ("A unit has %" G_GSIZE_FORMAT
                       " bytes; at most %u fit, its description of %" G_GSIZE_FORMAT " included.",
                       size, kMaxTotalSize, config_size),
                      (nullptr));
    return GST_FLOW_ERROR;
  }
  const uint32_t unit_id = next_unit_++;
  UnitCrc crc(stream_.kind, unit_id);
  crc.add(configuration_);
  {
    const MappedBuffer map(buffer.get(), GST_MAP_READ);
    if (!map.ok()) {
      GST_ELEMENT_ERROR(element, RESOURCE, READ, ("A buffer cannot be mapped."), (nullptr));
      return GST_FLOW_ERROR;
    }
    crc.add({map.data(), map.size()});
  }
  if (has_config) config_sent_ = pts;

  GstClockTime next = GST_CLOCK_TIME_NONE;  // when one more unit is expected
  const Fraction &rate = stream_.facts.framerate;
  if (GST_BUFFER_DURATION_IS_VALID(buffer.get()))
    next = pts + GST_BUFFER_DURATION(buffer.get());
  else if (rate.denominator > 0 && rate.numerator > 0)
    next = pts + gst_util_uint64_scale_int(GST_SECOND, static_cast<gint>(rate.denominator),
                                           static_cast<gint>(rate.numerator));
  const size_t room = max_payload(buffer.get());
  const size_t shared_config = has_config ? kAggregateConfigSize + config_size : 0;
  if (s.aggregate_mode == AGGREGATE_NONE || has_config ||
      !queue.fits(size, pts, shared_config, room, s.max_aggregate_time)) {
    const GstFlowReturn flow = flush_queue();
    if (flow != GST_FLOW_OK) return flow;
  }
  if (s.aggregate_mode == AGGREGATE_NONE ||
      !queue.fits(size, pts, shared_config, room, s.max_aggregate_time))
    return send(std::move(buffer), unit_id, crc.value(), has_config);
  queue.push(std::move(buffer), unit_id, crc.value(), has_config, shared_config);
  return queue.due(next, s.max_aggregate_time) ? flush_queue() : GST_FLOW_OK;
}

// A packet whose payload is the header and, unless null, the unit's bytes, which it takes.
GstBuffer *Payloader::make_packet(const uint8_t *header, size_t size, GstBuffer *unit, bool first,
                                  bool last) const {
  GstBuffer *packet = gst_rtp_base_payload_allocate_output_buffer(GST_RTP_BASE_PAYLOAD(element),
                                                                  static_cast<guint>(size), 0, 0);
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
  gst_rtp_buffer_map(packet, GST_MAP_WRITE, &rtp);
  std::copy(header, header + size, static_cast<uint8_t *>(gst_rtp_buffer_get_payload(&rtp)));
  gst_rtp_buffer_set_marker(&rtp, last);
  gst_rtp_buffer_unmap(&rtp);
  if (unit != nullptr) packet = gst_buffer_append(packet, unit);
  if (last) GST_BUFFER_FLAG_SET(packet, GST_BUFFER_FLAG_MARKER);
  if (first) GST_BUFFER_FLAG_SET(packet, GST_BUFFER_FLAG_NON_DROPPABLE);
  return packet;
}

GstFlowReturn Payloader::flush_queue() {
  if (queue.empty()) return GST_FLOW_OK;
  GstBuffer *first = queue.front().buffer.get();
  const std::vector<uint8_t> payload =
      queue.write(stream_.kind, config_id_, queue.has_config() ? Bytes(configuration_) : Bytes());
  GstBuffer *packet = make_packet(payload.data(), payload.size(), nullptr, true, true);
  gst_buffer_copy_into(packet, first, GST_BUFFER_COPY_TIMESTAMPS, 0, -1);
  count(queue.count(), queue.has_config(), 1, payload.size());
  queue.clear();
  return gst_rtp_base_payload_push(GST_RTP_BASE_PAYLOAD(element), packet);
}

GstFlowReturn Payloader::send(BufferPtr buffer, uint32_t unit_id, uint32_t crc, bool has_config) {
  const size_t room = max_payload(buffer.get());
  if (room <= kMaxFragmentHeaderSize) {
    GST_ELEMENT_ERROR(element, RESOURCE, SETTINGS,
                      ("mtu=%u leaves %" G_GSIZE_FORMAT
                       " bytes behind the RTP header; at least %" G_GSIZE_FORMAT " are needed.",
                       GST_RTP_BASE_PAYLOAD_MTU(element), room, kMaxFragmentHeaderSize + 1),
                      (nullptr));
    return GST_FLOW_ERROR;
  }
  const GstClockTime pts = GST_BUFFER_PTS(buffer.get());
  const GstClockTime dts = GST_BUFFER_DTS(buffer.get());
  FragmentHeader header;
  header.kind = stream_.kind;
  header.config_id = config_id_;
  header.has_config = has_config;
  header.unit_id = unit_id;
  header.crc = crc;
  if (has_config) {
    header.config_size = static_cast<uint32_t>(configuration_.size());
    GstBuffer *whole = gst_buffer_new_memdup(configuration_.data(), configuration_.size());
    buffer.reset(gst_buffer_append(whole, buffer.release()));
  }
  header.total_size = static_cast<uint32_t>(gst_buffer_get_size(buffer.get()));

  GstBufferList *list = nullptr;
  guint64 packets = 0;
  guint64 bytes = 0;
  GstFlowReturn flow = GST_FLOW_OK;
  do {
    const size_t space = room - fragment_header_size(header.first(), has_config);
    const auto size =
        static_cast<uint32_t>(std::min<size_t>(space, header.total_size - header.offset));
    uint8_t head[kMaxFragmentHeaderSize];
    const size_t head_size = write_fragment_header(header, size, head);
    GstBuffer *part = nullptr;
    if (size > 0)
      part = gst_buffer_copy_region(buffer.get(), GST_BUFFER_COPY_MEMORY, header.offset, size);
    const bool last = header.offset + size == header.total_size;
    GstBuffer *packet = make_packet(head, head_size, part, header.first(), last);
    GST_BUFFER_PTS(packet) = pts;
    GST_BUFFER_DTS(packet) = dts;
    if (list == nullptr) list = gst_buffer_list_new();
    gst_buffer_list_add(list, packet);
    ++packets;
    bytes += head_size + size;
    header.offset += size;
    if (last || gst_buffer_list_length(list) == kPacketsInList)
      flow = gst_rtp_base_payload_push_list(GST_RTP_BASE_PAYLOAD(element),
                                            std::exchange(list, nullptr));
  } while (flow == GST_FLOW_OK && header.offset < header.total_size);
  count(1, has_config, packets, bytes);
  return flow;
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
  auto *self = GST_RTP_FEATURE_PAY(base);
  Payloader &s = *self->state;
  if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_STOP)
    s.queue.clear();
  else if (is_serialized(event) && GST_EVENT_TYPE(event) != GST_EVENT_CAPS)
    s.flush_queue();
  if (GST_EVENT_TYPE(event) == GST_EVENT_EOS)
    gst_element_post_message(GST_ELEMENT(self),
                             gst_message_new_element(GST_OBJECT(self), s.make_stats()));
  return GST_RTP_BASE_PAYLOAD_CLASS(gst_rtp_feature_pay_parent_class)->sink_event(base, event);
}

// A receiver that asks for a key frame (RTCP's PLI) lacks the description.
static gboolean gst_rtp_feature_pay_src_event(GstRTPBasePayload *base, GstEvent *event) {
  if (GST_EVENT_TYPE(event) == GST_EVENT_CUSTOM_UPSTREAM &&
      gst_event_has_name(event, "GstForceKeyUnit"))
    g_atomic_int_set(&GST_RTP_FEATURE_PAY(base)->state->config_due, 1);
  return GST_RTP_BASE_PAYLOAD_CLASS(gst_rtp_feature_pay_parent_class)->src_event(base, event);
}

/* The base class asks for queries of the sink pad alone. */
static gboolean gst_rtp_feature_pay_src_query(GstPad *pad, GstObject *parent, GstQuery *query) {
  const gboolean ok = gst_pad_query_default(pad, parent, query);
  if (ok == FALSE || GST_QUERY_TYPE(query) != GST_QUERY_LATENCY) return ok;
  GstClockTime waits = 0;
  {
    const ObjectLock lock(parent);
    const Settings &s = GST_RTP_FEATURE_PAY(parent)->state->settings;
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
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) s.queue.clear();
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
    g_value_take_boxed(value, s.make_stats());
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
  self->state = new Payloader(self);
  gst_pad_set_query_function(GST_RTP_BASE_PAYLOAD_SRCPAD(self), gst_rtp_feature_pay_src_query);
}

static void install_properties(GObjectClass *object_class) {
  const auto flags = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                              GST_PARAM_MUTABLE_PLAYING);
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
                       3600, kDefaultConfigInterval, flags));
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
                          kDefaultMaxAggregateTime, flags));
  /**
   * rtpfeaturepay:stats:
   *
   * Totals since start, also posted as an element message `rtpfeaturepay-stats` at EOS:
   * `units-sent`, `descriptions-sent`, `packets`, `bytes` (of payload).
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
