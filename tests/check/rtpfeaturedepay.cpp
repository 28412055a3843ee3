// SPDX-License-Identifier: LGPL-2.1-or-later
// rtpfeaturedepay behind rtpfeaturepay, with losses, repetitions and disorder between them.
#include "rtpfeature-util.h"

namespace {

constexpr char kTensor[] = TENSOR "format=U8, shape=(int)<1,1,30,100>, framerate=(fraction)10/1";
constexpr gsize kSize = 3000;  // three packets at the default MTU

bool is_discont(const feat::BufferPtr &buffer) {
  return GST_BUFFER_FLAG_IS_SET(buffer.get(), GST_BUFFER_FLAG_DISCONT);
}

void check_unit(const feat::BufferPtr &buffer, const std::vector<guint8> &expected) {
  fail_unless(bytes_of(buffer) == expected, "the unit differs");
}

// Ten units of three packets, 100 ms apart.
struct Ten {
  Link link;
  std::vector<Packets> units;
  Ten() {
    link.pay.caps(kTensor);
    for (guint8 i = 0; i < 10; ++i) {
      units.push_back(link.packets(content(kSize, i), i * 100 * GST_MSECOND));
      fail_unless_equals_int(units.back().size(), 3);
    }
    link.connect();
  }
};

}  // namespace

GST_START_TEST(test_loss_costs_its_unit) {
  for (gsize lost = 0; lost < 3; ++lost) {
    Ten ten;
    Unit &depay = ten.link.depay;
    depay.push(ten.units[0]);
    depay.gaps();
    for (gsize i = 0; i < 3; ++i)
      if (i != lost) depay.push(ten.units[1][i]);
    depay.push(ten.units[2]);
    depay.push(ten.units[3]);
    const Packets out = depay.pull_all();
    fail_unless_equals_int(out.size(), 3);
    check_unit(out[0], content(kSize, 0));
    check_unit(out[1], content(kSize, 2));
    check_unit(out[2], content(kSize, 3));
    fail_unless(is_discont(out[0]) && is_discont(out[1]) && !is_discont(out[2]));
    fail_unless_equals_uint64(GST_BUFFER_PTS(out[1].get()), 200 * GST_MSECOND);
    const auto gaps = depay.gaps();
    fail_unless_equals_int(gaps.size(), 1);
    fail_unless_equals_uint64(gaps[0].first, 100 * GST_MSECOND);
    fail_unless_equals_uint64(gaps[0].second, 100 * GST_MSECOND);
    fail_unless_equals_int(depay.warnings().size(), 1);
    fail_unless_equals_uint64(depay.stat("complete"), 3);
    fail_unless_equals_uint64(depay.stat("damaged"), 1);
    fail_unless_equals_uint64(depay.stat("lost"), 0);
  }
}
GST_END_TEST;

GST_START_TEST(test_lost_units_are_one_burst) {
  Ten ten;
  Unit &depay = ten.link.depay;
  depay.push(ten.units[0]);
  depay.gaps();
  depay.push(ten.units[3][1]);  // of units 1 and 2 nothing, of 3 and 4 parts
  depay.push(ten.units[4][0]);
  depay.push(ten.units[5]);
  const Packets out = depay.pull_all();
  fail_unless_equals_int(out.size(), 2);
  check_unit(out[1], content(kSize, 5));
  fail_unless(is_discont(out[1]));
  fail_unless_equals_int(depay.gaps().size(), 1);
  const auto warnings = depay.warnings();
  fail_unless_equals_int(warnings.size(), 1);
  fail_unless(warnings[0].find("4 units") == 0, "%s", warnings[0].c_str());
  fail_unless_equals_uint64(depay.stat("lost"), 2);
  fail_unless_equals_uint64(depay.stat("damaged"), 2);
  // Another burst has its own.
  depay.push(ten.units[7]);
  fail_unless_equals_int(depay.warnings().size(), 1);
}
GST_END_TEST;

GST_START_TEST(test_reorder_and_duplicates) {
  Ten ten;
  Unit &depay = ten.link.depay;
  depay.push(ten.units[0][2]);
  depay.push(ten.units[0][0]);
  depay.push(ten.units[0][0]);
  depay.push(ten.units[0][1]);
  depay.push(ten.units[0][1]);  // late
  depay.push(ten.units[1][0]);
  depay.push(ten.units[2][1]);  // ahead of its unit's and of unit 1's packets
  depay.push(ten.units[1][1]);
  depay.push(ten.units[1][2]);
  depay.push(ten.units[2][0]);
  depay.push(ten.units[2][2]);
  const Packets out = depay.pull_all();
  fail_unless_equals_int(out.size(), 3);
  for (guint8 i = 0; i < 3; ++i) check_unit(out[i], content(kSize, i));
  fail_unless(!is_discont(out[1]) && !is_discont(out[2]));
  fail_unless_equals_int(depay.warnings().size(), 0);
  fail_unless_equals_uint64(depay.stat("complete"), 3);
  fail_unless_equals_uint64(depay.stat("recovered"), 2);
  fail_unless_equals_uint64(depay.stat("duplicate"), 1);
  fail_unless_equals_uint64(depay.stat("late"), 1);
  fail_unless_equals_uint64(depay.stat("packets"), 11);
}
GST_END_TEST;

GST_START_TEST(test_sequence_numbers_do_not_matter) {
  // As with FEC packets in between that somebody took out.
  Ten ten;
  Unit &depay = ten.link.depay;
  guint16 seq = 65530;
  for (gsize i = 0; i < 3; ++i) {
    for (const feat::BufferPtr &packet : ten.units[i]) {
      GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
      gst_rtp_buffer_map(packet.get(), GST_MAP_WRITE, &rtp);
      gst_rtp_buffer_set_seq(&rtp, seq);
      gst_rtp_buffer_unmap(&rtp);
      seq = static_cast<guint16>(seq + 3);
    }
    depay.push(ten.units[i]);
    depay.event(
        gst_event_new_custom(GST_EVENT_CUSTOM_DOWNSTREAM,
                             gst_structure_new("GstRTPPacketLost", "seqnum", G_TYPE_UINT, seq,
                                               "timestamp", G_TYPE_UINT64, GST_SECOND, "duration",
                                               G_TYPE_UINT64, GST_SECOND, nullptr)));
  }
  const Packets out = depay.pull_all();
  fail_unless_equals_int(out.size(), 3);
  fail_unless(!is_discont(out[1]) && !is_discont(out[2]));
  fail_unless_equals_int(depay.gaps().size(), 0);
  fail_unless_equals_int(depay.warnings().size(), 0);
}
GST_END_TEST;

GST_START_TEST(test_late_join) {
  Link link("rtpfeaturepay config-interval=1");
  link.pay.caps(kTensor);
  std::vector<Packets> units;
  for (guint8 i = 0; i < 25; ++i)
    units.push_back(link.packets(content(kSize, i), i * 100 * GST_MSECOND));
  link.connect(false);
  Unit &depay = link.depay;
  depay.push(units[3][2]);
  for (gsize i = 4; i < 25; ++i) depay.push(units[i]);
  const Packets out = depay.pull_all();
  fail_unless_equals_int(out.size(), 15);  // from the description of 1 s on
  check_unit(out[0], content(kSize, 10));
  fail_unless_equals_uint64(depay.stat("no-description"), 6);
  fail_unless_equals_uint64(depay.stat("damaged"), 1);
  fail_unless_equals_int(depay.warnings().size(), 1);
  depay.check_output_caps(kTensor);
}
GST_END_TEST;

GST_START_TEST(test_late_join_with_sdp) {
  Ten ten;
  ten.link.depay.push(ten.units[4]);
  const Packets out = ten.link.depay.pull_all();
  fail_unless_equals_int(out.size(), 1);
  check_unit(out[0], content(kSize, 4));
  ten.link.depay.check_output_caps(kTensor);
}
GST_END_TEST;

GST_START_TEST(test_restart) {
  Ten before;
  Ten after;  // another SSRC
  Unit &depay = before.link.depay;
  depay.push(before.units[0]);
  depay.push(before.units[1][0]);
  depay.push(after.units[0]);
  depay.push(after.units[1]);
  const Packets out = depay.pull_all();
  fail_unless_equals_int(out.size(), 3);
  check_unit(out[1], content(kSize, 0));
  fail_unless(is_discont(out[1]) && !is_discont(out[2]));
  fail_unless_equals_uint64(depay.stat("restarts"), 1);
  fail_unless_equals_uint64(depay.stat("damaged"), 1);
  fail_unless_equals_uint64(depay.stat("lost"), 0);
}
GST_END_TEST;

GST_START_TEST(test_renegotiation) {
  Link link;
  link.pay.caps(kTensor);
  const Packets first = link.packets(content(kSize, 1), 0);
  link.pay.caps(TENSOR "format=F16LE, shape=(int)<5>, task=seg");
  const Packets second = link.packets(content(10, 2), GST_SECOND / 10);
  const Packets third = link.packets(content(10, 3), GST_SECOND / 5);
  link.connect(false);
  link.depay.push(first);
  link.depay.check_output_caps(kTensor);
  link.depay.push(second);
  link.depay.check_output_caps(TENSOR "format=F16LE, shape=(int)<5>, task=seg");
  link.depay.push(third);
  const Packets out = link.depay.pull_all();
  fail_unless_equals_int(out.size(), 3);
  check_unit(out[1], content(10, 2));
  check_unit(out[2], content(10, 3));
}
GST_END_TEST;

GST_START_TEST(test_flipped_bit) {
  // Nowhere in the payload does a flipped bit give a wrong tensor.
  Link link("rtpfeaturepay config-interval=-1");
  link.pay.caps(TENSOR
                "format=U8, shape=(int)<6>, bit-depth=4, range-min=(double)<-1.0>, "
                "range-max=(double)<2.0>, rounding=nearest, source-format=F32LE");
  const Packets packets = link.packets(content(6, 1), 0);
  fail_unless_equals_int(packets.size(), 1);
  const gsize bits = gst_buffer_get_size(packets[0].get()) * 8;
  for (gsize bit = 12 * 8; bit < bits; ++bit) {
    Unit depay("rtpfeaturedepay");
    depay.caps("application/x-rtp, media=application, clock-rate=90000, encoding-name=X-FEATURE");
    std::vector<guint8> bytes = bytes_of(packets[0]);
    bytes[bit / 8] = static_cast<guint8>(bytes[bit / 8] ^ 1u << bit % 8);
    fail_unless_equals_int(depay.push(bytes), GST_FLOW_OK);
    const Packets out = depay.pull_all();
    // The reserved byte and the id of the configuration are not part of the unit.
    const gsize byte = bit / 8 - 12;
    if (byte == 2 || byte == 3) {
      fail_unless_equals_int(out.size(), 1);
      check_unit(out[0], content(6, 1));
    } else {
      fail_unless(out.empty(), "bit %" G_GSIZE_FORMAT, bit);
    }
  }
}
GST_END_TEST;

GST_START_TEST(test_wrong_size) {
  // The checksum is right, but the sender contradicts itself: pay cannot be made to do that, so
  // the tensor of one stream is sent with the description of another by hand.
  Link link("rtpfeaturepay config-interval=-1");
  link.pay.caps(
      "application/x-feature-coded, alignment=unit, feature=(structure)[feature-tensor, "
      "format=F32LE, shape=(int)<5>]");
  Packets packets = link.packets(content(7, 1), 0);
  std::vector<guint8> bytes = bytes_of(packets[0]);
  bytes[12 + 1] = 0;  // kind: tensor
  // The CRC covers kind, unit id, configuration and unit.
  std::vector<guint8> covered = {0};
  covered.insert(covered.end(), bytes.begin() + 12 + 4, bytes.begin() + 12 + 8);
  covered.insert(covered.end(), bytes.begin() + 12 + 24, bytes.end());
  guint32 crc = 0xffffffffu;
  for (const guint8 byte : covered) {
    crc ^= byte;
    for (int i = 0; i < 8; ++i) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xedb88320u : 0);
  }
  GST_WRITE_UINT32_BE(&bytes[12 + 16], ~crc);
  link.connect(false);
  fail_unless_equals_int(link.depay.push(bytes), GST_FLOW_OK);
  fail_unless(link.depay.pull_all().empty());
  fail_unless_equals_uint64(link.depay.stat("damaged"), 1);
  const auto warnings = link.depay.warnings();
  fail_unless_equals_int(warnings.size(), 1);
  fail_unless(warnings[0].find("is not what its description says") != std::string::npos, "%s",
              warnings[0].c_str());
}
GST_END_TEST;

namespace {

// rtpulpfecenc and rtpulpfecdec between the two, and what rtpjitterbuffer says of lost packets.
class FecLink {
 public:
  explicit FecLink(const char *fec) : link("rtpfeaturepay pt=96"), enc_(fec) {
    GstElement *bin = gst_parse_bin_from_description(
        "rtpstorage size-time=1000000000 ! rtpulpfecdec name=dec "
        "pt=122",
        TRUE, nullptr);
    fail_unless(bin != nullptr);
    dec_ = gst_harness_new_with_element(bin, "sink", "src");
    gst_object_unref(bin);
    link.pay.caps(kTensor);
  }
  ~FecLink() { gst_harness_teardown(dec_); }

  // Media and FEC packets of a unit.
  Packets send(guint8 seed, GstClockTime pts) {
    fail_unless_equals_int(link.pay.push(content(kSize, seed), pts), GST_FLOW_OK);
    const Packets media = link.pay.pull_all();  // with their flags
    if (!connected_) {
      gst_harness_set_src_caps(*enc_, link.pay.output_caps().release());
      gst_harness_set_src_caps(dec_, link.pay.output_caps().release());
      link.connect();
      connected_ = true;
    }
    enc_.push(media);
    return enc_.pull_all();
  }
  void receive(const Packets &packets, const std::vector<gsize> &lost) {
    for (gsize i = 0; i < packets.size(); ++i)
      if (std::find(lost.begin(), lost.end(), i) == lost.end())
        gst_harness_push(dec_, gst_buffer_copy(packets[i].get()));
    for (const gsize i : lost) {
      GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
      gst_rtp_buffer_map(packets[i].get(), GST_MAP_READ, &rtp);
      const guint seq = gst_rtp_buffer_get_seq(&rtp);
      gst_rtp_buffer_unmap(&rtp);
      gst_harness_push_event(
          dec_, gst_event_new_custom(
                    GST_EVENT_CUSTOM_DOWNSTREAM,
                    gst_structure_new("GstRTPPacketLost", "seqnum", G_TYPE_UINT, seq, "timestamp",
                                      G_TYPE_UINT64, GST_BUFFER_PTS(packets[i].get()), "duration",
                                      G_TYPE_UINT64, G_GUINT64_CONSTANT(0), nullptr)));
    }
    while (GstBuffer *buffer = gst_harness_try_pull(dec_))
      fail_unless_equals_int(gst_harness_push(*link.depay, buffer), GST_FLOW_OK);
  }

  Link link;

 private:
  Unit enc_;
  GstHarness *dec_;
  bool connected_ = false;
};

}  // namespace

GST_START_TEST(test_fec_brings_back_any_one_packet) {
  FecLink fec("rtpulpfecenc pt=122 percentage=100 percentage-important=100");
  for (guint8 i = 0; i < 12; ++i) {
    const Packets packets = fec.send(i, i * 100 * GST_MSECOND);
    fail_unless(packets.size() >= 4, "no FEC");
    fec.receive(packets, {gsize{i} % 3});
  }
  const Packets out = fec.link.depay.pull_all();
  fail_unless_equals_int(out.size(), 12);
  for (guint8 i = 0; i < 12; ++i) {
    check_unit(out[i], content(kSize, i));
    fail_unless(is_discont(out[i]) == (i == 0));
    fail_unless_equals_uint64(GST_BUFFER_PTS(out[i].get()), i * 100 * GST_MSECOND);
  }
  fail_unless_equals_int(fec.link.depay.warnings().size(), 0);
  fail_unless_equals_int(fec.link.depay.gaps().size(), 0);
  fail_unless_equals_uint64(fec.link.depay.stat("complete"), 12);
  fail_unless_equals_uint64(fec.link.depay.stat("invalid"), 0);
}
GST_END_TEST;

GST_START_TEST(test_fec_of_important_packets) {
  // One parity packet for each packet marked NON_DROPPABLE, that is for each unit.
  FecLink fec("rtpulpfecenc pt=122 percentage=0 percentage-important=100");
  fec.receive(fec.send(0, 0), {});
  const Packets second = fec.send(1, 100 * GST_MSECOND);
  fail_unless_equals_int(second.size(), 4);
  fec.receive(second, {0});
  fec.receive(fec.send(2, 200 * GST_MSECOND), {0, 1});
  fec.receive(fec.send(3, 300 * GST_MSECOND), {});
  const Packets out = fec.link.depay.pull_all();
  fail_unless_equals_int(out.size(), 3);
  check_unit(out[1], content(kSize, 1));
  check_unit(out[2], content(kSize, 3));
  fail_unless(!is_discont(out[1]) && is_discont(out[2]));
  fail_unless_equals_uint64(fec.link.depay.stat("damaged"), 1);
}
GST_END_TEST;

GST_START_TEST(test_flood_of_announcements) {
  // First fragments that announce 1 GiB each: what stays in memory is what has come, to the limit.
  Link link("rtpfeaturepay mtu=1000",
            "rtpfeaturedepay max-unit-size=1073741824 max-pending-bytes=300000 "
            "max-pending-units=4096");
  link.pay.caps(kTensor);
  const Packets unit = link.packets(content(kSize), 0);
  link.connect(false);
  static gsize alive;
  alive = 0;
  gsize most = 0;
  for (guint i = 0; i < 3000; ++i) {
    std::vector<guint8> bytes = bytes_of(unit[0]);
    GST_WRITE_UINT32_BE(&bytes[12 + 4], GST_READ_UINT32_BE(&bytes[12 + 4]) + 1 + i * 3);
    GST_WRITE_UINT32_BE(&bytes[12 + 12], 1u << 30);
    GstBuffer *buffer = gst_buffer_new_memdup(bytes.data(), bytes.size());
    // The memory outlives the packet where a part of the packet refers to it.
    gst_mini_object_weak_ref(
        GST_MINI_OBJECT(gst_buffer_peek_memory(buffer, 0)),
        [](gpointer, GstMiniObject *) { --alive; }, nullptr);
    ++alive;
    fail_unless_equals_int(gst_harness_push(*link.depay, buffer), GST_FLOW_OK);
    most = MAX(most, alive * 1000);
  }
  fail_unless(most > 100000 && most <= 300000, "%" G_GSIZE_FORMAT " bytes were kept", most);
  fail_unless_equals_int(link.depay.warnings().size(), 1);
  link.depay.event(gst_event_new_eos());
  fail_unless_equals_uint64(alive, 0);
}
GST_END_TEST;

GST_START_TEST(test_limits_as_properties) {
  struct Case {
    const char *description;
    const char *warning;
  };
  const Case cases[] = {
      {"rtpfeaturedepay max-unit-size=2999", "max-unit-size"},
      {"rtpfeaturedepay max-pending-bytes=3000", "max-pending-bytes"},
      {"rtpfeaturedepay max-points=2999", "not what its description says"},
  };
  for (const Case &c : cases) {
    Link link("rtpfeaturepay", c.description);
    link.pay.caps(kTensor);
    const Packets big = link.packets(content(kSize), 0);
    link.pay.caps(TENSOR "format=U8, shape=(int)<500>");
    const Packets small = link.packets(content(500), GST_SECOND);
    link.connect(false);
    link.depay.push(big);
    link.depay.push(small);
    const Packets out = link.depay.pull_all();
    fail_unless_equals_int(out.size(), 1);
    check_unit(out[0], content(500));
    const auto warnings = link.depay.warnings();
    fail_unless_equals_int(warnings.size(), 1);
    fail_unless(warnings[0].find(c.warning) != std::string::npos, "%s", warnings[0].c_str());
    fail_unless_equals_uint64(link.depay.stat("damaged"), 1);
  }
}
GST_END_TEST;

GST_START_TEST(test_other_packets) {
  // Another version of the format, another payload type, and what is no RTP at all.
  Ten ten;
  Unit &depay = ten.link.depay;
  depay.push(ten.units[0]);
  std::vector<guint8> bytes = bytes_of(ten.units[1][0]);
  bytes[12] = static_cast<guint8>((bytes[12] & 0x0f) | 0x20);
  depay.push(bytes);
  depay.push(bytes);
  fail_unless_equals_uint64(depay.stat("invalid"), 2);
  const auto warnings = depay.warnings();
  fail_unless_equals_int(warnings.size(), 1);
  fail_unless(warnings[0].find("version") != std::string::npos, "%s", warnings[0].c_str());
  bytes = bytes_of(ten.units[1][0]);
  bytes[1] = static_cast<guint8>((bytes[1] & 0x80) | 100);
  const guint64 packets = depay.stat("packets");
  depay.push(bytes);
  fail_unless_equals_uint64(depay.stat("packets"), packets);
  depay.push(ten.units[1]);
  fail_unless_equals_int(depay.pull_all().size(), 2);
  depay.push(std::vector<guint8>(5));
  depay.push(std::vector<guint8>());
  fail_unless_equals_int(depay.pull_all().size(), 0);
}
GST_END_TEST;

GST_START_TEST(test_refused_version) {
  Unit depay("rtpfeaturedepay");
  depay.caps(
      "application/x-rtp, media=application, clock-rate=90000, encoding-name=X-FEATURE, "
      "version=(string)2");
  fail_unless(depay.push(content(40)) != GST_FLOW_OK);
  const std::string error = depay.error();
  fail_unless(error.find("version 2") != std::string::npos, "%s", error.c_str());
}
GST_END_TEST;

GST_START_TEST(test_flush_and_eos) {
  Ten ten;
  Unit &depay = ten.link.depay;
  depay.push(ten.units[0]);
  depay.push(ten.units[1][0]);
  depay.event(gst_event_new_flush_start());
  depay.event(gst_event_new_flush_stop(TRUE));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  depay.event(gst_event_new_segment(&segment));
  depay.push(ten.units[5]);
  depay.push(ten.units[6][1]);
  const Packets out = depay.pull_all();
  fail_unless_equals_int(out.size(), 2);
  check_unit(out[1], content(kSize, 5));
  fail_unless(is_discont(out[1]));
  fail_unless_equals_int(depay.warnings().size(), 0);
  depay.event(gst_event_new_eos());
  fail_unless_equals_uint64(depay.stat("damaged"), 1);  // what was cut off
  fail_unless_equals_int(depay.warnings().size(), 1);
  const auto messages = depay.messages(GST_MESSAGE_ELEMENT);
  fail_unless_equals_int(messages.size(), 1);
  fail_unless_equals_string(messages[0].c_str(), "rtpfeaturedepay-stats");
}
GST_END_TEST;

static Suite *rtpfeaturedepay_suite(void) {
  Suite *suite = suite_create("rtpfeaturedepay");
  TCase *tc = tcase_create("general");
  suite_add_tcase(suite, tc);
  tcase_add_test(tc, test_loss_costs_its_unit);
  tcase_add_test(tc, test_lost_units_are_one_burst);
  tcase_add_test(tc, test_reorder_and_duplicates);
  tcase_add_test(tc, test_sequence_numbers_do_not_matter);
  tcase_add_test(tc, test_late_join);
  tcase_add_test(tc, test_late_join_with_sdp);
  tcase_add_test(tc, test_restart);
  tcase_add_test(tc, test_renegotiation);
  tcase_add_test(tc, test_flipped_bit);
  tcase_add_test(tc, test_wrong_size);
  tcase_add_test(tc, test_fec_brings_back_any_one_packet);
  tcase_add_test(tc, test_fec_of_important_packets);
  tcase_add_test(tc, test_flood_of_announcements);
  tcase_add_test(tc, test_limits_as_properties);
  tcase_add_test(tc, test_other_packets);
  tcase_add_test(tc, test_refused_version);
  tcase_add_test(tc, test_flush_and_eos);
  return suite;
}

GST_CHECK_MAIN(rtpfeaturedepay);
