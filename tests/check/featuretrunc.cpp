// SPDX-License-Identifier: LGPL-2.1-or-later
#include "featureproc-util.h"

#define TENSOR "application/x-feature-tensor, "

GST_START_TEST(test_default_range) {
  Stage stage("featuretrunc");
  fail_unless(stage.caps(TENSOR "format=F32LE, shape=(int)<2,3>"));
  const std::vector<float> values{-542.3F, -20, -19.99F, -0.0F, 20, 94.14F};
  const std::vector<float> expected{-20, -20, -19.99F, -0.0F, 20, 20};
  const auto actual = stage.run<float>(values);
  fail_unless(actual == expected);
  fail_unless(std::signbit(actual[3]));
  stage.check_output_caps(TENSOR "format=F32LE, shape=(int)<2,3>");
}
GST_END_TEST;

GST_START_TEST(test_formats) {
  const char *description = "featuretrunc range-min=\"<-5.79>\" range-max=\"<4.46>\"";
  const std::vector<double> values{-100, -5.79, -5.5, 0.1, 4.46, 1e30};
  {
    Stage stage(description);
    fail_unless(stage.caps(TENSOR "format=F64LE, shape=(int)<6>"));
    fail_unless(stage.run<double>(values) ==
                (std::vector<double>{-5.79, -5.79, -5.5, 0.1, 4.46, 4.46}));
  }
  {
    Stage stage(description);
    fail_unless(stage.caps(TENSOR "format=F16LE, shape=(int)<6>"));
    std::vector<guint16> halves;
    for (const double value : values) halves.push_back(feat::half_from_double(value));
    halves[5] = 0x7bff;
    const std::vector<guint16> expected{
        feat::half_from_double(-5.79), feat::half_from_double(-5.79), halves[2], halves[3],
        feat::half_from_double(4.46),  feat::half_from_double(4.46)};
    fail_unless(stage.run<guint16>(halves) == expected);
  }
  {
    Stage stage(description);
    fail_unless(stage.caps(TENSOR "format=BF16LE, shape=(int)<3>"));
    const guint16 low = feat::bfloat16_from_double(-5.79);
    const guint16 high = feat::bfloat16_from_double(4.46);
    fail_unless(stage.run<guint16>(std::vector<guint16>{0xc2c8, 0x3f80, 0x42c8}) ==
                (std::vector<guint16>{low, 0x3f80, high}));
  }
  {
    Stage stage(description);
    fail_unless(stage.caps(TENSOR "format=S16LE, shape=(int)<4>"));
    fail_unless(stage.run<gint16>(std::vector<gint16>{-32768, -5, 4, 5}) ==
                (std::vector<gint16>{-5, -5, 4, 4}));
  }
}
GST_END_TEST;

// A writable buffer is clamped where it lies.
GST_START_TEST(test_in_place) {
  Stage stage("featuretrunc");
  fail_unless(stage.caps(TENSOR "format=F32LE, shape=(int)<1>"));
  const float value = 100;
  GstBuffer *buffer = gst_buffer_new_memdup(&value, sizeof value);
  GstMemory *memory = gst_buffer_peek_memory(buffer, 0);
  fail_unless_equals_int(gst_harness_push(stage.harness(), buffer), GST_FLOW_OK);
  GstBuffer *out = stage.pull();
  fail_unless(gst_buffer_peek_memory(out, 0) == memory);
  // One that somebody else holds as well is left as it was.
  GstBuffer *shared = gst_buffer_new_memdup(&value, sizeof value);
  gst_buffer_ref(shared);
  fail_unless_equals_int(gst_harness_push(stage.harness(), shared), GST_FLOW_OK);
  float left;
  gst_buffer_extract(shared, 0, &left, sizeof left);
  fail_unless_equals_float(left, 100);
  fail_unless(stage.pull_values<float>() == std::vector<float>{20});
  gst_buffer_unref(shared);
  gst_buffer_unref(out);
}
GST_END_TEST;

GST_START_TEST(test_ranges_along_an_axis) {
  const std::vector<float> values(24, -100);
  struct {
    const char *description, *shape;
    std::vector<float> expected;  // of index i along the axis
    guint inner;
  } cases[] = {
      {"featuretrunc range-min=\"<-1.0,-2.0,-10.0,-20.0>\" range-max=\"<1.0,2.0,10.0,20.0>\" "
       "range-axis=1",
       "<2,4,3>",
       {-1, -2, -10, -20},
       3},
      {"featuretrunc range-min=\"<-1,-2,-3>\" range-max=\"<1,2,3>\" range-axis=2",
       "<2,4,3>",
       {-1, -2, -3},
       1},
      {"featuretrunc range-min=\"<-1,-2>\" range-max=\"<1,2>\" range-axis=0",
       "<2,4,3>",
       {-1, -2},
       12},
      {"featuretrunc range-min=\"<-7>\" range-max=\"<1>\" range-axis=2", "<2,4,3>", {-7}, 1},
      {"featuretrunc conditions=dpt-vtm", "<2,4,1,3>", {-1, -2, -10, -20}, 3},
      {"featuretrunc conditions=dpt-vtm", "<4,2,3>", {-1, -2, -10, -20}, 6},
      {"featuretrunc conditions=dpt-vtm", "<1,2,4,1,3>", {-1, -2, -10, -20}, 3},
      {"featuretrunc conditions=dpt-hyperprior", "<2,4,1,3>", {-1, -2, -10, -10}, 3},
      {"featuretrunc conditions=csr-vtm", "<24>", {-5}, 1},
      {"featuretrunc conditions=tti-vtm range-min=\"<-3>\" range-max=\"<1>\"", "<24>", {-3}, 1},
  };
  for (const auto &c : cases) {
    Stage stage(c.description);
    g_autofree gchar *caps = g_strdup_printf(TENSOR "format=F32LE, shape=(int)%s", c.shape);
    fail_unless(stage.caps(caps), "%s %s", c.description, caps);
    const auto actual = stage.run<float>(values);
    for (gsize i = 0; i < actual.size(); i++)
      fail_unless(actual[i] == c.expected[i / c.inner % c.expected.size()], "%s: %g at %d",
                  c.description, actual[i], static_cast<int>(i));
  }
}
GST_END_TEST;

// Without a property the task in the caps decides.
GST_START_TEST(test_task) {
  Stage stage("featuretrunc");
  fail_unless(stage.caps(TENSOR "format=F32LE, shape=(int)<1,1,1,2>, task=csr"));
  fail_unless(stage.run<float>(std::vector<float>{-6, 6}) == (std::vector<float>{-5, 5}));
  fail_unless(stage.caps(TENSOR "format=F32LE, shape=(int)<1,1,1,2>, task=tti"));
  fail_unless(stage.run<float>(std::vector<float>{-6, 6}) == (std::vector<float>{-5.79F, 4.46F}));
}
GST_END_TEST;

GST_START_TEST(test_non_finite) {
  const float infinity = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> good(5, 1), bad{0, nan, infinity, -infinity, nan};
  {
    Stage stage("featuretrunc");
    fail_unless(stage.caps(TENSOR "format=F32LE, shape=(int)<5>"));
    stage.run<float>(good);
    stage.run<float>(good);
    fail_unless_equals_int(stage.push(bad), GST_FLOW_ERROR);
    stage.check_error(
        "Buffer 2 has 4 values that are NaN or infinite, the first at index 1; non-finite=clamp");
  }
  {
    Stage stage("featuretrunc non-finite=clamp");
    fail_unless(stage.caps(TENSOR "format=F32LE, shape=(int)<5>"));
    fail_unless(stage.run<float>(bad) == (std::vector<float>{0, 0, 20, -20, 0}));
  }
  {
    Stage stage("featuretrunc non-finite=clamp range-min=\"<1>\" range-max=\"<2>\"");
    fail_unless(stage.caps(TENSOR "format=F32LE, shape=(int)<5>"));
    fail_unless(stage.run<float>(bad) == (std::vector<float>{1, 1, 2, 1, 1}));
  }
}
GST_END_TEST;

GST_START_TEST(test_bad_caps) {
  const char *good = TENSOR "format=F32LE, shape=(int)<2,3>";
  const BadCaps cases[] = {
      {"featuretrunc", TENSOR "format=F32LE", "has no field 'shape'"},
      {"featuretrunc", TENSOR "shape=(int)<2,3>", "has no field 'format'"},
      {"featuretrunc", TENSOR "format=F32LE, shape=(int)<2,-3>", "field 'shape'"},
      {"featuretrunc", TENSOR "format=F32LE, shape=(int)<2147483647,2147483647,2147483647>",
       "larger than the address space"},
      {"featuretrunc max-points=5", good, "has 6 points, more than max-points=5"},
      {"featuretrunc range-min=\"<1>\" range-max=\"<1>\"", good, "range 0, 1 to 1"},
      {"featuretrunc range-min=\"<2>\" range-max=\"<1>\"", good, "range 0, 2 to 1"},
      {"featuretrunc range-min=\"<-1,-2>\" range-max=\"<1>\"", good,
       "range-min has 2 values, range-max has 1"},
      {"featuretrunc range-min=\"<-1>\"", good, "range-min has 1 values, range-max has 0"},
      {"featuretrunc range-min=\"<-1,-2>\" range-max=\"<1,2>\"", good, "range-axis does not say"},
      {"featuretrunc range-min=\"<-1,-2>\" range-max=\"<1,2>\" range-axis=1", good,
       "2 ranges were given where axis 1 needs 3"},
      {"featuretrunc range-min=\"<-1,-2>\" range-max=\"<1,2>\" range-axis=2", good,
       "range axis 2 is outside"},
      {"featuretrunc conditions=dpt-vtm", good, "a tensor of 2 dimensions has no channels"},
      {"featuretrunc conditions=dpt-vtm", TENSOR "format=F32LE, shape=(int)<1,3,2,2>",
       "conditions dpt-vtm: 4 ranges were given where axis 1 needs 3"},
      {"featuretrunc range-min=\"<0.2>\" range-max=\"<0.8>\"", TENSOR "format=S8, shape=(int)<2>",
       "no value of format S8"},
      {"featuretrunc",
       TENSOR "format=U16LE, shape=(int)<2>, bit-depth=10, range-min=(double)<-1.0>, "
              "range-max=(double)<1.0>",
       "quantised to 10 bits already"},
  };
  for (const BadCaps &bad : cases) check_bad_caps(bad);
}
GST_END_TEST;

GST_START_TEST(test_shapes_without_points) {
  for (const char *shape : {"<0>", "<2,0,3>"}) {
    Stage stage("featuretrunc");
    g_autofree gchar *caps = g_strdup_printf(TENSOR "format=F32LE, shape=(int)%s", shape);
    fail_unless(stage.caps(caps));
    fail_unless(stage.run<float>(std::vector<float>()).empty());
  }
}
GST_END_TEST;

GST_START_TEST(test_wrong_size) {
  Stage stage("featuretrunc");
  fail_unless(stage.caps(TENSOR "format=F32LE, shape=(int)<2,3>"));
  fail_unless_equals_int(stage.push(std::vector<float>(5)), GST_FLOW_ERROR);
  stage.check_error("Buffer 0 has 20 bytes; a tensor of shape (2,3) and format F32LE has 24.");
}
GST_END_TEST;

GST_START_TEST(test_renegotiation) {
  Stage stage("featuretrunc name=trunc");
  fail_unless(stage.caps(TENSOR "format=F32LE, shape=(int)<2>"));
  fail_unless(stage.run<float>(std::vector<float>{-30, 30}) == (std::vector<float>{-20, 20}));
  fail_unless(stage.caps(TENSOR "format=F64LE, shape=(int)<1,3>"));
  fail_unless(stage.run<double>(std::vector<double>{-30, 1, 30}) ==
              (std::vector<double>{-20, 1, 20}));
  stage.check_output_caps(TENSOR "format=F64LE, shape=(int)<1,3>");
  stage.set("trunc", "conditions", "csr-vtm");
  fail_unless(stage.run<double>(std::vector<double>{-30, 1, 30}) ==
              (std::vector<double>{-5, 1, 5}));
  stage.set("trunc", "range-min", "<9.0>");
  fail_unless_equals_int(stage.push(std::vector<double>{-30, 1, 30}), GST_FLOW_ERROR);
  stage.check_error("range-min has 1 values, range-max has 0");
}
GST_END_TEST;

GST_START_TEST(test_flush_and_eos) {
  Stage stage("featuretrunc");
  fail_unless(stage.caps(TENSOR "format=F32LE, shape=(int)<2>"));
  check_flush_and_eos<float>(&stage, std::vector<float>{-30, 3});
}
GST_END_TEST;

static Suite *featuretrunc_suite(void) {
  Suite *suite = suite_create("featuretrunc");
  TCase *tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_add_test(tests, test_default_range);
  tcase_add_test(tests, test_formats);
  tcase_add_test(tests, test_in_place);
  tcase_add_test(tests, test_ranges_along_an_axis);
  tcase_add_test(tests, test_task);
  tcase_add_test(tests, test_non_finite);
  tcase_add_test(tests, test_bad_caps);
  tcase_add_test(tests, test_shapes_without_points);
  tcase_add_test(tests, test_wrong_size);
  tcase_add_test(tests, test_renegotiation);
  tcase_add_test(tests, test_flush_and_eos);
  return suite;
}

GST_CHECK_MAIN(featuretrunc);
