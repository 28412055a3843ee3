// SPDX-License-Identifier: LGPL-2.1-or-later
#include "featureproc-util.h"

#define TENSOR "application/x-feature-tensor, "

namespace {

std::vector<guint> codes_of(Stage *stage, guint bits) {
  if (bits <= 8) {
    const auto codes = stage->pull_values<guint8>();
    return {codes.begin(), codes.end()};
  }
  const auto codes = stage->pull_values<guint16>();
  return {codes.begin(), codes.end()};
}

// Runs one tensor of a format through featurequant and compares every code.
template <class T, class Expected>
void check_codes(const char *description, const char *caps, guint bits,
                 const std::vector<T> &values, Expected &&expected) {
  Stage stage(description);
  fail_unless(stage.caps(caps));
  fail_unless_equals_int(stage.push(values), GST_FLOW_OK);
  const std::vector<guint> codes = codes_of(&stage, bits);
  fail_unless_equals_int(codes.size(), values.size());
  for (gsize i = 0; i < codes.size(); i++)
    if (codes[i] != expected(i))
      fail("%s, %s: code %u instead of %u at %d", description, caps, codes[i], expected(i),
           static_cast<int>(i));
}

}  // namespace

GST_START_TEST(test_default) {
  Stage stage("featurequant");
  fail_unless(stage.caps(TENSOR "format=F32LE, shape=(int)<1,1,2,3>, framerate=25/1"));
  // 40 / 1023 is the step.
  const auto codes = stage.run<guint16>(std::vector<float>{-542.3F, -20, 0, 0.03F, 20, 94.14F});
  fail_unless(codes == (std::vector<guint16>{0, 0, 512, 512, 1023, 1023}));
  stage.check_output_caps(TENSOR
                          "format=U16LE, shape=(int)<1,1,2,3>, bit-depth=10, "
                          "range-min=(double)<-20.0>, range-max=(double)<20.0>, rounding=nearest, "
                          "source-format=F32LE, framerate=25/1");
}
GST_END_TEST;

GST_START_TEST(test_every_depth) {
  const std::vector<float> floats = feature_values(1500, 3);
  const std::vector<guint16> halves = to_halves(floats);
  const std::vector<double> doubles(floats.begin(), floats.end());
  const double ranges[][2] = {{-20, 20}, {-5, 5}, {-5.79, 4.46}};
  for (const auto &range : ranges)
    for (guint bits = 2; bits <= 16; bits++)
      for (const char *rounding : {"nearest", "floor"}) {
        const bool floor = g_str_equal(rounding, "floor");
        const double min = range[0];  // not structured bindings: clang 14 cannot capture those
        const double max = range[1];
        g_autofree gchar *description = g_strdup_printf(
            "featurequant bit-depth=%u rounding=%s range-min=\"<%g>\" range-max=\"<%g>\"", bits,
            rounding, min, max);
        const guint last = (1u << bits) - 1;
        check_codes(description, TENSOR "format=F32LE, shape=(int)<1500>", bits, floats,
                    [&](gsize i) {
                      return floor ? floor_code_f32(floats[i], min, max, bits)
                                   : nearest_code(floats[i], min, max, bits);
                    });
        check_codes(description, TENSOR "format=F16LE, shape=(int)<1500>", bits, halves,
                    [&](gsize i) {
                      return floor ? floor_code_f16(halves[i], min, max, bits)
                                   : nearest_code(feat::half_to_float(halves[i]), min, max, bits);
                    });
        check_codes(description, TENSOR "format=F64LE, shape=(int)<1500>", bits, doubles,
                    [&](gsize i) {
                      const double x = std::min(std::max(doubles[i], min), max);
                      return floor ? static_cast<guint>((x - min) * (last / (max - min)))
                                   : nearest_code(doubles[i], min, max, bits);
                    });
      }
}
GST_END_TEST;

// Ten values and codes worked out by hand from IEEE arithmetic: scale is 25.575 for +-20, 25.578125
// in half precision.
GST_START_TEST(test_reference_values) {
  check_codes("featurequant rounding=floor", TENSOR "format=F32LE, shape=(int)<5>", 10,
              std::vector<float>{-20, -19.961F, 0, 1, 20}, [](gsize i) {
                const guint expected[] = {0, 0, 511, 537, 1023};
                return expected[i];
              });
  check_codes("featurequant rounding=floor", TENSOR "format=F16LE, shape=(int)<5>", 10,
              std::vector<guint16>{0xcd00 /* -20 */, 0xccfe /* -19.97 */, 0, 0x3c00 /* 1 */,
                                   0x4d00 /* 20 */},
              [](gsize i) {
                const guint expected[] = {0, 0, 511, 537, 1023};
                return expected[i];
              });
}
GST_END_TEST;

GST_START_TEST(test_other_formats) {
  check_codes("featurequant bit-depth=8 range-min=\"<0>\" range-max=\"<255>\"",
              TENSOR "format=S16LE, shape=(int)<4>", 8, std::vector<gint16>{-1, 7, 255, 300},
              [](gsize i) {
                const guint expected[] = {0, 7, 255, 255};
                return expected[i];
              });
  check_codes("featurequant bit-depth=2 rounding=floor range-min=\"<0>\" range-max=\"<3>\"",
              TENSOR "format=BF16LE, shape=(int)<4>", 2,
              std::vector<guint16>{0x3f7f /* 0.996 */, 0x3f80, 0x4000, 0x4140},
              [](gsize i) { return static_cast<guint>(i); });
}
GST_END_TEST;

GST_START_TEST(test_ranges_along_an_axis) {
  const double limits[] = {1, 2, 10, 20};
  const std::vector<float> floats = feature_values(2 * 4 * 7 * 5, 8);
  for (const char *rounding : {"nearest", "floor"}) {
    const bool floor = g_str_equal(rounding, "floor");
    const auto expected = [&](gsize i, double limit) {
      return floor ? floor_code_f32(floats[i], -limit, limit, 10)
                   : nearest_code(floats[i], -limit, limit, 10);
    };
    g_autofree gchar *dpt =
        g_strdup_printf("featurequant conditions=dpt-vtm rounding=%s", rounding);
    check_codes(dpt, TENSOR "format=F32LE, shape=(int)<2,4,7,5>", 10, floats,
                [&](gsize i) { return expected(i, limits[i / 35 % 4]); });
    g_autofree gchar *inner = g_strdup_printf(
        "featurequant range-min=\"<-1,-2,-10,-20>\" range-max=\"<1,2,10,20>\" range-axis=1 "
        "rounding=%s",
        rounding);
    check_codes(inner, TENSOR "format=F32LE, shape=(int)<70,4>", 10, floats,
                [&](gsize i) { return expected(i, limits[i % 4]); });
  }
  Stage stage("featurequant conditions=dpt-vtm");
  fail_unless(stage.caps(TENSOR "format=F16LE, shape=(int)<4,1,1>"));
  stage.run<guint16>(std::vector<guint16>(4));
  stage.check_output_caps(TENSOR
                          "format=U16LE, shape=(int)<4,1,1>, bit-depth=10, "
                          "range-min=(double)<-1.0,-2.0,-10.0,-20.0>, "
                          "range-max=(double)<1.0,2.0,10.0,20.0>, range-axis=0, rounding=nearest, "
                          "source-format=F16LE, task=dpt");
}
GST_END_TEST;

// featuretrunc before it changes no code, with the same ranges.
GST_START_TEST(test_saturates_as_truncation_does) {
  const std::vector<float> floats = feature_values(1000, 10);
  const std::vector<guint16> halves = to_halves(floats);
  for (const char *conditions : {"cls-vtm", "tti-vtm"}) {
    g_autofree gchar *alone =
        g_strdup_printf("featurequant rounding=floor conditions=%s", conditions);
    g_autofree gchar *both = g_strdup_printf("featuretrunc conditions=%s ! %s", conditions, alone);
    Stage one(alone), two(both);
    fail_unless(one.caps(TENSOR "format=F16LE, shape=(int)<1000>"));
    fail_unless(two.caps(TENSOR "format=F16LE, shape=(int)<1000>"));
    fail_unless(one.run<guint16>(halves) == two.run<guint16>(halves));
    fail_unless(one.caps(TENSOR "format=F32LE, shape=(int)<1000>"));
    fail_unless(two.caps(TENSOR "format=F32LE, shape=(int)<1000>"));
    fail_unless(one.run<guint16>(floats) == two.run<guint16>(floats));
  }
}
GST_END_TEST;

GST_START_TEST(test_non_finite) {
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> bad{1, 1, infinity, -infinity, std::numeric_limits<float>::quiet_NaN()};
  {
    Stage stage("featurequant");
    fail_unless(stage.caps(TENSOR "format=F32LE, shape=(int)<5>"));
    fail_unless_equals_int(stage.push(bad), GST_FLOW_ERROR);
    stage.check_error("Buffer 0 has 3 values that are NaN or infinite, the first at index 2");
  }
  for (const char *rounding : {"nearest", "floor"}) {
    g_autofree gchar *description = g_strdup_printf(
        "featurequant non-finite=clamp bit-depth=4 range-min=\"<-1>\" range-max=\"<14>\" "
        "rounding=%s",
        rounding);
    check_codes(description, TENSOR "format=F32LE, shape=(int)<5>", 4, bad, [](gsize i) {
      const guint expected[] = {2, 2, 15, 0, 1};
      return expected[i];
    });
  }
}
GST_END_TEST;

GST_START_TEST(test_bad_caps) {
  const char *good = TENSOR "format=F32LE, shape=(int)<2,3>";
  const BadCaps cases[] = {
      {"featurequant", TENSOR "format=F32LE", "has no field 'shape'"},
      {"featurequant", TENSOR "format=F32LE, shape=(int)<65536,65536,65536,65536>",
       "larger than the address space"},
      {"featurequant max-points=5", good, "has 6 points, more than max-points=5"},
      {"featurequant range-min=\"<1>\" range-max=\"<1>\"", good, "range 0, 1 to 1"},
      {"featurequant range-min=\"<2>\" range-max=\"<1>\"", good, "range 0, 2 to 1"},
      {"featurequant range-min=\"<-1,-2>\" range-max=\"<1,2>\" range-axis=1", good,
       "2 ranges were given where axis 1 needs 3"},
      {"featurequant conditions=dpt-vtm", TENSOR "format=F32LE, shape=(int)<1,3,2,2>",
       "conditions dpt-vtm: 4 ranges were given where axis 1 needs 3"},
      {"featurequant",
       TENSOR "format=U16LE, shape=(int)<2>, bit-depth=10, range-min=(double)<-1.0>, "
              "range-max=(double)<1.0>",
       "quantised to 10 bits already"},
  };
  for (const BadCaps &bad : cases) check_bad_caps(bad);
}
GST_END_TEST;

GST_START_TEST(test_wrong_size) {
  Stage stage("featurequant");
  fail_unless(stage.caps(TENSOR "format=F16LE, shape=(int)<2,3>"));
  fail_unless_equals_int(stage.push(std::vector<guint8>(13)), GST_FLOW_ERROR);
  stage.check_error("Buffer 0 has 13 bytes; a tensor of shape (2,3) and format F16LE has 12.");
}
GST_END_TEST;

GST_START_TEST(test_shapes_without_points) {
  Stage stage("featurequant");
  fail_unless(stage.caps(TENSOR "format=F32LE, shape=(int)<2,0,3>"));
  fail_unless(stage.run<guint16>(std::vector<float>()).empty());
  fail_unless(stage.caps(TENSOR "format=F32LE, shape=(int)<1>"));
  fail_unless(stage.run<guint16>(std::vector<float>{20}) == std::vector<guint16>{1023});
}
GST_END_TEST;

GST_START_TEST(test_renegotiation) {
  Stage stage("featurequant name=quant");
  fail_unless(stage.caps(TENSOR "format=F32LE, shape=(int)<2>"));
  stage.run<guint16>(std::vector<float>{0, 1});
  fail_unless(stage.caps(TENSOR "format=F16LE, shape=(int)<1,3>"));
  stage.run<guint16>(std::vector<guint16>{0, 1, 2});
  stage.check_output_caps(TENSOR
                          "format=U16LE, shape=(int)<1,3>, bit-depth=10, "
                          "range-min=(double)<-20.0>, range-max=(double)<20.0>, rounding=nearest, "
                          "source-format=F16LE");
  stage.set("quant", "bit-depth", "8");
  stage.set("quant", "conditions", "csr-vtm");
  fail_unless(stage.run<guint8>(std::vector<guint16>{0, 0x4500, 0xc500}) ==
              (std::vector<guint8>{128, 255, 0}));
  stage.check_output_caps(TENSOR
                          "format=U8, shape=(int)<1,3>, bit-depth=8, "
                          "range-min=(double)<-5.0>, range-max=(double)<5.0>, rounding=nearest, "
                          "source-format=F16LE, task=csr");
  stage.set("quant", "range-min", "<6.0>");
  fail_if(stage.push(std::vector<guint16>{0, 1, 2}) == GST_FLOW_OK);
  stage.check_error("range-min has 1 values, range-max has 0");
}
GST_END_TEST;

// A filter behind the element decides what it takes in front.
GST_START_TEST(test_caps_query) {
  Stage stage("featurequant bit-depth=8 ! capsfilter caps=\"" TENSOR
              "source-format=F16LE, task=cls\"");
  GstCaps *caps = gst_pad_peer_query_caps(stage.harness()->srcpad, nullptr);
  GstCaps *expected = gst_caps_from_string(TENSOR "format=F16LE, task=cls");
  fail_unless(gst_caps_is_equal(caps, expected), "%s", gst_caps_to_string(caps));
  gst_caps_unref(caps);
  gst_caps_unref(expected);
  check_no_link("featurequant bit-depth=8 ! capsfilter caps=\"" TENSOR "bit-depth=10\"");
}
GST_END_TEST;

GST_START_TEST(test_flush_and_eos) {
  Stage stage("featurequant");
  fail_unless(stage.caps(TENSOR "format=F32LE, shape=(int)<2>"));
  check_flush_and_eos<guint16>(&stage, std::vector<float>{-30, 3});
}
GST_END_TEST;

GST_START_TEST(test_timestamps) {
  Stage stage("featurequant");
  fail_unless(stage.caps(TENSOR "format=F32LE, shape=(int)<1>"));
  fail_unless_equals_int(stage.push(std::vector<float>{1}, 40 * GST_MSECOND), GST_FLOW_OK);
  GstBuffer *buffer = stage.pull();
  fail_unless_equals_uint64(GST_BUFFER_PTS(buffer), 40 * GST_MSECOND);
  gst_buffer_unref(buffer);
}
GST_END_TEST;

static Suite *featurequant_suite(void) {
  Suite *suite = suite_create("featurequant");
  TCase *tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_add_test(tests, test_default);
  tcase_add_test(tests, test_every_depth);
  tcase_add_test(tests, test_reference_values);
  tcase_add_test(tests, test_other_formats);
  tcase_add_test(tests, test_ranges_along_an_axis);
  tcase_add_test(tests, test_saturates_as_truncation_does);
  tcase_add_test(tests, test_non_finite);
  tcase_add_test(tests, test_bad_caps);
  tcase_add_test(tests, test_wrong_size);
  tcase_add_test(tests, test_shapes_without_points);
  tcase_add_test(tests, test_renegotiation);
  tcase_add_test(tests, test_caps_query);
  tcase_add_test(tests, test_flush_and_eos);
  tcase_add_test(tests, test_timestamps);
  return suite;
}

GST_CHECK_MAIN(featurequant);
