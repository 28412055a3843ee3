// SPDX-License-Identifier: LGPL-2.1-or-later
// Every property of every element is set while playing. One that says that it may change then reads
// back, and the stream goes on; what several of them change shows in the very next buffer.
#include <gst/check/gstharness.h>

#include "elements_util.h"

static std::vector<std::string> names;

namespace {

// Where one more than the default, or the next name of an enumeration, is no value for this stream.
struct Sample {
  const char *element;  // nullptr: any
  const char *property;
  const char *value;
};
const Sample samples[] = {
    {nullptr, "range-min", "<(double)-30.0>"},
    {nullptr, "range-max", "<(double)30.0>"},
    {"featuretestsrc", "shape", "<3,4>"},
    {"featureunpack", "shape", "<1,8,32>"},
    {"featureunpack", "bit-depth", "10"},
    {"featuredequant", "bit-depth", "10"},
    {nullptr, "location", "/dev/null"},
    {nullptr, "vtm-path", "/nonexistent"},
    {nullptr, "vtm-config", "/nonexistent"},
    {nullptr, "profile", "/nonexistent"},
    {nullptr, "profile-name", "a name"},
    {nullptr, "origin", "somewhere"},
    {nullptr, "model", "/nonexistent"},
    {"hyperpriorenc", "quality", "0.25"},
    {nullptr, "method", "other"},
    {nullptr, "device", "cpu"},
    {nullptr, "labels", "/nonexistent"},
    {nullptr, "choices", "/nonexistent"},
    {nullptr, "truth", "/nonexistent"},
    {nullptr, "fid-model", "/nonexistent"},
    {nullptr, "fid-method", "other"},
    {nullptr, "fid-reference", "/nonexistent"},
    {nullptr, "json", "/dev/null"},
    {nullptr, "depth-range", "<(double)1.0,(double)2.0>"},
    {nullptr, "crop", "<(int)0,1,0,1>"},
};

template <class T>
void step(const T *spec, GValue *value, void (*set)(GValue *, decltype(T::default_value))) {
  set(value,
      spec->default_value < spec->maximum ? spec->default_value + 1 : spec->default_value - 1);
}

// Another value than the default. False: none is known for this type.
bool other_value(const std::string &element, GParamSpec *spec, GValue *value) {
  g_value_init(value, spec->value_type);
  for (const Sample &sample : samples)
    if (g_str_equal(sample.property, spec->name) &&
        (sample.element == nullptr || element == sample.element))
      // A copy, because GStreamer 1.22 writes into the text of an array.
      return gst_value_deserialize_with_pspec(value, std::string(sample.value).data(), spec);
  if (G_IS_PARAM_SPEC_BOOLEAN(spec))
    g_value_set_boolean(value, !G_PARAM_SPEC_BOOLEAN(spec)->default_value);
  else if (G_IS_PARAM_SPEC_INT(spec))
    step(G_PARAM_SPEC_INT(spec), value, g_value_set_int);
  else if (G_IS_PARAM_SPEC_UINT(spec))
    step(G_PARAM_SPEC_UINT(spec), value, g_value_set_uint);
  else if (G_IS_PARAM_SPEC_INT64(spec))
    step(G_PARAM_SPEC_INT64(spec), value, g_value_set_int64);
  else if (G_IS_PARAM_SPEC_UINT64(spec))
    step(G_PARAM_SPEC_UINT64(spec), value, g_value_set_uint64);
  else if (G_IS_PARAM_SPEC_DOUBLE(spec))
    step(G_PARAM_SPEC_DOUBLE(spec), value, g_value_set_double);
  else if (GST_IS_PARAM_SPEC_FRACTION(spec))
    gst_value_set_fraction(value, 25, 2);
  else if (G_IS_PARAM_SPEC_ENUM(spec)) {
    GEnumClass *names = G_PARAM_SPEC_ENUM(spec)->enum_class;
    for (guint i = 0; i < names->n_values; i++)
      if (names->values[i].value == G_PARAM_SPEC_ENUM(spec)->default_value)
        g_value_set_enum(value, names->values[(i + 1) % names->n_values].value);
  } else if (G_IS_PARAM_SPEC_FLAGS(spec))
    g_value_set_flags(value, G_PARAM_SPEC_FLAGS(spec)->default_value ^
                                 (G_PARAM_SPEC_FLAGS(spec)->flags_class->mask &
                                  -G_PARAM_SPEC_FLAGS(spec)->flags_class->mask));
  else
    return false;
  return true;
}

// Sets, reads back.
void set_and_get(GstElement *element, GParamSpec *spec, const GValue *value) {
  g_object_set_property(G_OBJECT(element), spec->name, value);
  GValue back = G_VALUE_INIT;
  g_value_init(&back, spec->value_type);
  g_object_get_property(G_OBJECT(element), spec->name, &back);
  g_autofree gchar *wanted_text = g_strdup_value_contents(value);
  g_autofree gchar *text = g_strdup_value_contents(&back);
  if (GST_VALUE_HOLDS_ARRAY(value) ? gst_value_compare(value, &back) != GST_VALUE_EQUAL
                                   : g_param_values_cmp(spec, value, &back) != 0)
    fail("%s: %s reads %s after %s was set", GST_OBJECT_NAME(element), spec->name, text,
         wanted_text);
  g_value_unset(&back);
}

// A property that may change while playing: there and back, and the stream goes on.
void check_mutable(const std::string &name, GParamSpec *spec, const GValue *value) {
  Run run(name);
  GST_INFO("%s of %s", spec->name, name.c_str());
  run.state(GST_STATE_PLAYING);
  fail_unless(run.flows(2), "%s: %s", name.c_str(), run.problem().c_str());
  GValue before = G_VALUE_INIT;
  g_value_init(&before, spec->value_type);
  g_object_get_property(G_OBJECT(run.element()), spec->name, &before);
  for (const GValue *next : {value, const_cast<const GValue *>(&before)}) {
    set_and_get(run.element(), spec, next);
    // More than may be in work inside already.
    fail_unless(run.flows(20), "%s stops after %s was set while playing", name.c_str(), spec->name);
  }
  g_value_unset(&before);
  run.state(GST_STATE_NULL);
}

// Any other: nothing bad comes of it, and its own elements keep it for the next start.
void check_immutable(const std::string &name, GParamSpec *spec, const GValue *value, bool own) {
  Run run(name);
  GST_INFO("%s of %s", spec->name, name.c_str());
  run.state(GST_STATE_PLAYING);
  fail_unless(run.flows(2), "%s: %s", name.c_str(), run.problem().c_str());
  if (own && (spec->flags & G_PARAM_READABLE) != 0)
    set_and_get(run.element(), spec, value);
  else
    g_object_set_property(G_OBJECT(run.element()), spec->name, value);
  run.flows(5);  // or an error, or an end
  run.state(GST_STATE_NULL);
}

void check_property(const std::string &name, GParamSpec *spec, bool own) {
  const guint mutability =
      GST_PARAM_MUTABLE_READY | GST_PARAM_MUTABLE_PAUSED | GST_PARAM_MUTABLE_PLAYING;
  if ((spec->flags & G_PARAM_WRITABLE) == 0 || (spec->flags & G_PARAM_CONSTRUCT_ONLY) != 0) return;
  if (own && (spec->flags & mutability) == 0)
    fail("%s: %s does not say in which states it may change", name.c_str(), spec->name);
  if (g_str_equal(spec->name, "name") || g_str_equal(spec->name, "parent")) return;
  GValue value = G_VALUE_INIT;
  const bool known = other_value(name, spec, &value);
  if (own && !known) fail("%s: %s needs a row in samples", name.c_str(), spec->name);
  if (known && (spec->flags & GST_PARAM_MUTABLE_PLAYING) != 0)
    check_mutable(name, spec, &value);
  else if (known)
    check_immutable(name, spec, &value, own);
  g_value_unset(&value);
}

// Set between two equal tensors: the second one comes out differently, and as before once the
// property is back.
struct Effect {
  const char *pipeline;
  const char *property;
  const char *value;
};
#define RANGE "range-min=<-20.0> range-max=<20.0>"
const Effect effects[] = {
    {"featuretrunc name=e " RANGE, "range-max", "<(double)1.5>"},
    {"featuretrunc name=e " RANGE, "range-min", "<(double)-1.5>"},
    {"featurequant name=e " RANGE, "range-max", "<(double)12.0>"},
    {"featurequant name=e " RANGE, "bit-depth", "8"},
    {"featurequant name=e " RANGE, "rounding", "floor"},
    {"featurequant name=e", "conditions", "csr-vtm"},
    {"featurequant ! featuredequant name=e", "source-format", "F16LE"},
    {"featurequant ! featuredequant name=e " RANGE, "range-min", "<(double)-10.0>"},
    {"featurequant ! featurepack name=e", "packing", "mosaic"},
    {"featurequant ! featurepack ! featureunpack name=e", "shape", "<1,4,4,8>"},
    {"featureenc name=e", "quality", "20"},
    {"featureenc name=e", "step", "0.7"},
    {"featureenc name=e", "target-bpfp", "3"},
    {"featureenc name=e", "target-mse", "0.02"},
    {"featureenc name=e", "lossless", "true"},
    {"featurequant ! featurepack ! vvcfeatenc name=e", "qp", "45"},
    {"featurequant ! featurepack ! vvcfeatenc name=e", "lossless", "true"},
    {"featurequant ! featurepack ! vvcfeatenc name=e", "target-bpfp", "4.5"},
    {"featurequant ! featurepack ! vvcfeatenc name=e", "target-mse", "2"},
    {"featurequant ! featurepack ! vvcfeatenc name=e", "picture-hash", "md5"},
    {"featurequant ! featurepack ! vvcfeatenc name=e", "picture-hash", "none"},
    {"featurequant ! featurepack ! vvcfeatenc name=e", "config-interval", "0"},
    {"featurequant ! featurepack ! hyperpriorenc name=e", "quality", "0.1"},
};

// Everything that comes out for one tensor: caps and bytes.
std::string result_of(GstHarness *harness, const std::vector<float> &tensor) {
  const gsize size = tensor.size() * sizeof(float);
  GstBuffer *buffer = gst_buffer_new_memdup(tensor.data(), size);
  GST_BUFFER_PTS(buffer) = 0;
  fail_unless_equals_int(gst_harness_push(harness, buffer), GST_FLOW_OK);
  buffer = gst_harness_pull(harness);
  fail_unless(buffer != nullptr);
  GstCaps *caps = gst_pad_get_current_caps(harness->sinkpad);
  g_autofree gchar *text = gst_caps_to_string(caps);
  gst_caps_unref(caps);
  std::string result = text;
  GstMapInfo map;
  fail_unless(gst_buffer_map(buffer, &map, GST_MAP_READ));
  result.append(reinterpret_cast<const char *>(map.data), map.size);
  gst_buffer_unmap(buffer, &map);
  gst_buffer_unref(buffer);
  return result;
}

}  // namespace

GST_START_TEST(test_every_property) {
  const std::string &name = names.at(__i__);
  GstElement *element = gst_element_factory_make(name.c_str(), nullptr);
  fail_unless(element != nullptr, "%s", name.c_str());
  gst_object_ref_sink(element);
  guint count;
  GParamSpec **specs = g_object_class_list_properties(G_OBJECT_GET_CLASS(element), &count);
  for (guint i = 0; i < count; i++)
    check_property(name, specs[i], specs[i]->owner_type == G_OBJECT_TYPE(element));
  g_free(specs);
  gst_object_unref(element);
}
GST_END_TEST;

GST_START_TEST(test_effect_on_the_next_buffer) {
  const Effect &effect = effects[__i__];
  for (const char *element : {"featureenc", "vvcfeatenc", "hyperpriorenc"}) {
    if (std::strstr(effect.pipeline, element) != nullptr &&
        !gst_registry_check_feature_version(gst_registry_get(), element, 0, 0, 0))
      return;  // a build without it
  }
  GstHarness *harness = gst_harness_new_parse(effect.pipeline);
  gst_harness_set_src_caps_str(harness,
                               "application/x-feature-tensor, format=F32LE, shape=(int)<4,4,8>");
  std::vector<float> tensor(128);
  for (gsize i = 0; i < tensor.size(); i++)
    tensor[i] = static_cast<float>((i * 7919 % 128) * 0.07 - 4.5);
  GstElement *element = gst_bin_get_by_name(GST_BIN(harness->element), "e");
  GValue before = G_VALUE_INIT;
  g_value_init(
      &before,
      g_object_class_find_property(G_OBJECT_GET_CLASS(element), effect.property)->value_type);
  g_object_get_property(G_OBJECT(element), effect.property, &before);
  const std::string first = result_of(harness, tensor);
  for (int again = 0; again < 2; again++) {
    gst_util_set_object_arg(G_OBJECT(element), effect.property, std::string(effect.value).data());
    fail_if(result_of(harness, tensor) == first, "%s=%s of '%s' changes nothing", effect.property,
            effect.value, effect.pipeline);
    g_object_set_property(G_OBJECT(element), effect.property, &before);
    fail_unless(result_of(harness, tensor) == first, "%s of '%s' does not go back", effect.property,
                effect.pipeline);
  }
  g_value_unset(&before);
  gst_object_unref(element);
  gst_harness_teardown(harness);
}
GST_END_TEST;

GST_START_TEST(test_there_are_elements) {
  fail_if(names.empty(), "no element of %s is in the registry", GST_PACKAGE_NAME);
}
GST_END_TEST;

static Suite *elementproperties_suite(void) {
  Suite *suite = suite_create("elementproperties");
  TCase *tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_set_timeout(tests, 300);
  names = own_elements();
  tcase_add_test(tests, test_there_are_elements);
  tcase_add_loop_test(tests, test_every_property, 0, static_cast<int>(names.size()));
  tcase_add_loop_test(tests, test_effect_on_the_next_buffer, 0, G_N_ELEMENTS(effects));
  return suite;
}

GST_CHECK_MAIN(elementproperties);
