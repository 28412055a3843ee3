// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the tests of rtpvvcfeatpay and rtpvvcfeatdepay share: streams in access units, packets.
#pragma once

#include <gst/rtp/gstrtpbuffer.h>

#include <string>
#include <vector>

#include "codecs/vvc/decoder/nal.h"
#include "codecs/vvc/vvc.h"
#include "tests/check/vvcfeat_util.h"

namespace test {

using Bytes = std::vector<guint8>;

inline constexpr char kH266Caps[] = "video/x-h266, stream-format=byte-stream, alignment=au";

// Access units of a stream of the reference encoder.
inline std::vector<Bytes> units_of(const std::string &name) {
  const std::string path = std::string(g_getenv("FEATURE_TEST_DATA")) + "/vvc/" + name;
  gchar *data = nullptr;
  gsize size = 0;
  fail_unless(g_file_get_contents(path.c_str(), &data, &size, nullptr), "%s", path.c_str());
  std::span<const uint8_t> rest(reinterpret_cast<const uint8_t *>(data), size);
  std::vector<Bytes> units;
  while (!rest.empty()) {
    feat::vvc::AccessUnitFinder finder;
    const size_t length = finder.find(rest, true);
    units.emplace_back(rest.begin(), rest.begin() + static_cast<ptrdiff_t>(length));
    rest = rest.subspan(length);
  }
  g_free(data);
  return units;
}

// The NAL units of an access unit, without start codes.
inline std::vector<Bytes> nals_of(const Bytes &unit) {
  std::vector<Bytes> nals;
  std::span<const uint8_t> rest(unit);
  feat::vvc::NalUnit nal;
  while (feat::vvc::next_nal_unit(rest, nal)) nals.emplace_back(nal.bytes.begin(), nal.bytes.end());
  return nals;
}

inline int type_of(const Bytes &nal) {
  return nal.at(1) >> 3;
}

// The access unit of these NAL units.
inline Bytes join(const std::vector<Bytes> &nals) {
  Bytes unit;
  for (const Bytes &nal : nals) {
    const int type = type_of(nal);
    if (unit.empty() || (type >= 12 && type <= 18)) unit.push_back(0);
    unit.insert(unit.end(), {0, 0, 1});
    unit.insert(unit.end(), nal.begin(), nal.end());
  }
  return unit;
}

// Without parameter sets.
inline Bytes bare(const Bytes &unit) {
  std::vector<Bytes> nals = nals_of(unit);
  std::erase_if(nals, [](const Bytes &nal) { return type_of(nal) >= 12 && type_of(nal) <= 16; });
  return join(nals);
}

inline GstBuffer *timed(const Bytes &bytes, GstClockTime pts) {
  GstBuffer *buffer = buffer_of(bytes);
  GST_BUFFER_PTS(buffer) = pts;
  return buffer;
}

struct RtpPacket {
  Bytes payload;
  guint seqnum;
  guint32 timestamp;
  guint32 ssrc;
  guint8 payload_type;
  bool marker;
  GstBufferFlags flags;
  GstClockTime pts;
};

inline RtpPacket read_packet(GstBuffer *buffer) {
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
  fail_unless(gst_rtp_buffer_map(buffer, GST_MAP_READ, &rtp));
  const auto *data = static_cast<const guint8 *>(gst_rtp_buffer_get_payload(&rtp));
  RtpPacket p = {Bytes(data, data + gst_rtp_buffer_get_payload_len(&rtp)),
                 gst_rtp_buffer_get_seq(&rtp),
                 gst_rtp_buffer_get_timestamp(&rtp),
                 gst_rtp_buffer_get_ssrc(&rtp),
                 gst_rtp_buffer_get_payload_type(&rtp),
                 gst_rtp_buffer_get_marker(&rtp) != FALSE,
                 static_cast<GstBufferFlags>(GST_BUFFER_FLAGS(buffer)),
                 GST_BUFFER_PTS(buffer)};
  gst_rtp_buffer_unmap(&rtp);
  return p;
}

// Everything that came out so far.
inline std::vector<RtpPacket> pull_packets(GstHarness *h) {
  std::vector<RtpPacket> packets;
  while (GstBuffer *buffer = gst_harness_try_pull(h)) {
    packets.push_back(read_packet(buffer));
    gst_buffer_unref(buffer);
  }
  return packets;
}

inline GstBuffer *make_packet(const RtpPacket &p) {
  GstBuffer *buffer = gst_rtp_buffer_new_allocate(static_cast<guint>(p.payload.size()), 0, 0);
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
  fail_unless(gst_rtp_buffer_map(buffer, GST_MAP_WRITE, &rtp));
  gst_rtp_buffer_set_payload_type(&rtp, p.payload_type);
  gst_rtp_buffer_set_seq(&rtp, static_cast<guint16>(p.seqnum));
  gst_rtp_buffer_set_timestamp(&rtp, p.timestamp);
  gst_rtp_buffer_set_ssrc(&rtp, p.ssrc);
  gst_rtp_buffer_set_marker(&rtp, p.marker);
  std::copy(p.payload.begin(), p.payload.end(),
            static_cast<guint8 *>(gst_rtp_buffer_get_payload(&rtp)));
  gst_rtp_buffer_unmap(&rtp);
  GST_BUFFER_PTS(buffer) = p.pts;
  return buffer;
}

inline void expect_text(const std::string &text, const std::string &expected) {
  fail_unless(text == expected, "\"%s\" is not \"%s\"", text.c_str(), expected.c_str());
}

inline guint64 unit_stat(GstElement *element, const char *name) {
  GstStructure *stats = nullptr;
  g_object_get(element, "stats", &stats, nullptr);
  guint64 value = 0;
  fail_unless(gst_structure_get_uint64(stats, name, &value), "no %s in stats", name);
  gst_structure_free(stats);
  return value;
}

}  // namespace test
