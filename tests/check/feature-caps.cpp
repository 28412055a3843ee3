// SPDX-License-Identifier: LGPL-2.1-or-later
// Caps and structures that are no description: each error names the field and its value.
#include "feature-util.h"

static const char tensor[] = "application/x-feature-tensor";

static void refuse(const GstCaps *caps, GstFeatureError code, const char *text, const char *input) {
  g_autoptr(GError) error = nullptr;
  fail_unless(gst_feature_info_from_caps(caps, &error) == nullptr, "accepted %s", input);
  check_error(error, code, text, input);
}

GST_START_TEST(test_refused) {
  const auto caps_error = GST_FEATURE_ERROR_CAPS;
  const auto range = GST_FEATURE_ERROR_RANGE;
  const auto shape = GST_FEATURE_ERROR_SHAPE;
  const struct {
    const char *caps;
    GstFeatureError code;
    const char *text;
  } cases[] = {
      {"ANY", caps_error, "not one fixed structure: ANY"},
      {"EMPTY", caps_error, "not one fixed structure: EMPTY"},
      {"T, format=F32LE, shape=<1>; T, format=F32LE, shape=<2>", caps_error, "not one fixed"},
      {"video/x-raw", caps_error, "video/x-raw has no field 'feature'"},
      {"video/x-raw, feature=hello", caps_error, "field 'feature' of video/x-raw is hello"},
      {"video/x-raw, feature=[other, shape=<1>]", caps_error, "is called other"},
      {"video/x-raw, width=[1,2], feature=[feature-tensor, shape=<1>, format=U8]", caps_error,
       "field 'width' of video/x-raw is [ 1, 2 ]"},
      {"T", caps_error, "has no field 'format'"},
      {"T, format=F32LE", caps_error, "has no field 'shape'"},
      {"T, shape=<1>", caps_error, "has no field 'format'"},
      {"T, format=F31LE, shape=<1>", caps_error, "field 'format' of T is F31LE"},
      {"T, format=unknown, shape=<1>", caps_error, "field 'format' of T is unknown"},
      {"T, format=(int)1, shape=<1>", caps_error, "field 'format' of T is 1"},
      {"T, format={F32LE,F16LE}, shape=<1>", caps_error, "field 'format' of T is { (string)F32LE"},
      {"T, format=F32LE, shape=1", caps_error, "field 'shape' of T is 1,"},
      {"T, format=F32LE, shape={1,2}", caps_error, "field 'shape' of T is { (int)1, (int)2 }"},
      {"T, format=F32LE, shape=[1,2]", caps_error, "field 'shape' of T is [ 1, 2 ]"},
      {"T, format=F32LE, shape=<1,[1,2]>", caps_error,
       "field 'shape' of T is < (int)1, (GstIntRange)[ 1, 2 ] >"},
      {"T, format=F32LE, shape=<1,{1,2}>", caps_error, "expected one fixed value"},
      {"T, format=F32LE, shape=<-1>", caps_error, "field 'shape' of T is < (int)-1 >"},
      {"T, format=F32LE, shape=<1,4294967296>", caps_error, "field 'shape' of T"},
      {"T, format=F32LE, shape=<(gint64)3>", caps_error, "field 'shape' of T"},
      {"T, format=F32LE, shape=<(uint)3>", caps_error, "field 'shape' of T"},
      {"T, format=F32LE, shape=<3.0>", caps_error, "field 'shape' of T"},
      {"T, format=F32LE, shape=<a>", caps_error, "field 'shape' of T"},
      {"T, format=F32LE, shape=<<1>,2>", caps_error, "field 'shape' of T"},
      {"T, format=F32LE, shape=<1,2,3,4,5,6,7,8,9>", caps_error, "field 'shape' of T"},
      {"T, format=F32LE, shape=<2147483647,2147483647,2147483647>", shape,
       "(2147483647,2147483647,2147483647)"},
      {"T, format=F32LE, shape=<1>, task=none-such", caps_error, "field 'task' of T is none-such"},
      {"T, format=F32LE, shape=<1>, task=(int)3", caps_error, "field 'task' of T is 3"},
      {"T, format=F32LE, shape=<1>, framerate=30", caps_error, "field 'framerate' of T is 30"},
      {"T, format=F32LE, shape=<1>, framerate=(fraction)-1/2", caps_error, "is -1/2"},
      {"T, format=F32LE, shape=<1>, framerate=[0/1,30/1]", caps_error, "field 'framerate'"},
      // quantisation
      {"T, format=U16LE, shape=<1>, range-min=<0.0>", caps_error, "field 'range-min' of T"},
      {"T, format=U16LE, shape=<1>, range-max=<0.0>", caps_error, "field 'range-max' of T"},
      {"T, format=U16LE, shape=<1>, range-axis=0", caps_error, "field 'range-axis' of T is 0"},
      {"T, format=U16LE, shape=<1>, rounding=floor", caps_error, "where there is no bit-depth"},
      {"T, format=U16LE, shape=<1>, source-format=F32LE", caps_error, "no such field"},
      {"Q, bit-depth=1 R", caps_error, "field 'bit-depth' of T is 1, expected an integer from 2"},
      {"Q, bit-depth=17 R", caps_error, "field 'bit-depth' of T is 17"},
      {"Q, bit-depth=-8 R", caps_error, "field 'bit-depth' of T is -8"},
      {"Q, bit-depth=10.0 R", caps_error, "field 'bit-depth' of T is 10"},
      {"Q, bit-depth=(uint)10 R", caps_error, "field 'bit-depth' of T is 10"},
      {"Q, bit-depth=[8,10] R", caps_error, "field 'bit-depth' of T is [ 8, 10 ]"},
      {"Q, bit-depth=8 R", range, "format U16LE cannot hold a tensor quantised to 8 bits"},
      {"T, format=F32LE, shape=<1>, bit-depth=10 R", range, "format F32LE cannot hold"},
      {"Q, bit-depth=10", caps_error, "has no field 'range-min'"},
      {"Q, bit-depth=10, range-min=<0.0>", caps_error, "has no field 'range-max'"},
      {"Q, bit-depth=10, range-min=0.0, range-max=<1.0>", caps_error, "'range-min' of T is 0"},
      {"Q, bit-depth=10, range-min=<x>, range-max=<1.0>", caps_error, "'range-min' of T is < (str"},
      {"Q, bit-depth=10, range-min=<0.0>, range-max={1.0,2.0}", caps_error, "'range-max' of T is"},
      {"Q, bit-depth=10, range-min=<1.0>, range-max=<1.0>", range, "range 0, 1 to 1"},
      {"Q, bit-depth=10, range-min=<2.0>, range-max=<1.0>", range, "range 0, 2 to 1"},
      {"Q, bit-depth=10, range-min=(double)<nan>, range-max=<1.0>", range, "must be finite"},
      {"Q, bit-depth=10, range-min=<0.0>, range-max=(double)<inf>", range, "must be finite"},
      {"Q, bit-depth=10, range-min=< >, range-max=< >", range, "0 ranges were given"},
      {"Q, bit-depth=10, range-min=<0.0,0.0>, range-max=<1.0,1.0>", range, "2 ranges were given"},
      {"Q, bit-depth=10, range-min=<0.0,0.0>, range-max=<1.0>", range,
       "range-min has 2 values, range-max has 1"},
      {"Q, bit-depth=10, range-axis=1, range-min=<0.0,0.0>, range-max=<1.0,1.0>", range,
       "2 ranges were given where axis 1 needs 3"},
      {"Q, bit-depth=10, range-axis=2 R", range, "range axis 2 is outside -1 to 1"},
      {"Q, bit-depth=10, range-axis=-1 R", caps_error, "field 'range-axis' of T is -1"},
      {"Q, bit-depth=10, range-axis=8 R", caps_error, "field 'range-axis' of T is 8"},
      {"Q, bit-depth=10, rounding=up R", caps_error, "field 'rounding' of T is up"},
      {"Q, bit-depth=10, source-format=F8 R", caps_error, "field 'source-format' of T is F8"},
      // the structure in other caps
      {"F]", caps_error, "feature-tensor has no field 'format'"},
      {"F, format=F32LE]", caps_error, "feature-tensor has no field 'shape'"},
      {"F, format=F32LE, shape=<2,3>, packing=pile]", caps_error, "is pile"},
      {"F, format=F32LE, shape=<2,3>, packing=2]", caps_error, "field 'packing'"},
      {"F, format=F32LE, shape=<2,3>, packing=stack, grid=<1,1>]", caps_error, "field 'grid'"},
      {"F, format=F32LE, shape=<2,3>, packing=mosaic]", caps_error, "has no field 'grid'"},
      {"F, format=F32LE, shape=<2,3>, packing=mosaic, grid=<1>]", caps_error, "two integers"},
      {"F, format=F32LE, shape=<2,3>, packing=mosaic, grid=<1,1,1>]", caps_error, "two integers"},
      {"F, format=F32LE, shape=<2,3>, packing=mosaic, grid=<0,1>]", caps_error, "two integers"},
      {"F, format=F32LE, shape=<2,3>, packing=mosaic, grid=4x4]", caps_error, "is 4x4"},
      {"F, format=F32LE, shape=<2,3>, packing=mosaic, grid=<1,2>]", shape, "needs 2 channels"},
      {"F, format=F32LE, shape=<2,2,3>, packing=rows]", shape, "cannot be packed as rows"},
      {"F, format=F32LE, shape=<0,3>, packing=stack]", shape, "every dimension to be 1 or more"},
      {"F, format=F32LE, shape=<2,[1,3]>]", caps_error, "field 'feature' of video/x-raw"},
  };
  for (const auto &c : cases) {
    // T: the media type; Q: the head of a quantised tensor; R: its ranges; F: a feature field.
    GString *caps_text = g_string_new(c.caps);
    g_string_replace(caps_text, "Q,", "T, format=U16LE, shape=<2,3>,", 1);
    if (g_str_has_suffix(caps_text->str, " R")) {
      g_string_truncate(caps_text, caps_text->len - 2);
      g_string_append(caps_text, ", range-min=<0.0>, range-max=<1.0>");
    }
    if (caps_text->str[0] == 'F') {
      g_string_erase(caps_text, 0, 1);
      g_string_prepend(caps_text, "video/x-raw, feature=[feature-tensor");
    }
    if (caps_text->str[0] == 'T') {
      g_string_erase(caps_text, 0, 1);
      g_string_prepend(caps_text, tensor);
      g_string_replace(caps_text, "; T,", "; application/x-feature-tensor,", 1);
    }
    GString *text = g_string_new(c.text);
    g_string_replace(text, " of T", " of application/x-feature-tensor", 1);
    g_autoptr(GstCaps) caps = gst_caps_from_string(caps_text->str);
    fail_unless(caps != nullptr, "not caps: %s", caps_text->str);
    refuse(caps, c.code, text->str, caps_text->str);
    g_string_free(caps_text, TRUE);
    g_string_free(text, TRUE);
  }
}
GST_END_TEST;

// What text cannot say.
GST_START_TEST(test_odd_values) {
  g_autoptr(GstCaps) caps = gst_caps_new_simple(tensor, "format", G_TYPE_STRING, "U8", nullptr);
  gst_caps_set_simple(caps, "shape", G_TYPE_POINTER, caps, nullptr);
  refuse(caps, GST_FEATURE_ERROR_CAPS, "field 'shape'", "a pointer");

  g_autoptr(GstCaps) null = gst_caps_new_simple(tensor, "format", G_TYPE_STRING, nullptr, nullptr);
  refuse(null, GST_FEATURE_ERROR_CAPS, "field 'format'", "a string without text");

  // A long value does not make a long message.
  GValue array = G_VALUE_INIT;
  gst_value_array_init(&array, 100000);
  for (int i = 0; i < 100000; i++) {
    GValue value = G_VALUE_INIT;
    g_value_init(&value, G_TYPE_INT);
    gst_value_array_append_and_take_value(&array, &value);
  }
  gst_caps_set_value(caps, "shape", &array);
  g_value_unset(&array);
  g_autoptr(GError) error = nullptr;
  fail_unless(gst_feature_info_from_caps(caps, &error) == nullptr);
  fail_unless(error != nullptr && std::strlen(error->message) < 400);
}
GST_END_TEST;

GST_START_TEST(test_structure_name) {
  g_autoptr(GError) error = nullptr;
  g_autoptr(GstStructure) s = gst_structure_new_from_string("tensor, format=U8, shape=<1>");
  fail_unless(gst_feature_info_from_structure(s, &error) == nullptr);
  check_error(error, GST_FEATURE_ERROR_CAPS, "is called tensor, expected feature-tensor", "name");
}
GST_END_TEST;

static Suite *feature_caps_suite(void) {
  Suite *suite = suite_create("feature-caps");
  TCase *tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_add_test(tests, test_refused);
  tcase_add_test(tests, test_odd_values);
  tcase_add_test(tests, test_structure_name);
  return suite;
}

GST_CHECK_MAIN(feature_caps);
