// SPDX-License-Identifier: LGPL-2.1-or-later
// Every element goes through the states again and again, and GStreamer's leaks tracer finds nothing
// left behind.
#include "elements_util.h"

static std::vector<std::string> names;
static GstTracer *tracer;

// Made here and not by GST_TRACERS: it does not see the registry then, nor does what that leaks
// count as ours.
static GstTracer *make_tracer() {
  GstTracer *made = nullptr;
  GList *factories = gst_tracer_factory_get_list();
  for (GList *f = factories; f != nullptr; f = f->next) {
    if (!g_str_equal(GST_OBJECT_NAME(f->data), "leaks")) continue;
    GstPluginFeature *factory = gst_plugin_feature_load(GST_PLUGIN_FEATURE(f->data));
    if (factory == nullptr) continue;
    const GType type = gst_tracer_factory_get_tracer_type(GST_TRACER_FACTORY(factory));
    made = GST_TRACER(g_object_new(type, nullptr));
    gst_object_unref(factory);
  }
  gst_plugin_feature_list_free(factories);
  return made;
}

// What lives, as text; "" for nothing.
static std::string live_objects() {
  gst_task_cleanup_all();  // threads of a pipeline may still be on their way out
  // Never freed while objects are in it: some releases of the tracer would unref them.
  static GstStructure *report = nullptr;
  g_signal_emit_by_name(tracer, "get-live-objects", &report);
  const GValue *list = gst_structure_get_value(report, "live-objects-list");
  std::string text;
  for (guint i = 0; i < gst_value_list_get_size(list); i++) {
    const GstStructure *one = gst_value_get_structure(gst_value_list_get_value(list, i));
    g_autofree gchar *line = gst_structure_to_string(one);
    text = text + line + "\n";
  }
  if (gst_value_list_get_size(list) == 0) gst_clear_structure(&report);
  return text;
}

static void check_nothing_lives(const char *when) {
  const std::string living = live_objects();
  fail_unless(living.empty(), "%s leaves behind:\n%s", when, living.c_str());
}

GST_START_TEST(test_cycles) {
  const std::string &name = names.at(__i__);
  {
    Run run(name);
    for (int cycle = 0; cycle < 3; cycle++) {
      run.limit(5);  // to the end of the stream
      run.state(GST_STATE_PLAYING);
      run.wait_for_end();
      run.state(GST_STATE_NULL);

      run.limit(-1);  // in the middle of it
      run.state(GST_STATE_READY);
      run.state(GST_STATE_PAUSED);
      run.state(GST_STATE_PLAYING);
      fail_unless(run.flows(3), "%s: %s", name.c_str(), run.problem().c_str());
      run.state(GST_STATE_PAUSED);
      run.state(GST_STATE_PLAYING);
      fail_unless(run.flows(3), "%s: %s", name.c_str(), run.problem().c_str());
      run.state(GST_STATE_NULL);

      run.state(GST_STATE_READY);  // without a buffer
      run.state(GST_STATE_NULL);
      run.state(GST_STATE_PAUSED);
      run.state(GST_STATE_READY);
      run.state(GST_STATE_PAUSED);
      run.state(GST_STATE_NULL);
    }
  }
  check_nothing_lives(name.c_str());
}
GST_END_TEST;

// An element alone, as an application makes it and throws it away.
GST_START_TEST(test_unlinked) {
  const std::string &name = names.at(__i__);
  for (const GstState state : {GST_STATE_NULL, GST_STATE_READY, GST_STATE_PAUSED}) {
    GstElement *element = gst_element_factory_make(name.c_str(), nullptr);
    fail_unless(element != nullptr, "%s", name.c_str());
    gst_object_ref_sink(element);
    gst_element_set_state(element, state);
    gst_element_set_state(element, GST_STATE_NULL);
    gst_object_unref(element);
  }
  check_nothing_lives(name.c_str());
}
GST_END_TEST;

// The tracer does notice.
GST_START_TEST(test_a_leak_is_found) {
  GstCaps *caps = gst_caps_new_empty_simple("application/x-leaked");
  const std::string living = live_objects();
  fail_unless(living.find("x-leaked") != std::string::npos, "'%s'", living.c_str());
  gst_caps_unref(caps);
}
GST_END_TEST;

static Suite *elementstates_suite(void) {
  Suite *suite = suite_create("elementstates");
  TCase *tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_set_timeout(tests, 300);
  const int count = static_cast<int>(names.size());
  tcase_add_loop_test(tests, test_cycles, 0, count);
  tcase_add_loop_test(tests, test_unlinked, 0, count);
  tcase_add_test(tests, test_a_leak_is_found);
  return suite;
}

int main(int argc, char **argv) {
  gst_check_init(&argc, &argv);
  names = own_elements();
  if (names.empty()) {
    g_printerr("no element of %s is in the registry\n", GST_PACKAGE_NAME);
    return 1;
  }
  for (const std::string &name : names)  // what a plugin registers lives as long as the program
    gst_object_unref(gst_object_ref_sink(gst_element_factory_make(name.c_str(), nullptr)));
  tracer = make_tracer();
  if (tracer == nullptr) {
    g_print("this GStreamer has no leaks tracer\n");
    return 77;
  }
  const int failed = gst_check_run_suite(elementstates_suite(), "elementstates", __FILE__);
  gst_object_unref(tracer);
  return failed;
}
