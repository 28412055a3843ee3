// SPDX-License-Identifier: LGPL-2.1-or-later
#include "featureproc-util.h"

#define TENSOR "application/x-feature-tensor, "
#define QUANTISED                                                                       \
  "bit-depth=10, range-min=(double)<-20.0>, range-max=(double)<20.0>, rounding=floor, " \
  "source-format=F32LE"

namespace {

std::vector<guint16> all_codes(guint bits) {
  std::vector<guint16> codes;
  for (guint code = 0; code < 1u << bits; code++) codes.push_back(static_cast<guint16>(code));
  return codes;
}

}  // namespace

GST_START_TEST(test_every_code) {
  const double min = -5.79, max = 4.46;
  for (guint bits = 2; bits <= 16; bits++)
    for (const char *rounding : {"nearest", "floor"})
      for (const char *format : {"F32LE", "F16LE", "F64LE"}) {
        const bool floor = g_str_equal(rounding, "floor");
        Stage stage("featuredequant");
        g_autofree gchar *caps =
            g_strdup_printf(TENSOR
                            "format=%s, shape=(int)<%u>, bit-depth=%u, range-min=(double)<-5.79>, "
                            "range-max=(double)<4.46>, rounding=%s, source-format=%s",
                            bits <= 8 ? "U8" : "U16LE", 1u << bits, bits, rounding, format);
        fail_unless(stage.caps(caps));
        const auto codes = all_codes(bits);
        const std::vector<guint8> narrow(codes.begin(), codes.end());
        fail_unless_equals_int(bits <= 8 ? stage.push(narrow) : stage.push(codes), GST_FLOW_OK);
        const auto value = [&](guint code) {
          return floor ? floor_value(code, min, max, bits) : nearest_value(code, min, max, bits);
        };
        bool same = true;
        if (g_str_equal(format, "F32LE")) {
          const auto values = stage.pull_values<float>();
          for (guint16 code : codes) same &= values[code] == static_cast<float>(value(code));
        } else if (g_str_equal(format, "F64LE")) {
          const auto values = stage.pull_values<double>();
          for (guint16 code : codes) same &= values[code] == value(code);
        } else {
          const auto values = stage.pull_values<guint16>();
          for (guint16 code : codes)
            same &= values[code] == feat::half_from_double(static_cast<float>(value(code)));
        }
        fail_unless(same, "%u bits, %s, %s", bits, rounding, format);
        g_autofree gchar *output =
            g_strdup_printf(TENSOR "format=%s, shape=(int)<%u>", format, 1u << bits);
        stage.check_output_caps(output);
      }
}
GST_END_TEST;

GST_START_TEST(test_reference_values) {
  Stage stage("featuredequant");
  fail_unless(
      stage.caps(TENSOR "format=U16LE, shape=(int)<4>, framerate=5/1, task=cls, " QUANTISED));
  // scale is 25.575 as a binary32.
  const float scale = 25.575F;
  fail_unless(stage.run<float>(std::vector<guint16>{0, 1, 512, 1023}) ==
              (std::vector<float>{-20, 1 / scale - 20, 512 / scale - 20, 1023 / scale - 20}));
  stage.check_output_caps(TENSOR "format=F32LE, shape=(int)<4>, framerate=5/1, task=cls");
}
GST_END_TEST;

GST_START_TEST(test_ranges_along_an_axis) {
  Stage stage("featuredequant");
  fail_unless(stage.caps(TENSOR
                         "format=U8, shape=(int)<2,3>, bit-depth=2, range-min=(double)<0,-3,-30>, "
                         "range-max=(double)<3,0,0>, range-axis=1, rounding=nearest, "
                         "source-format=S8"));
  fail_unless(stage.run<gint8>(std::vector<guint8>{0, 1, 2, 3, 2, 1}) ==
              (std::vector<gint8>{0, -2, -10, 3, -1, -20}));
}
GST_END_TEST;

// Caps that say nothing about the quantisation, and properties that say all.
GST_START_TEST(test_properties_fill_in) {
  Stage stage(
      "featuredequant bit-depth=10 range-min=\"<-1>\" range-max=\"<1>\" rounding=nearest "
      "source-format=F16LE");
  fail_unless(stage.caps(TENSOR "format=U16LE, shape=(int)<2>"));
  fail_unless(stage.run<guint16>(std::vector<guint16>{0, 1023}) ==
              (std::vector<guint16>{0xbc00, 0x3c00}));
  stage.check_output_caps(TENSOR "format=F16LE, shape=(int)<2>");
  Stage conditions("featuredequant bit-depth=10 conditions=csr-vtm");
  fail_unless(conditions.caps(TENSOR "format=U16LE, shape=(int)<2>"));
  fail_unless(conditions.run<float>(std::vector<guint16>{0, 1023}) == (std::vector<float>{-5, 5}));
}
GST_END_TEST;

// Properties win over what the caps say.
GST_START_TEST(test_properties_override) {
  Stage stage("featuredequant name=dequant range-min=\"<-1>\" range-max=\"<1>\"");
  fail_unless(stage.caps(TENSOR "format=U16LE, shape=(int)<2>, " QUANTISED));
  fail_unless(stage.run<float>(std::vector<guint16>{0, 1023}) == (std::vector<float>{-1, 1}));
  stage.set("dequant", "range-max", "<3>");
  fail_unless(stage.run<float>(std::vector<guint16>{0, 1023}) == (std::vector<float>{-1, 3}));
  stage.set("dequant", "source-format", "F64LE");
  stage.set("dequant", "rounding", "nearest");
  fail_unless(stage.run<double>(std::vector<guint16>{0, 1023}) == (std::vector<double>{-1, 3}));
  stage.check_output_caps(TENSOR "format=F64LE, shape=(int)<2>");
}
GST_END_TEST;

GST_START_TEST(test_bad_caps) {
  const BadCaps cases[] = {
      {"featuredequant", TENSOR "format=U16LE, " QUANTISED, "has no field 'shape'"},
      {"featuredequant", TENSOR "format=U16LE, shape=(int)<2>", "the caps have no bit-depth"},
      {"featuredequant", TENSOR "format=F32LE, shape=(int)<2>", "the caps have no bit-depth"},
      {"featuredequant", TENSOR "format=U16LE, shape=(int)<2>, bit-depth=10",
       "the caps have no range-min"},
      {"featuredequant", TENSOR "format=U8, shape=(int)<2>, " QUANTISED,
       "codes of 10 bits come as U16LE, the caps say format U8"},
      {"featuredequant bit-depth=1 conditions=csr-vtm", TENSOR "format=U8, shape=(int)<2>",
       "bit-depth is 1, expected 2 to 16"},
      {"featuredequant max-points=1", TENSOR "format=U16LE, shape=(int)<2>, " QUANTISED,
       "has 2 points, more than max-points=1"},
      {"featuredequant",
       TENSOR "format=U16LE, shape=(int)<2>, bit-depth=10, range-min=(double)<2.0>, "
              "range-max=(double)<1.0>",
       "range 0, 2 to 1"},
      {"featuredequant",
       TENSOR "format=U16LE, shape=(int)<2>, bit-depth=10, range-min=(double)<1.0,1.0,1.0>, "
              "range-max=(double)<2.0,2.0,2.0>, range-axis=0",
       "3 ranges were given where axis 0 needs 2"},
  };
  for (const BadCaps &bad : cases) check_bad_caps(bad);
}
GST_END_TEST;

GST_START_TEST(test_wrong_size) {
  Stage stage("featuredequant");
  fail_unless(stage.caps(TENSOR "format=U16LE, shape=(int)<2>, " QUANTISED));
  fail_unless_equals_int(stage.push(std::vector<guint16>(3)), GST_FLOW_ERROR);
  stage.check_error("Buffer 0 has 6 bytes; a tensor of shape (2) and format U16LE has 4.");
}
GST_END_TEST;

GST_START_TEST(test_shapes_without_points) {
  Stage stage("featuredequant");
  fail_unless(stage.caps(TENSOR "format=U16LE, shape=(int)<0,4>, " QUANTISED));
  fail_unless(stage.run<float>(std::vector<guint16>()).empty());
}
GST_END_TEST;

GST_START_TEST(test_caps_query) {
  Stage stage("featuredequant ! capsfilter caps=\"" TENSOR "format=F16LE\"");
  GstCaps *caps = gst_pad_peer_query_caps(stage.harness()->srcpad, nullptr);
  GstCaps *f16 = gst_caps_from_string(TENSOR "format=U16LE, source-format=F16LE");
  fail_unless(gst_caps_can_intersect(caps, f16));
  // What upstream prefers is what needs no guess.
  fail_unless_equals_string(
      gst_structure_get_string(gst_caps_get_structure(caps, 0), "source-format"), "F16LE");
  gst_caps_unref(caps);
  gst_caps_unref(f16);
  check_no_link("featuredequant source-format=F32LE ! capsfilter caps=\"" TENSOR "format=F16LE\"");
}
GST_END_TEST;

GST_START_TEST(test_renegotiation) {
  Stage stage("featuredequant");
  fail_unless(stage.caps(TENSOR "format=U16LE, shape=(int)<2>, " QUANTISED));
  stage.run<float>(std::vector<guint16>{0, 1});
  fail_unless(stage.caps(TENSOR
                         "format=U8, shape=(int)<1,3>, bit-depth=8, range-min=(double)<0.0>, "
                         "range-max=(double)<255.0>, rounding=nearest, source-format=F16LE"));
  fail_unless(stage.run<guint16>(std::vector<guint8>{0, 1, 2}) ==
              (std::vector<guint16>{0, 0x3c00, 0x4000}));
  stage.check_output_caps(TENSOR "format=F16LE, shape=(int)<1,3>");
}
GST_END_TEST;

GST_START_TEST(test_flush_and_eos) {
  Stage stage("featuredequant");
  fail_unless(stage.caps(TENSOR "format=U16LE, shape=(int)<2>, " QUANTISED));
  check_flush_and_eos<float>(&stage, std::vector<guint16>{7, 1023});
}
GST_END_TEST;

static Suite *featuredequant_suite(void) {
  Suite *suite = suite_create("featuredequant");
  TCase *tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_add_test(tests, test_every_code);
  tcase_add_test(tests, test_reference_values);
  tcase_add_test(tests, test_ranges_along_an_axis);
  tcase_add_test(tests, test_properties_fill_in);
  tcase_add_test(tests, test_properties_override);
  tcase_add_test(tests, test_bad_caps);
  tcase_add_test(tests, test_wrong_size);
  tcase_add_test(tests, test_shapes_without_points);
  tcase_add_test(tests, test_caps_query);
  tcase_add_test(tests, test_renegotiation);
  tcase_add_test(tests, test_flush_and_eos);
  return suite;
}

GST_CHECK_MAIN(featuredequant);
