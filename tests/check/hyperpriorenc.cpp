// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/check/hyperprior_util.h"

using namespace test;

namespace {

constexpr int kWidth = 40;
constexpr int kHeight = 24;

int largest_difference(const std::vector<guint16> &a, const std::vector<guint16> &b) {
  fail_unless_equals_int(static_cast<int>(a.size()), static_cast<int>(b.size()));
  int largest = 0;
  for (size_t i = 0; i < a.size(); i++) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

Bytes encode_one(GstHarness *h, GstBuffer *buffer) {
  fail_unless_equals_int(gst_harness_push(h, buffer), GST_FLOW_OK);
  return pull_bytes(h);
}

// The caps of units that came out.
std::string caps_out(GstHarness *h) {
  GstCaps *caps = gst_pad_get_current_caps(h->sinkpad);
  fail_unless(caps != nullptr);
  gchar *text = gst_caps_to_string(caps);
  std::string result = text;
  g_free(text);
  gst_caps_unref(caps);
  return result;
}

}  // namespace

GST_START_TEST(test_units) {
  const InfoPtr info = make_info(kHeight, kWidth);
  GstHarness *h = harness_of("hyperpriorenc quality=1", false);
  gst_harness_set_src_caps(h, frame_caps("GRAY16_LE", kWidth, kHeight, info.get()).release());
  guint64 bytes = 0;
  for (unsigned seed = 1; seed <= 3; seed++) {
    const auto samples = content(kWidth, kHeight, 10, seed);
    GstBuffer *buffer = frame(samples, kWidth, kHeight, 10);
    GST_BUFFER_PTS(buffer) = seed * GST_SECOND;
    fail_unless_equals_int(gst_harness_push(h, buffer), GST_FLOW_OK);
    GstBuffer *out = gst_harness_pull(h);
    fail_unless_equals_uint64(GST_BUFFER_PTS(out), seed * GST_SECOND);
    fail_if(GST_BUFFER_FLAG_IS_SET(out, GST_BUFFER_FLAG_DELTA_UNIT));
    const Bytes unit = bytes_of(out);
    gst_buffer_unref(out);
    bytes += unit.size();
    // The model loses nothing but a rounding to half a code value.
    fail_unless(largest_difference(samples, reference(unit)) <= 1);
    const auto header = unit_info(unit);
    fail_unless_equals_int(header.bit_depth, 10);
    const InfoPtr sent(
        gst_feature_info_from_cbor(header.description.data(), header.description.size(), nullptr));
    fail_unless(sent && gst_feature_info_is_equal(sent.get(), info.get()));
  }
  expect_info(h, info);
  expect_contains(caps_out(h), "application/x-feature-hyperprior, alignment=(string)unit");
  fail_unless_equals_uint64(stat(h, "units"), 3);
  fail_unless_equals_uint64(stat(h, "bytes"), bytes);
  fail_unless_equals_uint64(stat(h, "points"), 3 * kWidth * kHeight);
  fail_unless_equals_uint64(stat(h, "y-bits") + stat(h, "z-bits") + stat(h, "header-bits"),
                            8 * bytes);
  fail_unless_equals_uint64(8 * stat(h, "payload-bytes") + stat(h, "header-bits"), 8 * bytes);
  fail_unless_equals_float(stat_double(h, "bpfp"), 8.0 * bytes / (3 * kWidth * kHeight));
  const double estimate = stat_double(h, "y-estimated-bits");
  fail_unless(estimate > 0 && estimate < 1.2 * static_cast<double>(stat(h, "y-bits")));
  fail_unless(static_cast<double>(stat(h, "y-bits")) < 1.05 * estimate + 3 * 1024);
  fail_unless(stat_double(h, "z-estimated-bits") > 0);
  fail_unless(stat_double(h, "analysis-milliseconds") > 0);
  fail_unless(stat_double(h, "entropy-milliseconds") > 0);
  expect_equal(stat_string(h, "device"), "plain");
  gst_harness_teardown(h);
}
GST_END_TEST

// All bit depths that features have, in the formats that hold them.
GST_START_TEST(test_bit_depths) {
  for (int bits = 2; bits <= 16; bits++) {
    for (const bool gray8 : {false, true}) {
      if (gray8 && bits > 8) continue;
      const InfoPtr info = make_info(kHeight, kWidth, static_cast<guint>(bits));
      GstHarness *h = harness_of("hyperpriorenc quality=1", false);
      gst_harness_set_src_caps(
          h, frame_caps(gray8 ? "GRAY8" : "GRAY16_LE", kWidth, kHeight, info.get()).release());
      const auto samples = content(kWidth, kHeight, bits);
      const Bytes unit = encode_one(h, frame(samples, kWidth, kHeight, bits, gray8));
      fail_unless_equals_int(unit_info(unit).bit_depth, bits);
      // Half a code value of 10 bits, and as much of the range of more.
      const int tolerance = 1 + (1 << std::max(0, bits - 10));
      fail_unless(largest_difference(samples, reference(unit)) <= tolerance, "%d bits", bits);
      gst_harness_teardown(h);
    }
  }
}
GST_END_TEST

// Without a description frames are coded at the depth of their format.
GST_START_TEST(test_without_description) {
  for (const bool gray8 : {false, true}) {
    const int bits = gray8 ? 8 : 16;
    GstHarness *h = harness_of("hyperpriorenc quality=1", false);
    gst_harness_set_src_caps(
        h, frame_caps(gray8 ? "GRAY8" : "GRAY16_LE", kWidth, kHeight, nullptr).release());
    const auto samples = content(kWidth, kHeight, bits);
    const Bytes unit = encode_one(h, frame(samples, kWidth, kHeight, bits, gray8));
    fail_unless_equals_int(unit_info(unit).bit_depth, bits);
    fail_unless(unit_info(unit).description.empty());
    fail_unless(caps_out(h).find("feature=") == std::string::npos);
    gst_harness_teardown(h);
  }
}
GST_END_TEST

GST_START_TEST(test_sizes) {
  const std::pair<int, int> sizes[] = {{1, 1}, {1, 40}, {40, 1}, {17, 33}, {16, 16}, {130, 15}};
  for (const auto &[width, height] : sizes) {
    GstHarness *h = harness_of("hyperpriorenc quality=1", false);
    gst_harness_set_src_caps(
        h, frame_caps("GRAY16_LE", width, height, make_info(height, width).get()).release());
    const auto samples = content(width, height, 10);
    const Bytes unit = encode_one(h, frame(samples, width, height, 10));
    fail_unless(largest_difference(samples, reference(unit)) <= 1, "%dx%d", width, height);
    gst_harness_teardown(h);
  }
}
GST_END_TEST

GST_START_TEST(test_quality_while_playing) {
  GstHarness *h = harness_of("hyperpriorenc", false);
  gst_harness_set_src_caps(
      h, frame_caps("GRAY16_LE", kWidth, kHeight, make_info(kHeight, kWidth).get()).release());
  std::vector<size_t> sizes;
  for (const double quality : {0.0, 0.25, 0.5, 0.75, 1.0, 0.0}) {
    g_object_set(h->element, "quality", quality, nullptr);
    sizes.push_back(encode_one(h, frame(content(kWidth, kHeight, 10), kWidth, kHeight, 10)).size());
  }
  for (int i = 0; i < 4; i++) fail_unless(sizes[i] < sizes[i + 1], "%d", i);
  fail_unless_equals_int(static_cast<int>(sizes[0]), static_cast<int>(sizes[5]));
  gst_harness_teardown(h);
}
GST_END_TEST

// What GObject makes of a value for a property.
template <typename T>
static T accepted(const char *property, void (*set)(GValue *, T), T (*get)(const GValue *),
                  T given) {
  GstElement *element = gst_element_factory_make("hyperpriorenc", nullptr);
  GParamSpec *spec = g_object_class_find_property(G_OBJECT_GET_CLASS(element), property);
  GValue value = G_VALUE_INIT;
  g_value_init(&value, spec->value_type);
  set(&value, given);
  g_param_value_validate(spec, &value);
  gst_object_unref(element);
  return get(&value);
}

GST_START_TEST(test_properties_out_of_range) {
  const auto real = [](const char *property, double given) {
    return accepted(property, g_value_set_double, g_value_get_double, given);
  };
  fail_unless_equals_float(real("quality", 1.5), 1);
  fail_unless_equals_float(real("quality", 0.75), 0.75);
  fail_unless_equals_float(real("quality", -0.5), 0);
  const auto integer = [](const char *property, gint given) {
    return accepted(property, g_value_set_int, g_value_get_int, given);
  };
  fail_unless_equals_int(integer("lambda-index", -7), -1);
  fail_unless_equals_int(integer("lambda-index", 1000), 99);
  fail_unless_equals_int(integer("threads", -1), 0);
  fail_unless_equals_int(integer("threads", 1000), 64);
  fail_unless_equals_uint64(
      accepted("max-points", g_value_set_uint64, g_value_get_uint64, guint64{0}), 1);
}
GST_END_TEST

GST_START_TEST(test_renegotiation) {
  GstHarness *h = harness_of("hyperpriorenc", false);
  const std::pair<int, int> sizes[] = {{kWidth, kHeight}, {17, 9}, {kWidth, kHeight}};
  for (const auto &[width, height] : sizes) {
    const InfoPtr info = make_info(height, width);
    gst_harness_set_src_caps(h, frame_caps("GRAY16_LE", width, height, info.get()).release());
    const Bytes unit = encode_one(h, frame(content(width, height, 10), width, height, 10));
    fail_unless_equals_int(unit_info(unit).width, width);
    expect_info(h, info);
  }
  // The description changes alone.
  const InfoPtr shallow = make_info(kHeight, kWidth, 7);
  gst_harness_set_src_caps(h, frame_caps("GRAY16_LE", kWidth, kHeight, shallow.get()).release());
  const Bytes unit = encode_one(h, frame(content(kWidth, kHeight, 7), kWidth, kHeight, 7));
  fail_unless_equals_int(unit_info(unit).bit_depth, 7);
  expect_info(h, shallow);
  // To none at all.
  gst_harness_set_src_caps(h, frame_caps("GRAY16_LE", kWidth, kHeight, nullptr).release());
  const Bytes bare = encode_one(h, frame(content(kWidth, kHeight, 10), kWidth, kHeight, 10));
  fail_unless(unit_info(bare).description.empty());
  fail_unless(caps_out(h).find("feature=") == std::string::npos);
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_flush_and_eos) {
  GstHarness *h = harness_of("hyperpriorenc", false);
  gst_harness_set_src_caps(
      h, frame_caps("GRAY16_LE", kWidth, kHeight, make_info(kHeight, kWidth).get()).release());
  const Bytes before = encode_one(h, frame(content(kWidth, kHeight, 10), kWidth, kHeight, 10));
  flush(h);
  fail_unless(encode_one(h, frame(content(kWidth, kHeight, 10), kWidth, kHeight, 10)) == before);
  GstBus *bus = gst_bus_new();
  gst_element_set_bus(h->element, bus);
  fail_unless(gst_harness_push_event(h, gst_event_new_eos()));
  GstMessage *message = gst_bus_pop_filtered(bus, GST_MESSAGE_ELEMENT);
  fail_unless(message != nullptr &&
              gst_structure_has_name(gst_message_get_structure(message), "hyperpriorenc-stats"));
  guint64 units = 0;
  fail_unless(gst_structure_get_uint64(gst_message_get_structure(message), "units", &units));
  fail_unless_equals_uint64(units, 2);
  gst_message_unref(message);
  gst_element_set_bus(h->element, nullptr);
  gst_object_unref(bus);
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_eos_without_frames) {
  GstHarness *h = harness_of("hyperpriorenc", false);
  Bus bus(h);
  gst_harness_set_src_caps(h, frame_caps("GRAY16_LE", kWidth, kHeight, nullptr).release());
  fail_unless(gst_harness_push_event(h, gst_event_new_eos()));
  fail_unless(bus.next(GST_MESSAGE_ERROR).empty());
  fail_unless_equals_uint64(stat(h, "units"), 0);
  gst_harness_teardown(h);
}
GST_END_TEST

// Frames that the sink has no time for are not coded.
GST_START_TEST(test_late_frames) {
  GstHarness *h = harness_of("hyperpriorenc qos=true", false);
  gst_harness_set_src_caps(h, frame_caps("GRAY16_LE", 16, 16, nullptr).release());
  gst_harness_push_upstream_event(
      h, gst_event_new_qos(GST_QOS_TYPE_UNDERFLOW, 1.0, 5 * GST_SECOND, 10 * GST_SECOND));
  GstBuffer *late = frame(content(16, 16, 10), 16, 16, 10);
  GST_BUFFER_PTS(late) = GST_SECOND;
  fail_unless_equals_int(gst_harness_push(h, late), GST_FLOW_OK);
  fail_unless_equals_uint64(stat(h, "dropped"), 1);
  fail_unless_equals_uint64(stat(h, "units"), 0);
  GstBuffer *in_time = frame(content(16, 16, 10), 16, 16, 10);
  GST_BUFFER_PTS(in_time) = 60 * GST_SECOND;
  fail_unless_equals_int(gst_harness_push(h, in_time), GST_FLOW_OK);
  fail_unless_equals_uint64(stat(h, "units"), 1);
  gst_harness_teardown(h);
}
GST_END_TEST

/* --- errors --- */

// The error for frames with these caps.
static std::string caps_error(const CapsPtr &caps, const std::string &properties = "") {
  GstHarness *h = harness_of("hyperpriorenc " + properties, false);
  std::string text;
  {
    Bus bus(h);
    gst_harness_set_src_caps(h, gst_caps_ref(caps.get()));
    fail_unless_equals_int(gst_harness_push(h, frame(content(16, 16, 10), 16, 16, 10)),
                           GST_FLOW_NOT_NEGOTIATED);
    text = bus.next(GST_MESSAGE_ERROR);
    fail_unless(bus.next(GST_MESSAGE_ERROR).empty());  // told of once
    fail_unless_equals_uint64(stat(h, "units"), 0);
  }
  gst_harness_teardown(h);
  return text;
}

GST_START_TEST(test_refused_caps) {
  expect_equal(caps_error(frame_caps("GRAY16_LE", 16, 16, make_info(8, 16).get())),
               "The feature description packs to 16x8, but the frames are 16x16.");
  expect_equal(caps_error(frame_caps("GRAY8", 16, 16, make_info(16, 16, 9).get())),
               "The feature is quantised to 9 bits; frames of format GRAY8 hold 8.");
  expect_equal(
      caps_error(frame_caps("GRAY16_LE", 16, 16, make_info(16, 16).get()), "max-points=255"),
      "The frames have 16x16 = 256 samples, more than the 255 of max-points.");
}
GST_END_TEST

GST_START_TEST(test_models_that_do_not_start) {
  const Models models({"good"});
  const std::string folder = models.folder().path();
  expect_contains(start_error("hyperpriorenc"), "There is no model default in " + folder);
  expect_contains(start_error("hyperpriorenc model=other"), "There is no model other in " + folder);
  expect_contains(start_error("hyperpriorenc model=good lambda-index=2"),
                  "There is no model good-2 in " + folder);
  expect_contains(start_error("hyperpriorenc model=" + folder + "/none"), "cannot be read");
  models.folder().write("text.hyperprior", {'t', 'e', 'x', 't'});
  expect_contains(start_error("hyperpriorenc model=text"), "cannot be used: ");
  Bytes broken = Models::file("broken");
  broken.resize(broken.size() / 2);
  models.folder().write("broken.hyperprior", broken);
  expect_contains(start_error("hyperpriorenc model=broken"), "cannot be used: ");
  expect_contains(start_error("hyperpriorenc model=good device=cuda:7"),
                  "The networks of the model good cannot be used: device=cuda:7");
}
GST_END_TEST

GST_START_TEST(test_no_module) {
  const std::string before = g_getenv("GST_FEATURE_HYPERPRIOR_MODULE");
  g_setenv("GST_FEATURE_HYPERPRIOR_MODULE", "/nonexistent/module.so", TRUE);
  for (const char *element : {"hyperpriorenc", "hyperpriordec", "hyperpriordec model=default"}) {
    expect_equal(start_error(element),
                 "The module that runs models is missing: there is no /nonexistent/module.so.");
  }
  g_setenv("GST_FEATURE_HYPERPRIOR_MODULE", before.c_str(), TRUE);
  GstHarness *h = harness_of("hyperpriorenc", false);  // it can be tried again
  expect_equal(stat_string(h, "device"), "plain");
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_families_and_paths) {
  const Models models({"family-0", "family-4"}, false);
  const std::string folder = models.folder().path();
  const auto id_with = [](const std::string &properties) {
    return unit_info(encode_units(16, 16, 1, nullptr, 10, properties)[0]).model_id;
  };
  const auto first = model_of(Models::file("family-0", false))->id();
  const auto last = model_of(Models::file("family-4", false))->id();
  fail_unless(id_with("model=family lambda-index=0") == first);
  fail_unless(id_with("model=family lambda-index=4") == last);
  fail_unless(id_with("model=family-4") == last);
  fail_unless(id_with("model=" + folder + "/family-4") == last);
  fail_unless(id_with("model=" + folder + "/family-0.hyperprior") == first);
  fail_unless(id_with("model=" + folder + "/family.hyperprior lambda-index=4") == last);
}
GST_END_TEST

// Models of one rate do not look at the quality.
GST_START_TEST(test_one_rate) {
  const Models models({"default"}, false);
  const auto low = encode_units(kWidth, kHeight, 1, nullptr, 10, "quality=0")[0];
  const auto high = encode_units(kWidth, kHeight, 1, nullptr, 10, "quality=1")[0];
  fail_unless(low == high);
  fail_unless(unit_info(low).model_id == model_of(Models::file("default", false))->id());
}
GST_END_TEST

static std::string entropy_device(const std::string &element) {
  GstHarness *h = harness_of(element.c_str(), false);
  std::string device = stat_string(h, "entropy-device");
  gst_harness_teardown(h);
  return device;
}

// Where there is no module for the GPU, or one that cannot be used, the CPU does its work.
GST_START_TEST(test_entropy_devices) {
  const auto units = [] { return encode_units(kWidth, kHeight, 2, nullptr, 10, ""); };
  std::vector<Bytes> expected;
  {
    const Variable none(kBackendVariable, "/nonexistent/module.so");
    expect_equal(entropy_device("hyperpriorenc"), "cpu");
    expected = units();
  }
  {
    const Folder folder;
    folder.write("text.so", {'t', 'e', 'x', 't'});
    const Variable text(kBackendVariable, folder.path() + "/text.so");
    expect_equal(entropy_device("hyperpriorenc"), "cpu");
  }
  const Variable plain(kBackendVariable, g_getenv("PLAIN_HYPERPRIOR_BACKEND"));
  expect_equal(entropy_device("hyperpriorenc device=cpu"), "cpu");
  expect_equal(entropy_device("hyperpriorenc"), "plain");
  fail_unless(units() == expected);
}
GST_END_TEST

static Suite *hyperpriorenc_suite(void) {
  Suite *s = suite_create("hyperpriorenc");
  TCase *tc = tcase_create("general");
  suite_add_tcase(s, tc);
  tcase_add_test(tc, test_units);
  tcase_add_test(tc, test_bit_depths);
  tcase_add_test(tc, test_without_description);
  tcase_add_test(tc, test_sizes);
  tcase_add_test(tc, test_quality_while_playing);
  tcase_add_test(tc, test_properties_out_of_range);
  tcase_add_test(tc, test_renegotiation);
  tcase_add_test(tc, test_flush_and_eos);
  tcase_add_test(tc, test_eos_without_frames);
  tcase_add_test(tc, test_late_frames);
  tcase_add_test(tc, test_refused_caps);
  tcase_add_test(tc, test_models_that_do_not_start);
  tcase_add_test(tc, test_no_module);
  tcase_add_test(tc, test_families_and_paths);
  tcase_add_test(tc, test_one_rate);
  tcase_add_test(tc, test_entropy_devices);
  return s;
}

GST_CHECK_MAIN(hyperpriorenc)
