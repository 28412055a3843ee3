// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gst/rtp/gstrtpbasedepayload.h>

#include "tests/check/rtpvvc_util.h"
#include "tests/check/vvcreference.h"

using namespace test;

namespace {

constexpr GstClockTime kFrame = GST_SECOND / 30;

// The packets of a stream, as the payloader sends them, and its caps.
struct Sent {
  std::vector<RtpPacket> packets;
  std::vector<size_t> unit;  // of each packet
  std::string caps;
};

Sent send(const std::vector<Bytes> &units, const std::string &properties = "") {
  GstHarness *h = harness_of("rtpvvcfeatpay ssrc=7 seqnum-offset=65500 " + properties, true);
  gst_harness_set_src_caps_str(h, kH266Caps);
  Sent sent;
  for (size_t i = 0; i < units.size(); i++) {
    fail_unless_equals_int(gst_harness_push(h, timed(units[i], i * kFrame)), GST_FLOW_OK);
    for (const RtpPacket &p : pull_packets(h)) {
      sent.packets.push_back(p);
      sent.unit.push_back(i);
    }
  }
  GstCaps *caps = gst_pad_get_current_caps(h->sinkpad);
  const feat::CharPtr text(gst_caps_to_string(caps));
  sent.caps = text.get();
  gst_caps_unref(caps);
  gst_harness_teardown(h);
  return sent;
}

// Several units, each of several packets.
std::vector<Bytes> some_units() {
  std::vector<Bytes> units;
  for (int i = 0; i < 5; i++) {
    const Bytes unit = units_of("ctu128.266")[0];
    units.push_back(unit);
  }
  return units;
}

class Receiver {
 public:
  explicit Receiver(const std::string &caps, const std::string &properties = "")
      : h(harness_of("rtpvvcfeatdepay " + properties, true)), bus(h) {
    gst_harness_set_src_caps_str(h, caps.c_str());
  }
  ~Receiver() { gst_harness_teardown(h); }
  Receiver(const Receiver &) = delete;
  Receiver &operator=(const Receiver &) = delete;

  void push(const RtpPacket &p) {
    fail_unless_equals_int(gst_harness_push(h, make_packet(p)), GST_FLOW_OK);
  }
  // Units that came out, by the number of the frame that their time tells.
  std::vector<size_t> frames() {
    std::vector<size_t> out;
    discont.clear();
    last.clear();
    while (GstBuffer *buffer = gst_harness_try_pull(h)) {
      out.push_back(static_cast<size_t>((GST_BUFFER_PTS(buffer) + kFrame / 2) / kFrame));
      discont.push_back(GST_BUFFER_IS_DISCONT(buffer));
      last = bytes_of(buffer);
      gst_buffer_unref(buffer);
    }
    return out;
  }
  guint64 stat(const char *name) { return unit_stat(h->element, name); }
  int warnings() {
    int n = 0;
    while (!bus.next(GST_MESSAGE_WARNING).empty()) n++;
    return n;
  }

  GstHarness *h;
  Bus bus;
  std::vector<bool> discont;
  Bytes last;
};

using Frames = std::vector<size_t>;

}  // namespace

GST_START_TEST(test_streams_come_back_to_the_byte) {
  for (const char *name : {"frames3.266", "alf_8bit.266", "slices_rect.266", "subpics_four.266",
                           "tiles_wpp.266", "chroma420.266", "inter.266"}) {
    const auto units = units_of(name);
    for (const char *properties :
         {"mtu=28", "mtu=200 aggregate-mode=none", "mtu=1400", "mtu=65000 aggregate-mode=max"}) {
      const Sent sent = send(units, properties);
      Receiver r(sent.caps);
      for (size_t i = 0; i < units.size(); i++) {
        for (size_t k = 0; k < sent.packets.size(); k++)
          if (sent.unit[k] == i) r.push(sent.packets[k]);
        fail_unless(r.frames() == Frames{i}, "%s %s", name, properties);
        fail_unless(r.last == units[i], "%s %s", name, properties);
      }
      fail_unless_equals_uint64(r.stat("complete"), units.size());
      fail_unless_equals_uint64(r.stat("damaged"), 0);
      fail_unless_equals_uint64(r.stat("packets"), sent.packets.size());
    }
  }
}
GST_END_TEST

GST_START_TEST(test_features_come_back_bit_exact) {
  const InfoPtr info = make_info(40, 56);
  const auto units = encode(56, 40, 3, 22, info.get());
  const Sent sent = send(units, "mtu=100");
  GstHarness *h = gst_harness_new_parse("rtpvvcfeatdepay ! vvcfeatdec");
  gst_harness_set_src_caps_str(h, sent.caps.c_str());
  for (const RtpPacket &p : sent.packets) gst_harness_push(h, make_packet(p));
  gst_harness_push_event(h, gst_event_new_eos());
  for (const Bytes &unit : units) expect_frame(h, unit, 56, 40);
  expect_info(h, info);
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_a_lost_packet_costs_its_unit) {
  const auto units = some_units();
  const Sent sent = send(units, "mtu=100");
  size_t tried = 0;
  for (size_t lost = 0; lost < sent.packets.size(); lost++) {
    const size_t unit = sent.unit[lost];
    if (unit != 2) continue;
    tried++;
    Receiver r(sent.caps);
    for (size_t k = 0; k < sent.packets.size(); k++)
      if (k != lost) r.push(sent.packets[k]);
    fail_unless(r.frames() == (Frames{0, 1, 3, 4}), "packet %d", static_cast<int>(lost));
    fail_unless(r.discont[2] && !r.discont[1] && !r.discont[3]);
    fail_unless_equals_uint64(r.stat("damaged"), 1);
    fail_unless_equals_uint64(r.stat("lost-packets"), 1);
    fail_unless_equals_uint64(r.stat("gaps"), 1);
    fail_unless_equals_int(r.warnings(), 1);
  }
  fail_unless(tried > 4);
}
GST_END_TEST

GST_START_TEST(test_one_warning_for_a_burst) {
  std::vector<Bytes> units = some_units();
  for (size_t i = 0; i < 5; i++) units.push_back(Bytes(units[i]));
  const Sent sent = send(units, "mtu=100");
  Receiver r(sent.caps);
  size_t at = 0;
  for (size_t k = 0; k < sent.packets.size(); k++) {
    at = k > 0 && sent.unit[k] == sent.unit[k - 1] ? at + 1 : 0;
    const size_t unit = sent.unit[k];
    const bool lost = at == 2 && ((unit >= 1 && unit <= 4) || unit == 7);
    if (!lost) r.push(sent.packets[k]);
  }
  fail_unless(r.frames() == (Frames{0, 5, 6, 8, 9}));
  fail_unless_equals_int(r.warnings(), 2);
  fail_unless_equals_uint64(r.stat("damaged"), 5);
}
GST_END_TEST

// rtpulpfecenc takes sequence numbers for its packets, behind the last one of a unit; some
// receivers take these packets out, in others they come along.
GST_START_TEST(test_error_correction_between_units) {
  const auto units = some_units();
  const Sent sent = send(units, "mtu=100");
  for (const bool along : {false, true}) {
    Receiver r(sent.caps);
    guint shift = 0;
    for (RtpPacket p : sent.packets) {
      p.seqnum += shift;
      r.push(p);
      if (!p.marker) continue;
      shift += 2;
      if (!along) continue;
      for (guint i = 1; i <= 2; i++) {
        RtpPacket fec = p;
        fec.seqnum += i;
        fec.payload_type = 122;
        fec.payload = {0x80, 1, 2, 3, 4, 5, 6, 7, 8, 9};
        r.push(fec);
      }
    }
    fail_unless(r.frames() == (Frames{0, 1, 2, 3, 4}));
    fail_unless_equals_uint64(r.stat("damaged"), 0);
    fail_unless_equals_int(r.warnings(), 0);
  }
}
GST_END_TEST

// rtpulpfecdec closes the gaps of what it could not bring back; an event tells.
GST_START_TEST(test_losses_behind_error_correction) {
  const auto units = some_units();
  const Sent sent = send(units, "mtu=100");
  const auto lost_event = [] {
    return gst_event_new_custom(
        GST_EVENT_CUSTOM_DOWNSTREAM,
        gst_structure_new("GstRTPPacketLost", "timestamp", G_TYPE_UINT64, guint64{0}, "duration",
                          G_TYPE_UINT64, guint64{0}, "might-have-been-fec", G_TYPE_BOOLEAN, TRUE,
                          nullptr));
  };
  Receiver r(sent.caps);
  guint seqnum = 0;
  for (size_t k = 0; k < sent.packets.size(); k++) {
    const bool second_of_1 = sent.unit[k] == 1 && sent.unit[k - 1] == 1 && sent.unit[k - 2] == 0;
    if (second_of_1) {
      gst_harness_push_event(r.h, lost_event());
      continue;
    }
    RtpPacket p = sent.packets[k];
    p.seqnum = seqnum++;
    r.push(p);
    if (p.marker && sent.unit[k] == 2) gst_harness_push_event(r.h, lost_event());  // was FEC
  }
  fail_unless(r.frames() == (Frames{0, 2, 3, 4}));
  fail_unless_equals_uint64(r.stat("damaged"), 1);
  fail_unless_equals_uint64(r.stat("lost-packets"), 2);
}
GST_END_TEST

// What rtpjitterbuffer says of a loss must not make a decoder settle on caps of its own.
GST_START_TEST(test_a_loss_before_the_first_picture) {
  const InfoPtr info = make_info(40, 56);
  const auto units = encode(56, 40, 3, 22, info.get());
  const Sent sent = send(units, "mtu=60");
  GstHarness *h = gst_harness_new_parse("rtpvvcfeatdepay ! vvcfeatdec ! featureunpack");
  Bus bus(h);
  fail_unless_equals_int(static_cast<int>(sent.unit[2]), 0);  // packet 1 is inside the first unit
  gst_harness_set_src_caps_str(h, sent.caps.c_str());
  for (size_t k = 0; k < sent.packets.size(); k++) {
    if (k != 1) {
      fail_unless_equals_int(gst_harness_push(h, make_packet(sent.packets[k])), GST_FLOW_OK);
      continue;
    }
    GstStructure *lost = gst_structure_new(
        "GstRTPPacketLost", "seqnum", G_TYPE_UINT, sent.packets[k].seqnum, "timestamp",
        G_TYPE_UINT64, guint64{0}, "duration", G_TYPE_UINT64, guint64{kFrame}, nullptr);
    gst_harness_push_event(h, gst_event_new_custom(GST_EVENT_CUSTOM_DOWNSTREAM, lost));
  }
  expect_text(bus.next(GST_MESSAGE_ERROR), "");
  fail_unless_equals_int(static_cast<int>(gst_harness_buffers_received(h)), 2);
  GstCaps *caps = gst_pad_get_current_caps(h->sinkpad);
  fail_unless(
      gst_structure_has_name(gst_caps_get_structure(caps, 0), "application/x-feature-tensor"));
  gst_caps_unref(caps);
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_duplicates_and_old_packets) {
  const auto units = some_units();
  const Sent sent = send(units, "mtu=100");
  Receiver r(sent.caps);
  for (size_t k = 0; k < sent.packets.size(); k++) {
    r.push(sent.packets[k]);
    r.push(sent.packets[k]);
    if (k >= 10) r.push(sent.packets[k - 10]);
  }
  fail_unless(r.frames() == (Frames{0, 1, 2, 3, 4}));
  fail_unless_equals_uint64(r.stat("damaged"), 0);
}
GST_END_TEST

GST_START_TEST(test_reordered_behind_a_jitterbuffer) {
  const auto units = some_units();
  const Sent sent = send(units, "mtu=100");
  GstHarness *h = gst_harness_new_parse("rtpjitterbuffer latency=100000 ! rtpvvcfeatdepay");
  gst_harness_set_src_caps_str(h, sent.caps.c_str());
  auto packets = sent.packets;  // the first one tells the jitterbuffer where to begin
  for (size_t k = 1; k + 1 < packets.size(); k += 2) std::swap(packets[k], packets[k + 1]);
  for (const RtpPacket &p : packets) gst_harness_push(h, make_packet(p));
  fail_unless(gst_harness_crank_single_clock_wait(h));  // until nothing may come before the first
  for (size_t i = 0; i < units.size(); i++) {
    GstBuffer *out = gst_harness_pull(h);
    fail_unless(bytes_of(out) == units[i]);
    gst_buffer_unref(out);
  }
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_a_late_receiver) {
  const auto units = some_units();
  const Sent sent = send(units, "mtu=100");
  Receiver r(sent.caps);
  bool joined = false;
  for (size_t k = 0; k < sent.packets.size(); k++) {
    joined = joined || (sent.unit[k] == 1 && sent.unit[k - 1] == 1);  // within unit 1
    if (joined) r.push(sent.packets[k]);
  }
  fail_unless(r.frames() == (Frames{2, 3, 4}));
  fail_unless(r.last == units[4]);
}
GST_END_TEST

// A stream whose parameter sets are sent once; SDP has them.
GST_START_TEST(test_parameter_sets_of_the_caps) {
  auto units = units_of("frames3.266");
  const Bytes first = units[0];
  for (size_t i = 1; i < units.size(); i++) units[i] = bare(units[i]);
  units.push_back(units[2]);
  const Sent sent = send(units, "config-interval=0");
  Receiver r(sent.caps);
  for (size_t k = 0; k < sent.packets.size(); k++)
    if (sent.unit[k] >= 1) r.push(sent.packets[k]);
  // Whether its own head arrived is not known of unit 1.
  fail_unless(r.frames() == (Frames{2, 3}));
  fail_unless(r.last == units[3]);
  Receiver again(sent.caps);
  for (size_t k = 0; k < sent.packets.size(); k++)
    if (sent.unit[k] == 1 || sent.unit[k] == 2) again.push(sent.packets[k]);
  fail_unless(again.frames() == (Frames{2}));
  std::vector<Bytes> expected;
  for (const Bytes &nal : nals_of(first))
    if (type_of(nal) == 15 || type_of(nal) == 16) expected.push_back(nal);
  for (const Bytes &nal : nals_of(units[2])) expected.push_back(nal);
  fail_unless(nals_of(again.last) == expected);
  feat::vvc::Picture picture;
  fail_unless(feat::vvc::Decoder::create({})->decode(again.last, picture).ok());
}
GST_END_TEST

GST_START_TEST(test_config_interval_lets_a_receiver_without_sdp_begin) {
  auto units = units_of("frames3.266");
  for (size_t i = 1; i < units.size(); i++) units[i] = bare(units[i]);
  const Sent sent = send(units, "config-interval=-1");
  Receiver r("application/x-rtp, media=video, clock-rate=90000, encoding-name=H266");
  for (size_t k = 0; k < sent.packets.size(); k++)
    if (sent.unit[k] >= 1) r.push(sent.packets[k]);
  fail_unless(r.frames() == (Frames{1, 2}));
  feat::vvc::Picture picture;
  fail_unless(feat::vvc::Decoder::create({})->decode(r.last, picture).ok());
}
GST_END_TEST

GST_START_TEST(test_another_sender) {
  const auto units = some_units();
  const Sent sent = send(units, "mtu=100");
  Receiver r(sent.caps);
  for (size_t k = 0; k < sent.packets.size(); k++) {
    RtpPacket p = sent.packets[k];
    const bool tail_of_2 = sent.unit[k] == 2 && sent.unit[k - 2] == 2;
    if (tail_of_2) continue;  // restarts within unit 2
    if (sent.unit[k] > 2) {
      p.ssrc = 1234;
      p.seqnum += 30000;
      p.timestamp += 123456789;
    }
    r.push(p);
  }
  fail_unless(r.frames() == (Frames{0, 1, 3, 4}));
  fail_unless_equals_uint64(r.stat("damaged"), 1);
}
GST_END_TEST

GST_START_TEST(test_decoding_order_numbers_are_refused) {
  GstHarness *h = gst_harness_new("rtpvvcfeatdepay");
  Bus bus(h);
  const std::string caps = "application/x-rtp, media=video, clock-rate=90000, encoding-name=H266, ";
  gst_harness_set_src_caps_str(h, (caps + "sprop-max-don-diff=(string)2").c_str());
  expect_text(bus.next(GST_MESSAGE_ERROR),
              "This stream cannot be received: sprop-max-don-diff is 2: streams with "
              "decoding order numbers are not received, only 0 is.");
  gst_harness_set_src_caps_str(h, (caps + "sprop-max-don-diff=(string)0").c_str());
  expect_text(bus.next(GST_MESSAGE_ERROR), "");
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_damaged_parameter_sets_in_caps) {
  const auto units = some_units();
  const Sent sent = send(units);
  Receiver r(
      "application/x-rtp, media=video, clock-rate=90000, encoding-name=H266, "
      "sprop-sps=(string)\"!!!,AAAA,,====\", sprop-pps=(string)\"\", sprop-vps=(string)AA");
  for (const RtpPacket &p : sent.packets) r.push(p);
  fail_unless(r.frames().size() == units.size());
  fail_unless(r.last == units.back());
}
GST_END_TEST

GST_START_TEST(test_size_limit) {
  const auto units = some_units();
  const Sent sent = send(units, "mtu=100");
  Receiver r(sent.caps, "max-unit-size=200");
  for (size_t k = 0; k < sent.packets.size(); k++) {
    if (sent.unit[k] == 2) g_object_set(r.h->element, "max-unit-size", guint64{100000}, nullptr);
    r.push(sent.packets[k]);
  }
  fail_unless(r.frames() == (Frames{2, 3, 4}));
  fail_unless_equals_uint64(r.stat("damaged"), 2);
  expect_text(r.bus.next(GST_MESSAGE_WARNING),
              "An access unit was dropped: it is larger than max-unit-size.");
}
GST_END_TEST

GST_START_TEST(test_garbage) {
  const auto units = some_units();
  const Sent sent = send(units, "mtu=100");
  Receiver r(sent.caps);
  guint seqnum = 0;
  guint32 noise = 1;
  for (size_t k = 0; k < sent.packets.size(); k++) {
    RtpPacket p = sent.packets[k];
    p.seqnum = seqnum++;
    r.push(p);
    if (!p.marker) continue;
    for (int i = 0; i < 50; i++) {
      RtpPacket bad = p;
      bad.seqnum = seqnum++;
      bad.timestamp = p.timestamp + 1 + static_cast<guint32>(i / 3);
      bad.marker = i % 3 == 2;
      bad.payload.assign(static_cast<size_t>(i % 7), 0);
      for (guint8 &byte : bad.payload)
        byte = static_cast<guint8>((noise = noise * 1664525 + 7) >> 24);
      r.push(bad);
    }
  }
  const auto frames = r.frames();
  fail_unless(frames.size() >= 3);
  fail_unless(r.stat("damaged") > 10);
}
GST_END_TEST

GST_START_TEST(test_end_and_flush_drop_what_is_under_way) {
  const auto units = some_units();
  const Sent sent = send(units, "mtu=100");
  Receiver r(sent.caps);
  for (size_t k = 0; k < sent.packets.size(); k++) {
    if (sent.unit[k] == 1 && sent.unit[k - 2] == 1) continue;
    r.push(sent.packets[k]);
    if (sent.unit[k] == 1 && sent.unit[k - 1] == 1) {
      gst_harness_push_event(r.h, gst_event_new_flush_start());
      gst_harness_push_event(r.h, gst_event_new_flush_stop(TRUE));
      GstSegment segment;
      gst_segment_init(&segment, GST_FORMAT_TIME);
      gst_harness_push_event(r.h, gst_event_new_segment(&segment));
    }
    if (sent.unit[k] == 4 && sent.unit[k - 1] == 4) break;
  }
  gst_harness_push_event(r.h, gst_event_new_eos());
  fail_unless(r.frames() == (Frames{0, 2, 3}));
  fail_unless_equals_uint64(r.stat("damaged"), 1);  // at the end
}
GST_END_TEST

GST_START_TEST(test_a_unit_without_a_marker_ends_with_the_next) {
  const auto units = some_units();
  Sent sent = send(units, "mtu=100");
  Receiver r(sent.caps);
  for (size_t k = 0; k < sent.packets.size(); k++) {
    RtpPacket p = sent.packets[k];
    if (sent.unit[k] == 1 || sent.unit[k] == 3) p.marker = false;
    r.push(p);
  }
  fail_unless(r.frames() == (Frames{0, 1, 2, 3, 4}));
  fail_unless_equals_uint64(r.stat("damaged"), 0);
}
GST_END_TEST

static Suite *rtpvvcfeatdepay_suite() {
  Suite *s = suite_create("rtpvvcfeatdepay");
  TCase *tc = tcase_create("general");
  suite_add_tcase(s, tc);
  tcase_add_test(tc, test_streams_come_back_to_the_byte);
  tcase_add_test(tc, test_features_come_back_bit_exact);
  tcase_add_test(tc, test_a_lost_packet_costs_its_unit);
  tcase_add_test(tc, test_one_warning_for_a_burst);
  tcase_add_test(tc, test_error_correction_between_units);
  tcase_add_test(tc, test_losses_behind_error_correction);
  tcase_add_test(tc, test_a_loss_before_the_first_picture);
  tcase_add_test(tc, test_duplicates_and_old_packets);
  tcase_add_test(tc, test_reordered_behind_a_jitterbuffer);
  tcase_add_test(tc, test_a_late_receiver);
  tcase_add_test(tc, test_parameter_sets_of_the_caps);
  tcase_add_test(tc, test_config_interval_lets_a_receiver_without_sdp_begin);
  tcase_add_test(tc, test_another_sender);
  tcase_add_test(tc, test_decoding_order_numbers_are_refused);
  tcase_add_test(tc, test_damaged_parameter_sets_in_caps);
  tcase_add_test(tc, test_size_limit);
  tcase_add_test(tc, test_garbage);
  tcase_add_test(tc, test_end_and_flush_drop_what_is_under_way);
  tcase_add_test(tc, test_a_unit_without_a_marker_ends_with_the_next);
  return s;
}

GST_CHECK_MAIN(rtpvvcfeatdepay)
