// SPDX-License-Identifier: LGPL-2.1-or-later
// The processing elements together: the paper's shapes through every packing and back, and the
// reference preprocessing bit for bit.
#include <gst/video/video.h>

#include <array>

#include "featureproc-util.h"

namespace {

using Shape = std::array<gsize, 4>;

gsize points(const Shape &shape) {
  return shape[0] * shape[1] * shape[2] * shape[3];
}

std::string text_of(const Shape &shape) {
  g_autofree gchar *text =
      g_strdup_printf("<%d,%d,%d,%d>", static_cast<int>(shape[0]), static_cast<int>(shape[1]),
                      static_cast<int>(shape[2]), static_cast<int>(shape[3]));
  return text;
}

// One of the paper's tasks: its conditions, shape and format, the ranges of the channels, and the
// picture of section 8.1.
struct Task {
  const char *conditions;
  Shape shape;
  bool halves;
  std::vector<double> min, max;
  gsize width, height;
};

const Task tasks[] = {
    {"cls-vtm", {1, 1, 257, 1536}, false, {-20}, {20}, 1536, 257},
    {"seg-vtm", {2, 1, 1370, 1536}, false, {-20}, {20}, 1536, 2740},
    {"dpt-vtm", {2, 4, 1611, 1536}, false, {-1, -2, -10, -20}, {1, 2, 10, 20}, 6144, 3222},
    {"csr-vtm", {1, 1, 130, 4096}, false, {-5}, {5}, 4096, 130},
    {"tti-vtm", {1, 16, 128, 128}, true, {-5.79}, {4.46}, 512, 512},
};

// Where the reference software puts an element, by transposing and reshaping: tti in a 4x4 grid,
// all others as (N*H, C*W).
gsize place(const Task &task, gsize n, gsize c, gsize h, gsize w) {
  const auto &[images, channels, height, width] = task.shape;
  if (channels == 16) return ((c / 4) * height + h) * (4 * width) + (c % 4) * width + w;
  return (n * height + h) * (channels * width) + c * width + w;
}

// Calls function(index in the tensor, channel, index in the picture) for every element.
template <class Function>
void for_each_element(const Task &task, Function &&function) {
  gsize i = 0;
  for (gsize n = 0; n < task.shape[0]; n++)
    for (gsize c = 0; c < task.shape[1]; c++)
      for (gsize h = 0; h < task.shape[2]; h++)
        for (gsize w = 0; w < task.shape[3]; w++, i++) function(i, c, place(task, n, c, h, w));
}

std::string source_caps(const Task &task) {
  return std::string("application/x-feature-tensor, format=") + (task.halves ? "F16LE" : "F32LE") +
         ", shape=(int)" + text_of(task.shape);
}

guint reference_code(const Task &task, const std::vector<float> &floats,
                     const std::vector<guint16> &halves, gsize i, gsize channel) {
  const gsize range = task.min.size() > 1 ? channel : 0;
  return task.halves ? floor_code_f16(halves[i], task.min[range], task.max[range], 10)
                     : floor_code_f32(floats[i], task.min[range], task.max[range], 10);
}

}  // namespace

// With the presets and rounding=floor, the packed frame is the reference software's.
GST_START_TEST(test_packed_frames_of_the_reference) {
  const Task &task = tasks[__i__];
  const std::vector<float> floats = feature_values(points(task.shape), 3);
  const std::vector<guint16> halves = task.halves ? to_halves(floats) : std::vector<guint16>();
  g_autofree gchar *description = g_strdup_printf(
      "featuretrunc conditions=%s ! featurequant conditions=%s rounding=floor ! "
      "featurepack conditions=%s ! capsfilter caps=video/x-raw,format=GRAY16_LE,width=%d,height=%d",
      task.conditions, task.conditions, task.conditions, static_cast<int>(task.width),
      static_cast<int>(task.height));
  Stage stage(description);
  fail_unless(stage.caps(source_caps(task).c_str()));
  const auto picture = task.halves ? stage.run<guint16>(halves) : stage.run<guint16>(floats);
  fail_unless_equals_int(picture.size(), points(task.shape));
  for_each_element(task, [&](gsize i, gsize c, gsize at) {
    const guint code = reference_code(task, floats, halves, i, c);
    // Checks cost a system call each, even where they pass.
    if (picture[at] != code << 6)
      fail("%s: %u instead of %u at element %d", task.conditions, picture[at] >> 6, code,
           static_cast<int>(i));
  });
}
GST_END_TEST;

// And back: the reference software's values.
GST_START_TEST(test_restored_tensors_of_the_reference) {
  const Task &task = tasks[__i__];
  const std::vector<float> floats = feature_values(points(task.shape), 3);
  const std::vector<guint16> halves = task.halves ? to_halves(floats) : std::vector<guint16>();
  g_autofree gchar *description = g_strdup_printf(
      "featurequant conditions=%s rounding=floor ! featurepack conditions=%s ! featureunpack ! "
      "featuredequant",
      task.conditions, task.conditions);
  Stage stage(description);
  fail_unless(stage.caps(source_caps(task).c_str()));
  fail_unless_equals_int(task.halves ? stage.push(halves) : stage.push(floats), GST_FLOW_OK);
  GstBuffer *buffer = stage.pull();
  GstMapInfo map;
  fail_unless(gst_buffer_map(buffer, &map, GST_MAP_READ));
  fail_unless_equals_int(map.size, points(task.shape) * (task.halves ? 2 : 4));
  for_each_element(task, [&](gsize i, gsize c, gsize) {
    const gsize range = task.min.size() > 1 ? c : 0;
    const float value = floor_value(reference_code(task, floats, halves, i, c), task.min[range],
                                    task.max[range], 10);
    const bool same = task.halves
                          ? GST_READ_UINT16_LE(map.data + 2 * i) == feat::half_from_double(value)
                          : feat::load_le<float>(map.data + 4 * i) == value;
    if (!same) fail("%s: not %g at element %d", task.conditions, value, static_cast<int>(i));
  });
  gst_buffer_unmap(buffer, &map);
  gst_buffer_unref(buffer);
  stage.check_output_caps(
      (source_caps(task) + ", task=" + std::string(task.conditions, 3)).c_str());
}
GST_END_TEST;

// Every packing of the five shapes, at narrow and wide codes, is undone exactly.
GST_START_TEST(test_packings_are_exact_inverses) {
  const Task &task = tasks[__i__];
  const gsize n = points(task.shape);
  std::vector<guint8> narrow(n);
  std::vector<guint16> wide(n);
  std::mt19937 random(7);
  for (gsize i = 0; i < n; i++) wide[i] = static_cast<guint16>(random());
  for (gsize i = 0; i < n; i++) narrow[i] = static_cast<guint8>(wide[i] >> 8);
  for (const char *packing : {"auto", "rows", "stack", "mosaic"}) {
    if (g_str_equal(packing, "rows") && task.shape[0] * task.shape[1] > 1) continue;
    g_autofree gchar *description =
        g_strdup_printf("featurepack packing=%s ! featureunpack", packing);
    Stage stage(description);
    const std::string rest = std::string(", shape=(int)") + text_of(task.shape) +
                             ", range-min=(double)<0.0>, range-max=(double)<1.0>, "
                             "rounding=nearest, source-format=F32LE";
    const std::string caps16 = "application/x-feature-tensor, format=U16LE, bit-depth=16" + rest;
    fail_unless(stage.caps(caps16.c_str()));
    fail_unless(stage.run<guint16>(wide) == wide, "%s %s", task.conditions, packing);
    stage.check_output_caps(caps16.c_str());
    const std::string caps8 = "application/x-feature-tensor, format=U8, bit-depth=8" + rest;
    fail_unless(stage.caps(caps8.c_str()));
    fail_unless(stage.run<guint8>(narrow) == narrow, "%s %s", task.conditions, packing);
    stage.check_output_caps(caps8.c_str());
  }
}
GST_END_TEST;

// Every video format carries every depth that fits, odd sizes included.
GST_START_TEST(test_formats_are_exact_inverses) {
  struct {
    const char *format;
    guint depth;
  } formats[] = {{"GRAY8", 8},      {"GRAY16_LE", 16}, {"GRAY10_LE16", 10}, {"I420", 8},
                 {"NV12", 8},       {"Y444", 8},       {"I420_10LE", 10},   {"P010_10LE", 10},
                 {"I420_12LE", 12}, {"Y444_10LE", 10}, {"Y444_12LE", 12}};
  for (const auto &[format, depth] : formats) {
    if (gst_video_format_from_string(format) == GST_VIDEO_FORMAT_UNKNOWN) continue;
    for (guint bits = 2; bits <= depth; bits++) {
      g_autofree gchar *description = g_strdup_printf(
          "featurepack ! capsfilter caps=video/x-raw,format=%s ! featureunpack", format);
      Stage stage(description);
      g_autofree gchar *caps = g_strdup_printf(
          "application/x-feature-tensor, format=%s, shape=(int)<3,5,7>, bit-depth=%u, "
          "range-min=(double)<0.0>, range-max=(double)<1.0>, rounding=floor, source-format=F16LE",
          bits <= 8 ? "U8" : "U16LE", bits);
      fail_unless(stage.caps(caps));
      std::vector<guint16> codes(105);
      for (gsize i = 0; i < codes.size(); i++)
        codes[i] = static_cast<guint16>((i * 40503 + 65535) % (1u << bits));
      if (bits <= 8) {
        const std::vector<guint8> narrow(codes.begin(), codes.end());
        fail_unless(stage.run<guint8>(narrow) == narrow, "%s %u", format, bits);
      } else {
        fail_unless(stage.run<guint16>(codes) == codes, "%s %u", format, bits);
      }
      stage.check_output_caps(caps);
    }
  }
}
GST_END_TEST;

// No property at all: what the first line of the documentation does.
GST_START_TEST(test_defaults) {
  Stage stage("featuretrunc ! featurequant ! featurepack ! featureunpack ! featuredequant");
  fail_unless(stage.caps("application/x-feature-tensor, format=F32LE, shape=(int)<1,1,2,3>"));
  const std::vector<float> values{-542.3F, -1.5F, 0, 0.7F, 19, 94.14F};
  const auto restored = stage.run<float>(values);
  for (gsize i = 0; i < values.size(); i++)
    fail_unless(restored[i] == static_cast<float>(nearest_value(
                                   nearest_code(values[i], -20, 20, 10), -20, 20, 10)));
  // A sample of another shape needs no more than new caps.
  fail_unless(stage.caps("application/x-feature-tensor, format=F16LE, shape=(int)<4,4>"));
  fail_unless_equals_int(stage.run<guint16>(std::vector<guint16>(16)).size(), 16);
  stage.check_output_caps("application/x-feature-tensor, format=F16LE, shape=(int)<4,4>");
}
GST_END_TEST;

// A converter to another format of the same family keeps the codes and their description.
GST_START_TEST(test_through_videoconvert) {
  for (const char *format : {"I420_10LE", "Y444_10LE", "GRAY16_BE"}) {
    g_autofree gchar *description = g_strdup_printf(
        "featurepack ! capsfilter caps=video/x-raw,format=GRAY16_LE ! videoconvert ! "
        "capsfilter caps=\"video/x-raw,format=%s,colorimetry=1:4:0:0\" ! videoconvert ! "
        "capsfilter caps=video/x-raw,format=GRAY16_LE ! featureunpack",
        format);
    Stage stage(description);
    const char *caps =
        "application/x-feature-tensor, format=U16LE, shape=(int)<2,3,8,16>, bit-depth=10, "
        "range-min=(double)<0.0>, range-max=(double)<1.0>, rounding=floor, source-format=F16LE";
    fail_unless(stage.caps(caps));
    std::vector<guint16> codes(768);
    for (gsize i = 0; i < codes.size(); i++) codes[i] = static_cast<guint16>(i * 619 % 1024);
    fail_unless(stage.run<guint16>(codes) == codes, "%s", format);
    stage.check_output_caps(caps);
  }
}
GST_END_TEST;

GST_START_TEST(test_png) {
  Stage stage("featurequant ! featurepack ! videoconvert ! pngenc");
  fail_unless(stage.caps("application/x-feature-tensor, format=F32LE, shape=(int)<2,3,5,7>"));
  const auto png = stage.run<guint8>(feature_values(210, 5));
  const guint8 head[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  fail_unless(png.size() > 24 && std::memcmp(png.data(), head, sizeof head) == 0);
  fail_unless_equals_int(GST_READ_UINT32_BE(&png[16]), 21);
  fail_unless_equals_int(GST_READ_UINT32_BE(&png[20]), 10);
}
GST_END_TEST;

static Suite *featurepipeline_suite(void) {
  Suite *suite = suite_create("featurepipeline");
  TCase *tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_add_loop_test(tests, test_packed_frames_of_the_reference, 0, G_N_ELEMENTS(tasks));
  tcase_add_loop_test(tests, test_restored_tensors_of_the_reference, 0, G_N_ELEMENTS(tasks));
  tcase_add_loop_test(tests, test_packings_are_exact_inverses, 0, G_N_ELEMENTS(tasks));
  tcase_add_test(tests, test_formats_are_exact_inverses);
  tcase_add_test(tests, test_defaults);
  tcase_add_test(tests, test_through_videoconvert);
  tcase_add_test(tests, test_png);
  return suite;
}

GST_CHECK_MAIN(featurepipeline);
