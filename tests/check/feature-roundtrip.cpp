// SPDX-License-Identifier: LGPL-2.1-or-later
// Every description comes back unchanged from every carrier.
#ifdef __SSE__
#include <xmmintrin.h>
#endif

#include "feature-util.h"

static void check_same(const GstFeatureInfo *info, GstFeatureInfo *back, GError *const *error,
                       const char *where) {
  fail_unless(back != nullptr, "%s: %s", where, *error ? (*error)->message : "no error");
  fail_unless(*error == nullptr);
  fail_unless(gst_feature_info_is_equal(info, back), "changed in %s", where);
  gst_feature_info_free(back);
}

static void check_cbor(const GstFeatureInfo *info) {
  GError *error = nullptr;
  const std::vector<guint8> cbor = cbor_of(info);
  check_same(info, gst_feature_info_from_cbor(cbor.data(), cbor.size(), &error), &error, "CBOR");
}

// The structure inside caps, through its printed form.
static void check_feature_caps(const GstFeatureInfo *info) {
  GError *error = nullptr;
  GstCaps *caps = gst_caps_new_empty_simple("video/x-h266");
  gst_feature_caps_set_info(caps, info);
  gchar *text = gst_caps_to_string(caps);
  GstCaps *parsed = gst_caps_from_string(text);
  fail_unless(parsed != nullptr, "%s", text);
  fail_unless(gst_caps_is_equal(caps, parsed), "%s", text);
  fail_unless(gst_caps_is_fixed(parsed) && gst_caps_can_intersect(caps, parsed), "%s", text);
  check_same(info, gst_feature_info_from_caps(parsed, &error), &error, text);
  gst_caps_unref(caps);
  gst_caps_unref(parsed);
  g_free(text);
}

static void check_tensor_caps(const GstFeatureInfo *info) {
  GError *error = nullptr;
  GstCaps *caps = gst_feature_info_to_caps(info);
  gchar *text = gst_caps_to_string(caps);
  GstCaps *parsed = gst_caps_from_string(text);
  fail_unless(parsed != nullptr, "%s", text);
  fail_unless(gst_caps_is_equal(caps, parsed), "%s", text);
  check_same(info, gst_feature_info_from_caps(parsed, &error), &error, text);
  gst_caps_unref(caps);
  gst_caps_unref(parsed);
  g_free(text);
}

static void check_all(const GstFeatureInfo *info) {
  check_cbor(info);
  check_feature_caps(info);
  if (gst_feature_info_get_packing(info) == GST_FEATURE_PACKING_NONE) check_tensor_caps(info);
}

static const std::vector<std::vector<gint>> &shapes() {
  static const std::vector<std::vector<gint>> all = {
      {},
      {3},
      {257, 1536},
      {6, 5, 7},
      {1, 1, 257, 1536},
      {2, 1, 6, 5, 7},
      {1, 2, 3, 4, 5, 7},
      {2, 1, 1, 1, 6, 23, 24},
      {1, 2, 3, 4, 5, 6, 255, 256},
  };
  return all;
}

// A sanitizer makes each allocation slow, and there are tens of millions.
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifdef SANITIZED
constexpr guint kDepthStep = 7;
#else
constexpr guint kDepthStep = 1;
#endif

static bool valid(const GstFeatureInfo *info) {
  return gst_feature_info_validate(info, 0, nullptr);
}

// One shape a run of the loop: all element formats, packings, tasks, bit depths and roundings;
// one range and, where there is a dimension, one range per index of the axis.
GST_START_TEST(test_product) {
  const auto &shape = shapes()[static_cast<std::size_t>(__i__)];
  // The grid that fits the shape's channels.
  const gint channels = shape.size() < 3 ? 1 : shape[shape.size() - 3];
  const guint rows = channels % 2 == 0 ? 2 : 1, columns = static_cast<guint>(channels) / rows;
  const gint axis = shape.empty() ? -1 : __i__ % static_cast<gint>(shape.size());
  guint n = 0;
  for (int packing = 0; packing < 4; packing++) {
    Spec spec = {.shape = shape, .packing = static_cast<GstFeaturePacking>(packing)};
    if (packing == GST_FEATURE_PACKING_MOSAIC) {
      spec.rows = rows;
      spec.columns = columns;
    }
    for (int format = 1; format <= 12; format++) {
      spec.format = static_cast<GstFeatureFormat>(format);
      for (int task = 0; task < 6; task++) {
        spec.task = static_cast<GstFeatureTask>(task);
        spec.bit_depth = 0;
        g_autoptr(GstFeatureInfo) info = make_info(spec);
        if (!valid(info)) {
          fail_unless_equals_int(packing, GST_FEATURE_PACKING_ROWS);
          continue;
        }
        check_all(info);
        n++;
        for (spec.bit_depth = 2; spec.bit_depth <= 16; spec.bit_depth += kDepthStep) {
          for (int rounding = 0; rounding < 2; rounding++) {
            spec.rounding = static_cast<GstFeatureRounding>(rounding);
            spec.axis = -1;
            spec.min = {task % 2 ? -20.0 : -5.79};
            spec.max = {task % 2 ? 20.0 : 4.46};
            g_autoptr(GstFeatureInfo) quantized = make_info(spec);
            check_all(quantized);
            n++;
          }
        }
        if (axis < 0) continue;
        // Per axis the other fields do not matter to one another: one depth a task will do.
        spec.bit_depth = static_cast<guint>(2 + task * 14 / 5);
        spec.axis = axis;
        spec.min.clear();
        spec.max.clear();
        for (gint k = 0; k < shape[static_cast<std::size_t>(axis)]; k++) {
          spec.min.push_back(-1.0 - k);
          spec.max.push_back(task % 2 ? 1.0 + k : 0.1 * k);
        }
        g_autoptr(GstFeatureInfo) per_axis = make_info(spec);
        check_all(per_axis);
        n++;
      }
    }
  }
  fail_unless(n >= 3 * 12 * 6 * (1 + 2 * (14 / kDepthStep + 1)), "only %u descriptions", n);
}
GST_END_TEST;

// Ranges are doubles to the last bit.
static void check_numbers(void (*check)(const GstFeatureInfo *)) {
  const gdouble values[] = {-1.7e308,
                            -3.5e38,
                            -3.4028234663852886e38,
                            -4294967297.0,
                            -4294967296.0,
                            -65537,
                            -65504,
                            -25,
                            -24,
                            -5.79,
                            -1,
                            -0.5,
                            -6.103515625e-05,
                            -6.097555160522461e-05,
                            -5.960464477539063e-08,
                            -1.401298464324817e-45,
                            -4.9e-324,
                            -0.0,
                            0.0,
                            4.9e-324,
                            2.2250738585072014e-308,
                            1.1754943508222875e-38,
                            5.960464477539063e-08,
                            6.103515625e-05,
                            1.0 / 3,
                            0.1,
                            1.5,
                            23,
                            24,
                            255,
                            256,
                            65504,
                            65505,
                            65535,
                            65536,
                            4294967295.0,
                            4294967296.0,
                            9007199254740993.0,
                            1e30,
                            1e308};
  guint n = 0;
  for (gdouble low : values) {
    for (gdouble high : values) {
      g_autoptr(GstFeatureInfo) info =
          make_info({.shape = {2, 3}, .bit_depth = 10, .min = {-1, -2}, .max = {1, 2}, .axis = 0});
      const gdouble min[] = {-1, low}, max[] = {1, high};
      if (!gst_feature_info_set_ranges(info, 0, min, max, 2, nullptr)) continue;
      check(info);
      n++;
      fail_unless(gst_feature_info_set_ranges(info, -1, min + 1, max + 1, 1, nullptr));
      check(info);
    }
  }
  fail_unless(n > 500, "only %u ranges", n);
}

GST_START_TEST(test_numbers) {
  check_numbers(check_all);
}
GST_END_TEST;

#ifdef __SSE__
// Loading a library built with -ffast-math makes the whole process flush denormals to zero.
GST_START_TEST(test_flushed_denormals) {
  _mm_setcsr(_mm_getcsr() | 0x8040);
  check_numbers(check_cbor);
}
GST_END_TEST;
#endif

GST_START_TEST(test_extremes) {
  const Spec specs[] = {
      {.shape = {0}},
      {.shape = {1, 1, 0, 4096}, .task = GST_FEATURE_TASK_CSR},
      {.shape = {0, 0, 0, 0, 0, 0, 0, 0}, .format = GST_FEATURE_FORMAT_S64LE},
      {.shape = {0, 3}, .bit_depth = 10, .axis = 0},
      {.shape = {G_MAXINT, 0, G_MAXINT}, .format = GST_FEATURE_FORMAT_U8},
      {.shape = {},
       .bit_depth = 2,
       .rounding = GST_FEATURE_ROUNDING_FLOOR,
       .min = {0},
       .max = {1},
       .packing = GST_FEATURE_PACKING_MOSAIC,
       .rows = 1,
       .columns = 1},
      {.shape = {1, G_MAXINT, 1, 1},
       .packing = GST_FEATURE_PACKING_MOSAIC,
       .rows = 1,
       .columns = G_MAXINT},
      {.shape = {1, 65536},
       .bit_depth = 16,
       .min = std::vector<gdouble>(65536, -0.1),
       .max = std::vector<gdouble>(65536, 0.3),
       .axis = 1},
  };
  for (const Spec &spec : specs) {
    g_autoptr(GstFeatureInfo) info = make_info(spec);
    fail_unless(valid(info));
    check_all(info);
  }
}
GST_END_TEST;

// The frame rate belongs to caps: tensor caps keep it, CBOR and the structure do not.
GST_START_TEST(test_framerate) {
  GError *error = nullptr;
  g_autoptr(GstFeatureInfo) info = make_info({.shape = {2, 3}});
  g_autoptr(GstFeatureInfo) plain = gst_feature_info_copy(info);
  gst_feature_info_set_framerate(info, 30000, 1001);
  check_tensor_caps(info);
  const std::vector<guint8> cbor = cbor_of(info);
  check_same(plain, gst_feature_info_from_cbor(cbor.data(), cbor.size(), &error), &error, "CBOR");
  g_autoptr(GstStructure) structure = gst_feature_info_to_structure(info);
  check_same(plain, gst_feature_info_from_structure(structure, &error), &error, "structure");

  g_autoptr(GstCaps) caps = gst_caps_from_string("video/x-raw, framerate=60000/2002");
  gst_feature_caps_set_info(caps, plain);
  check_same(info, gst_feature_info_from_caps(caps, &error), &error, "caps");
}
GST_END_TEST;

GST_START_TEST(test_caps_field) {
  g_autoptr(GstFeatureInfo) info =
      make_info({.shape = {2, 3}, .packing = GST_FEATURE_PACKING_STACK});
  g_autoptr(GstCaps) caps =
      gst_caps_from_string("video/x-raw, format={GRAY8, GRAY16_LE}; video/x-h266");
  fail_if(gst_feature_caps_has_info(caps));
  gst_feature_caps_set_info(caps, info);
  fail_unless(gst_feature_caps_has_info(caps));
  for (guint i = 0; i < 2; i++) {
    fail_unless(gst_structure_has_field_typed(gst_caps_get_structure(caps, i), "feature",
                                              GST_TYPE_STRUCTURE));
  }
  gst_feature_caps_set_info(caps, nullptr);
  fail_if(gst_feature_caps_has_info(caps));
  fail_if(gst_structure_has_field(gst_caps_get_structure(caps, 1), "feature"));
  g_autoptr(GstCaps) any = gst_caps_new_any();
  g_autoptr(GstCaps) empty = gst_caps_new_empty();
  fail_if(gst_feature_caps_has_info(any));
  fail_if(gst_feature_caps_has_info(empty));
}
GST_END_TEST;

// What a person types at a shell.
GST_START_TEST(test_typed_caps) {
  const Spec quantized = {.shape = {1, 1, 257, 1536}, .bit_depth = 10, .min = {-20}, .max = {20}};
  Spec floor = quantized;
  floor.rounding = GST_FEATURE_ROUNDING_FLOOR;
  floor.format = GST_FEATURE_FORMAT_BF16LE;
  floor.task = GST_FEATURE_TASK_CLS;
  Spec packed = quantized;
  packed.packing = GST_FEATURE_PACKING_STACK;
  const struct {
    const char *caps;
    Spec spec;
  } cases[] = {
      {"application/x-feature-tensor, format=F32LE, shape=<1,1,257,1536>",
       {.shape = {1, 1, 257, 1536}}},
      {"application/x-feature-tensor, format=F32LE, shape=< >", {.shape = {}}},
      {"application/x-feature-tensor, format=F32LE, shape=<5>, x-other=hello", {.shape = {5}}},
      {"application/x-feature-tensor, format=U16LE, shape=<1,1,257,1536>, bit-depth=10, "
       "range-min=<-20.0>, range-max=<20.0>",
       quantized},
      {"application/x-feature-tensor, format=U16LE, shape=<1,1,257,1536>, bit-depth=10, "
       "range-min=<-20>, range-max=<20>, rounding=floor, source-format=BF16LE, task=cls",
       floor},
      {"video/x-raw, format=GRAY16_LE, width=1536, height=257, feature=[feature-tensor, "
       "shape=<1,1,257,1536>, format=F32LE, bit-depth=10, range-min=<-20.0>, range-max=<20.0>, "
       "rounding=nearest, packing=stack]",
       packed},
  };
  for (const auto &c : cases) {
    GError *error = nullptr;
    g_autoptr(GstFeatureInfo) info = make_info(c.spec);
    g_autoptr(GstCaps) caps = gst_caps_from_string(c.caps);
    fail_unless(caps != nullptr, "%s", c.caps);
    check_same(info, gst_feature_info_from_caps(caps, &error), &error, c.caps);
  }
}
GST_END_TEST;

static Suite *feature_roundtrip_suite(void) {
  Suite *suite = suite_create("feature-roundtrip");
  TCase *tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_add_loop_test(tests, test_product, 0, static_cast<int>(shapes().size()));
  tcase_add_test(tests, test_numbers);
#ifdef __SSE__
  tcase_add_test(tests, test_flushed_denormals);
#endif
  tcase_add_test(tests, test_extremes);
  tcase_add_test(tests, test_framerate);
  tcase_add_test(tests, test_caps_field);
  tcase_add_test(tests, test_typed_caps);
  return suite;
}

GST_CHECK_MAIN(feature_roundtrip);
