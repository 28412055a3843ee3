// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gst/video/video.h>

#include "featureproc-util.h"

#define FEATURE "feature=(structure)\"feature-tensor, format=F16LE, "
#define TEN_BITS                                                        \
  "bit-depth=10, range-min=(double)<-20.0>, range-max=(double)<20.0>, " \
  "rounding=floor"

GST_START_TEST(test_description_in_the_caps) {
  Stage stage("featureunpack");
  fail_unless(stage.caps("video/x-raw, format=GRAY16_LE, width=4, height=2, framerate=0/1, " FEATURE
                         "shape=(int)<1,2,2,2>, task=dpt, packing=stack, " TEN_BITS ";\""));
  fail_unless(stage.run<guint16>(std::vector<guint16>{0, 1 << 6, 4 << 6, 5 << 6, 2 << 6, 3 << 6,
                                                      6 << 6, 1023 << 6}) ==
              (std::vector<guint16>{0, 1, 2, 3, 4, 5, 6, 1023}));
  stage.check_output_caps(
      "application/x-feature-tensor, format=U16LE, shape=(int)<1,2,2,2>, task=dpt, "
      "source-format=F16LE, " TEN_BITS);
}
GST_END_TEST;

// What a converter or a lossy codec put below the code is cut off; nothing above the last code
// gets through.
GST_START_TEST(test_low_bits) {
  Stage gray("featureunpack");
  fail_unless(gray.caps("video/x-raw, format=GRAY16_LE, width=2, height=1, framerate=30/1, " FEATURE
                        "shape=(int)<2>, packing=stack, " TEN_BITS ";\""));
  fail_unless(gray.run<guint16>(std::vector<guint16>{(5 << 6) + 63, 0xffff}) ==
              (std::vector<guint16>{5, 1023}));
  gray.check_output_caps(
      "application/x-feature-tensor, format=U16LE, shape=(int)<2>, framerate=30/1, "
      "source-format=F16LE, " TEN_BITS);
  Stage i420("featureunpack");
  fail_unless(i420.caps("video/x-raw, format=Y444_10LE, width=2, height=1, framerate=0/1, " FEATURE
                        "shape=(int)<2>, packing=stack, " TEN_BITS ";\""));
  fail_unless(i420.run<guint16>(std::vector<guint16>{5, 2000, 0, 0, 0, 0}) ==
              (std::vector<guint16>{5, 1023}));
}
GST_END_TEST;

// Rows as long as a meta says, and planes that lie elsewhere.
GST_START_TEST(test_video_meta) {
  Stage stage("featureunpack");
  fail_unless(stage.caps("video/x-raw, format=GRAY8, width=3, height=2, framerate=0/1, " FEATURE
                         "shape=(int)<2,3>, packing=rows, bit-depth=8, range-min=(double)<0.0>, "
                         "range-max=(double)<1.0>, rounding=nearest;\""));
  const guint8 data[] = {9, 9, 1, 2, 3, 9, 9, 4, 5, 6};
  GstBuffer *buffer = gst_buffer_new_memdup(data, sizeof data);
  gsize offset[GST_VIDEO_MAX_PLANES] = {2};
  gint stride[GST_VIDEO_MAX_PLANES] = {5};
  gst_buffer_add_video_meta_full(buffer, GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_FORMAT_GRAY8, 3, 2, 1,
                                 offset, stride);
  fail_unless_equals_int(gst_harness_push(stage.harness(), buffer), GST_FLOW_OK);
  fail_unless(stage.pull_values<guint8>() == (std::vector<guint8>{1, 2, 3, 4, 5, 6}));

  GstCaps *caps = gst_caps_from_string("video/x-raw, format=GRAY8, width=3, height=2");
  GstQuery *query = gst_query_new_allocation(caps, TRUE);
  fail_unless(gst_pad_peer_query(stage.harness()->srcpad, query));
  fail_unless(gst_query_find_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr));
  fail_unless_equals_int(gst_query_get_n_allocation_pools(query), 1);
  gst_query_unref(query);
  gst_caps_unref(caps);
}
GST_END_TEST;

// A stream that went through somebody else's encoder: caps of a picture and nothing else.
GST_START_TEST(test_properties) {
  {
    Stage stage("featureunpack shape=\"<4,1,2>\" conditions=dpt-vtm source-format=F16LE");
    fail_unless(stage.caps("video/x-raw, format=GRAY16_LE, width=8, height=1, framerate=0/1"));
    std::vector<guint16> samples;
    for (guint16 i = 0; i < 8; i++) samples.push_back(static_cast<guint16>(i << 6));
    fail_unless(stage.run<guint16>(samples) == (std::vector<guint16>{0, 1, 2, 3, 4, 5, 6, 7}));
    stage.check_output_caps(
        "application/x-feature-tensor, format=U16LE, shape=(int)<4,1,2>, bit-depth=10, "
        "range-min=(double)<-1.0,-2.0,-10.0,-20.0>, range-max=(double)<1.0,2.0,10.0,20.0>, "
        "range-axis=0, rounding=nearest, source-format=F16LE, task=dpt");
  }
  {
    Stage stage(
        "featureunpack shape=\"<6,1,2>\" packing=mosaic grid-columns=3 bit-depth=4 "
        "rounding=floor range-min=\"<0>\" range-max=\"<1>\"");
    fail_unless(stage.caps("video/x-raw, format=GRAY8, width=6, height=2, framerate=0/1"));
    std::vector<guint8> samples(16);  // rows of GRAY8 are padded to four bytes
    std::vector<guint8> expected;
    for (guint8 i = 0; i < 12; i++) {
      samples[i / 6 * 8 + i % 6] = static_cast<guint8>(i << 4);
      expected.push_back(i);
    }
    fail_unless(stage.run<guint8>(samples) == expected);
    stage.check_output_caps(
        "application/x-feature-tensor, format=U8, shape=(int)<6,1,2>, bit-depth=4, "
        "range-min=(double)<0.0>, range-max=(double)<1.0>, rounding=floor, source-format=F32LE");
  }
}
GST_END_TEST;

GST_START_TEST(test_properties_override) {
  Stage stage("featureunpack name=unpack shape=\"<2,2>\" range-min=\"<-1>\" range-max=\"<1>\"");
  fail_unless(stage.caps("video/x-raw, format=GRAY16_LE, width=2, height=2, framerate=0/1, " FEATURE
                         "shape=(int)<1,1,2,2>, packing=stack, " TEN_BITS ";\""));
  const std::vector<guint16> samples{0, 64, 128, 192};
  fail_unless(stage.run<guint16>(samples) == (std::vector<guint16>{0, 1, 2, 3}));
  stage.check_output_caps(
      "application/x-feature-tensor, format=U16LE, shape=(int)<2,2>, bit-depth=10, "
      "range-min=(double)<-1.0>, range-max=(double)<1.0>, rounding=floor, source-format=F16LE");
  // The layout changes in mid-stream, the caps of the output do not.
  stage.set("unpack", "shape", "<4,1,1>");
  stage.set("unpack", "packing", "mosaic");
  fail_unless(stage.run<guint16>(samples) == (std::vector<guint16>{0, 1, 2, 3}));
  stage.check_output_caps(
      "application/x-feature-tensor, format=U16LE, shape=(int)<4,1,1>, bit-depth=10, "
      "range-min=(double)<-1.0>, range-max=(double)<1.0>, rounding=floor, source-format=F16LE");
  stage.set("unpack", "shape", "<2,2,1>");
  stage.set("unpack", "packing", "stack");
  fail_unless(stage.run<guint16>(samples) == (std::vector<guint16>{0, 2, 1, 3}));
  stage.set("unpack", "packing", "mosaic");
  stage.set("unpack", "grid-rows", "2");
  fail_if(stage.push(samples) == GST_FLOW_OK);
  stage.check_error("the picture has 2 x 2 samples, a tensor of shape (2,2,1) packed as mosaic");
}
GST_END_TEST;

GST_START_TEST(test_bad_caps) {
  const char *plain = "video/x-raw, format=GRAY16_LE, width=4, height=2, framerate=0/1";
  const BadCaps cases[] = {
      {"featureunpack", plain, "the caps have no feature field: set shape"},
      {"featureunpack shape=\"<2,4>\"", plain, "how many bits a code has"},
      {"featureunpack shape=\"<2,4>\" bit-depth=10", plain, "set range-min and range-max"},
      {"featureunpack shape=\"<2,4>\" bit-depth=1 conditions=cls-vtm", plain,
       "bit-depth is 1, expected 2 to 16"},
      {"featureunpack shape=\"<3,4>\" conditions=cls-vtm", plain,
       "the picture has 4 x 2 samples, a tensor of shape (3,4) packed as stack has 4 x 3"},
      {"featureunpack shape=\"<1,1,1,1,1,1,1,2,4>\" conditions=cls-vtm", plain,
       "shape has 9 dimensions"},
      {"featureunpack shape=\"<0,4>\" conditions=cls-vtm", plain, "needs every dimension"},
      {"featureunpack shape=\"<2,4>\" conditions=cls-vtm max-points=7", plain,
       "has 8 points, more than max-points=7"},
      {"featureunpack shape=\"<2,4>\" conditions=cls-vtm bit-depth=10",
       "video/x-raw, format=GRAY8, width=4, height=2, framerate=0/1",
       "video format GRAY8 cannot hold codes of 10 bits"},
      {"featureunpack shape=\"<2,4>\" bit-depth=10 range-min=\"<2>\" range-max=\"<1>\"", plain,
       "range 0, 2 to 1"},
      {"featureunpack shape=\"<2,4>\" bit-depth=10 range-min=\"<0,0>\" range-max=\"<1,1>\" "
       "range-axis=1",
       plain, "2 ranges were given where axis 1 needs 4"},
      {"featureunpack",
       "video/x-raw, format=GRAY16_LE, width=4, height=2, framerate=0/1, " FEATURE
       "packing=stack, " TEN_BITS ";\"",
       "feature-tensor has no field 'shape'"},
      {"featureunpack",
       "video/x-raw, format=GRAY16_LE, width=4, height=2, framerate=0/1, " FEATURE
       "shape=(int)<5,2>, packing=stack, " TEN_BITS ";\"",
       "the picture has 4 x 2 samples, a tensor of shape (5,2) packed as stack has 2 x 5"},
  };
  for (const BadCaps &bad : cases) check_bad_caps(bad);
}
GST_END_TEST;

GST_START_TEST(test_short_buffer) {
  Stage stage("featureunpack");
  fail_unless(stage.caps("video/x-raw, format=GRAY16_LE, width=4, height=2, framerate=0/1, " FEATURE
                         "shape=(int)<2,4>, packing=stack, " TEN_BITS ";\""));
  fail_unless_equals_int(stage.push(std::vector<guint16>(7)), GST_FLOW_ERROR);
  stage.check_error("The memory of buffer 0 cannot be mapped");
}
GST_END_TEST;

GST_START_TEST(test_renegotiation) {
  Stage stage("featureunpack");
  fail_unless(stage.caps("video/x-raw, format=GRAY16_LE, width=4, height=2, framerate=0/1, " FEATURE
                         "shape=(int)<2,4>, packing=stack, " TEN_BITS ";\""));
  stage.run<guint16>(std::vector<guint16>(8));
  fail_unless(stage.caps("video/x-raw, format=GRAY16_LE, width=2, height=1, framerate=0/1, " FEATURE
                         "shape=(int)<1,2>, packing=rows, " TEN_BITS ";\""));
  fail_unless(stage.run<guint16>(std::vector<guint16>{64, 128}) == (std::vector<guint16>{1, 2}));
  stage.check_output_caps(
      "application/x-feature-tensor, format=U16LE, shape=(int)<1,2>, "
      "source-format=F16LE, " TEN_BITS);
}
GST_END_TEST;

GST_START_TEST(test_flush_and_eos) {
  Stage stage("featureunpack");
  fail_unless(stage.caps("video/x-raw, format=GRAY16_LE, width=2, height=1, framerate=0/1, " FEATURE
                         "shape=(int)<1,2>, packing=rows, " TEN_BITS ";\""));
  check_flush_and_eos<guint16>(&stage, std::vector<guint16>{64, 128});
}
GST_END_TEST;

static Suite *featureunpack_suite(void) {
  Suite *suite = suite_create("featureunpack");
  TCase *tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_add_test(tests, test_description_in_the_caps);
  tcase_add_test(tests, test_low_bits);
  tcase_add_test(tests, test_video_meta);
  tcase_add_test(tests, test_properties);
  tcase_add_test(tests, test_properties_override);
  tcase_add_test(tests, test_bad_caps);
  tcase_add_test(tests, test_short_buffer);
  tcase_add_test(tests, test_renegotiation);
  tcase_add_test(tests, test_flush_and_eos);
  return suite;
}

GST_CHECK_MAIN(featureunpack);
