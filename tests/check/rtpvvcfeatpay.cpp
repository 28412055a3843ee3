// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gst/sdp/gstsdpmessage.h>

#include "tests/check/rtpvvc_util.h"

using namespace test;

namespace {

constexpr int kSlice = 8;  // IDR_N_LP

GstHarness *new_payloader(const std::string &properties = "") {
  GstHarness *h = harness_of("rtpvvcfeatpay " + properties, true);
  gst_harness_set_src_caps_str(h, kH266Caps);
  return h;
}

void push(GstHarness *h, const Bytes &unit, GstClockTime pts = 0) {
  fail_unless_equals_int(gst_harness_push(h, timed(unit, pts)), GST_FLOW_OK);
}

std::string base64(const Bytes &nal) {
  const feat::CharPtr text(g_base64_encode(nal.data(), nal.size()));
  return text.get();
}

std::string caps_string(GstHarness *h, const char *field) {
  GstCaps *caps = gst_pad_get_current_caps(h->sinkpad);
  fail_unless(caps != nullptr);
  const gchar *value = gst_structure_get_string(gst_caps_get_structure(caps, 0), field);
  std::string text = value != nullptr ? value : "(none)";
  gst_caps_unref(caps);
  return text;
}

bool starts_with_sets(const std::vector<RtpPacket> &packets) {
  const int type = type_of(packets.at(0).payload);
  return type == 28 || (type >= 13 && type <= 16);
}

}  // namespace

GST_START_TEST(test_caps_for_sdp) {
  const auto units = units_of("frames3.266");
  GstHarness *h = new_payloader();
  push(h, units[0]);
  expect_text(caps_string(h, "media"), "video");
  expect_text(caps_string(h, "encoding-name"), "H266");
  std::string sps;
  std::string pps;
  for (const Bytes &nal : nals_of(units[0])) {
    if (type_of(nal) == 15) sps = base64(nal);
    if (type_of(nal) == 16) pps = base64(nal);
  }
  expect_text(caps_string(h, "sprop-sps"), sps);
  expect_text(caps_string(h, "sprop-pps"), pps);
  expect_text(caps_string(h, "profile-id"), "1");  // Main 10
  expect_text(caps_string(h, "tier-flag"), "0");
  // Only strings, in lower case and without semicolons, become parameters of SDP.
  GstCaps *caps = gst_pad_get_current_caps(h->sinkpad);
  const GstStructure *s = gst_caps_get_structure(caps, 0);
  gint rate = 0;
  fail_unless(gst_structure_get_int(s, "clock-rate", &rate) && rate == 90000);
  for (int i = 0; i < gst_structure_n_fields(s); i++) {
    const gchar *name = gst_structure_nth_field_name(s, static_cast<guint>(i));
    const gchar *text = gst_structure_get_string(s, name);
    for (const gchar *c = name; *c != '\0'; c++) fail_if(g_ascii_isupper(*c));
    fail_if(text != nullptr && strchr(text, ';') != nullptr, "%s=%s", name, text);
  }
  gst_caps_unref(caps);
  gst_harness_teardown(h);
}
GST_END_TEST

// Caps to the text of SDP and back to caps that a receiver takes.
GST_START_TEST(test_sdp_round_trip) {
  const auto units = units_of("frames3.266");
  GstHarness *h = new_payloader("pt=98");
  push(h, units[0]);
  GstCaps *caps = gst_pad_get_current_caps(h->sinkpad);
  GstSDPMedia *media = nullptr;
  gst_sdp_media_new(&media);
  fail_unless_equals_int(gst_sdp_media_set_media_from_caps(caps, media), GST_SDP_OK);
  fail_unless_equals_string(gst_sdp_media_get_media(media), "video");
  fail_unless_equals_string(gst_sdp_media_get_attribute_val(media, "rtpmap"), "98 H266/90000");
  const std::string fmtp = gst_sdp_media_get_attribute_val(media, "fmtp");
  for (const char *name : {"sprop-sps=", "sprop-pps=", "profile-id=1", "tier-flag=0",
                           "level-id=", "interop-constraints="})
    fail_unless(fmtp.find(name) != std::string::npos, "no %s in %s", name, fmtp.c_str());
  GstCaps *back = gst_sdp_media_get_caps_from_media(media, 98);
  fail_unless(back != nullptr);
  gst_structure_set_name(gst_caps_get_structure(back, 0), "application/x-rtp");
  for (const char *name : {"sprop-sps", "sprop-pps", "interop-constraints"})
    expect_text(gst_structure_get_string(gst_caps_get_structure(back, 0), name),
                gst_structure_get_string(gst_caps_get_structure(caps, 0), name));
  GstHarness *depay = gst_harness_new("rtpvvcfeatdepay");
  gst_harness_set_src_caps(depay, back);
  pull_packets(h);
  push(h, units[1]);
  while (GstBuffer *packet = gst_harness_try_pull(h)) gst_harness_push(depay, packet);
  GstBuffer *unit = gst_harness_pull(depay);
  fail_unless(bytes_of(unit) == units[1]);
  gst_buffer_unref(unit);
  gst_harness_teardown(depay);
  gst_sdp_media_free(media);
  gst_caps_unref(caps);
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_packets_of_a_unit) {
  const auto units = units_of("ctu128.266");
  for (const int mtu : {28, 60, 300, 1400}) {
    GstHarness *h = new_payloader("pt=100 seqnum-offset=65530 mtu=" + std::to_string(mtu));
    push(h, units[0], GST_SECOND);
    const auto packets = pull_packets(h);
    for (size_t i = 0; i < packets.size(); i++) {
      const RtpPacket &p = packets[i];
      fail_unless(static_cast<int>(p.payload.size()) + 12 <= mtu);
      fail_unless_equals_int(static_cast<int>(p.seqnum), static_cast<int>((65530 + i) & 0xffff));
      fail_unless_equals_int(p.payload_type, 100);
      fail_unless_equals_uint64(p.timestamp, packets[0].timestamp);
      fail_unless_equals_uint64(p.pts, GST_SECOND);
      const bool last = i + 1 == packets.size();
      fail_unless(p.marker == last);
      fail_unless(((p.flags & GST_BUFFER_FLAG_MARKER) != 0) == last);
      // Error correction may protect what is no slice better.
      int type = type_of(p.payload);
      if (type == 29) type = p.payload[2] & 0x1f;
      if (type != 28)
        fail_unless(((p.flags & GST_BUFFER_FLAG_NON_DROPPABLE) != 0) == (type != kSlice));
    }
    fail_unless_equals_uint64(unit_stat(h->element, "units-sent"), 1);
    fail_unless_equals_uint64(unit_stat(h->element, "packets"), packets.size());
    fail_unless_equals_uint64(unit_stat(h->element, "left-out"), 0);
    GstStructure *stats = nullptr;  // the base class's are there, too
    g_object_get(h->element, "stats", &stats, nullptr);
    guint seqnum = 0;
    fail_unless(gst_structure_get_uint(stats, "seqnum", &seqnum));
    fail_unless_equals_int(static_cast<int>(seqnum), static_cast<int>(packets.back().seqnum));
    gst_structure_free(stats);
    gst_harness_teardown(h);
  }
}
GST_END_TEST

GST_START_TEST(test_slices_are_not_copied) {
  const auto units = units_of("ctu128.266");
  GstHarness *h = new_payloader("mtu=100");
  GstBuffer *buffer = buffer_of(units[0]);
  GstMemory *memory = gst_memory_ref(gst_buffer_peek_memory(buffer, 0));
  fail_unless_equals_int(gst_harness_push(h, buffer), GST_FLOW_OK);
  int fragments = 0;
  while (GstBuffer *packet = gst_harness_try_pull(h)) {
    // Reading the payload would join the memories.
    const GstMemory *last = gst_buffer_peek_memory(packet, gst_buffer_n_memory(packet) - 1);
    const bool shared = last->parent == memory;
    const gsize size = last->size;
    const RtpPacket p = read_packet(packet);
    if (type_of(p.payload) == 29) {
      fragments++;
      fail_unless(shared);
      fail_unless_equals_uint64(p.payload.size(), size + 3);
    }
    gst_buffer_unref(packet);
  }
  fail_unless(fragments > 3);
  gst_memory_unref(memory);
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_aggregate_modes) {
  const auto units = units_of("slices_rect.266");  // several slices
  size_t counts[3] = {};
  const char *const modes[] = {"none", "zero-latency", "max"};
  for (int i = 0; i < 3; i++) {
    GstHarness *h = new_payloader(std::string("mtu=60000 aggregate-mode=") + modes[i]);
    push(h, units[0]);
    counts[i] = pull_packets(h).size();
    fail_unless_equals_uint64(unit_stat(h->element, "aggregates"), i == 0 ? 0 : 1);
    gst_harness_teardown(h);
  }
  fail_unless_equals_uint64(counts[0], nals_of(units[0]).size());
  fail_unless(counts[1] < counts[0]);
  fail_unless_equals_uint64(counts[2], 1);
}
GST_END_TEST

GST_START_TEST(test_config_interval) {
  const auto units = units_of("frames3.266");
  const Bytes slice = bare(units[0]);
  const auto sent = [&](const char *interval, GstClockTime first, GstClockTime second) {
    GstHarness *h = new_payloader(std::string("config-interval=") + interval);
    push(h, units[0], 0);
    fail_unless(starts_with_sets(pull_packets(h)));
    std::string pattern;
    for (const GstClockTime pts : {first, second}) {
      push(h, slice, pts);
      pattern += starts_with_sets(pull_packets(h)) ? '+' : '-';
    }
    gst_harness_teardown(h);
    return pattern;
  };
  expect_text(sent("0", GST_SECOND, 100 * GST_SECOND), "--");
  expect_text(sent("-1", 1, 2), "++");
  expect_text(sent("2", GST_SECOND, 2 * GST_SECOND), "-+");
  expect_text(sent("2", 2 * GST_SECOND, 3 * GST_SECOND), "+-");
}
GST_END_TEST

GST_START_TEST(test_config_interval_repeats_the_same_bytes) {
  const auto units = units_of("frames3.266");
  GstHarness *h = harness_of("rtpvvcfeatpay config-interval=-1", true);
  gst_harness_set_src_caps_str(h, kH266Caps);
  GstHarness *back = gst_harness_new("rtpvvcfeatdepay");
  push(h, units[0], 0);
  push(h, bare(units[1]), 1);
  gst_harness_set_src_caps(back, gst_pad_get_current_caps(h->sinkpad));
  while (GstBuffer *packet = gst_harness_try_pull(h)) gst_harness_push(back, packet);
  GstBuffer *first = gst_harness_pull(back);
  GstBuffer *second = gst_harness_pull(back);
  fail_unless(bytes_of(first) == units[0]);
  std::vector<Bytes> expected;
  for (const Bytes &nal : nals_of(units[0]))
    if (type_of(nal) == 15 || type_of(nal) == 16) expected.push_back(nal);
  for (const Bytes &nal : nals_of(bare(units[1]))) expected.push_back(nal);
  fail_unless(nals_of(bytes_of(second)) == expected);
  gst_buffer_unref(first);
  gst_buffer_unref(second);
  gst_harness_teardown(h);
  gst_harness_teardown(back);
}
GST_END_TEST

GST_START_TEST(test_renegotiation) {
  GstHarness *h = new_payloader();
  push(h, units_of("frames3.266")[0], 0);
  const std::string before = caps_string(h, "sprop-sps");
  push(h, units_of("ctu32.266")[0], 1);  // another size, without new caps
  const std::string after = caps_string(h, "sprop-sps");
  fail_if(before == after);
  gst_harness_set_src_caps_str(h,
                               "video/x-h266, stream-format=byte-stream, alignment=au, width=40");
  push(h, units_of("frames3.266")[0], 2);
  expect_text(caps_string(h, "sprop-sps"), before);
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_latency_is_upstreams) {
  GstHarness *h = new_payloader();
  gst_harness_set_upstream_latency(h, 5 * GST_MSECOND);
  push(h, units_of("frames3.266")[0], 0);
  fail_unless_equals_uint64(gst_harness_query_latency(h), 5 * GST_MSECOND);
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_buffers_without_units) {
  GstHarness *h = new_payloader();
  Bus bus(h);
  push(h, {1, 2, 3, 4, 5});
  expect_text(bus.next(GST_MESSAGE_WARNING), "A buffer of 5 bytes holds no NAL unit to send.");
  push(h, {0, 0, 1, 0, 28 << 3 | 1, 7});  // what RTP cannot carry
  fail_unless_equals_uint64(unit_stat(h->element, "left-out"), 1);
  fail_unless_equals_uint64(unit_stat(h->element, "units-sent"), 0);
  push(h, units_of("frames3.266")[0], 0);
  fail_unless(!pull_packets(h).empty());
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_totals_at_the_end) {
  GstHarness *h = new_payloader();
  GstBus *bus = gst_bus_new();
  gst_element_set_bus(h->element, bus);
  for (const Bytes &unit : units_of("frames3.266")) push(h, unit);
  gst_harness_push_event(h, gst_event_new_eos());
  GstMessage *message = gst_bus_pop_filtered(bus, GST_MESSAGE_ELEMENT);
  fail_unless(message != nullptr);
  fail_unless(gst_structure_has_name(gst_message_get_structure(message), "rtpvvcfeatpay-stats"));
  guint64 n = 0;
  fail_unless(gst_structure_get_uint64(gst_message_get_structure(message), "units-sent", &n));
  fail_unless_equals_uint64(n, 3);
  gst_message_unref(message);
  gst_bus_set_flushing(bus, TRUE);
  gst_object_unref(bus);
  gst_harness_teardown(h);
}
GST_END_TEST

static Suite *rtpvvcfeatpay_suite() {
  Suite *s = suite_create("rtpvvcfeatpay");
  TCase *tc = tcase_create("general");
  suite_add_tcase(s, tc);
  tcase_add_test(tc, test_caps_for_sdp);
  tcase_add_test(tc, test_sdp_round_trip);
  tcase_add_test(tc, test_packets_of_a_unit);
  tcase_add_test(tc, test_slices_are_not_copied);
  tcase_add_test(tc, test_aggregate_modes);
  tcase_add_test(tc, test_config_interval);
  tcase_add_test(tc, test_config_interval_repeats_the_same_bytes);
  tcase_add_test(tc, test_renegotiation);
  tcase_add_test(tc, test_latency_is_upstreams);
  tcase_add_test(tc, test_buffers_without_units);
  tcase_add_test(tc, test_totals_at_the_end);
  return s;
}

GST_CHECK_MAIN(rtpvvcfeatpay)
