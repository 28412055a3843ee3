// SPDX-License-Identifier: LGPL-2.1-or-later
#include <glib/gstdio.h>

#include "featureproc-util.h"

#define TENSOR "application/x-feature-tensor, "

namespace {

GstStructure *stats_of(Stage *stage) {
  GstElement *element = gst_bin_get_by_name(GST_BIN(stage->harness()->element), "b");
  GstStructure *stats = nullptr;
  g_object_get(element, "stats", &stats, nullptr);
  gst_object_unref(element);
  fail_unless(stats != nullptr);
  return stats;
}

void check_stats(Stage *stage, const char *expected) {
  GstStructure *stats = stats_of(stage);
  gchar *text = gst_structure_to_string(stats);
  fail_unless_equals_string(text, expected);
  g_free(text);
  gst_structure_free(stats);
}

void push(Stage *stage, gsize size, guint flags = 0) {
  GstBuffer *buffer = gst_buffer_new_allocate(nullptr, size, nullptr);
  GST_BUFFER_FLAG_SET(buffer, flags);
  fail_unless_equals_int(gst_harness_push(stage->harness(), buffer), GST_FLOW_OK);
}

}  // namespace

GST_START_TEST(test_tensor_caps) {
  Stage stage("featurebitcount name=b");
  GstBus *bus = gst_element_get_bus(stage.harness()->element);
  fail_unless(stage.caps(TENSOR "format=F32LE, shape=(int)<2,3>"));
  fail_unless(stage.run<guint8>(std::vector<guint8>(24, 7)) == std::vector<guint8>(24, 7));
  fail_unless(stage.caps(TENSOR "format=U8, shape=(int)<2>"));
  fail_unless_equals_int(stage.push(std::vector<guint8>(2)), GST_FLOW_OK);
  check_stats(&stage,
              "featurebitcount, units=(guint64)2, buffers=(guint64)2, bytes=(guint64)26, "
              "bits=(guint64)208, points=(guint64)8, bpfp=(double)26;");
  const char *expected[] = {
      "featurebitcount, index=(guint64)0, bytes=(guint64)24, "
      "bits=(guint64)192, points=(guint64)6, bpfp=(double)32;",
      "featurebitcount, index=(guint64)1, bytes=(guint64)2, "
      "bits=(guint64)16, points=(guint64)2, bpfp=(double)8;"};
  for (const char *text : expected) {
    GstMessage *message = gst_bus_pop_filtered(bus, GST_MESSAGE_ELEMENT);
    fail_unless(message != nullptr);
    gchar *actual = gst_structure_to_string(gst_message_get_structure(message));
    fail_unless_equals_string(actual, text);
    g_free(actual);
    gst_message_unref(message);
  }
  gst_object_unref(bus);
}
GST_END_TEST;

GST_START_TEST(test_feature_field) {
  Stage stage("featurebitcount name=b");
  fail_unless(
      stage.caps("video/x-h266, feature=(structure)[feature-tensor, shape=(int)<1,1,4,8>, "
                 "format=F32LE, bit-depth=10, range-min=(double)<-1.0>, "
                 "range-max=(double)<1.0>, rounding=nearest, packing=stack]"));
  push(&stage, 3, GST_BUFFER_FLAG_HEADER);  // part of the unit behind it
  push(&stage, 5);
  check_stats(&stage,
              "featurebitcount, units=(guint64)1, buffers=(guint64)2, bytes=(guint64)8, "
              "bits=(guint64)64, points=(guint64)32, bpfp=(double)2;");
}
GST_END_TEST;

GST_START_TEST(test_points_property) {
  Stage known("featurebitcount name=b points=4");
  fail_unless(known.caps("application/x-other"));
  push(&known, 2);
  push(&known, 0);
  check_stats(&known,
              "featurebitcount, units=(guint64)2, buffers=(guint64)2, bytes=(guint64)2, "
              "bits=(guint64)16, points=(guint64)8, bpfp=(double)2;");
  Stage unknown("featurebitcount name=b");
  fail_unless(unknown.caps("application/x-other"));
  push(&unknown, 2);
  check_stats(&unknown,
              "featurebitcount, units=(guint64)1, buffers=(guint64)1, bytes=(guint64)2, "
              "bits=(guint64)16;");
  Stage caps_first("featurebitcount name=b points=4");
  fail_unless(caps_first.caps(TENSOR "format=U8, shape=(int)<2>"));
  push(&caps_first, 2);
  check_stats(&caps_first,
              "featurebitcount, units=(guint64)1, buffers=(guint64)1, bytes=(guint64)2, "
              "bits=(guint64)16, points=(guint64)2, bpfp=(double)8;");
}
GST_END_TEST;

GST_START_TEST(test_rtp) {
  Stage stage("featurebitcount name=b points=16");
  fail_unless(stage.caps("application/x-rtp"));
  push(&stage, 10);
  push(&stage, 10);
  push(&stage, 4, GST_BUFFER_FLAG_MARKER);
  push(&stage, 8);
  check_stats(&stage,
              "featurebitcount, units=(guint64)1, buffers=(guint64)4, bytes=(guint64)32, "
              "bits=(guint64)256, points=(guint64)16, bpfp=(double)16;");
}
GST_END_TEST;

GST_START_TEST(test_odd_shapes_flush_eos) {
  Stage stage("featurebitcount name=b");
  fail_unless(stage.caps(TENSOR "format=U8, shape=(int)<0>"));
  push(&stage, 0);
  check_stats(&stage,
              "featurebitcount, units=(guint64)1, buffers=(guint64)1, bytes=(guint64)0, "
              "bits=(guint64)0, points=(guint64)0;");
  fail_unless(stage.caps(TENSOR "format=U8, shape=(int)<>"));
  gst_buffer_unref(stage.pull());
  check_flush_and_eos<guint8>(&stage, std::vector<guint8>{1});
  // The flush began the count again.
  check_stats(&stage,
              "featurebitcount, units=(guint64)1, buffers=(guint64)1, bytes=(guint64)1, "
              "bits=(guint64)8, points=(guint64)1, bpfp=(double)8;");
}
GST_END_TEST;

GST_START_TEST(test_report) {
  gchar *name = nullptr;
  const gint fd = g_file_open_tmp("featurebitcount-XXXXXX", &name, nullptr);
  fail_unless(fd >= 0);
  g_close(fd, nullptr);
  Stage stage((std::string("featurebitcount name=b print=true location=") + name).c_str());
  fail_unless(stage.caps(TENSOR "format=U8, shape=(int)<3>"));
  push(&stage, 3);
  gst_harness_push_event(stage.harness(), gst_event_new_eos());
  gchar *json = nullptr;
  fail_unless(g_file_get_contents(name, &json, nullptr, nullptr));
  fail_unless_equals_string(json,
                            "{\"units\": 1, \"buffers\": 1, \"bytes\": 3, \"bits\": 24, "
                            "\"points\": 3, \"bpfp\": 8}\n");
  g_free(json);
  g_remove(name);
  g_free(name);
}
GST_END_TEST;

static Suite *featurebitcount_suite(void) {
  Suite *suite = suite_create("featurebitcount");
  TCase *tc = tcase_create("general");
  suite_add_tcase(suite, tc);
  tcase_add_test(tc, test_tensor_caps);
  tcase_add_test(tc, test_feature_field);
  tcase_add_test(tc, test_points_property);
  tcase_add_test(tc, test_rtp);
  tcase_add_test(tc, test_odd_shapes_flush_eos);
  tcase_add_test(tc, test_report);
  return suite;
}

GST_CHECK_MAIN(featurebitcount);
