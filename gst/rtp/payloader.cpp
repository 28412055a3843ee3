// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/rtp/payloader.h"

#include <gst/rtp/gstrtpbuffer.h>

#include <algorithm>
#include <string>
#include <utility>

namespace feat::rtp {

namespace {

constexpr guint kMaxPacket = G_MAXUINT16;  // of UDP, and of RFC 4571 over TCP
constexpr guint kPacketsInList = 1024;
constexpr size_t kMaxSdpConfiguration = 4096;  // longer ones travel in band alone

}  // namespace

GstStructure *Payloader::make_stats() const {
  const ObjectLock lock(element);
  return gst_structure_new("rtpfeaturepay-stats", "units-sent", G_TYPE_UINT64, stats_.units,
                           "descriptions-sent", G_TYPE_UINT64, stats_.descriptions, "packets",
                           G_TYPE_UINT64, stats_.packets, "bytes", G_TYPE_UINT64, stats_.bytes,
                           nullptr);
}

void Payloader::post_stats() {
  gst_element_post_message(GST_ELEMENT(element),
                           gst_message_new_element(GST_OBJECT(element), make_stats()));
}

void Payloader::start() {
  queue_.clear();
  refusal_.clear();
  known_ = false;
  // Random, so that a receiver takes a sender that began anew for what it is.
  config_id_ = static_cast<uint8_t>(g_random_int());
  next_unit_ = g_random_int();
  config_sent_ = GST_CLOCK_TIME_NONE;
  const ObjectLock lock(element);
  stats_ = {};
}

gboolean Payloader::set_caps(const GstCaps *caps) {
  StreamCaps stream;
  const std::string wrong = read_caps(caps, stream);
  if (!wrong.empty()) return refusal_.post(element, wrong.c_str());
  std::vector<uint8_t> configuration = write_configuration(stream);
  if (!known_ || stream.kind != stream_.kind || configuration != configuration_) {
    if (known_) ++config_id_;
    known_ = true;
    g_atomic_int_set(&config_due_, 1);
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
  gst_rtp_base_payload_set_options(element, "application", TRUE, kEncodingName, kClockRate);
  return gst_rtp_base_payload_set_outcaps_structure(element, fields.get());
}

// Whether the unit at this time carries the description.
bool Payloader::wants_config(gint interval, GstClockTime now) {
  const bool due = g_atomic_int_compare_and_exchange(&config_due_, 1, 0) != FALSE;
  if (interval < 0 || due) return true;
  if (interval == 0) return false;
  // Without timestamps an interval cannot be kept, so better too often.
  if (!GST_CLOCK_TIME_IS_VALID(now) || !GST_CLOCK_TIME_IS_VALID(config_sent_)) return true;
  const GstClockTimeDiff since = GST_CLOCK_DIFF(config_sent_, now);
  return since < 0 || since >= interval * static_cast<GstClockTimeDiff>(GST_SECOND);
}

// Bytes behind the RTP header; 0 if there is no room for any.
size_t Payloader::max_payload(GstBuffer *buffer) const {
  const guint packet = std::min(GST_RTP_BASE_PAYLOAD_MTU(element), kMaxPacket);
  const guint header = gst_rtp_buffer_calc_header_len(
      static_cast<guint8>(gst_rtp_base_payload_get_source_count(element, buffer)));
  return packet > header ? packet - header : 0;
}

void Payloader::count(guint64 units, bool has_config, guint64 packets, guint64 bytes) {
  const ObjectLock lock(element);
  stats_.units += units;
  stats_.descriptions += has_config ? 1 : 0;
  stats_.packets += packets;
  stats_.bytes += bytes;
}

bool Payloader::check_size(gsize size, size_t config_size) {
  if (stream_.kind == UnitKind::kTensor && size != gst_feature_info_get_size(stream_.info.get())) {
    GST_ELEMENT_ERROR(element, STREAM, FORMAT,
                      ("A buffer has %" G_GSIZE_FORMAT
                       " bytes, but its caps describe a tensor of %" G_GSIZE_FORMAT ".",
                       size, gst_feature_info_get_size(stream_.info.get())),
                      (nullptr));
    return false;
  }
  if (size > kMaxTotalSize - config_size) {
    GST_ELEMENT_ERROR(
        element, STREAM, FORMAT,
        ("A unit has %" G_GSIZE_FORMAT " bytes; with its configuration of %" G_GSIZE_FORMAT
         " at most %u can be sent.",
         size, config_size, kMaxTotalSize),
        (nullptr));
    return false;
  }
  return true;
}

// When one more unit comes, as far as one can tell.
GstClockTime Payloader::next_expected(GstBuffer *buffer) const {
  const GstClockTime pts = GST_BUFFER_PTS(buffer);
  if (!GST_CLOCK_TIME_IS_VALID(pts)) return GST_CLOCK_TIME_NONE;
  if (GST_BUFFER_DURATION_IS_VALID(buffer)) return pts + GST_BUFFER_DURATION(buffer);
  const Fraction &rate = stream_.facts.framerate;
  if (rate.denominator == 0 || rate.numerator == 0) return GST_CLOCK_TIME_NONE;
  return pts + gst_util_uint64_scale_int(GST_SECOND, static_cast<gint>(rate.denominator),
                                         static_cast<gint>(rate.numerator));
}

GstFlowReturn Payloader::unit(BufferPtr buffer) {
  PaySettings s;
  {
    const ObjectLock lock(element);
    s = settings;
  }
  const gsize size = gst_buffer_get_size(buffer.get());
  const GstClockTime pts = GST_BUFFER_PTS(buffer.get());
  const bool has_config = wants_config(s.config_interval, pts);
  const size_t config_size = has_config ? configuration_.size() : 0;
  if (!check_size(size, config_size)) return GST_FLOW_ERROR;
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

  const GstClockTime next = next_expected(buffer.get());
  const size_t room = max_payload(buffer.get());
  const size_t shared_config = has_config ? kAggregateConfigSize + config_size : 0;
  if (s.aggregate_mode == AGGREGATE_NONE || has_config ||
      !queue_.fits(size, pts, shared_config, room, s.max_aggregate_time)) {
    const GstFlowReturn flow = flush_queue();
    if (flow != GST_FLOW_OK) return flow;
  }
  if (s.aggregate_mode == AGGREGATE_NONE ||
      !queue_.fits(size, pts, shared_config, room, s.max_aggregate_time))
    return send(std::move(buffer), unit_id, crc.value(), has_config);
  queue_.push(std::move(buffer), unit_id, crc.value(), has_config, shared_config);
  return queue_.due(next, s.max_aggregate_time) ? flush_queue() : GST_FLOW_OK;
}

// A packet whose payload is the header and, unless null, the unit's bytes, which it takes.
GstBuffer *Payloader::make_packet(const uint8_t *header, size_t size, GstBuffer *unit, bool first,
                                  bool last) const {
  GstBuffer *packet =
      gst_rtp_base_payload_allocate_output_buffer(element, static_cast<guint>(size), 0, 0);
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
  if (queue_.empty()) return GST_FLOW_OK;
  GstBuffer *first = queue_.front().buffer.get();
  const std::vector<uint8_t> payload =
      queue_.write(stream_.kind, config_id_, queue_.has_config() ? Bytes(configuration_) : Bytes());
  GstBuffer *packet = make_packet(payload.data(), payload.size(), nullptr, true, true);
  gst_buffer_copy_into(packet, first, GST_BUFFER_COPY_TIMESTAMPS, 0, -1);
  count(queue_.count(), queue_.has_config(), 1, payload.size());
  queue_.clear();
  return gst_rtp_base_payload_push(element, packet);
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
      flow = gst_rtp_base_payload_push_list(element, std::exchange(list, nullptr));
  } while (flow == GST_FLOW_OK && header.offset < header.total_size);
  count(1, has_config, packets, bytes);
  return flow;
}

}  // namespace feat::rtp
