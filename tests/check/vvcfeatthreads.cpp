// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Frames in work side by side: the order and the bytes are those of one thread.

#include "codecs/vvc/vvc.h"

#include "tests/check/vvcfeat_util.h"

using namespace test;

namespace {

constexpr int kFrames = 9;
constexpr char kUnitCaps[] = "video/x-h266, stream-format=byte-stream, alignment=au";

std::string with_threads(const char *element, int threads) {
  return std::string(element) + " threads=" + std::to_string(threads);
}

// A frame of a size that changes, so that some take longer than others.
struct Size {
  int width, height;
};
constexpr Size kSizes[] = {{128, 96}, {8, 8}, {64, 40}};

std::vector<guint8> next(GstHarness *h) {
  GstBuffer *out = gst_harness_pull(h);
  auto bytes = bytes_of(out);
  gst_buffer_unref(out);
  return bytes;
}

// Units of frames whose size changes every third one.
std::vector<std::vector<guint8>> encode_changing(int threads, bool live) {
  GstHarness *h = harness_of(with_threads("vvcfeatenc", threads), live);
  for (unsigned i = 0; i < kFrames; i++) {
    const Size &size = kSizes[i / 3];
    if (i % 3 == 0) {
      const InfoPtr info = make_info(size.height, size.width);
      gst_harness_set_src_caps(
          h, frame_caps("GRAY16_LE", size.width, size.height, info.get()).release());
    }
    GstBuffer *in = frame(content(size.width, size.height, 10, i), size.width, size.height, 10);
    GST_BUFFER_PTS(in) = i * GST_SECOND;
    fail_unless_equals_int(gst_harness_push(h, in), GST_FLOW_OK);
  }
  fail_unless(gst_harness_push_event(h, gst_event_new_eos()));
  std::vector<std::vector<guint8>> units;
  for (unsigned i = 0; i < kFrames; i++) {
    GstBuffer *out = gst_harness_pull(h);
    fail_unless_equals_uint64(GST_BUFFER_PTS(out), i * GST_SECOND);
    units.push_back(bytes_of(out));
    gst_buffer_unref(out);
  }
  fail_unless_equals_uint64(stat(h, "units"), kFrames);
  gst_harness_teardown(h);
  return units;
}

// Sizes in the order of the caps events.
std::vector<int> widths(GstHarness *h) {
  std::vector<int> all;
  while (GstEvent *event = gst_harness_try_pull_event(h)) {
    if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS) {
      GstCaps *caps = nullptr;
      gst_event_parse_caps(event, &caps);
      int width = 0;
      gst_structure_get_int(gst_caps_get_structure(caps, 0), "width", &width);
      all.push_back(width);
    }
    gst_event_unref(event);
  }
  return all;
}

}  // namespace

GST_START_TEST(test_same_stream) {
  const auto one = encode_changing(1, true);
  for (const int threads : {1, 2, 5, 0}) {
    for (const bool live : {false, true}) fail_unless(encode_changing(threads, live) == one);
  }
}
GST_END_TEST

GST_START_TEST(test_same_pictures) {
  const auto units = encode_changing(2, false);
  std::vector<std::vector<guint8>> one;
  for (const int threads : {1, 4}) {
    for (const bool live : {false, true}) {
      GstHarness *h = harness_of(with_threads("vvcfeatdec", threads), live);
      gst_harness_set_src_caps_str(h, kUnitCaps);
      for (const auto &unit : units) {
        fail_unless_equals_int(gst_harness_push(h, buffer_of(unit)), GST_FLOW_OK);
      }
      fail_unless(gst_harness_push_event(h, gst_event_new_eos()));
      std::vector<std::vector<guint8>> pictures;
      for (int i = 0; i < kFrames; i++) pictures.push_back(next(h));
      if (one.empty()) one = pictures;
      fail_unless(pictures == one);
      fail_unless(widths(h) == std::vector<int>({128, 8, 64}));
      gst_harness_teardown(h);
    }
  }
}
GST_END_TEST

// A byte stream in one piece: units are found by the element itself, under its lock.
GST_START_TEST(test_unaligned_stream) {
  std::vector<guint8> stream;
  for (const auto &unit : encode_changing(2, false)) {
    stream.insert(stream.end(), unit.begin(), unit.end());
  }
  GstHarness *h = harness_of(with_threads("vvcfeatdec", 3), false);
  gst_harness_set_src_caps_str(h, "video/x-h266, stream-format=byte-stream");
  gst_harness_push(h, buffer_of(stream));
  gst_harness_push_event(h, gst_event_new_eos());
  fail_unless_equals_int(static_cast<int>(gst_harness_buffers_received(h)), kFrames);
  gst_harness_teardown(h);
}
GST_END_TEST

// Whoever sends one frame and waits for it gets it.
GST_START_TEST(test_no_frame_waits_for_the_next) {
  GstHarness *enc = harness_of(with_threads("vvcfeatenc", 4), false);
  GstHarness *dec = harness_of(with_threads("vvcfeatdec", 4), false);
  gst_harness_set_src_caps(enc, frame_caps("GRAY16_LE", 16, 8, nullptr).release());
  gst_harness_set_src_caps_str(dec, kUnitCaps);
  for (int i = 0; i < 3; i++) {
    gst_harness_push(enc, frame(content(16, 8, 10), 16, 8, 10));
    gst_harness_push(dec, buffer_of(next(enc)));
    next(dec);
  }
  gst_harness_teardown(enc);
  gst_harness_teardown(dec);
}
GST_END_TEST

GST_START_TEST(test_latency) {
  for (const bool live : {false, true}) {
    GstHarness *h = harness_of(with_threads("vvcfeatenc", 3), live);
    gst_harness_set_src_caps_str(
        h, "video/x-raw, format=GRAY8, width=16, height=8, framerate=(fraction)10/1");
    GstQuery *query = gst_query_new_latency();
    fail_unless(gst_pad_peer_query(h->sinkpad, query));
    GstClockTime shortest = GST_CLOCK_TIME_NONE;
    GstClockTime longest = 0;
    gboolean is_live = FALSE;
    gst_query_parse_latency(query, &is_live, &shortest, &longest);
    fail_unless_equals_int(is_live, live);
    fail_unless_equals_uint64(shortest, 0);
    if (live) fail_unless(longest == 0 || longest == GST_CLOCK_TIME_NONE);
    gst_query_unref(query);
    gst_harness_teardown(h);
  }
}
GST_END_TEST

// A damaged unit among good ones: the others come out, in order.
GST_START_TEST(test_damaged_among_others) {
  auto units = encode(40, 24, 5, 30, nullptr);
  std::vector<std::vector<guint8>> expected;
  GstHarness *h = harness_of(with_threads("vvcfeatdec", 1), true);
  gst_harness_set_src_caps_str(h, kUnitCaps);
  for (const auto &unit : units) {
    gst_harness_push(h, buffer_of(unit));
    expected.push_back(next(h));
  }
  gst_harness_teardown(h);
  units[2][units[2].size() - 5] ^= 1;  // in the MD5
  expected.erase(expected.begin() + 2);
  h = harness_of(with_threads("vvcfeatdec", 3), false);
  gst_harness_set_src_caps_str(h, kUnitCaps);
  for (const auto &unit : units) gst_harness_push(h, buffer_of(unit));
  gst_harness_push_event(h, gst_event_new_eos());
  fail_unless_equals_int(static_cast<int>(gst_harness_buffers_received(h)), 4);
  for (const auto &picture : expected) fail_unless(next(h) == picture);
  fail_unless_equals_uint64(stat(h, "damaged"), 1);
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_verify_hash) {
  auto with_md5 = encode(40, 24, 1, 30, nullptr)[0];
  with_md5[with_md5.size() - 5] ^= 1;  // in the MD5
  const auto with_crc = with_wrong_crc(encode(40, 24, 1, 30, make_info(24, 40).get())[0]);
  for (const auto &[unit, hash] : {std::pair{with_md5, "MD5"}, std::pair{with_crc, "CRC-32"}}) {
    GstHarness *h = harness_of("vvcfeatdec", true);
    Bus bus(h);
    gst_harness_set_src_caps_str(h, kUnitCaps);
    gst_harness_push(h, buffer_of(unit));
    fail_unless_equals_int(static_cast<int>(gst_harness_buffers_received(h)), 0);
    fail_if(bus.next(GST_MESSAGE_WARNING).find(hash) == std::string::npos);
    g_object_set(h->element, "verify-hash", FALSE, nullptr);
    gst_harness_push(h, buffer_of(unit));
    fail_unless_equals_int(static_cast<int>(gst_harness_buffers_received(h)), 1);
    gst_harness_teardown(h);
  }
}
GST_END_TEST

// What is in work at a flush does not come out behind it.
GST_START_TEST(test_flush) {
  const auto units = encode(64, 40, 6, 20, nullptr);
  for (const char *element : {"vvcfeatenc", "vvcfeatdec"}) {
    const bool encoder = g_str_equal(element, "vvcfeatenc") != FALSE;
    GstHarness *h = harness_of(with_threads(element, 4), false);
    if (encoder) {
      gst_harness_set_src_caps(h, frame_caps("GRAY16_LE", 64, 40, nullptr).release());
    } else {
      gst_harness_set_src_caps_str(h, kUnitCaps);
    }
    const auto push = [&](size_t i) {
      GstBuffer *in = encoder ? frame(content(64, 40, 10, static_cast<unsigned>(i)), 64, 40, 10)
                              : buffer_of(units[i]);
      GST_BUFFER_PTS(in) = i;
      return gst_harness_push(h, in);
    };
    for (size_t i = 0; i < 4; i++) fail_unless_equals_int(push(i), GST_FLOW_OK);
    gst_harness_push_event(h, gst_event_new_flush_start());
    gst_harness_push_event(h, gst_event_new_flush_stop(TRUE));
    while (GstBuffer *old = gst_harness_try_pull(h)) gst_buffer_unref(old);
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_harness_push_event(h, gst_event_new_segment(&segment));
    fail_unless_equals_int(push(5), GST_FLOW_OK);
    gst_harness_push_event(h, gst_event_new_eos());
    GstBuffer *out = gst_harness_pull(h);
    fail_unless_equals_uint64(GST_BUFFER_PTS(out), 5);
    gst_buffer_unref(out);
    fail_unless(gst_harness_try_pull(h) == nullptr);
    gst_harness_teardown(h);
  }
}
GST_END_TEST

// Stopped with frames in work and nobody to take them.
GST_START_TEST(test_stop_in_the_middle) {
  for (int i = 0; i < 20; i++) {
    GstHarness *h = harness_of(with_threads("vvcfeatenc", 4), false);
    gst_harness_set_src_caps(h, frame_caps("GRAY16_LE", 64, 40, nullptr).release());
    for (unsigned k = 0; k < 6; k++) gst_harness_push(h, frame(content(64, 40, 10, k), 64, 40, 10));
    gst_harness_teardown(h);
  }
}
GST_END_TEST

static Suite *vvcfeatthreads_suite() {
  Suite *s = suite_create("vvcfeatthreads");
  TCase *tc = tcase_create("general");
  suite_add_tcase(s, tc);
  tcase_add_test(tc, test_same_stream);
  tcase_add_test(tc, test_same_pictures);
  tcase_add_test(tc, test_unaligned_stream);
  tcase_add_test(tc, test_no_frame_waits_for_the_next);
  tcase_add_test(tc, test_latency);
  tcase_add_test(tc, test_damaged_among_others);
  tcase_add_test(tc, test_verify_hash);
  tcase_add_test(tc, test_flush);
  tcase_add_test(tc, test_stop_in_the_middle);
  return s;
}

GST_CHECK_MAIN(vvcfeatthreads)
