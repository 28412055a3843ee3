// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gst/video/video.h>

#include "featureproc-util.h"

#define CODES10 \
  "bit-depth=10, range-min=(double)<-20.0>, range-max=(double)<20.0>, source-format=F32LE"
#define VIDEO                                                                        \
  "video/x-raw, framerate=0/1, interlace-mode=progressive, pixel-aspect-ratio=1/1, " \
  "colorimetry=1:4:0:0, "
#define FEATURE10                                                                     \
  "format=F32LE, bit-depth=10, range-min=(double)<-20.0>, range-max=(double)<20.0>, " \
  "rounding=nearest"

namespace {

std::vector<guint16> count_up(gsize n) {
  std::vector<guint16> codes(n);
  for (gsize i = 0; i < n; i++) codes[i] = static_cast<guint16>(i * 7 % 1024);
  return codes;
}

// A picture as rows of samples, whatever the strides.
std::vector<guint> plane_of(GstBuffer *buffer, const char *caps_text, guint plane, guint width,
                            guint height) {
  GstCaps *caps = gst_caps_from_string(caps_text);
  GstVideoInfo info;
  fail_unless(gst_video_info_from_caps(&info, caps));
  gst_caps_unref(caps);
  GstVideoFrame frame;
  fail_unless(gst_video_frame_map(&frame, &info, buffer, GST_MAP_READ));
  std::vector<guint> samples;
  const bool wide = GST_VIDEO_INFO_COMP_DEPTH(&info, 0) > 8;
  for (guint y = 0; y < height; y++) {
    const auto *row = static_cast<const guint8 *>(GST_VIDEO_FRAME_PLANE_DATA(&frame, plane)) +
                      static_cast<gsize>(y) * GST_VIDEO_FRAME_PLANE_STRIDE(&frame, plane);
    for (guint x = 0; x < width; x++)
      samples.push_back(wide ? GST_READ_UINT16_LE(row + 2 * x) : row[x]);
  }
  gst_video_frame_unmap(&frame);
  return samples;
}

}  // namespace

GST_START_TEST(test_stack) {
  Stage stage("featurepack packing=stack");
  fail_unless(
      stage.caps("application/x-feature-tensor, format=U16LE, shape=(int)<2,3,2,4>, "
                 "rounding=nearest, " CODES10));
  const auto codes = count_up(48);
  fail_unless_equals_int(stage.push(codes, GST_SECOND), GST_FLOW_OK);
  const char *caps =
      VIDEO "format=GRAY16_LE, width=12, height=4, feature=(structure)\"feature-tensor, " FEATURE10
            ", shape=(int)<2,3,2,4>, packing=stack;\"";
  stage.check_output_caps(caps);
  GstBuffer *buffer = stage.pull();
  fail_unless_equals_uint64(GST_BUFFER_PTS(buffer), GST_SECOND);
  const auto picture = plane_of(buffer, caps, 0, 12, 4);
  for (guint n = 0; n < 2; n++)
    for (guint c = 0; c < 3; c++)
      for (guint h = 0; h < 2; h++)
        for (guint w = 0; w < 4; w++)
          fail_unless_equals_int(picture[(n * 2 + h) * 12 + c * 4 + w],
                                 codes[((n * 3 + c) * 2 + h) * 4 + w] << 6);
  gst_buffer_unref(buffer);
}
GST_END_TEST;

GST_START_TEST(test_mosaic) {
  Stage stage("featurepack packing=mosaic grid-rows=2");
  fail_unless(
      stage.caps("application/x-feature-tensor, format=U16LE, shape=(int)<2,6,2,4>, "
                 "rounding=nearest, " CODES10));
  const auto codes = count_up(96);
  fail_unless_equals_int(stage.push(codes), GST_FLOW_OK);
  const char *caps =
      VIDEO "format=GRAY16_LE, width=12, height=8, feature=(structure)\"feature-tensor, " FEATURE10
            ", shape=(int)<2,6,2,4>, packing=mosaic, grid=(int)<2,3>;\"";
  stage.check_output_caps(caps);
  GstBuffer *buffer = stage.pull();
  const auto picture = plane_of(buffer, caps, 0, 12, 8);
  for (guint n = 0; n < 2; n++)
    for (guint c = 0; c < 6; c++)
      for (guint h = 0; h < 2; h++)
        for (guint w = 0; w < 4; w++)
          fail_unless_equals_int(picture[(n * 4 + c / 3 * 2 + h) * 12 + c % 3 * 4 + w],
                                 codes[((n * 6 + c) * 2 + h) * 4 + w] << 6);
  gst_buffer_unref(buffer);
}
GST_END_TEST;

GST_START_TEST(test_rows_keep_the_frame_rate) {
  Stage stage("featurepack packing=rows");
  fail_unless(
      stage.caps("application/x-feature-tensor, format=U16LE, shape=(int)<3,2>, "
                 "rounding=nearest, framerate=25/2, task=csr, " CODES10));
  stage.push(std::vector<guint16>{0, 1, 2, 3, 1022, 1023});
  const char *caps =
      "video/x-raw, framerate=25/2, interlace-mode=progressive, pixel-aspect-ratio=1/1, "
      "colorimetry=1:4:0:0, format=GRAY16_LE, width=2, height=3, "
      "feature=(structure)\"feature-tensor, " FEATURE10
      ", shape=(int)<3,2>, task=csr, packing=rows;\"";
  stage.check_output_caps(caps);
  GstBuffer *buffer = stage.pull();
  fail_unless(plane_of(buffer, caps, 0, 2, 3) ==
              (std::vector<guint>{0, 64, 128, 192, 1022 * 64, 1023 * 64}));
  gst_buffer_unref(buffer);
}
GST_END_TEST;

// Where the codes lie in each format, and what is in the planes they do not need.
GST_START_TEST(test_formats) {
  struct {
    const char *format;
    guint bit_depth, shift, chroma_planes, chroma_width, chroma_height, neutral;
  } cases[] = {
      {"GRAY8", 8, 0, 0, 0, 0, 0},
      {"GRAY8", 5, 3, 0, 0, 0, 0},
      {"GRAY16_LE", 8, 8, 0, 0, 0, 0},
      {"GRAY16_LE", 16, 0, 0, 0, 0, 0},
      {"GRAY10_LE16", 10, 0, 0, 0, 0, 0},
      {"I420", 8, 0, 2, 3, 2, 128},
      {"NV12", 7, 1, 1, 6, 2, 128},
      {"Y444", 8, 0, 2, 5, 3, 128},
      {"I420_10LE", 10, 0, 2, 3, 2, 512},
      {"I420_10LE", 8, 2, 2, 3, 2, 512},
      {"P010_10LE", 10, 6, 1, 6, 2, 512 << 6},
      {"I420_12LE", 12, 0, 2, 3, 2, 2048},
      {"Y444_10LE", 10, 0, 2, 5, 3, 512},
      {"Y444_12LE", 11, 1, 2, 5, 3, 2048},
  };
  for (const auto &c : cases) {
    if (gst_video_format_from_string(c.format) == GST_VIDEO_FORMAT_UNKNOWN) continue;
    g_autofree gchar *description =
        g_strdup_printf("featurepack ! capsfilter caps=video/x-raw,format=%s", c.format);
    Stage stage(description);
    g_autofree gchar *caps = g_strdup_printf(
        "application/x-feature-tensor, format=%s, shape=(int)<3,5>, bit-depth=%u, "
        "range-min=(double)<0.0>, range-max=(double)<1.0>, rounding=nearest, source-format=F16LE",
        c.bit_depth <= 8 ? "U8" : "U16LE", c.bit_depth);
    fail_unless(stage.caps(caps));
    const guint last = (1u << c.bit_depth) - 1;
    std::vector<guint> codes;
    for (guint i = 0; i < 15; i++) codes.push_back(last - i * last / 15);
    if (c.bit_depth <= 8)
      stage.push(std::vector<guint8>(codes.begin(), codes.end()));
    else
      stage.push(std::vector<guint16>(codes.begin(), codes.end()));
    g_autofree gchar *video = g_strdup_printf(
        VIDEO
        "format=%s, width=5, height=3, feature=(structure)\"feature-tensor, format=F16LE, "
        "shape=(int)<3,5>, bit-depth=%u, range-min=(double)<0.0>, range-max=(double)<1.0>, "
        "rounding=nearest, packing=stack;\"",
        c.format, c.bit_depth);
    stage.check_output_caps(video);
    GstBuffer *buffer = stage.pull();
    fail_unless(buffer != nullptr, "%s", c.format);
    const auto picture = plane_of(buffer, video, 0, 5, 3);
    for (gsize i = 0; i < codes.size(); i++)
      fail_unless(picture[i] == codes[i] << c.shift, "%s: %u instead of %u", c.format, picture[i],
                  codes[i] << c.shift);
    for (guint plane = 1; plane <= c.chroma_planes; plane++)
      for (const guint sample : plane_of(buffer, video, plane, c.chroma_width, c.chroma_height))
        fail_unless(sample == c.neutral, "%s: chroma is %u", c.format, sample);
    gst_buffer_unref(buffer);
  }
}
GST_END_TEST;

// Among what downstream takes, the format that carries least besides the codes.
GST_START_TEST(test_choice_of_format) {
  struct {
    guint bit_depth, width;
    const char *allowed, *chosen;
  } cases[] = {
      {10, 4, "{NV12, P010_10LE, I420_10LE, GRAY16_LE}", "GRAY16_LE"},
      {8, 4, "{I420, GRAY16_LE, GRAY8}", "GRAY8"},
      {10, 4, "{Y444_10LE, P010_10LE, I420_10LE, I420}", "I420_10LE"},
      {8, 4, "{Y444, I420}", "I420"},
      // A codec cannot signal an odd size with subsampled chroma.
      {10, 5, "{I420_10LE, Y444_10LE}", "Y444_10LE"},
      {8, 5, "{I420, Y444}", "Y444"},
  };
  for (const auto &c : cases) {
    g_autofree gchar *description = g_strdup_printf(
        "featurepack ! capsfilter caps=\"video/x-raw,format=(string)%s\"", c.allowed);
    Stage stage(description);
    g_autofree gchar *caps = g_strdup_printf(
        "application/x-feature-tensor, format=%s, shape=(int)<2,%u>, bit-depth=%u, "
        "range-min=(double)<0.0>, range-max=(double)<1.0>, rounding=nearest, source-format=F16LE",
        c.bit_depth <= 8 ? "U8" : "U16LE", c.width, c.bit_depth);
    fail_unless(stage.caps(caps));
    if (c.bit_depth <= 8)
      stage.push(std::vector<guint8>(2 * c.width));
    else
      stage.push(std::vector<guint16>(2 * c.width));
    GstBuffer *buffer = stage.pull();
    fail_unless(buffer != nullptr, "%s", c.allowed);
    gst_buffer_unref(buffer);
    GstCaps *output = gst_pad_get_current_caps(stage.harness()->sinkpad);
    fail_unless_equals_string(gst_structure_get_string(gst_caps_get_structure(output, 0), "format"),
                              c.chosen);
    gst_caps_unref(output);
  }
}
GST_END_TEST;

GST_START_TEST(test_auto) {
  struct {
    const char *description, *shape, *task, *packing;
    gint width, height;
  } cases[] = {
      {"featurepack", "<1,1,257,1536>", "", "stack", 1536, 257},
      {"featurepack", "<2,4,3,5>", "", "stack", 20, 6},
      {"featurepack", "<16,8,8>", "", "mosaic", 32, 32},
      {"featurepack", "<1,6,8,8>", "", "mosaic", 24, 16},
      {"featurepack", "<1,7,8,8>", "", "mosaic", 56, 8},
      {"featurepack", "<1,16,8,8>", ", task=tti", "mosaic", 32, 32},
      {"featurepack", "<1,4,8,8>", ", task=tti", "mosaic", 16, 16},
      {"featurepack", "<1,4,8,8>", ", task=dpt", "stack", 32, 8},
      {"featurepack", "<1,1,8,8>", ", task=csr", "rows", 8, 8},
      {"featurepack", "<2,1,8,8>", ", task=csr", "stack", 8, 16},
      {"featurepack conditions=csr-vtm", "<8,8>", "", "rows", 8, 8},
      {"featurepack conditions=tti-vtm", "<16,2,3>", "", "mosaic", 12, 8},
      {"featurepack conditions=tti-vtm grid-rows=2 grid-columns=8", "<16,2,3>", "", "mosaic", 24,
       4},
      {"featurepack conditions=dpt-vtm packing=mosaic", "<4,2,3>", "", "mosaic", 6, 4},
      {"featurepack packing=mosaic grid-columns=3", "<6,2,3>", "", "mosaic", 9, 4},
      {"featurepack", "<5>", "", "stack", 5, 1},
      {"featurepack", "<>", "", "stack", 1, 1},
  };
  for (const auto &c : cases) {
    Stage stage(c.description);
    g_autofree gchar *caps =
        g_strdup_printf("application/x-feature-tensor, format=U16LE, shape=(int)%s, " CODES10 "%s",
                        c.shape, c.task);
    fail_unless(stage.caps(caps));
    const auto codes = count_up(static_cast<gsize>(c.width) * static_cast<gsize>(c.height));
    fail_unless_equals_int(stage.push(codes), GST_FLOW_OK);
    GstCaps *output = gst_pad_get_current_caps(stage.harness()->sinkpad);
    const GstStructure *s = gst_caps_get_structure(output, 0);
    gint width, height;
    fail_unless(
        gst_structure_get(s, "width", G_TYPE_INT, &width, "height", G_TYPE_INT, &height, nullptr));
    fail_unless(width == c.width && height == c.height, "%s %s: %d x %d", c.description, c.shape,
                width, height);
    const GstStructure *feature = gst_value_get_structure(gst_structure_get_value(s, "feature"));
    fail_unless_equals_string(gst_structure_get_string(feature, "packing"), c.packing);
    gst_caps_unref(output);
  }
}
GST_END_TEST;

GST_START_TEST(test_bad_caps) {
  const BadCaps cases[] = {
      {"featurepack", "application/x-feature-tensor, format=U16LE, " CODES10,
       "has no field 'shape'"},
      {"featurepack", "application/x-feature-tensor, format=U8, shape=(int)<2,2>",
       "put featurequant before"},
      {"featurepack", "application/x-feature-tensor, format=F32LE, shape=(int)<2,2>",
       "put featurequant before"},
      {"featurepack", "application/x-feature-tensor, format=U16LE, shape=(int)<2,0>, " CODES10,
       "needs every dimension to be 1 or more"},
      {"featurepack max-points=3",
       "application/x-feature-tensor, format=U16LE, shape=(int)<2,2>, " CODES10,
       "has 4 points, more than max-points=3"},
      {"featurepack packing=rows",
       "application/x-feature-tensor, format=U16LE, shape=(int)<2,1,2>, " CODES10,
       "cannot be packed as rows"},
      {"featurepack packing=mosaic grid-rows=2 grid-columns=2",
       "application/x-feature-tensor, format=U16LE, shape=(int)<3,2,2>, " CODES10,
       "a grid of 2 x 2 needs 4 channels, shape (3,2,2) has 3"},
      {"featurepack conditions=tti-vtm",
       "application/x-feature-tensor, format=U16LE, shape=(int)<3,2,2>, " CODES10,
       "a grid of 4 x 4 needs 16 channels"},
      {"featurepack max-points=1000000000000 packing=stack",
       "application/x-feature-tensor, format=U16LE, shape=(int)<3,1,2147483647>, " CODES10,
       "sides of at most 2147483647"},
      {"featurepack max-points=1000000000000",
       "application/x-feature-tensor, format=U16LE, shape=(int)<1,2147483647>, " CODES10,
       "larger than a video frame can be"},
      {"featurepack ! capsfilter caps=\"video/x-raw,width=(int)[1,8]\"",
       "application/x-feature-tensor, format=U16LE, shape=(int)<2,9>, " CODES10,
       "No picture of 9x2 samples"},
  };
  for (const BadCaps &bad : cases) check_bad_caps(bad);
}
GST_END_TEST;

GST_START_TEST(test_wrong_size) {
  Stage stage("featurepack");
  fail_unless(stage.caps("application/x-feature-tensor, format=U16LE, shape=(int)<2,2>, " CODES10));
  fail_unless_equals_int(stage.push(std::vector<guint16>(3)), GST_FLOW_ERROR);
  stage.check_error("Buffer 0 has 6 bytes; a tensor of shape (2,2) and format U16LE has 8.");
}
GST_END_TEST;

GST_START_TEST(test_renegotiation) {
  Stage stage("featurepack name=pack");
  fail_unless(
      stage.caps("application/x-feature-tensor, format=U16LE, shape=(int)<2,2>, "
                 "rounding=nearest, " CODES10));
  stage.run<guint8>(count_up(4));
  fail_unless(
      stage.caps("application/x-feature-tensor, format=U16LE, shape=(int)<4,3,2>, "
                 "rounding=nearest, " CODES10));
  stage.run<guint8>(count_up(24));
  stage.check_output_caps(
      VIDEO "format=GRAY16_LE, width=8, height=3, feature=(structure)\"feature-tensor, " FEATURE10
            ", shape=(int)<4,3,2>, packing=stack;\"");
  stage.set("pack", "packing", "mosaic");
  stage.run<guint8>(count_up(24));
  stage.check_output_caps(
      VIDEO "format=GRAY16_LE, width=4, height=6, feature=(structure)\"feature-tensor, " FEATURE10
            ", shape=(int)<4,3,2>, packing=mosaic, grid=(int)<2,2>;\"");
  stage.set("pack", "grid-rows", "3");
  fail_if(stage.push(count_up(24)) == GST_FLOW_OK);
  stage.check_error("needs 3 channels, shape (4,3,2) has 4");
}
GST_END_TEST;

// What downstream takes limits the bit depth upstream may have.
GST_START_TEST(test_caps_query) {
  struct {
    const char *filter, *expected;
  } cases[] = {
      {"format=GRAY8", "application/x-feature-tensor, format=U8, bit-depth=[2, 8]"},
      {"format=I420_10LE, framerate=25/1",
       "application/x-feature-tensor, format=U16LE, bit-depth=[9, 10], framerate=25/1; "
       "application/x-feature-tensor, format=U8, bit-depth=[2, 8], framerate=25/1; "
       "application/x-feature-tensor, format=U16LE, bit-depth=[9, 10]; "
       "application/x-feature-tensor, format=U8, bit-depth=[2, 8]"},
      {"format={GRAY8, GRAY16_LE}",
       "application/x-feature-tensor, format=U16LE, bit-depth=[9, 16]; "
       "application/x-feature-tensor, format=U8, bit-depth=[2, 8]"},
  };
  for (const auto &c : cases) {
    g_autofree gchar *description =
        g_strdup_printf("featurepack ! capsfilter caps=\"video/x-raw,%s\"", c.filter);
    Stage stage(description);
    GstCaps *caps = gst_pad_peer_query_caps(stage.harness()->srcpad, nullptr);
    GstCaps *expected = gst_caps_from_string(c.expected);
    fail_unless(gst_caps_is_equal(caps, expected), "%s: %s", c.filter, gst_caps_to_string(caps));
    gst_caps_unref(caps);
    gst_caps_unref(expected);
  }
  // A tensor without a frame rate gives pictures of the rate that is asked for.
  Stage rate("featurepack ! capsfilter caps=video/x-raw,framerate=25/1");
  fail_unless(rate.caps("application/x-feature-tensor, format=U16LE, shape=(int)<2>, " CODES10));
  rate.run<guint16>(std::vector<guint16>{1, 2});
  GstCaps *output = gst_pad_get_current_caps(rate.harness()->sinkpad);
  gint n, d;
  fail_unless(gst_structure_get_fraction(gst_caps_get_structure(output, 0), "framerate", &n, &d));
  fail_unless_equals_int(n, 25);
  gst_caps_unref(output);
  check_no_link("featurepack ! capsfilter caps=video/x-raw,format=RGB");
}
GST_END_TEST;

GST_START_TEST(test_flush_and_eos) {
  Stage stage("featurepack");
  fail_unless(stage.caps("application/x-feature-tensor, format=U16LE, shape=(int)<2,2>, " CODES10));
  check_flush_and_eos<guint16>(&stage, count_up(4));
}
GST_END_TEST;

static Suite *featurepack_suite(void) {
  Suite *suite = suite_create("featurepack");
  TCase *tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_add_test(tests, test_stack);
  tcase_add_test(tests, test_mosaic);
  tcase_add_test(tests, test_rows_keep_the_frame_rate);
  tcase_add_test(tests, test_formats);
  tcase_add_test(tests, test_choice_of_format);
  tcase_add_test(tests, test_auto);
  tcase_add_test(tests, test_bad_caps);
  tcase_add_test(tests, test_wrong_size);
  tcase_add_test(tests, test_renegotiation);
  tcase_add_test(tests, test_caps_query);
  tcase_add_test(tests, test_flush_and_eos);
  return suite;
}

GST_CHECK_MAIN(featurepack);
