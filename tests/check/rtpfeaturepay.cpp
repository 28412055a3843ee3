// SPDX-License-Identifier: LGPL-2.1-or-later
// What rtpfeaturepay puts into packets, and that rtpfeaturedepay gives back what went in.
#include "rtpfeature-util.h"

#include <gst/sdp/gstsdpmessage.h>

namespace {

// Header fields of docs/rtp-payload.md, read here by hand.
struct Header {
  guint version, kind, config_id, unit_id, offset, total;
  bool first, last, has_config, aggregate, marker, non_droppable;
  gsize payload;
};

Header header_of(const feat::BufferPtr &packet) {
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
  fail_unless(gst_rtp_buffer_map(packet.get(), GST_MAP_READ, &rtp));
  const auto *p = static_cast<const guint8 *>(gst_rtp_buffer_get_payload(&rtp));
  Header h;
  h.version = p[0] >> 4;
  h.first = (p[0] & 8) != 0;
  h.last = (p[0] & 4) != 0;
  h.has_config = (p[0] & 2) != 0;
  h.aggregate = (p[0] & 1) != 0;
  h.kind = p[1];
  h.config_id = p[2];
  h.unit_id = GST_READ_UINT32_BE(p + 4);
  h.payload = gst_rtp_buffer_get_payload_len(&rtp);
  h.offset = h.aggregate ? 0 : GST_READ_UINT32_BE(p + 8);
  h.total = h.aggregate ? 0 : GST_READ_UINT32_BE(p + 12);
  h.marker = gst_rtp_buffer_get_marker(&rtp) != FALSE;
  gst_rtp_buffer_unmap(&rtp);
  h.non_droppable = GST_BUFFER_FLAG_IS_SET(packet.get(), GST_BUFFER_FLAG_NON_DROPPABLE);
  return h;
}

#define FEATURE                                                                            \
  "feature=(structure)[feature-tensor, shape=(int)<1,1,4,8>, format=F16LE, bit-depth=10, " \
  "range-min=(double)<-1.0>, range-max=(double)<1.5>, rounding=floor, packing=stack, task=dpt]"

struct Stream {
  const char *caps;
  gsize size;
};

// Every kind of stream, every format.
constexpr Stream kStreams[] = {
    {TENSOR "format=F32LE, shape=(int)<1,1,8,9>, task=cls, framerate=(fraction)30/1", 288},
    {TENSOR "format=F16LE, shape=(int)<9>", 18},
    {TENSOR "format=BF16LE, shape=(int)<9>", 18},
    {TENSOR "format=F64LE, shape=(int)<9>", 72},
    {TENSOR "format=U8, shape=(int)<9>", 9},
    {TENSOR "format=S8, shape=(int)<9>", 9},
    {TENSOR "format=U16LE, shape=(int)<9>", 18},
    {TENSOR "format=S16LE, shape=(int)<9>", 18},
    {TENSOR "format=U32LE, shape=(int)<9>", 36},
    {TENSOR "format=S32LE, shape=(int)<9>", 36},
    {TENSOR "format=U64LE, shape=(int)<9>", 72},
    {TENSOR "format=S64LE, shape=(int)<9>", 72},
    {TENSOR "format=F32LE, shape=(int)<>", 4},
    {TENSOR "format=F32LE, shape=(int)<3,0,5>", 0},
    {TENSOR "format=U16LE, shape=(int)<2,30,40>, bit-depth=10, range-min=(double)<-1.0,-2.0>, "
            "range-max=(double)<1.0,2.5>, range-axis=0, rounding=nearest, source-format=BF16LE",
     4800},
    {"video/x-h266, stream-format=byte-stream, alignment=au, width=8, height=4, "
     "framerate=(fraction)0/1, pixel-aspect-ratio=(fraction)1/1, profile=main-10, tier=main, "
     "level=(string)2.1, chroma-format=(string)4:0:0, bit-depth-luma=(uint)10, " FEATURE,
     5000},
    {"video/x-h266, stream-format=byte-stream, alignment=au", 100},
    {"application/x-feature-hyperprior, alignment=unit, " FEATURE, 70},
    {"application/x-feature-coded, alignment=unit, framerate=(fraction)5/2, " FEATURE, 7000},
};

}  // namespace

GST_START_TEST(test_every_stream) {
  for (const Stream &stream : kStreams) {
    for (const bool sdp : {false, true}) {
      Link link;
      link.pay.caps(stream.caps);
      const Packets first = link.packets(content(stream.size, 1), GST_SECOND);
      const Packets second = link.packets(content(stream.size, 2), GST_SECOND * 3 / 2);
      link.connect(sdp);
      link.depay.push(first);
      link.depay.push(second);
      const Packets out = link.depay.pull_all();
      fail_unless_equals_int(out.size(), 2);
      fail_unless(bytes_of(out[0]) == content(stream.size, 1));
      fail_unless(bytes_of(out[1]) == content(stream.size, 2));
      fail_unless_equals_uint64(GST_BUFFER_PTS(out[1].get()), GST_SECOND * 3 / 2);
      link.depay.check_output_caps(stream.caps);
    }
  }
}
GST_END_TEST;

GST_START_TEST(test_fragments) {
  Unit pay("rtpfeaturepay mtu=100 config-interval=0");
  pay.caps(TENSOR "format=U8, shape=(int)<1000>");
  fail_unless_equals_int(pay.push(content(1000), 0), GST_FLOW_OK);
  const Packets packets = pay.pull_all();
  guint next = 0;
  for (gsize i = 0; i < packets.size(); ++i) {
    const Header h = header_of(packets[i]);
    const bool last = i + 1 == packets.size();
    fail_unless_equals_int(h.version, 1);
    fail_unless_equals_int(h.kind, 0);
    fail_unless(!h.aggregate && h.has_config);
    fail_unless(h.first == (i == 0) && h.non_droppable == (i == 0));
    fail_unless(h.last == last && h.marker == last);
    fail_unless(GST_BUFFER_FLAG_IS_SET(packets[i].get(), GST_BUFFER_FLAG_MARKER) == last);
    fail_unless_equals_int(h.unit_id, header_of(packets[0]).unit_id);
    fail_unless_equals_int(h.offset, next);
    fail_unless_equals_int(h.total, header_of(packets[0]).total);
    const gsize size = gst_buffer_get_size(packets[i].get());
    fail_unless(last ? size <= 100 : size == 100);
    next += static_cast<guint>(h.payload - (h.first ? 24 : 16));
  }
  fail_unless_equals_int(next, header_of(packets[0]).total);
  // The next one comes without the description.
  fail_unless_equals_int(pay.push(content(1000), 1), GST_FLOW_OK);
  const Packets more = pay.pull_all();
  const Header h = header_of(more[0]);
  fail_unless(!h.has_config);
  fail_unless_equals_int(h.unit_id, header_of(packets[0]).unit_id + 1);
  fail_unless_equals_int(h.total, 1000);
  fail_unless_equals_uint64(pay.stat("units-sent"), 2);
  fail_unless_equals_uint64(pay.stat("descriptions-sent"), 1);
  fail_unless_equals_uint64(pay.stat("packets"), packets.size() + more.size());
}
GST_END_TEST;

GST_START_TEST(test_sizes_around_the_mtu) {
  for (const guint mtu : {37u, 38u, 60u, 64u, 1400u}) {
    const std::string description = "rtpfeaturepay mtu=" + std::to_string(mtu);
    const gsize first = mtu - 12 - 20;  // bytes of a unit in its first packet
    const gsize other = mtu - 12 - 16;
    for (const gsize size : {gsize{1}, first - 1, first, first + 1, first + other - 1,
                             first + other, first + other + 1, first + 2 * other}) {
      Link link(description.c_str());
      link.pay.caps(TENSOR "format=U8, shape=(int)<0>");
      link.packets({});  // takes the description with it
      link.pay.caps("application/x-feature-coded, alignment=unit");
      const Packets head = link.packets(content(1), 0);
      const Packets packets = link.packets(content(size), 1);
      const gsize expected = size <= first ? 1 : 1 + (size - first + other - 1) / other;
      fail_unless_equals_int(packets.size(), expected);
      for (const feat::BufferPtr &packet : packets)
        fail_unless(gst_buffer_get_size(packet.get()) <= mtu);
      link.connect(false);
      link.depay.push(head);
      link.depay.push(packets);
      const Packets out = link.depay.pull_all();
      fail_unless_equals_int(out.size(), 2);
      fail_unless(bytes_of(out[1]) == content(size));
    }
  }
}
GST_END_TEST;

GST_START_TEST(test_mtu_without_room) {
  Unit pay("rtpfeaturepay mtu=36");
  pay.caps(TENSOR "format=U8, shape=(int)<3>");
  fail_unless_equals_int(pay.push(content(3)), GST_FLOW_ERROR);
  const std::string error = pay.error();
  fail_unless(error.find("mtu=36") != std::string::npos, "%s", error.c_str());
}
GST_END_TEST;

GST_START_TEST(test_buffer_of_wrong_size) {
  Unit pay("rtpfeaturepay");
  pay.caps(TENSOR "format=F32LE, shape=(int)<3>");
  fail_unless_equals_int(pay.push(content(11)), GST_FLOW_ERROR);
  const std::string error = pay.error();
  fail_unless(error.find("11 bytes") != std::string::npos, "%s", error.c_str());
}
GST_END_TEST;

GST_START_TEST(test_config_interval) {
  struct Case {
    const char *description;
    std::vector<bool> expected;
  };
  const Case cases[] = {
      {"rtpfeaturepay config-interval=-1", {true, true, true, true, true}},
      {"rtpfeaturepay config-interval=0", {true, false, false, false, false}},
      {"rtpfeaturepay config-interval=1", {true, false, true, false, true}},
      {"rtpfeaturepay config-interval=2", {true, false, false, false, true}},
  };
  for (const Case &c : cases) {
    Unit pay(c.description);
    pay.caps(TENSOR "format=U8, shape=(int)<3>");
    for (gsize i = 0; i < c.expected.size(); ++i) {
      fail_unless_equals_int(pay.push(content(3), i * GST_SECOND / 2), GST_FLOW_OK);
      const Packets packets = pay.pull_all();
      fail_unless(header_of(packets[0]).has_config == c.expected[i], "%s, unit %d", c.description,
                  static_cast<int>(i));
    }
  }
}
GST_END_TEST;

GST_START_TEST(test_description_on_demand) {
  Unit pay("rtpfeaturepay config-interval=0");
  pay.caps(TENSOR "format=U8, shape=(int)<3>");
  for (const bool expected : {true, false, true, false}) {
    if (pay.stat("units-sent") == 2)
      gst_harness_push_upstream_event(
          *pay, gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM,
                                     gst_structure_new_empty("GstForceKeyUnit")));
    fail_unless_equals_int(pay.push(content(3)), GST_FLOW_OK);
    fail_unless(header_of(pay.pull_all()[0]).has_config == expected);
  }
}
GST_END_TEST;

GST_START_TEST(test_config_id_follows_description) {
  Unit pay("rtpfeaturepay config-interval=0");
  const char *a = TENSOR "format=U8, shape=(int)<3>";
  const char *b = TENSOR "format=S8, shape=(int)<3>";
  std::vector<Header> headers;
  for (const char *caps : {a, a, b, a}) {
    pay.caps(caps);
    fail_unless_equals_int(pay.push(content(3)), GST_FLOW_OK);
    headers.push_back(header_of(pay.pull_all()[0]));
  }
  const guint id = headers[0].config_id;
  fail_unless_equals_int(headers[1].config_id, id);
  fail_unless_equals_int(headers[2].config_id, (id + 1) % 256);
  fail_unless_equals_int(headers[3].config_id, (id + 2) % 256);
  fail_unless(!headers[1].has_config && headers[2].has_config && headers[3].has_config);
}
GST_END_TEST;

GST_START_TEST(test_sdp_fields) {
  Unit pay("rtpfeaturepay pt=97");
  pay.caps(kStreams[15].caps);
  const feat::CapsPtr caps = pay.output_caps();
  const GstStructure *s = gst_caps_get_structure(caps.get(), 0);
  fail_unless_equals_string(gst_structure_get_string(s, "media"), "application");
  fail_unless_equals_string(gst_structure_get_string(s, "encoding-name"), "X-FEATURE");
  fail_unless_equals_string(gst_structure_get_string(s, "version"), "1");
  fail_unless_equals_string(gst_structure_get_string(s, "kind"), "h266");
  for (const char *name : {"config", "configid"}) {
    const gchar *value = gst_structure_get_string(s, name);
    fail_unless(value != nullptr && std::string(value).find(';') == std::string::npos);
  }
  // 65536 ranges are more than an SDP should have, but travel in band.
  std::string low = "0.5";
  std::string high = "1.25";
  for (int i = 1; i < 65536; ++i) {
    low += ",0.5";
    high += ",1.25";
  }
  const std::string many = TENSOR
                           "format=U8, shape=(int)<65536,2>, bit-depth=8, range-axis=0, "
                           "rounding=nearest, source-format=F32LE, range-min=(double)<" +
                           low + ">, range-max=(double)<" + high + ">";
  Link link;
  link.pay.caps(many.c_str());
  const Packets packets = link.packets(content(131072), 0);
  link.connect();
  const feat::CapsPtr big = link.pay.output_caps();
  fail_if(gst_structure_has_field(gst_caps_get_structure(big.get(), 0), "config"));
  link.depay.push(packets);
  const Packets out = link.depay.pull_all();
  fail_unless_equals_int(out.size(), 1);
  fail_unless(bytes_of(out[0]) == content(131072));
  link.depay.check_output_caps(many.c_str());
}
GST_END_TEST;

GST_START_TEST(test_sdp_round_trip) {
  // Caps to SDP text and back to caps, with which a receiver understands its first unit.
  Link link("rtpfeaturepay pt=97 config-interval=0");
  link.pay.caps(kStreams[15].caps);
  link.packets(content(100, 1));  // with the description, not received
  const feat::CapsPtr caps = link.pay.output_caps();
  GstSDPMedia *media = nullptr;
  gst_sdp_media_new(&media);
  fail_unless_equals_int(gst_sdp_media_set_media_from_caps(caps.get(), media), GST_SDP_OK);
  const gchar *rtpmap = gst_sdp_media_get_attribute_val(media, "rtpmap");
  fail_unless_equals_string(rtpmap, "97 X-FEATURE/90000");
  const gchar *fmtp = gst_sdp_media_get_attribute_val(media, "fmtp");
  fail_unless(fmtp != nullptr);
  for (const char *part : {"version=1", "kind=h266", "configid=", "config="})
    fail_unless(std::string(fmtp).find(part) != std::string::npos, "%s", fmtp);

  GstSDPMessage *message = nullptr;
  gst_sdp_message_new(&message);
  gst_sdp_message_set_version(message, "0");
  gst_sdp_message_add_media(message, media);  // takes what is inside
  gst_sdp_media_free(media);
  const feat::CharPtr text(gst_sdp_message_as_text(message));
  gst_sdp_message_free(message);
  gst_sdp_message_new_from_text(text.get(), &message);
  const feat::CapsPtr back(
      gst_sdp_media_get_caps_from_media(gst_sdp_message_get_media(message, 0), 97));
  gst_sdp_message_free(message);
  fail_unless(back != nullptr);
  gst_structure_set_name(gst_caps_get_structure(back.get(), 0), "application/x-rtp");
  gst_harness_set_src_caps(*link.depay, gst_caps_ref(back.get()));
  link.depay.push(link.packets(content(200, 2)));
  const Packets out = link.depay.pull_all();
  fail_unless_equals_int(out.size(), 1);
  fail_unless(bytes_of(out[0]) == content(200, 2));
  link.depay.check_output_caps(kStreams[15].caps);
}
GST_END_TEST;

GST_START_TEST(test_aggregation) {
  Link link("rtpfeaturepay aggregate-mode=max max-aggregate-time=300000000");
  link.pay.caps(TENSOR "format=U8, shape=(int)<20>, framerate=(fraction)10/1");
  std::vector<Packets> sent;
  for (guint8 i = 0; i < 11; ++i) sent.push_back(link.packets(content(20, i), i * GST_SECOND / 10));
  link.pay.event(gst_event_new_eos());
  sent.push_back(link.take());
  // Four units reach over 300 ms; the description of the eleventh begins a packet.
  Packets packets;
  for (gsize i = 0; i < sent.size(); ++i) {
    const bool expected = i == 3 || i == 7 || i == 10 || i == 11;
    fail_unless_equals_int(sent[i].size(), expected ? 1 : 0);
    for (feat::BufferPtr &packet : sent[i]) packets.push_back(std::move(packet));
  }
  fail_unless(header_of(packets[0]).aggregate && header_of(packets[0]).has_config);
  fail_unless(header_of(packets[1]).aggregate && !header_of(packets[1]).has_config);
  fail_unless_equals_int(header_of(packets[1]).unit_id, header_of(packets[0]).unit_id + 4);
  for (const feat::BufferPtr &packet : packets) fail_unless(header_of(packet).marker);
  link.connect(false);
  link.depay.push(packets);
  const Packets out = link.depay.pull_all();
  fail_unless_equals_int(out.size(), 11);
  for (guint8 i = 0; i < 11; ++i) {
    fail_unless(bytes_of(out[i]) == content(20, i));
    fail_unless_equals_uint64(GST_BUFFER_PTS(out[i].get()), i * GST_SECOND / 10);
  }
  fail_unless_equals_uint64(link.pay.stat("units-sent"), 11);
  fail_unless_equals_uint64(link.pay.stat("packets"), 4);
  fail_unless_equals_uint64(link.depay.stat("complete"), 11);
}
GST_END_TEST;

GST_START_TEST(test_aggregation_of_any_size) {
  Link link("rtpfeaturepay aggregate-mode=max max-aggregate-time=10000000000 mtu=120");
  link.pay.caps("application/x-feature-hyperprior, alignment=unit, framerate=(fraction)25/1");
  link.connect(false);
  constexpr gsize kSizes[] = {5, 500, 7, 0, 81, 82, 83, 90, 91, 92, 1, 2, 3, 4, 100};
  guint8 n = 0;
  for (const gsize size : kSizes) {
    fail_unless_equals_int(link.pay.push(content(size, n), n * GST_SECOND / 25), GST_FLOW_OK);
    ++n;
  }
  link.pay.event(gst_event_new_gap(GST_SECOND, GST_SECOND));  // nothing waits across one
  const Packets packets = link.take();
  fail_unless(std::any_of(packets.begin(), packets.end(),
                          [](const auto &p) { return header_of(p).aggregate; }));
  for (const feat::BufferPtr &packet : packets)
    fail_unless(gst_buffer_get_size(packet.get()) <= 120);
  link.depay.push(packets);
  const Packets out = link.depay.pull_all();
  fail_unless_equals_int(out.size(), G_N_ELEMENTS(kSizes));
  for (guint8 i = 0; i < out.size(); ++i) fail_unless(bytes_of(out[i]) == content(kSizes[i], i));
}
GST_END_TEST;

GST_START_TEST(test_nothing_waits_for_the_unknown) {
  // Neither duration nor frame rate: nobody knows when the next unit comes.
  Unit pay("rtpfeaturepay aggregate-mode=max max-aggregate-time=10000000000");
  pay.caps(TENSOR "format=U8, shape=(int)<3>");
  fail_unless_equals_int(pay.push(content(3), 0), GST_FLOW_OK);
  fail_unless_equals_int(pay.pull_all().size(), 1);
  fail_unless_equals_int(pay.push(content(3), 1, GST_SECOND), GST_FLOW_OK);
  fail_unless_equals_int(pay.pull_all().size(), 0);
  fail_unless_equals_int(pay.push(content(3)), GST_FLOW_OK);  // no time either
  fail_unless_equals_int(pay.pull_all().size(), 2);
}
GST_END_TEST;

GST_START_TEST(test_latency) {
  Unit pay("rtpfeaturepay max-aggregate-time=30000000");
  gst_harness_set_upstream_latency(*pay, 5 * GST_MSECOND);
  pay.caps(TENSOR "format=U8, shape=(int)<3>");
  fail_unless_equals_uint64(gst_harness_query_latency(*pay), 5 * GST_MSECOND);
  gst_util_set_object_arg(G_OBJECT(pay.element()), "aggregate-mode", "max");
  fail_unless_equals_int(pay.messages(GST_MESSAGE_LATENCY).size(), 1);
  fail_unless_equals_uint64(gst_harness_query_latency(*pay), 35 * GST_MSECOND);
}
GST_END_TEST;

static Suite *rtpfeaturepay_suite(void) {
  Suite *suite = suite_create("rtpfeaturepay");
  TCase *tc = tcase_create("general");
  suite_add_tcase(suite, tc);
  tcase_add_test(tc, test_every_stream);
  tcase_add_test(tc, test_fragments);
  tcase_add_test(tc, test_sizes_around_the_mtu);
  tcase_add_test(tc, test_mtu_without_room);
  tcase_add_test(tc, test_buffer_of_wrong_size);
  tcase_add_test(tc, test_config_interval);
  tcase_add_test(tc, test_description_on_demand);
  tcase_add_test(tc, test_config_id_follows_description);
  tcase_add_test(tc, test_sdp_fields);
  tcase_add_test(tc, test_sdp_round_trip);
  tcase_add_test(tc, test_aggregation);
  tcase_add_test(tc, test_aggregation_of_any_size);
  tcase_add_test(tc, test_nothing_waits_for_the_unknown);
  tcase_add_test(tc, test_latency);
  return suite;
}

GST_CHECK_MAIN(rtpfeaturepay);
