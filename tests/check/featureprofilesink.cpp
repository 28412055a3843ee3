// SPDX-License-Identifier: LGPL-2.1-or-later

#include "tests/check/featurecodec_util.h"

using namespace test;

namespace {

GstHarness *sink(const std::string &properties) {
  return gst_harness_new_parse(("featureprofilesink name=e " + properties).c_str());
}

GstFlowReturn push(GstHarness *h, const GstFeatureInfo *info, unsigned seed) {
  return gst_harness_push(h, buffer_with(tensor_bytes(info, seed)));
}

// The element in the harness's bin.
GstElement *element_of(GstHarness *h) {
  return gst_bin_get_by_name(GST_BIN(h->element), "e");
}

std::shared_ptr<const feat::native::Profile> load(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  const Bytes bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::shared_ptr<const feat::native::Profile> profile;
  const auto status = feat::native::Profile::parse(bytes, profile);
  fail_unless(status.ok(), "%s", status.message.c_str());
  return profile;
}

// The text of the error of a stream of one tensor and its end.
std::string error_of(const std::string &properties, const GstFeatureInfo *info,
                     const Bytes &bytes) {
  GstHarness *h = sink(properties);
  std::string text;
  {
    Bus bus(h);
    set_caps(h, info);
    if (gst_harness_push(h, buffer_with(bytes)) == GST_FLOW_OK)
      gst_harness_push_event(h, gst_event_new_eos());
    text = bus.next(GST_MESSAGE_ERROR);
  }
  gst_harness_teardown(h);
  return text;
}

bool has(const std::string &text, const char *part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

GST_START_TEST(test_learns) {
  const Folder folder;
  const std::string path = folder.path() + "/layer.featureprofile";
  GstHarness *h = sink("location=" + path + " origin=test");
  Bus bus(h);
  unsigned rows = 0;
  for (unsigned i = 0; i < 30; i++) {
    // Other numbers of rows and other formats on the way.
    const InfoPtr info = tensor_info({1, 20 + static_cast<gint>(i % 3), 16},
                                     i < 10 ? GST_FEATURE_FORMAT_F32LE : GST_FEATURE_FORMAT_F16LE);
    rows += 20 + i % 3;
    set_caps(h, info.get());
    fail_unless_equals_int(push(h, info.get(), i), GST_FLOW_OK);
  }
  fail_unless(gst_harness_push_event(h, gst_event_new_eos()));
  const auto profile = load(path);
  fail_unless_equals_string(profile->data().name.c_str(), "layer");
  fail_unless_equals_string(profile->data().origin.c_str(), "test");
  fail_unless_equals_int(static_cast<int>(profile->data().channels), 16);
  fail_unless_equals_int(static_cast<int>(profile->data().components), 16);

  GstElement *element = element_of(h);
  GstStructure *stats = nullptr;
  g_object_get(element, "stats", &stats, nullptr);
  guint64 features = 0;
  guint64 counted = 0;
  guint64 bytes = 0;
  fail_unless(gst_structure_get(stats, "features", G_TYPE_UINT64, &features, "rows", G_TYPE_UINT64,
                                &counted, "bytes", G_TYPE_UINT64, &bytes, nullptr));
  fail_unless_equals_uint64(features, 30);
  fail_unless_equals_uint64(counted, rows);
  fail_unless_equals_uint64(bytes, std::filesystem::file_size(path));
  gchar hash[17];
  g_snprintf(hash, sizeof hash, "%016" G_GINT64_MODIFIER "x",
             static_cast<guint64>(profile->hash()));
  fail_unless_equals_string(gst_structure_get_string(stats, "hash"), hash);
  gst_structure_free(stats);
  gst_object_unref(element);
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_message) {
  const Folder folder;
  GError *error = nullptr;
  GstElement *pipeline = gst_parse_launch(
      ("featuretestsrc num-buffers=5 shape=<1,1,30,16> ! featureprofilesink location=" +
       folder.path() + "/p" + " profile-name=\"a name\" components=4")
          .c_str(),
      &error);
  fail_unless(error == nullptr);
  GstBus *bus = gst_element_get_bus(pipeline);
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  GstMessage *message = gst_bus_timed_pop_filtered(
      bus, 60 * GST_SECOND, static_cast<GstMessageType>(GST_MESSAGE_ELEMENT | GST_MESSAGE_ERROR));
  fail_unless(message != nullptr && GST_MESSAGE_TYPE(message) == GST_MESSAGE_ELEMENT);
  const GstStructure *summary = gst_message_get_structure(message);
  fail_unless_equals_string(gst_structure_get_name(summary), "featureprofilesink");
  guint components = 0;
  fail_unless(gst_structure_get_uint(summary, "components", &components));
  fail_unless_equals_int(static_cast<int>(components), 4);
  const auto profile = load(folder.path() + "/p");
  fail_unless_equals_string(profile->data().name.c_str(), "a name");
  gst_message_unref(message);
  gst_element_set_state(pipeline, GST_STATE_NULL);
  gst_object_unref(bus);
  gst_object_unref(pipeline);
}
GST_END_TEST

GST_START_TEST(test_clips) {
  const Folder folder;
  GstHarness *h = sink("clip-min=-1 clip-max=1 max-positions=0 location=" + folder.path() + "/p");
  const InfoPtr info = tensor_info({40, 8});
  set_caps(h, info.get());
  for (unsigned i = 0; i < 4; i++) push(h, info.get(), i);
  fail_unless(gst_harness_push_event(h, gst_event_new_eos()));
  const auto profile = load(folder.path() + "/p");
  for (const float mean : profile->data().mean) fail_unless(mean >= -1 && mean <= 1);
  for (const float deviation : profile->data().deviations) fail_unless(deviation < 3);
  gst_harness_teardown(h);
}
GST_END_TEST

// A flush starts over.
GST_START_TEST(test_flush) {
  const Folder folder;
  GstHarness *h = sink("location=" + folder.path() + "/p");
  const InfoPtr wide = tensor_info({40, 8});
  set_caps(h, wide.get());
  push(h, wide.get(), 1);
  gst_harness_push_event(h, gst_event_new_flush_start());
  gst_harness_push_event(h, gst_event_new_flush_stop(TRUE));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_harness_push_event(h, gst_event_new_segment(&segment));
  const InfoPtr narrow = tensor_info({40, 4});
  set_caps(h, narrow.get());
  fail_unless_equals_int(push(h, narrow.get(), 1), GST_FLOW_OK);
  fail_unless(gst_harness_push_event(h, gst_event_new_eos()));
  fail_unless_equals_int(static_cast<int>(load(folder.path() + "/p")->data().channels), 4);
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_errors) {
  const Folder folder;
  const std::string location = "location=" + folder.path() + "/p";
  const InfoPtr info = tensor_info({6, 4});
  const Bytes good = tensor_bytes(info.get());
  std::string text = error_of(location, info.get(), Bytes(95));
  fail_unless(has(text, "95 bytes") && has(text, "96"), "%s", text.c_str());
  Bytes bad = good;
  std::fill_n(bad.begin() + 12, 4, guint8{0xff});
  text = error_of(location, info.get(), bad);
  fail_unless(has(text, "Tensor 0") && has(text, "element 3 is NaN"), "%s", text.c_str());
  text = error_of(location, tensor_info({1, 24}).get(), good);
  fail_unless(has(text, "1 rows are too few"), "%s", text.c_str());
  text = error_of(location + " components=5", info.get(), good);
  fail_unless(has(text, "5 components of 4 channels"), "%s", text.c_str());
  text = error_of("location=/nonexistent/p", info.get(), good);
  fail_unless(has(text, "/nonexistent/p"), "%s", text.c_str());
}
GST_END_TEST

GST_START_TEST(test_does_not_start) {
  for (const char *properties : {"", "location=/dev/null clip-min=2 clip-max=1"}) {
    GstElement *element =
        gst_parse_launch((std::string("featureprofilesink ") + properties).c_str(), nullptr);
    fail_unless_equals_int(gst_element_set_state(element, GST_STATE_PAUSED),
                           GST_STATE_CHANGE_FAILURE);
    gst_element_set_state(element, GST_STATE_NULL);
    gst_object_unref(element);
  }
}
GST_END_TEST

GST_START_TEST(test_nothing_came) {
  GstHarness *h = sink("location=/dev/null");
  Bus bus(h);
  gst_harness_set_src_caps_str(h, "application/x-feature-tensor, format=F32LE, shape=<2,2>");
  gst_harness_push_event(h, gst_event_new_eos());
  const std::string text = bus.next(GST_MESSAGE_ERROR);
  fail_unless(has(text, "No tensor came"), "%s", text.c_str());
  gst_harness_teardown(h);
}
GST_END_TEST

static Suite *featureprofilesink_suite() {
  Suite *suite = suite_create("featureprofilesink");
  TCase *tcase = tcase_create("general");
  suite_add_tcase(suite, tcase);
  tcase_set_timeout(tcase, 60);
  tcase_add_test(tcase, test_learns);
  tcase_add_test(tcase, test_message);
  tcase_add_test(tcase, test_clips);
  tcase_add_test(tcase, test_flush);
  tcase_add_test(tcase, test_errors);
  tcase_add_test(tcase, test_does_not_start);
  tcase_add_test(tcase, test_nothing_came);
  return suite;
}

GST_CHECK_MAIN(featureprofilesink)
