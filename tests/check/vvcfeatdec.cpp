// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/check/vvcreference.h"

using namespace test;

namespace {

constexpr int kWidth = 40;
constexpr int kHeight = 24;

GstHarness *new_decoder(const char *caps = "video/x-h266, stream-format=byte-stream") {
  GstHarness *h = gst_harness_new("vvcfeatdec");
  gst_harness_set_src_caps_str(h, caps);
  return h;
}

void expect_frame(GstHarness *h, const std::vector<guint8> &unit) {
  test::expect_frame(h, unit, kWidth, kHeight);
}

std::vector<guint8> concatenated(const std::vector<std::vector<guint8>> &units) {
  std::vector<guint8> all;
  for (const auto &u : units) all.insert(all.end(), u.begin(), u.end());
  return all;
}

}  // namespace

GST_START_TEST(test_decodes_with_description) {
  const InfoPtr info = make_info(kHeight, kWidth);
  const auto units = encode(kWidth, kHeight, 1, 25, info.get());
  GstHarness *h = new_decoder("video/x-h266, stream-format=byte-stream, alignment=au");
  fail_unless_equals_int(gst_harness_push(h, buffer_of(units[0])), GST_FLOW_OK);
  expect_frame(h, units[0]);
  expect_info(h, info);
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_arbitrary_chunks) {
  const InfoPtr info = make_info(kHeight, kWidth);
  const auto units = encode(kWidth, kHeight, 3, 25, info.get());
  const auto stream = concatenated(units);
  for (const size_t chunk : {size_t{1}, size_t{7}, size_t{100}, stream.size()}) {
    GstHarness *h = new_decoder();
    for (size_t at = 0; at < stream.size(); at += chunk) {
      const size_t n = std::min(chunk, stream.size() - at);
      fail_unless_equals_int(gst_harness_push(h, gst_buffer_new_memdup(stream.data() + at, n)),
                             GST_FLOW_OK);
    }
    fail_unless(gst_harness_push_event(h, gst_event_new_eos()));
    fail_unless_equals_int(static_cast<int>(gst_harness_buffers_received(h)), 3);
    for (const auto &unit : units) expect_frame(h, unit);
    fail_unless_equals_uint64(stat(h, "units"), 3);
    fail_unless_equals_uint64(stat(h, "bytes"), stream.size());
    fail_unless_equals_uint64(stat(h, "points"), 3 * kWidth * kHeight);
    gst_harness_teardown(h);
  }
}
GST_END_TEST

GST_START_TEST(test_shape_change) {
  const auto a = encode(kWidth, kHeight, 1, 25, make_info(kHeight, kWidth).get())[0];
  const auto b = encode(16, 9, 1, 25, make_info(9, 16).get())[0];
  GstHarness *h = new_decoder();
  gst_harness_push(h, buffer_of(concatenated({a, b, a})));
  gst_harness_push_event(h, gst_event_new_eos());
  expect_frame(h, a);
  expect_frame(h, b, 16, 9);
  expect_frame(h, a);
  GstEvent *event = nullptr;
  int caps_events = 0;
  while ((event = gst_harness_try_pull_event(h)) != nullptr) {
    if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS) caps_events++;
    gst_event_unref(event);
  }
  fail_unless_equals_int(caps_events, 3);
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_eight_bit) {
  const InfoPtr info = make_info(16, 16, 8);
  const auto unit = encode(16, 16, 1, 10, info.get(), 8)[0];
  GstHarness *h = new_decoder();
  gst_harness_push(h, buffer_of(unit));
  gst_harness_push_event(h, gst_event_new_eos());
  GstBuffer *out = gst_harness_pull(h);
  fail_unless(samples_of(out, 16, 16, 8, true) == reference(unit));
  GstCaps *caps = gst_pad_get_current_caps(h->sinkpad);
  const gchar *format = gst_structure_get_string(gst_caps_get_structure(caps, 0), "format");
  fail_unless_equals_string(format, "GRAY8");
  gst_caps_unref(caps);
  gst_buffer_unref(out);
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_description_from_caps) {
  const auto unit = encode(kWidth, kHeight, 1, 25, nullptr)[0];
  const InfoPtr info = make_info(kHeight, kWidth);
  GstCaps *caps = gst_caps_from_string("video/x-h266, stream-format=byte-stream, alignment=au");
  gst_feature_caps_set_info(caps, info.get());
  GstHarness *h = gst_harness_new("vvcfeatdec");
  gst_harness_set_src_caps(h, caps);
  gst_harness_push(h, buffer_of(unit));
  expect_frame(h, unit);
  GstCaps *out_caps = gst_pad_get_current_caps(h->sinkpad);
  const InfoPtr out(gst_feature_info_from_caps(out_caps, nullptr));
  fail_unless(out && gst_feature_info_is_equal(out.get(), info.get()));
  gst_caps_unref(out_caps);
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_without_description) {
  const auto unit = encode(kWidth, kHeight, 1, 25, nullptr)[0];
  GstHarness *h = new_decoder("video/x-h266, stream-format=byte-stream, alignment=au");
  gst_harness_push(h, buffer_of(unit));
  expect_frame(h, unit);
  GstCaps *caps = gst_pad_get_current_caps(h->sinkpad);
  fail_if(gst_feature_caps_has_info(caps));
  gst_caps_unref(caps);
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_description_stays) {
  const InfoPtr info = make_info(kHeight, kWidth);
  const auto described = encode(kWidth, kHeight, 1, 25, info.get(), 10, 0)[0];
  const auto bare = encode(kWidth, kHeight, 1, 25, nullptr)[0];
  GstHarness *h = new_decoder();
  gst_harness_push(h, buffer_of(concatenated({described, bare})));
  gst_harness_push_event(h, gst_event_new_eos());
  expect_frame(h, described);
  expect_frame(h, bare);
  GstCaps *caps = gst_pad_get_current_caps(h->sinkpad);
  fail_unless(gst_feature_caps_has_info(caps));
  gst_caps_unref(caps);
  gst_harness_teardown(h);
}
GST_END_TEST

// Where every unit says what it is, one that does not is damaged: an older description must not
// stand in.
GST_START_TEST(test_description_missing) {
  const auto described = encode(kWidth, kHeight, 1, 25, make_info(kHeight, kWidth).get())[0];
  const auto bare = encode(kWidth, kHeight, 1, 25, nullptr)[0];
  GstHarness *h = new_decoder("video/x-h266, stream-format=byte-stream, alignment=au");
  gst_harness_push(h, buffer_of(described));
  gst_harness_push(h, buffer_of(bare));
  fail_unless_equals_int(static_cast<int>(gst_harness_buffers_received(h)), 1);
  fail_unless_equals_uint64(stat(h, "damaged"), 1);
  gst_harness_teardown(h);
}
GST_END_TEST

// A description that is not of this picture must not turn it into a wrong tensor.
GST_START_TEST(test_wrong_description) {
  const auto unit = encode(kWidth, kHeight, 1, 25, nullptr)[0];
  GstCaps *caps = gst_caps_from_string("video/x-h266, stream-format=byte-stream, alignment=au");
  gst_feature_caps_set_info(caps, make_info(kHeight, kWidth + 1).get());
  GstHarness *h = gst_harness_new("vvcfeatdec");
  Bus bus(h);
  gst_harness_set_src_caps(h, caps);
  gst_harness_push(h, buffer_of(unit));
  fail_unless_equals_int(static_cast<int>(gst_harness_buffers_received(h)), 0);
  const std::string text = bus.next(GST_MESSAGE_WARNING);
  fail_unless(text.find("41x24") != std::string::npos && text.find("40x24") != std::string::npos,
              "message: %s", text.c_str());
  fail_unless_equals_uint64(stat(h, "damaged"), 1);
  gst_harness_teardown(h);
}
GST_END_TEST

// Whatever byte is hit, each picture that comes out is one that went in.
// Two streams with their descriptions in the first units alone, the first unit of the second one
// damaged: the description of the first stream must not stand in.
GST_START_TEST(test_description_lost) {
  const InfoPtr info = make_info(8, 16);
  InfoPtr other(gst_feature_info_copy(info.get()));
  gst_feature_info_set_task(other.get(), GST_FEATURE_TASK_SEG);
  const auto units = encode(16, 8, 3, 30, info.get(), 10, 0);
  const auto others = encode(16, 8, 3, 30, other.get(), 10, 0);
  auto damaged = others[0];
  damaged.resize(damaged.size() / 2);
  for (const bool in_caps : {false, true}) {
    GstHarness *h = gst_harness_new("vvcfeatdec");
    Bus bus(h);
    const auto set_caps = [&](const GstFeatureInfo *caps_info) {
      GstCaps *caps = gst_caps_from_string("video/x-h266, stream-format=byte-stream, alignment=au");
      gst_feature_caps_set_info(caps, in_caps ? caps_info : nullptr);
      gst_harness_set_src_caps(h, caps);
    };
    set_caps(info.get());
    gst_harness_push(h, buffer_of(units[0]));
    gst_harness_push(h, buffer_of(units[1]));
    expect_frame(h, units[0], 16, 8);
    expect_frame(h, units[1], 16, 8);
    set_caps(other.get());
    gst_harness_push(h, buffer_of(damaged));
    gst_harness_push(h, buffer_of(others[1]));
    fail_unless_equals_int(static_cast<int>(gst_harness_buffers_in_queue(h)), in_caps ? 1 : 0);
    bus.next(GST_MESSAGE_WARNING);
    const std::string warning = bus.next(GST_MESSAGE_WARNING);
    if (in_caps) {
      gst_buffer_unref(gst_harness_pull(h));
      fail_unless_equals_string(warning.c_str(), "");
      GstCaps *now = gst_pad_get_current_caps(h->sinkpad);
      const InfoPtr described(gst_feature_info_from_caps(now, nullptr));
      fail_unless(described && gst_feature_info_is_equal(described.get(), other.get()));
      gst_caps_unref(now);
    } else {
      fail_if(warning.find("may have been in a unit that was dropped") == std::string::npos);
    }
    gst_harness_push(h, buffer_of(others[0]));
    gst_harness_push(h, buffer_of(others[2]));
    fail_unless_equals_int(static_cast<int>(gst_harness_buffers_in_queue(h)), 2);
    GstCaps *caps = gst_pad_get_current_caps(h->sinkpad);
    const InfoPtr read(gst_feature_info_from_caps(caps, nullptr));
    fail_unless(read && gst_feature_info_is_equal(read.get(), other.get()));
    gst_caps_unref(caps);
    gst_harness_teardown(h);
  }
}
GST_END_TEST

// A depayloader marks the unit behind lost ones with DISCONT; they may have had another
// description.
GST_START_TEST(test_description_behind_lost_units) {
  const InfoPtr info = make_info(8, 16);
  for (const int interval : {0, -1}) {
    const auto units = encode(16, 8, 4, 25, info.get(), 10, interval);
    GstHarness *h = new_decoder("video/x-h266, stream-format=byte-stream, alignment=au");
    Bus bus(h);
    const auto push = [&](size_t i, bool discont) {
      GstBuffer *buffer = buffer_of(units[i]);
      if (discont) GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DISCONT);
      fail_unless_equals_int(gst_harness_push(h, buffer), GST_FLOW_OK);
      GstBuffer *out = gst_harness_try_pull(h);
      gst_clear_buffer(&out);
      return gst_harness_buffers_received(h);
    };
    fail_unless_equals_int(static_cast<int>(push(0, true)), 1);
    fail_unless_equals_int(static_cast<int>(push(1, false)), 2);
    const bool sent_with_each = interval < 0;
    fail_unless_equals_int(static_cast<int>(push(3, true)), sent_with_each ? 3 : 2);
    fail_unless(bus.next(GST_MESSAGE_WARNING).empty() == sent_with_each);
    fail_unless_equals_int(static_cast<int>(push(0, false)), sent_with_each ? 4 : 3);
    fail_unless_equals_int(static_cast<int>(push(1, false)), sent_with_each ? 5 : 4);
    gst_harness_teardown(h);
  }
}
GST_END_TEST

GST_START_TEST(test_flipped_bytes) {
  const InfoPtr info = make_info(8, 16);
  const auto units = encode(16, 8, 2, 30, info.get());
  const auto second = reference(units[1]);
  const auto first = reference(units[0]);
  for (size_t at = 0; at < units[0].size(); at++) {
    auto damaged = units[0];
    damaged[at] ^= static_cast<guint8>(1U << (at % 8));
    GstHarness *h = new_decoder("video/x-h266, stream-format=byte-stream, alignment=au");
    gst_harness_push(h, buffer_of(damaged));
    GstBuffer *out = gst_harness_try_pull(h);
    if (out != nullptr) {
      fail_unless(samples_of(out, 16, 8, 10) == first, "byte %zu", at);
      gst_buffer_unref(out);
      GstCaps *caps = gst_pad_get_current_caps(h->sinkpad);
      const InfoPtr read(gst_feature_info_from_caps(caps, nullptr));
      fail_unless(!read || gst_feature_info_is_equal(read.get(), info.get()),
                  "byte %zu gave %" GST_PTR_FORMAT, at, caps);
      gst_caps_unref(caps);
    } else {
      fail_unless_equals_uint64(stat(h, "damaged"), 1);
    }
    fail_unless_equals_int(gst_harness_push(h, buffer_of(units[1])), GST_FLOW_OK);
    out = gst_harness_pull(h);
    fail_unless(samples_of(out, 16, 8, 10) == second, "after byte %zu", at);
    gst_buffer_unref(out);
    gst_harness_teardown(h);
  }
}
GST_END_TEST

GST_START_TEST(test_cut_anywhere) {
  const InfoPtr info = make_info(8, 16);
  const auto unit = encode(16, 8, 1, 30, info.get())[0];
  const auto whole = reference(unit);
  for (size_t size = 1; size < unit.size(); size++) {
    GstHarness *h = new_decoder();
    gst_harness_push(h, gst_buffer_new_memdup(unit.data(), size));
    gst_harness_push_event(h, gst_event_new_eos());
    GstBuffer *out = gst_harness_try_pull(h);
    if (out != nullptr) {  // what was cut off was not needed
      fail_unless(samples_of(out, 16, 8, 10) == whole, "cut to %zu bytes", size);
      gst_buffer_unref(out);
    }
    gst_harness_teardown(h);
  }
}
GST_END_TEST

GST_START_TEST(test_max_points) {
  const auto unit = encode(kWidth, kHeight, 1, 25, nullptr)[0];
  GstHarness *h = gst_harness_new_parse("vvcfeatdec max-points=500");
  GstElement *decoder = gst_harness_find_element(h, "vvcfeatdec");
  GstBus *bus = gst_bus_new();
  gst_element_set_bus(decoder, bus);
  gst_harness_set_src_caps_str(h, "video/x-h266, stream-format=byte-stream, alignment=au");
  gst_harness_push(h, buffer_of(unit));
  fail_unless_equals_int(static_cast<int>(gst_harness_buffers_received(h)), 0);
  GstMessage *message = gst_bus_pop_filtered(bus, GST_MESSAGE_WARNING);
  fail_unless(message != nullptr);
  GError *error = nullptr;
  gst_message_parse_warning(message, &error, nullptr);
  fail_unless(strstr(error->message, "500") != nullptr, "message: %s", error->message);
  g_error_free(error);
  gst_message_unref(message);
  gst_element_set_bus(decoder, nullptr);
  gst_object_unref(bus);
  gst_object_unref(decoder);
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_garbage) {
  GstHarness *h = new_decoder();
  Bus bus(h);
  gst_harness_push(h, buffer_of(std::vector<guint8>(5000, 0xa5)));
  gst_harness_push_event(h, gst_event_new_eos());
  fail_unless_equals_int(static_cast<int>(gst_harness_buffers_received(h)), 0);
  fail_if(bus.next(GST_MESSAGE_WARNING).empty());
  fail_unless(bus.next(GST_MESSAGE_ERROR) ==
              "The stream ends without a picture; all of its 1 units were dropped.");
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_flush_forgets) {
  const InfoPtr info = make_info(kHeight, kWidth);
  const auto unit = encode(kWidth, kHeight, 1, 25, info.get())[0];
  GstHarness *h = new_decoder();
  gst_harness_push(h, gst_buffer_new_memdup(unit.data(), unit.size() / 2));
  gst_harness_push_event(h, gst_event_new_flush_start());
  gst_harness_push_event(h, gst_event_new_flush_stop(TRUE));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_BYTES);
  gst_harness_push_event(h, gst_event_new_segment(&segment));
  gst_harness_push(h, buffer_of(unit));
  gst_harness_push_event(h, gst_event_new_eos());
  expect_frame(h, unit);
  fail_unless_equals_uint64(stat(h, "damaged"), 0);
  gst_harness_teardown(h);
}
GST_END_TEST

static Suite *vvcfeatdec_suite() {
  Suite *s = suite_create("vvcfeatdec");
  TCase *tc = tcase_create("general");
  suite_add_tcase(s, tc);
  tcase_add_test(tc, test_decodes_with_description);
  tcase_add_test(tc, test_arbitrary_chunks);
  tcase_add_test(tc, test_shape_change);
  tcase_add_test(tc, test_eight_bit);
  tcase_add_test(tc, test_description_from_caps);
  tcase_add_test(tc, test_without_description);
  tcase_add_test(tc, test_description_stays);
  tcase_add_test(tc, test_description_missing);
  tcase_add_test(tc, test_wrong_description);
  tcase_add_test(tc, test_description_lost);
  tcase_add_test(tc, test_description_behind_lost_units);
  tcase_add_test(tc, test_flipped_bytes);
  tcase_add_test(tc, test_cut_anywhere);
  tcase_add_test(tc, test_max_points);
  tcase_add_test(tc, test_garbage);
  tcase_add_test(tc, test_flush_forgets);
  return s;
}

GST_CHECK_MAIN(vvcfeatdec)
