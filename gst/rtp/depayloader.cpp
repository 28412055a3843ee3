// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/rtp/depayloader.h"

GST_DEBUG_CATEGORY_EXTERN(rtpfeaturedepay_debug);
#define GST_CAT_DEFAULT rtpfeaturedepay_debug

namespace feat::rtp {

namespace {

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

}  // namespace

GstStructure *Depayloader::make_stats() const {
  ReceiverStats s;
  {
    const ObjectLock lock(element);
    s = stats_;
  }
  return gst_structure_new(
      "rtpfeaturedepay-stats", "units-received", G_TYPE_UINT64, s.units_received, "complete",
      G_TYPE_UINT64, s.complete, "damaged", G_TYPE_UINT64, s.damaged, "lost", G_TYPE_UINT64, s.lost,
      "recovered", G_TYPE_UINT64, s.recovered, "no-description", G_TYPE_UINT64, s.no_description,
      "restarts", G_TYPE_UINT64, s.restarts, "packets", G_TYPE_UINT64, s.packets, "bytes",
      G_TYPE_UINT64, s.bytes, "late", G_TYPE_UINT64, s.late, "duplicate", G_TYPE_UINT64,
      s.duplicate, "invalid", G_TYPE_UINT64, s.invalid, nullptr);
}

void Depayloader::start() {
  flush();
  receiver_.forget_configurations();
  receiver_.clear_stats();
  refusal_.clear();
  configuration_.reset();
  const ObjectLock lock(element);
  stats_ = {};
}

void Depayloader::flush() {
  receiver_.reset();
  discont_ = true;
  warned_ = false;
  position_ = GST_CLOCK_TIME_NONE;
}

bool Depayloader::set_caps(const GstCaps *caps) {
  const GstStructure *s = gst_caps_get_structure(caps, 0);
  if (!gst_structure_get_int(s, "payload", &payload_type_)) payload_type_ = kAnyPayloadType;
  const gchar *version = gst_structure_get_string(s, "version");
  if (version != nullptr && std::string(version) != "1") {
    const std::string sentence = std::string("The stream has version ") + version +
                                 " of the payload format; only version 1 is known.";
    return refusal_.post(element, sentence.c_str()) != FALSE;
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
  receiver_.set_configuration(kind, static_cast<uint8_t>(number), {bytes, size});
  g_free(bytes);
  return true;
}

void Depayloader::packet(GstRTPBuffer *rtp) {
  // FEC packets pass rtpulpfecdec where no rtpptdemux takes them out.
  if (payload_type_ != kAnyPayloadType && payload_type_ != gst_rtp_buffer_get_payload_type(rtp))
    return;
  Limits current;
  {
    const ObjectLock lock(element);
    current = limits;
  }
  receiver_.set_limits(current);
  GstBuffer *buffer = gst_rtp_buffer_get_payload_buffer(rtp);
  if (buffer == nullptr) buffer = gst_buffer_new();
  const auto payload = std::make_shared<MappedPayload>(buffer);
  Packet packet;
  packet.payload = payload->bytes();
  packet.cost = payload->cost();
  packet.owner = payload;
  if (GST_BUFFER_PTS_IS_VALID(rtp->buffer)) packet.time = GST_BUFFER_PTS(rtp->buffer);
  receiver_.push(packet, gst_rtp_buffer_get_ssrc(rtp));
  publish_stats();
}

void Depayloader::finish() {
  receiver_.finish();
  publish_stats();
}

void Depayloader::publish_stats() {
  const ObjectLock lock(element);
  stats_ = receiver_.stats();
}

void Depayloader::post_stats() {
  gst_element_post_message(GST_ELEMENT(element),
                           gst_message_new_element(GST_OBJECT(element), make_stats()));
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
  if (discont_) GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DISCONT);
  gst_rtp_base_depayload_push(GST_RTP_BASE_DEPAYLOAD(element), buffer);
  discont_ = false;
  if (warned_) post_stats();
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
  discont_ = true;
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

}  // namespace feat::rtp
