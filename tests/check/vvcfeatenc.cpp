// SPDX-License-Identifier: LGPL-2.1-or-later

#include "codecs/vvc/vvc.h"
#include "ext/vvc/encoder_settings.h"
#include "ext/vvc/h266_stream.h"
#include "tests/check/vvcfeat_util.h"

using namespace test;
using feat::vvc::Decoder;
using feat::vvc::Picture;

namespace {

Picture decode(const std::vector<guint8> &unit) {
  Picture picture;
  const auto decoder = Decoder::create({});
  const auto status = decoder->decode(unit, picture);
  fail_unless(status.ok(), "%s", status.message.c_str());
  return picture;
}

bool has_description(const std::vector<guint8> &unit) {
  return !decode(unit).user_data.empty();
}

// CRC-32 bit by bit, as docs/bitstream.md describes it.
guint32 crc32(const std::vector<guint8> &bytes) {
  guint32 crc = 0xffffffff;
  for (const guint8 byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320 : 0);
  }
  return ~crc;
}

guint64 time_stamped(GstHarness *h, int width, int height, GstClockTime pts) {
  GstBuffer *in = frame(content(width, height, 10), width, height, 10);
  GST_BUFFER_PTS(in) = pts;
  GST_BUFFER_DURATION(in) = GST_SECOND;
  fail_unless_equals_int(gst_harness_push(h, in), GST_FLOW_OK);
  GstBuffer *out = gst_harness_pull(h);
  fail_unless_equals_uint64(GST_BUFFER_PTS(out), pts);
  const bool described = has_description(bytes_of(out));
  gst_buffer_unref(out);
  return described ? 1 : 0;
}

}  // namespace

GST_START_TEST(test_caps) {
  GstHarness *h = gst_harness_new("vvcfeatenc");
  const InfoPtr info = make_info(24, 40);
  gst_harness_set_src_caps(h, frame_caps("GRAY16_LE", 40, 24, info.get()).release());
  gst_harness_push(h, frame(content(40, 24, 10), 40, 24, 10));
  gst_buffer_unref(gst_harness_pull(h));

  GstCaps *caps = gst_pad_get_current_caps(h->sinkpad);
  GstCaps *expected = gst_caps_from_string(
      "video/x-h266, stream-format=byte-stream, alignment=au, profile=main-10, tier=main, "
      "level=(string)1, chroma-format=(string)4:0:0, bit-depth-luma=(uint)10, width=40, "
      "height=24, framerate=0/1");
  fail_unless(gst_caps_can_intersect(caps, expected), "caps are %" GST_PTR_FORMAT, caps);
  const InfoPtr out(gst_feature_info_from_caps(caps, nullptr));
  fail_unless(out && gst_feature_info_is_equal(out.get(), info.get()));
  gst_caps_unref(expected);
  gst_caps_unref(caps);
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_unit_carries_description) {
  const InfoPtr info = make_info(24, 40);
  const auto unit = encode(40, 24, 1, 30, info.get())[0];
  const Picture picture = decode(unit);
  fail_unless_equals_int(picture.width, 40);
  fail_unless_equals_int(picture.height, 24);
  fail_unless_equals_int(picture.bit_depth, 10);
  fail_if(picture.md5_present);
  fail_unless_equals_int(static_cast<int>(picture.user_data.size()), 1);
  const auto &message = picture.user_data[0];
  fail_unless(memcmp(message.uuid.data(), gst_feature_uuid(), 16) == 0);
  // Flags, CBOR, CRC-32 (docs/bitstream.md).
  fail_unless_equals_int(message.payload[0], 3);
  const size_t covered = message.payload.size() - 4;
  const InfoPtr read(gst_feature_info_from_cbor(message.payload.data() + 1, covered - 1, nullptr));
  fail_unless(read && gst_feature_info_is_equal(read.get(), info.get()));
  std::vector<guint8> bytes(message.payload.begin(), message.payload.end() - 4);
  for (const guint16 sample : picture.samples) {
    bytes.push_back(static_cast<guint8>(sample));
    bytes.push_back(static_cast<guint8>(sample >> 8));
  }
  guint32 sent = 0;
  for (size_t i = covered; i < message.payload.size(); i++) sent = sent << 8 | message.payload[i];
  fail_unless_equals_uint64(crc32(bytes), sent);
}
GST_END_TEST

// Which hash goes into a unit with and without a description, and what it costs.
GST_START_TEST(test_picture_hash) {
  gsize described[3];
  gsize bare[3];
  const char *const hashes[] = {"none", "crc32", "md5"};
  for (int i = 0; i < 3; i++) {
    GstHarness *h = gst_harness_new("vvcfeatenc");
    g_object_set(h->element, "config-interval", 0, nullptr);
    gst_util_set_object_arg(G_OBJECT(h->element), "picture-hash", hashes[i]);
    gst_harness_set_src_caps(h, frame_caps("GRAY16_LE", 40, 24, make_info(24, 40).get()).release());
    for (gsize *size : {&described[i], &bare[i]}) {
      gst_harness_push(h, frame(content(40, 24, 10), 40, 24, 10));
      GstBuffer *out = gst_harness_pull(h);
      *size = gst_buffer_get_size(out);
      const Picture picture = decode(bytes_of(out));
      const bool has_description = size == &described[i];
      fail_unless_equals_int(static_cast<int>(picture.user_data.size()), has_description ? 1 : 0);
      if (has_description) fail_unless_equals_int(picture.user_data[0].payload[0], i == 1 ? 2 : 0);
      fail_unless_equals_int(picture.md5_present, i == 2 || (i == 1 && !has_description));
      gst_buffer_unref(out);
    }
    gst_harness_teardown(h);
  }
  fail_unless_equals_int(static_cast<int>(described[1] - described[0]), 2);
  fail_unless(described[2] - described[0] >= 26);
  fail_unless_equals_uint64(bare[1], bare[2]);
  fail_unless_equals_uint64(bare[2] - bare[0], described[2] - described[0]);
}
GST_END_TEST

GST_START_TEST(test_config_interval) {
  const InfoPtr info = make_info(8, 16);
  const int intervals[] = {-1, 0, 2};
  const guint64 expected[3][5] = {{1, 1, 1, 1, 1}, {1, 0, 0, 0, 0}, {1, 0, 1, 0, 1}};
  for (int i = 0; i < 3; i++) {
    GstHarness *h = gst_harness_new("vvcfeatenc");
    g_object_set(h->element, "config-interval", intervals[i], nullptr);
    gst_harness_set_src_caps(h, frame_caps("GRAY16_LE", 16, 8, info.get()).release());
    for (guint64 t = 0; t < 5; t++) {
      fail_unless_equals_uint64(time_stamped(h, 16, 8, t * GST_SECOND), expected[i][t]);
    }
    gst_harness_teardown(h);
  }
}
GST_END_TEST

GST_START_TEST(test_description_after_change_and_flush) {
  GstHarness *h = gst_harness_new("vvcfeatenc");
  g_object_set(h->element, "config-interval", 0, nullptr);
  gst_harness_set_src_caps(h, frame_caps("GRAY16_LE", 16, 8, make_info(8, 16).get()).release());
  fail_unless_equals_uint64(time_stamped(h, 16, 8, 0), 1);
  fail_unless_equals_uint64(time_stamped(h, 16, 8, 1), 0);
  gst_harness_set_src_caps(h, frame_caps("GRAY16_LE", 24, 8, make_info(8, 24).get()).release());
  fail_unless_equals_uint64(time_stamped(h, 24, 8, 2), 1);
  fail_unless_equals_uint64(time_stamped(h, 24, 8, 3), 0);
  gst_harness_push_event(h, gst_event_new_flush_start());
  gst_harness_push_event(h, gst_event_new_flush_stop(FALSE));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_harness_push_event(h, gst_event_new_segment(&segment));
  fail_unless_equals_uint64(time_stamped(h, 24, 8, 4), 1);
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_qp_and_hash_while_playing) {
  GstHarness *h = gst_harness_new("vvcfeatenc");
  gst_harness_set_src_caps(h, frame_caps("GRAY16_LE", 64, 48, nullptr).release());
  gsize size[3];
  const int qp[] = {10, 40, 40};
  for (int i = 0; i < 3; i++) {
    g_object_set(h->element, "qp", qp[i], nullptr);
    gst_util_set_object_arg(G_OBJECT(h->element), "picture-hash", i < 2 ? "md5" : "none");
    gst_harness_push(h, frame(content(64, 48, 10), 64, 48, 10));
    GstBuffer *out = gst_harness_pull(h);
    size[i] = gst_buffer_get_size(out);
    fail_unless_equals_int(decode(bytes_of(out)).md5_present, i < 2);
    gst_buffer_unref(out);
  }
  fail_unless(size[0] > 2 * size[1]);
  fail_unless(size[2] + 16 < size[1]);
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_stats) {
  GstHarness *h = gst_harness_new("vvcfeatenc");
  const InfoPtr info = make_info(24, 40);
  gst_harness_set_src_caps(h, frame_caps("GRAY16_LE", 40, 24, info.get()).release());
  guint64 bytes = 0;
  guint64 slices = 0;
  for (unsigned i = 0; i < 3; i++) {
    gst_harness_push(h, frame(content(40, 24, 10, i), 40, 24, 10));
    GstBuffer *out = gst_harness_pull(h);
    bytes += gst_buffer_get_size(out);
    slices += feat::slice_bytes(bytes_of(out));
    gst_buffer_unref(out);
  }
  fail_unless_equals_uint64(stat(h, "units"), 3);
  fail_unless_equals_uint64(stat(h, "bytes"), bytes);
  fail_unless_equals_uint64(stat(h, "slice-bytes"), slices);
  fail_unless(slices > 0 && slices < bytes);
  fail_unless_equals_uint64(stat(h, "points"), 3 * 24 * 40);
  GstStructure *stats = nullptr;
  g_object_get(h->element, "stats", &stats, nullptr);
  gdouble bpfp = 0;
  fail_unless(gst_structure_get_double(stats, "bpfp", &bpfp));
  fail_unless_equals_float(bpfp, 8.0 * static_cast<double>(bytes) / (3 * 24 * 40));
  gst_structure_free(stats);
  gst_harness_teardown(h);
}
GST_END_TEST

// Coded bit depth by format and description.
GST_START_TEST(test_bit_depths) {
  const struct {
    guint bits;
    const char *format;
    int coded;
  } cases[] = {{2, "GRAY8", 8},     {5, "GRAY8", 8},      {8, "GRAY8", 8},
               {8, "GRAY16_LE", 8}, {9, "GRAY16_LE", 10}, {10, "GRAY16_LE", 10}};
  for (const auto &c : cases) {
    GstHarness *h = gst_harness_new("vvcfeatenc");
    const InfoPtr info = make_info(16, 16, c.bits);
    const bool gray8 = g_str_equal(c.format, "GRAY8");
    g_object_set(h->element, "qp", 0, nullptr);
    gst_harness_set_src_caps(h, frame_caps(c.format, 16, 16, info.get()).release());
    const auto samples = content(16, 16, static_cast<int>(c.bits));
    gst_harness_push(h, frame(samples, 16, 16, static_cast<int>(c.bits), gray8));
    GstBuffer *out = gst_harness_pull(h);
    const Picture picture = decode(bytes_of(out));
    fail_unless_equals_int(picture.bit_depth, c.coded);
    for (size_t i = 0; i < samples.size(); i++) {
      const int original = samples[i] << (c.coded - static_cast<int>(c.bits));
      fail_unless(ABS(original - picture.samples[i]) <= 4, "sample %zu: %d became %d", i, original,
                  picture.samples[i]);
    }
    gst_buffer_unref(out);
    gst_harness_teardown(h);
  }
}
GST_END_TEST

GST_START_TEST(test_odd_sizes) {
  const int sizes[][2] = {{1, 1}, {1, 9}, {13, 1}, {65, 3}, {127, 66}};
  for (const auto &s : sizes) {
    const InfoPtr info = make_info(s[1], s[0]);
    const Picture picture = decode(encode(s[0], s[1], 1, 20, info.get())[0]);
    fail_unless_equals_int(picture.width, s[0]);
    fail_unless_equals_int(picture.height, s[1]);
  }
}
GST_END_TEST

GST_START_TEST(test_too_many_bits) {
  GstHarness *h = gst_harness_new("vvcfeatenc");
  Bus bus(h);
  gst_harness_set_src_caps(h, frame_caps("GRAY16_LE", 16, 8, make_info(8, 16, 12).get()).release());
  fail_unless_equals_int(gst_harness_push(h, frame(content(16, 8, 10), 16, 8, 10)),
                         GST_FLOW_NOT_NEGOTIATED);
  const std::string text = bus.next(GST_MESSAGE_ERROR);
  fail_unless(text.find("12 bits") != std::string::npos && text.find("10") != std::string::npos,
              "message: %s", text.c_str());
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_description_does_not_fit) {
  GstHarness *h = gst_harness_new("vvcfeatenc");
  Bus bus(h);
  gst_harness_set_src_caps(h, frame_caps("GRAY16_LE", 16, 8, make_info(8, 17).get()).release());
  fail_unless_equals_int(gst_harness_push(h, frame(content(16, 8, 10), 16, 8, 10)),
                         GST_FLOW_NOT_NEGOTIATED);
  const std::string text = bus.next(GST_MESSAGE_ERROR);
  fail_unless(text.find("17x8") != std::string::npos && text.find("16x8") != std::string::npos,
              "message: %s", text.c_str());
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_eos_without_frames) {
  GstHarness *h = gst_harness_new("vvcfeatenc");
  gst_harness_set_src_caps(h, frame_caps("GRAY16_LE", 16, 8, nullptr).release());
  fail_unless(gst_harness_push_event(h, gst_event_new_eos()));
  fail_unless_equals_int(static_cast<int>(gst_harness_buffers_received(h)), 0);
  gst_harness_teardown(h);
}
GST_END_TEST

// A converter made 8 bits of a feature of 10: what comes back would not be what was sent.
GST_START_TEST(test_frames_too_shallow) {
  GstHarness *h = gst_harness_new("vvcfeatenc");
  Bus bus(h);
  gst_harness_set_src_caps(h, frame_caps("GRAY8", 16, 8, make_info(8, 16, 10).get()).release());
  const auto samples = content(16, 8, 8);
  fail_unless_equals_int(gst_harness_push(h, frame(samples, 16, 8, 8, true)),
                         GST_FLOW_NOT_NEGOTIATED);
  fail_unless(bus.next(GST_MESSAGE_ERROR) ==
              "The feature is quantised to 10 bits; frames of format GRAY8 hold 8.");
  fail_unless(bus.next(GST_MESSAGE_ERROR).empty());
  gst_harness_teardown(h);
}
GST_END_TEST

// Another feature in a picture of the same size and format.
GST_START_TEST(test_description_changes_alone) {
  const InfoPtr first = make_info(8, 16);
  const InfoPtr second = make_info(8, 16);
  const gdouble low = -3.0;
  const gdouble high = 3.0;
  fail_unless(gst_feature_info_set_ranges(second.get(), -1, &low, &high, 1, nullptr));
  GstHarness *h = gst_harness_new("vvcfeatenc");
  Bus bus(h);
  for (const GstFeatureInfo *info : {first.get(), second.get(), first.get()}) {
    gst_harness_set_src_caps(h, frame_caps("GRAY16_LE", 16, 8, info).release());
    fail_unless_equals_int(gst_harness_push(h, frame(content(16, 8, 10), 16, 8, 10)), GST_FLOW_OK);
    GstBuffer *out = gst_harness_pull(h);
    const Picture picture = decode(bytes_of(out));
    gst_buffer_unref(out);
    const auto &payload = picture.user_data[0].payload;
    const InfoPtr sent(gst_feature_info_from_cbor(payload.data() + 1, payload.size() - 5, nullptr));
    fail_unless(sent && gst_feature_info_is_equal(sent.get(), info));
    GstCaps *caps = gst_pad_get_current_caps(h->sinkpad);
    const InfoPtr in_caps(gst_feature_info_from_caps(caps, nullptr));
    fail_unless(in_caps && gst_feature_info_is_equal(in_caps.get(), info));
    gst_caps_unref(caps);
  }
  gst_harness_set_src_caps(h, frame_caps("GRAY16_LE", 16, 8, make_info(8, 16, 12).get()).release());
  fail_unless_equals_int(gst_harness_push(h, frame(content(16, 8, 10), 16, 8, 10)),
                         GST_FLOW_NOT_NEGOTIATED);
  fail_unless(bus.next(GST_MESSAGE_ERROR) ==
              "The feature is quantised to 12 bits; H.266 Main 10 codes at most 10.");
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_contradictory_settings) {
  const struct {
    gboolean lossless;
    double bpfp, mse;
    const char *error;
  } kCases[] = {
      {TRUE, 1.5, 0, "Of lossless, target-bpfp and target-mse 2 are set; they exclude each other."},
      {FALSE, 1.5, 7,
       "Of lossless, target-bpfp and target-mse 2 are set; they exclude each other."},
      {TRUE, 1.5, 7, "Of lossless, target-bpfp and target-mse 3 are set; they exclude each other."},
  };
  for (const auto &c : kCases) {
    GstHarness *h = gst_harness_new("vvcfeatenc");
    Bus bus(h);
    gst_harness_set_src_caps(h, frame_caps("GRAY16_LE", 16, 8, nullptr).release());
    fail_unless_equals_int(gst_harness_push(h, frame(content(16, 8, 10), 16, 8, 10)), GST_FLOW_OK);
    g_object_set(h->element, "lossless", c.lossless, "target-bpfp", c.bpfp, "target-mse", c.mse,
                 nullptr);
    fail_unless_equals_int(gst_harness_push(h, frame(content(16, 8, 10), 16, 8, 10)),
                           GST_FLOW_ERROR);
    fail_unless(bus.next(GST_MESSAGE_ERROR) == c.error);
    fail_unless_equals_uint64(stat(h, "units"), 1);
    gst_harness_teardown(h);
  }
}
GST_END_TEST

GST_START_TEST(test_settings_to_options) {
  feat::EncoderSettings settings;
  feat::vvc::EncodeOptions options;
  fail_unless(feat::encode_options(settings, false, 1000, true, options).ok());
  fail_unless_equals_int(options.qp, 32);
  fail_unless_equals_int(options.effort, 5);
  fail_if(options.md5_sei || options.lossless);
  fail_unless(options.target_bytes == 0 && options.target_mse == 0);
  settings.target_bpfp = 1.5;
  fail_unless(feat::encode_options(settings, false, 1000, true, options).ok());
  fail_unless_equals_uint64(options.target_bytes, 187);  // 1500 bits
  settings.target_bpfp = 0.001;                          // less than a byte is still a target
  fail_unless(feat::encode_options(settings, false, 1000, true, options).ok());
  fail_unless_equals_uint64(options.target_bytes, 1);
  const auto status = feat::encode_options(settings, true, 1000, true, options);
  fail_unless_equals_string(
      status.message.c_str(),
      "VTM codes at a QP alone; lossless, target-bpfp and target-mse are for the built-in codec.");
  settings.target_bpfp = 0;
  const struct {
    feat::PictureHash hash;
    bool vtm, described, md5;
  } kCases[] = {
      {feat::PictureHash::kNone, false, false, false},
      {feat::PictureHash::kCrc32, false, true, false},
      {feat::PictureHash::kCrc32, false, false, true},
      {feat::PictureHash::kCrc32, true, true, false},
      {feat::PictureHash::kCrc32, true, false, false},
      {feat::PictureHash::kMd5, false, true, true},
      {feat::PictureHash::kMd5, true, false, true},
  };
  for (const auto &c : kCases) {
    settings.hash = c.hash;
    fail_unless(feat::encode_options(settings, c.vtm, 1000, c.described, options).ok());
    fail_unless_equals_int(options.md5_sei, c.md5);
  }
}
GST_END_TEST

GST_START_TEST(test_qp_in_stats) {
  GstHarness *h = gst_harness_new("vvcfeatenc");
  gst_harness_set_src_caps(h, frame_caps("GRAY16_LE", 16, 8, nullptr).release());
  for (const int qp : {27, 40}) {
    g_object_set(h->element, "qp", qp, nullptr);
    gst_harness_push(h, frame(content(16, 8, 10), 16, 8, 10));
    GstStructure *stats = nullptr;
    g_object_get(h->element, "stats", &stats, nullptr);
    int used = 0;
    fail_unless(gst_structure_get_int(stats, "qp", &used));
    fail_unless_equals_int(used, qp);
    gst_structure_free(stats);
  }
  gst_harness_teardown(h);
}
GST_END_TEST

static Suite *vvcfeatenc_suite() {
  Suite *s = suite_create("vvcfeatenc");
  TCase *tc = tcase_create("general");
  suite_add_tcase(s, tc);
  tcase_add_test(tc, test_caps);
  tcase_add_test(tc, test_unit_carries_description);
  tcase_add_test(tc, test_config_interval);
  tcase_add_test(tc, test_description_after_change_and_flush);
  tcase_add_test(tc, test_picture_hash);
  tcase_add_test(tc, test_qp_and_hash_while_playing);
  tcase_add_test(tc, test_stats);
  tcase_add_test(tc, test_bit_depths);
  tcase_add_test(tc, test_odd_sizes);
  tcase_add_test(tc, test_too_many_bits);
  tcase_add_test(tc, test_description_does_not_fit);
  tcase_add_test(tc, test_eos_without_frames);
  tcase_add_test(tc, test_frames_too_shallow);
  tcase_add_test(tc, test_description_changes_alone);
  tcase_add_test(tc, test_contradictory_settings);
  tcase_add_test(tc, test_settings_to_options);
  tcase_add_test(tc, test_qp_in_stats);
  return s;
}

GST_CHECK_MAIN(vvcfeatenc)
