// SPDX-License-Identifier: LGPL-2.1-or-later
#include <gst/video/video.h>

#include "tests/check/taskhead_util.h"

using namespace test;

namespace {

std::string extract(const std::string &method) {
  return "featureextract name=e " + tiny_model(method);
}

// A picture whose pixel (x, y) is (x, y, 200), with rows `stride` bytes apart.
GstBuffer *picture(int width, int height, int stride) {
  GstBuffer *buffer =
      gst_buffer_new_allocate(nullptr, static_cast<gsize>(stride * height), nullptr);
  gst_buffer_memset(buffer, 0, 0xee, static_cast<gsize>(stride * height));
  const feat::MappedBuffer map(buffer, GST_MAP_WRITE);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      guint8 *pixel = map.data() + y * stride + 3 * x;
      pixel[0] = static_cast<guint8>(x);
      pixel[1] = static_cast<guint8>(y);
      pixel[2] = 200;
    }
  return buffer;
}

// Method double: the planes, as 2 x - 1.
void check_planes(const std::vector<float> &values, int width, int height) {
  fail_unless_equals_int(values.size(), 3 * width * height);
  for (int c = 0; c < 3; ++c)
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x) {
        const float level = static_cast<float>(c == 0 ? x : c == 1 ? y : 200) / 255;
        const float value = values[static_cast<size_t>((c * height + y) * width + x)];
        fail_unless(value == level * 2 - 1, "(%d,%d,%d): %g", c, y, x, value);
      }
}

}  // namespace

GST_START_TEST(test_pictures) {
  Stage stage((extract("double") + " task=seg").c_str());
  // GStreamer's own stride of a width of 5 is 16 bytes.
  stage.caps("video/x-raw, format=RGB, width=5, height=3, framerate=25/2");
  GstBuffer *in = picture(5, 3, 16);
  GST_BUFFER_PTS(in) = 7 * GST_SECOND;
  GST_BUFFER_DURATION(in) = GST_SECOND;
  GST_BUFFER_OFFSET(in) = 42;
  fail_unless_equals_int(gst_harness_push(stage.harness(), in), GST_FLOW_OK);
  stage.check_output_caps(
      "application/x-feature-tensor, format=F32LE, shape=(int)<1,3,3,5>, task=seg, "
      "framerate=25/2");
  GstBuffer *out = stage.pull();
  fail_unless_equals_uint64(GST_BUFFER_PTS(out), 7 * GST_SECOND);
  fail_unless_equals_uint64(GST_BUFFER_DURATION(out), GST_SECOND);
  fail_unless_equals_uint64(GST_BUFFER_OFFSET(out), 42);
  std::vector<float> values(45);
  gst_buffer_extract(out, 0, values.data(), 180);
  gst_buffer_unref(out);
  check_planes(values, 5, 3);

  // Rows that are further apart, as the buffer says.
  in = picture(5, 3, 40);
  gsize offset = 0;
  gint stride = 40;
  gst_buffer_add_video_meta_full(in, GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_FORMAT_RGB, 5, 3, 1,
                                 &offset, &stride);
  fail_unless_equals_int(gst_harness_push(stage.harness(), in), GST_FLOW_OK);
  check_planes(stage.pull_values<float>(), 5, 3);

  // Another size, in mid-stream.
  stage.caps("video/x-raw, format=RGB, width=4, height=2, framerate=0/1");
  fail_unless_equals_int(gst_harness_push(stage.harness(), picture(4, 2, 12)), GST_FLOW_OK);
  stage.check_output_caps(
      "application/x-feature-tensor, format=F32LE, shape=(int)<1,3,2,4>, task=seg");
  check_planes(stage.pull_values<float>(), 4, 2);

  GstElement *element = gst_bin_get_by_name(GST_BIN(stage.harness()->element), "e");
  GstStructure *stats = nullptr;
  g_object_get(element, "stats", &stats, nullptr);
  guint64 buffers = 0;
  gdouble seconds = 0;
  fail_unless(gst_structure_get(stats, "buffers", G_TYPE_UINT64, &buffers, "seconds", G_TYPE_DOUBLE,
                                &seconds, nullptr));
  fail_unless_equals_uint64(buffers, 3);
  fail_unless(seconds > 0);
  gst_structure_free(stats);
  gst_object_unref(element);
}
GST_END_TEST;

// Tokens of 32 or 64 bits, with or without a first dimension of 1, are the same to the model.
GST_START_TEST(test_tokens) {
  const std::vector<gint32> narrow = {3, 7, 0};
  const std::vector<gint64> wide = {3, 7, 0};
  std::vector<float> wanted(24);
  wanted[4] = wanted[8 + 0] = wanted[16 + 1] = 1;
  Stage stage(extract("tokens").c_str());
  stage.caps("application/x-feature-tensor, format=S32LE, shape=(int)<3>");
  fail_unless(stage.run<float>(narrow) == wanted);
  stage.check_output_caps("application/x-feature-tensor, format=F32LE, shape=(int)<1,3,8>");
  stage.caps("application/x-feature-tensor, format=S32LE, shape=(int)<1,3>");
  fail_unless(stage.run<float>(narrow) == wanted);
  stage.caps("application/x-feature-tensor, format=S64LE, shape=(int)<3>");
  fail_unless(stage.run<float>(wide) == wanted);
}
GST_END_TEST;

// Tensors come out as they went in, whatever their format; the stream's memory is not written to.
GST_START_TEST(test_formats) {
  const char *formats[] = {"F32LE", "F16LE", "BF16LE", "F64LE", "U8", "S8", "S16LE"};
  Stage stage(extract("forward").c_str());
  Stage writer(extract("keeps").c_str());
  for (const char *format : formats) {
    const std::string caps =
        "application/x-feature-tensor, format=" + std::string(format) + ", shape=(int)<2,3>";
    GstFeatureFormat value = GST_FEATURE_FORMAT_UNKNOWN;
    fail_unless(gst_feature_format_from_string(format, &value));
    std::vector<guint8> bytes(6 * gst_feature_format_get_size(value));
    for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<guint8>(3 * i);
    stage.caps(caps.c_str());
    fail_unless(stage.run<guint8>(bytes) == bytes, "%s", format);
    stage.check_output_caps(caps.c_str());
  }
  writer.caps("application/x-feature-tensor, format=F32LE, shape=(int)<2>");
  GstBuffer *in = gst_buffer_new_memdup(std::vector<float>{1, -2}.data(), 8);
  fail_unless_equals_int(gst_harness_push(writer.harness(), gst_buffer_ref(in)), GST_FLOW_OK);
  fail_unless(writer.pull_values<float>() == std::vector<float>({3, -6}));
  std::vector<float> kept(2);
  gst_buffer_extract(in, 0, kept.data(), 8);
  fail_unless(kept == std::vector<float>({1, -2}));
  gst_buffer_unref(in);
}
GST_END_TEST;

// The model decides on the shape, buffer by buffer.
GST_START_TEST(test_shapes_that_change) {
  Stage stage(extract("rows").c_str());
  stage.caps("application/x-feature-tensor, format=F32LE, shape=(int)<1>");
  for (const int rows : {2, 5, 5, 1}) {
    const std::vector<float> out = stage.run<float>(std::vector<float>{static_cast<float>(rows)});
    fail_unless_equals_int(out.size(), 2 * rows);
    stage.check_output_caps(
        ("application/x-feature-tensor, format=F32LE, shape=(int)<" + std::to_string(rows) + ",2>")
            .c_str());
  }
  Stage halves(extract("half").c_str());
  halves.caps("application/x-feature-tensor, format=F32LE, shape=(int)<2>");
  const std::vector<guint16> out = halves.run<guint16>(std::vector<float>{1.0F, -2.5F});
  fail_unless(feat::half_to_float(out[0]) == 1.0F && feat::half_to_float(out[1]) == -2.5F);
  halves.check_output_caps("application/x-feature-tensor, format=F16LE, shape=(int)<2>");
}
GST_END_TEST;

// Tags may come before the first buffer: they wait for the caps.
GST_START_TEST(test_events_wait_for_caps) {
  Stage stage(extract("forward").c_str());
  stage.caps("application/x-feature-tensor, format=F32LE, shape=(int)<1>");
  gst_harness_push_event(stage.harness(),
                         gst_event_new_tag(gst_tag_list_new(GST_TAG_TITLE, "a title", nullptr)));
  stage.run<float>(std::vector<float>{1});
  std::vector<GstEventType> types;
  while (GstEvent *event = gst_harness_try_pull_event(stage.harness())) {
    types.push_back(GST_EVENT_TYPE(event));
    gst_event_unref(event);
  }
  fail_unless(types == std::vector<GstEventType>({GST_EVENT_STREAM_START, GST_EVENT_CAPS,
                                                  GST_EVENT_SEGMENT, GST_EVENT_TAG}));
  check_flush_and_eos<float>(&stage, std::vector<float>{2});
}
GST_END_TEST;

GST_START_TEST(test_start_errors) {
  const std::string e = "featureextract ";
  expect_part(start_error(e), "the property model is not set");
  expect_part(start_error(e + "model=/nonexistent.pt"), "/nonexistent.pt cannot be read: No such");
  expect_part(start_error(e + "model=/tmp"), "it is a folder");
  expect_part(start_error(e + "model=/proc/self/status"), "it is no TorchScript model");
  expect_part(start_error(extract("nope")), "no method nope; it has forward, ");
  expect_part(start_error(extract("two")), "the method two takes 2 arguments, not one tensor");
  expect_part(start_error(extract("number")), "the method number does not take a tensor");
  expect_part(start_error(extract("pair")), "returns Tuple[Tensor, Tensor], not a tensor");
  expect_part(start_error(extract("forward") + " device=gpu"),
              "none of auto, cpu, cuda and cuda:N");
  expect_part(start_error(extract("forward") + " device=cuda:999"), "device=cuda:999: ");
}
GST_END_TEST;

// Without the module the element still is there, and says what is missing.
GST_START_TEST(test_no_module) {
  g_setenv("GST_FEATURE_TORCH_MODULE", "/nonexistent.so", TRUE);
  expect_part(start_error(extract("forward")), "there is no /nonexistent.so");
  g_setenv("GST_FEATURE_TORCH_MODULE", "/proc/self/status", TRUE);
  expect_part(start_error(extract("forward")), "LibTorch cannot be loaded: /proc/self/status");
}
GST_END_TEST;

GST_START_TEST(test_run_errors) {
  const struct {
    const char *method;
    const char *part;
  } cases[] = {
      {"throws", "Buffer 0: "},
      {"throws", "method throws: builtins.ValueError: this model likes nothing."},
      {"mismatch", "mat1 and mat2 shapes cannot be multiplied (1x6 and 7x3)."},
      {"nan", "1 of 6 values are NaN or infinite, the first at index 1."},
      {"infinite", "6 of 6 values are NaN or infinite, the first at index 0."},
      {"truths", "it returns a tensor of Bool"},
      {"deep", "it returns 9 dimensions; at most 8 are supported."},
      {"nothing", "the model gives nothing: shape (0,4)."},
  };
  for (const auto &c : cases) {
    Stage stage(extract(c.method).c_str());
    stage.caps("application/x-feature-tensor, format=F32LE, shape=(int)<2,3>");
    fail_unless_equals_int(stage.push(std::vector<float>{1, 2, 3, 4, 5, 6}), GST_FLOW_ERROR);
    stage.check_error(c.part);
  }
  Stage stage((extract("rows") + " max-points=10").c_str());
  stage.caps("application/x-feature-tensor, format=F32LE, shape=(int)<1>");
  fail_unless_equals_int(stage.push(std::vector<float>{6}), GST_FLOW_ERROR);
  stage.check_error("the model's output: ");
  fail_unless_equals_int(stage.push(std::vector<float>{1, 2}), GST_FLOW_ERROR);
  stage.check_error("it has 8 bytes; a tensor of shape (1) and format F32LE has 4.");
}
GST_END_TEST;

GST_START_TEST(test_bad_caps) {
  const std::string e = extract("forward");
  check_bad_caps({e.c_str(),
                  "application/x-feature-tensor, format=U8, shape=(int)<24>, bit-depth=8, "
                  "range-min=(double)<0.0>, range-max=(double)<1.0>, source-format=F32LE",
                  "The tensor is quantised"});
  check_bad_caps({e.c_str(), "application/x-feature-tensor, format=U8, shape=(int)<0,24>",
                  "The tensor has the shape (0,24): there is nothing in it."});
  check_bad_caps({(e + " max-points=5").c_str(),
                  "application/x-feature-tensor, format=U8, shape=(int)<24>", "5"});
  check_bad_caps({(e + " max-points=5").c_str(),
                  "video/x-raw, format=RGB, width=2, height=4, framerate=0/1",
                  "A picture of 2x4 has 24 points; the limit (max-points) is 5."});
  check_no_link(("featuretestsrc ! featurequant ! " + e).c_str());
}
GST_END_TEST;

static Suite *featureextract_suite() {
  Suite *suite = suite_create("featureextract");
  TCase *tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_set_timeout(tests, 120);
  tcase_add_test(tests, test_pictures);
  tcase_add_test(tests, test_tokens);
  tcase_add_test(tests, test_formats);
  tcase_add_test(tests, test_shapes_that_change);
  tcase_add_test(tests, test_events_wait_for_caps);
  tcase_add_test(tests, test_start_errors);
  tcase_add_test(tests, test_no_module);
  tcase_add_test(tests, test_run_errors);
  tcase_add_test(tests, test_bad_caps);
  return suite;
}

GST_CHECK_MAIN(featureextract)
