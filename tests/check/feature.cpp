// SPDX-License-Identifier: LGPL-2.1-or-later
// libgstfeature: names, fields, sizes, validation, the paper's conditions.
#include <cmath>

#include "feature-util.h"

GST_START_TEST(test_enums) {
  GstFeatureFormat format = GST_FEATURE_FORMAT_U8;
  const guint sizes[] = {0, 4, 2, 2, 8, 1, 1, 2, 2, 4, 4, 8, 8};
  for (int i = 0; i <= 12; i++) {
    const auto f = static_cast<GstFeatureFormat>(i);
    fail_unless_equals_int(gst_feature_format_get_size(f), sizes[i]);
    fail_unless_equals_int(gst_feature_format_is_float(f), i >= 1 && i <= 4);
    if (i == 0) continue;
    fail_unless(gst_feature_format_from_string(gst_feature_format_to_string(f), &format));
    fail_unless_equals_int(format, f);
  }
  fail_unless_equals_string(gst_feature_format_to_string(GST_FEATURE_FORMAT_BF16LE), "BF16LE");
  fail_unless(gst_feature_format_to_string(GST_FEATURE_FORMAT_UNKNOWN) == nullptr);
  fail_unless(gst_feature_format_to_string(static_cast<GstFeatureFormat>(13)) == nullptr);
  fail_if(gst_feature_format_from_string("unknown", &format));
  fail_if(gst_feature_format_from_string("f32le", &format));
  fail_unless_equals_int(format, GST_FEATURE_FORMAT_S64LE);

  GstFeatureRounding rounding;
  fail_unless(gst_feature_rounding_from_string("floor", &rounding));
  fail_unless_equals_int(rounding, GST_FEATURE_ROUNDING_FLOOR);
  fail_unless_equals_string(gst_feature_rounding_to_string(GST_FEATURE_ROUNDING_NEAREST),
                            "nearest");
  GstFeaturePacking packing;
  fail_unless(gst_feature_packing_from_string("mosaic", &packing));
  fail_unless_equals_int(packing, GST_FEATURE_PACKING_MOSAIC);
  fail_unless_equals_string(gst_feature_packing_to_string(GST_FEATURE_PACKING_ROWS), "rows");
  GstFeatureTask task;
  fail_unless(gst_feature_task_from_string("tti", &task));
  fail_unless_equals_int(task, GST_FEATURE_TASK_TTI);
  fail_unless_equals_string(gst_feature_task_to_string(GST_FEATURE_TASK_CSR), "csr");

  for (GType type : {GST_TYPE_FEATURE_FORMAT, GST_TYPE_FEATURE_ROUNDING, GST_TYPE_FEATURE_PACKING,
                     GST_TYPE_FEATURE_TASK, GST_TYPE_FEATURE_CONDITIONS}) {
    fail_unless(G_TYPE_IS_ENUM(type));
  }
}
GST_END_TEST;

GST_START_TEST(test_fields) {
  g_autoptr(GstFeatureInfo) info = gst_feature_info_new();
  guint n = 99;
  gst_feature_info_get_shape(info, &n);
  fail_unless_equals_int(n, 0);
  fail_unless_equals_int(gst_feature_info_get_range_axis(info), -1);

  const gint good[] = {0, 2, G_MAXINT, 4, 5, 6, 7, 8, 9};
  const gint bad[] = {3, -1};
  fail_unless(gst_feature_info_set_shape(info, good, 8));
  fail_if(gst_feature_info_set_shape(info, good, 9));
  fail_if(gst_feature_info_set_shape(info, bad, 2));
  const gint *shape = gst_feature_info_get_shape(info, &n);
  fail_unless_equals_int(n, 8);
  fail_unless(std::memcmp(shape, good, sizeof(gint) * 8) == 0);

  gst_feature_info_set_format(info, GST_FEATURE_FORMAT_F16LE);
  fail_unless_equals_int(gst_feature_info_get_source_format(info), GST_FEATURE_FORMAT_F16LE);
  for (guint bits = 0; bits <= 17; bits++) {
    const bool fits = bits == 0 || (bits >= 2 && bits <= 16);
    fail_unless_equals_int(gst_feature_info_set_quantization(info, bits, GST_FEATURE_ROUNDING_FLOOR,
                                                             GST_FEATURE_FORMAT_F16LE),
                           fits);
    if (bits < 2 || !fits) continue;
    fail_unless(gst_feature_info_is_quantized(info));
    fail_unless_equals_int(gst_feature_info_get_bit_depth(info), bits);
    fail_unless_equals_int(gst_feature_info_get_format(info),
                           bits <= 8 ? GST_FEATURE_FORMAT_U8 : GST_FEATURE_FORMAT_U16LE);
  }
  fail_if(gst_feature_info_set_quantization(info, 10, GST_FEATURE_ROUNDING_FLOOR,
                                            GST_FEATURE_FORMAT_UNKNOWN));
  fail_unless_equals_int(gst_feature_info_get_bit_depth(info), 16);

  const gdouble min[] = {-1, -2}, max[] = {1, 2};
  fail_unless(gst_feature_info_set_ranges(info, 1, min, max, 2, nullptr));
  // The arrays may be the description's own.
  fail_unless(gst_feature_info_set_ranges(info, 1, gst_feature_info_get_range_min(info, nullptr),
                                          gst_feature_info_get_range_max(info, nullptr), 2,
                                          nullptr));
  fail_unless_equals_float(gst_feature_info_get_range_min(info, &n)[1], -2);
  fail_unless_equals_int(n, 2);
  fail_unless_equals_float(gst_feature_info_get_range_max(info, &n)[0], 1);

  g_autoptr(GstFeatureInfo) copy = gst_feature_info_copy(info);
  fail_unless(gst_feature_info_is_equal(info, copy));
  fail_unless(gst_feature_info_set_quantization(info, 0, GST_FEATURE_ROUNDING_NEAREST,
                                                GST_FEATURE_FORMAT_UNKNOWN));
  fail_if(gst_feature_info_is_equal(info, copy));
  fail_if(gst_feature_info_is_quantized(info));
  fail_unless_equals_int(gst_feature_info_get_format(info), GST_FEATURE_FORMAT_F16LE);
  fail_unless_equals_int(gst_feature_info_get_range_axis(info), -1);
  gst_feature_info_get_range_min(info, &n);
  fail_unless_equals_int(n, 0);
  gst_feature_info_get_range_min(copy, &n);
  fail_unless_equals_int(n, 2);

  fail_unless(gst_feature_info_set_packing(info, GST_FEATURE_PACKING_MOSAIC, 2, 3));
  fail_if(gst_feature_info_set_packing(info, GST_FEATURE_PACKING_MOSAIC, 0, 3));
  fail_if(gst_feature_info_set_packing(info, GST_FEATURE_PACKING_MOSAIC, 3, 1U << 31));
  fail_if(gst_feature_info_set_packing(info, GST_FEATURE_PACKING_STACK, 1, 1));
  fail_unless_equals_int(gst_feature_info_get_packing(info), GST_FEATURE_PACKING_MOSAIC);
  fail_unless_equals_int(gst_feature_info_get_grid_rows(info), 2);
  fail_unless_equals_int(gst_feature_info_get_grid_columns(info), 3);

  gint fps_n, fps_d;
  gst_feature_info_set_framerate(info, 60000, 2002);
  gst_feature_info_get_framerate(info, &fps_n, &fps_d);
  fail_unless_equals_int(fps_n, 30000);
  fail_unless_equals_int(fps_d, 1001);
}
GST_END_TEST;

GST_START_TEST(test_equal) {
  const Spec base = {.shape = {2, 3, 4},
                     .bit_depth = 10,
                     .min = {0.0, -1},
                     .max = {1, 1},
                     .axis = 0,
                     .packing = GST_FEATURE_PACKING_STACK};
  std::vector<Spec> others(9, base);
  others[0].shape = {2, 3, 5};
  others[1].shape = {2, 3};
  others[2].format = GST_FEATURE_FORMAT_F16LE;
  others[3].bit_depth = 11;
  others[4].rounding = GST_FEATURE_ROUNDING_FLOOR;
  others[5].min = {-0.0, -1};
  others[6].max = {1, std::nextafter(1, 2)};
  others[7].packing = GST_FEATURE_PACKING_NONE;
  others[8].task = GST_FEATURE_TASK_SEG;
  g_autoptr(GstFeatureInfo) info = make_info(base);
  for (const Spec &spec : others) {
    g_autoptr(GstFeatureInfo) other = make_info(spec);
    fail_if(gst_feature_info_is_equal(info, other));
  }
  g_autoptr(GstFeatureInfo) other = make_info(base);
  fail_unless(gst_feature_info_is_equal(info, other));
  gst_feature_info_set_framerate(other, 30, 1);
  fail_if(gst_feature_info_is_equal(info, other));
}
GST_END_TEST;

GST_START_TEST(test_sizes) {
  const struct {
    std::vector<gint> shape;
    GstFeatureFormat format;
    guint64 points;
    bool valid;
  } cases[] = {
      {{}, GST_FEATURE_FORMAT_F64LE, 1, true},
      {{0}, GST_FEATURE_FORMAT_F32LE, 0, true},
      {{1, 1, 257, 1536}, GST_FEATURE_FORMAT_F32LE, 394752, true},
      {{1, 1, 0, 4096}, GST_FEATURE_FORMAT_F16LE, 0, true},
      {{1, 2, 3, 4, 5, 6, 7, 8}, GST_FEATURE_FORMAT_U8, 40320, true},
      {{G_MAXINT, G_MAXINT}, GST_FEATURE_FORMAT_U8, 4611686014132420609u, true},
      {{G_MAXINT, G_MAXINT}, GST_FEATURE_FORMAT_U16LE, 4611686014132420609u, true},
      {{G_MAXINT, G_MAXINT}, GST_FEATURE_FORMAT_F32LE, 0, false},
      {{G_MAXINT, G_MAXINT, 2}, GST_FEATURE_FORMAT_U8, 9223372028264841218u, true},
      {{G_MAXINT, G_MAXINT, 3}, GST_FEATURE_FORMAT_U8, 0, false},
      {{G_MAXINT, G_MAXINT, G_MAXINT}, GST_FEATURE_FORMAT_U8, 0, false},
      // 2^64: the product wraps to exactly 0 without a check
      {{1 << 30, 1 << 30, 16}, GST_FEATURE_FORMAT_U8, 0, false},
      // A dimension of 0 must not hide an overflow of the others.
      {{G_MAXINT, G_MAXINT, G_MAXINT, 0}, GST_FEATURE_FORMAT_U8, 0, false},
      {{0, G_MAXINT, G_MAXINT, G_MAXINT}, GST_FEATURE_FORMAT_U8, 0, false},
      {{0, G_MAXINT, G_MAXINT}, GST_FEATURE_FORMAT_U8, 0, true},
  };
  for (const auto &c : cases) {
    g_autoptr(GError) error = nullptr;
    g_autoptr(GstFeatureInfo) info = make_info({.shape = c.shape, .format = c.format});
    fail_unless_equals_uint64(gst_feature_info_get_n_points(info), c.points);
    fail_unless_equals_uint64(gst_feature_info_get_size(info),
                              c.points * gst_feature_format_get_size(c.format));
    fail_unless_equals_int(gst_feature_info_validate(info, 0, &error), c.valid);
    if (!c.valid)
      check_error(error, GST_FEATURE_ERROR_SHAPE, "larger than the address space", "overflow");
  }
}
GST_END_TEST;

GST_START_TEST(test_validate) {
  g_autoptr(GError) error = nullptr;
  g_autoptr(GstFeatureInfo) info = gst_feature_info_new();
  fail_if(gst_feature_info_validate(info, 0, &error));
  check_error(error, GST_FEATURE_ERROR_CAPS, "format is not set", "new");
  g_clear_error(&error);

  gst_feature_info_set_format(info, GST_FEATURE_FORMAT_F32LE);
  const gint shape[] = {10, 10};
  gst_feature_info_set_shape(info, shape, 2);
  fail_unless(gst_feature_info_validate(info, 100, nullptr));
  fail_if(gst_feature_info_validate(info, 99, &error));
  check_error(error, GST_FEATURE_ERROR_LIMIT, "(10,10) has 100 points, more than max-points=99",
              "limit");
  g_clear_error(&error);

  gst_feature_info_set_quantization(info, 10, GST_FEATURE_ROUNDING_NEAREST,
                                    GST_FEATURE_FORMAT_F32LE);
  fail_if(gst_feature_info_validate(info, 0, &error));
  check_error(error, GST_FEATURE_ERROR_RANGE, "0 ranges were given where axis -1 needs 1",
              "no ranges");
  g_clear_error(&error);

  const gdouble min[10] = {}, max[10] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  fail_unless(gst_feature_info_set_ranges(info, 1, min, max, 10, nullptr));
  fail_unless(gst_feature_info_validate(info, 0, nullptr));
  gst_feature_info_set_format(info, GST_FEATURE_FORMAT_U8);
  fail_if(gst_feature_info_validate(info, 0, &error));
  check_error(error, GST_FEATURE_ERROR_RANGE, "format U8 cannot hold a tensor quantised to 10 bits",
              "wrong format");
  g_clear_error(&error);
  gst_feature_info_set_format(info, GST_FEATURE_FORMAT_U16LE);

  // The shape moves under the ranges.
  gst_feature_info_set_shape(info, shape, 1);
  fail_if(gst_feature_info_validate(info, 0, &error));
  check_error(error, GST_FEATURE_ERROR_RANGE, "range axis 1 is outside -1 to 0", "axis gone");
  g_clear_error(&error);
  const gint other[] = {10, 9};
  gst_feature_info_set_shape(info, other, 2);
  fail_if(gst_feature_info_validate(info, 0, &error));
  check_error(error, GST_FEATURE_ERROR_RANGE, "10 ranges were given where axis 1 needs 9",
              "axis shorter");
}
GST_END_TEST;

GST_START_TEST(test_bad_ranges) {
  const struct {
    gint axis;
    std::vector<gdouble> min, max;
    const char *text;
  } cases[] = {
      {-1, {1}, {1}, "below its upper end"},
      {-1, {2}, {1}, "2 to 1"},
      {-1, {NAN}, {1}, "must be finite"},
      {-1, {0}, {NAN}, "must be finite"},
      {-1, {-INFINITY}, {1}, "must be finite"},
      {-1, {0}, {INFINITY}, "must be finite"},
      {-1, {-1e308}, {1e308}, "wider than the largest double"},
      {-1, {0}, {1e-305}, "too narrow"},
      {-1, {}, {}, "0 ranges were given where axis -1 needs 1"},
      {-1, {0, 0}, {1, 1}, "2 ranges were given where axis -1 needs 1"},
      {1, {0, 0}, {1, 1}, "2 ranges were given where axis 1 needs 3"},
      {1, {0, 0, 5}, {1, 1, 5}, "range 2, 5 to 5"},
      {2, {0}, {1}, "range axis 2 is outside -1 to 1"},
      {-2, {0}, {1}, "range axis -2"},
      {0, {}, {}, "0 ranges were given where axis 0 needs 65537"},
  };
  g_autoptr(GstFeatureInfo) info =
      make_info({.shape = {65537, 3}, .bit_depth = 10, .min = {-1}, .max = {1}});
  g_autoptr(GstFeatureInfo) before = gst_feature_info_copy(info);
  for (const auto &c : cases) {
    g_autoptr(GError) error = nullptr;
    fail_if(gst_feature_info_set_ranges(info, c.axis, c.min.data(), c.max.data(),
                                        static_cast<guint>(c.min.size()), &error));
    check_error(error, GST_FEATURE_ERROR_RANGE, c.text, c.text);
    fail_unless(gst_feature_info_is_equal(info, before));
  }
  g_autoptr(GError) error = nullptr;
  const std::vector<gdouble> zeros(65537, 0), ones(65537, 1);
  fail_if(gst_feature_info_set_ranges(info, 0, zeros.data(), ones.data(), 65537, &error));
  check_error(error, GST_FEATURE_ERROR_RANGE, "65537 ranges are more than the limit of 65536",
              "too many");
  g_clear_error(&error);
  g_autoptr(GstFeatureInfo) raw = make_info({.shape = {3}});
  fail_if(gst_feature_info_set_ranges(raw, -1, zeros.data(), ones.data(), 1, &error));
  check_error(error, GST_FEATURE_ERROR_RANGE, "need a bit depth", "raw");
}
GST_END_TEST;

GST_START_TEST(test_packed_size) {
  const auto rows = GST_FEATURE_PACKING_ROWS;
  const auto stack = GST_FEATURE_PACKING_STACK;
  const auto mosaic = GST_FEATURE_PACKING_MOSAIC;
  const struct {
    std::vector<gint> shape;
    GstFeaturePacking packing;
    guint rows, columns;
    gint width, height;
    const char *error;
  } cases[] = {
      {{1, 1, 257, 1536}, stack, 0, 0, 1536, 257, nullptr},
      {{257, 1536}, stack, 0, 0, 1536, 257, nullptr},
      {{2, 1, 1370, 1536}, stack, 0, 0, 1536, 2740, nullptr},
      {{2, 4, 1611, 1536}, stack, 0, 0, 6144, 3222, nullptr},
      {{4, 1611, 1536}, stack, 0, 0, 6144, 1611, nullptr},
      {{5, 2, 4, 1611, 1536}, stack, 0, 0, 6144, 16110, nullptr},
      {{1, 3, 5, 2, 4, 7, 11, 13}, stack, 0, 0, 91, 1320, nullptr},
      {{7}, stack, 0, 0, 7, 1, nullptr},
      {{}, stack, 0, 0, 1, 1, nullptr},
      {{1, 1, 64, 4096}, rows, 0, 0, 4096, 64, nullptr},
      {{64, 4096}, rows, 0, 0, 4096, 64, nullptr},
      {{5}, rows, 0, 0, 5, 1, nullptr},
      {{}, rows, 0, 0, 1, 1, nullptr},
      {{1, 1, 1, 1, 1, 1, 3, 4}, rows, 0, 0, 4, 3, nullptr},
      {{1, 2, 64, 4096}, rows, 0, 0, 0, 0, "all but the two innermost dimensions to be 1"},
      {{2, 1, 64, 4096}, rows, 0, 0, 0, 0, "(2,1,64,4096) cannot be packed as rows"},
      {{2, 1, 1, 64, 4096}, rows, 0, 0, 0, 0, "innermost"},
      {{1, 1, 0, 4096}, rows, 0, 0, 0, 0, "every dimension to be 1 or more"},
      {{0}, stack, 0, 0, 0, 0, "every dimension to be 1 or more"},
      {{0, 1, 2, 3}, stack, 0, 0, 0, 0, "every dimension to be 1 or more"},
      {{1, 16, 128, 128}, mosaic, 4, 4, 512, 512, nullptr},
      {{16, 128, 128}, mosaic, 4, 4, 512, 512, nullptr},
      {{3, 6, 5, 7}, mosaic, 2, 3, 21, 30, nullptr},
      {{2, 3, 6, 5, 7}, mosaic, 2, 3, 21, 60, nullptr},
      {{5, 7}, mosaic, 1, 1, 7, 5, nullptr},
      {{1, 16, 128, 128}, mosaic, 4, 5, 0, 0, "4 x 5 needs 20 channels, shape (1,16,128,128) has"},
      {{16, 0, 128}, mosaic, 4, 4, 0, 0, "every dimension to be 1 or more"},
      {{1 << 16, 1, 1 << 15, 1}, stack, 0, 0, 0, 0, "sides of at most 2147483647"},
      {{1 << 15, 1, 1 << 15, 1}, stack, 0, 0, 1, 1 << 30, nullptr},
      {{1, 1 << 16, 1, 1 << 16}, stack, 0, 0, 0, 0, "sides of at most 2147483647"},
      {{G_MAXINT, G_MAXINT, G_MAXINT, G_MAXINT, G_MAXINT, 1, 1, 1}, stack, 0, 0, 0, 0, "sides"},
      {{1, 2, 1, G_MAXINT}, mosaic, 1, 2, 0, 0, "sides of at most 2147483647"},
      {{3}, GST_FEATURE_PACKING_NONE, 0, 0, 0, 0, "no packing is set"},
  };
  for (const auto &c : cases) {
    g_autoptr(GError) error = nullptr;
    g_autoptr(GstFeatureInfo) info =
        make_info({.shape = c.shape, .packing = c.packing, .rows = c.rows, .columns = c.columns});
    gint width = -1, height = -1;
    const gboolean fits = gst_feature_info_get_packed_size(info, &width, &height, &error);
    if (c.error) {
      fail_if(fits);
      check_error(error, GST_FEATURE_ERROR_SHAPE, c.error, c.error);
      if (c.packing != GST_FEATURE_PACKING_NONE) {
        fail_if(gst_feature_info_validate(info, 0, nullptr));
      }
      continue;
    }
    fail_unless(fits);
    fail_unless_equals_int(width, c.width);
    fail_unless_equals_int(height, c.height);
    fail_unless(gst_feature_info_validate(info, 0, nullptr));
  }
}
GST_END_TEST;

GST_START_TEST(test_conditions) {
  fail_unless(gst_feature_conditions_get_row(GST_FEATURE_CONDITIONS_CUSTOM) == nullptr);
  fail_unless(gst_feature_conditions_get_row(static_cast<GstFeatureConditions>(11)) == nullptr);
  auto *names = static_cast<GEnumClass *>(g_type_class_ref(GST_TYPE_FEATURE_CONDITIONS));
  fail_unless_equals_int(names->n_values, 11);
  const char *const tasks[] = {"cls", "seg", "dpt", "csr", "tti"};
  // Table 4, one line a baseline: upper ends; the lower ones are their negatives but for tti.
  const gdouble tops[2][5][4] = {{{20}, {20}, {1, 2, 10, 20}, {5}, {4.46}},
                                 {{5}, {5}, {1, 2, 10, 10}, {5}, {4.46}}};
  const gint shapes[5][4] = {{1, 1, 257, 1536},
                             {2, 1, 1370, 1536},
                             {2, 4, 1611, 1536},
                             {1, 1, 0, 4096},
                             {1, 16, 128, 128}};
  const gint pictures[5][2] = {{1536, 257}, {1536, 2740}, {6144, 3222}, {4096, 50}, {512, 512}};
  for (int i = 1; i <= 10; i++) {
    const int baseline = (i - 1) / 5, task = (i - 1) % 5;
    const auto id = static_cast<GstFeatureConditions>(i);
    const GstFeatureConditionsRow *row = gst_feature_conditions_get_row(id);
    fail_unless(row != nullptr);
    fail_unless_equals_int(row->conditions, id);
    fail_unless_equals_string(row->name, g_enum_get_value(names, i)->value_nick);
    fail_unless_equals_string(gst_feature_task_to_string(row->task), tasks[task]);
    fail_unless(g_str_has_prefix(row->name, tasks[task]));
    fail_unless(g_str_has_suffix(row->name, baseline ? "-hyperprior" : "-vtm"));
    fail_unless_equals_int(row->bit_depth, 10);
    fail_unless_equals_int(row->range_axis, task == 2 ? 1 : -1);
    fail_unless_equals_int(row->n_ranges, task == 2 ? 4 : 1);
    for (guint k = 0; k < row->n_ranges; k++) {
      const gdouble top = tops[baseline][task][k];
      fail_unless(row->range_max[k] == top);
      fail_unless(row->range_min[k] == (task == 4 ? -5.79 : -top));
    }
    fail_unless_equals_int(row->n_dims, 4);
    fail_unless(std::memcmp(row->shape, shapes[task], sizeof(gint) * 4) == 0);

    Spec spec = {.shape = {row->shape, row->shape + 4},
                 .bit_depth = row->bit_depth,
                 .min = {row->range_min, row->range_min + row->n_ranges},
                 .max = {row->range_max, row->range_max + row->n_ranges},
                 .axis = row->range_axis,
                 .packing = row->packing,
                 .rows = row->grid_rows,
                 .columns = row->grid_columns,
                 .task = row->task};
    if (task == 3) spec.shape[2] = 50;
    g_autoptr(GstFeatureInfo) info = make_info(spec);
    gint width, height;
    fail_unless(gst_feature_info_validate(info, GST_FEATURE_DEFAULT_MAX_POINTS, nullptr));
    fail_unless(gst_feature_info_get_packed_size(info, &width, &height, nullptr));
    fail_unless_equals_int(width, pictures[task][0]);
    fail_unless_equals_int(height, pictures[task][1]);
  }
  g_type_class_unref(names);
}
GST_END_TEST;

static Suite *feature_suite(void) {
  Suite *suite = suite_create("feature");
  TCase *tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_add_test(tests, test_enums);
  tcase_add_test(tests, test_fields);
  tcase_add_test(tests, test_equal);
  tcase_add_test(tests, test_sizes);
  tcase_add_test(tests, test_validate);
  tcase_add_test(tests, test_bad_ranges);
  tcase_add_test(tests, test_packed_size);
  tcase_add_test(tests, test_conditions);
  return suite;
}

GST_CHECK_MAIN(feature);
