// SPDX-License-Identifier: LGPL-2.1-or-later
// Packed features through a lossless HEVC encoder of somebody else's, and back to the bit.
#include "featureproc-util.h"

namespace {

const char *const kNeeded[] = {"x265enc", "h265parse", "avdec_h265"};

// Sends tensors through and returns what comes out at the end of the stream.
std::vector<std::vector<guint16>> through_hevc(Stage *stage,
                                               const std::vector<std::vector<guint16>> &tensors) {
  GstClockTime pts = 0;
  for (const auto &tensor : tensors) {
    fail_unless_equals_int(stage->push(tensor, pts), GST_FLOW_OK);
    pts += GST_SECOND / 25;
  }
  fail_unless(gst_harness_push_event(stage->harness(), gst_event_new_eos()));
  std::vector<std::vector<guint16>> results;
  for (gsize i = 0; i < tensors.size(); i++) results.push_back(stage->pull_values<guint16>());
  return results;
}

}  // namespace

// An even and an odd size: the odd one goes without subsampled chroma.
GST_START_TEST(test_lossless) {
  const char *const shapes[] = {"<1,1,64,96>", "<1,1,33,47>"};
  const gsize points[] = {64 * 96, 33 * 47};
  const char *shape = shapes[__i__];
  g_autofree gchar *description = g_strdup_printf(
      "featurepack ! x265enc option-string=\"lossless=1\" speed-preset=ultrafast ! h265parse ! "
      "avdec_h265 ! featureunpack shape=\"%s\" conditions=cls-vtm",
      shape);
  Stage stage(description);
  g_autofree gchar *caps = g_strdup_printf(
      "application/x-feature-tensor, format=U16LE, shape=(int)%s, bit-depth=10, "
      "range-min=(double)<-20.0>, range-max=(double)<20.0>, rounding=nearest, "
      "source-format=F32LE, task=cls, framerate=25/1",
      shape);
  fail_unless(stage.caps(caps));
  std::vector<std::vector<guint16>> tensors;
  std::mt19937 random(3);
  for (int i = 0; i < 3; i++) {
    std::vector<guint16> codes(points[__i__]);
    for (guint16 &code : codes) code = static_cast<guint16>(random() % 1024);
    codes[0] = 0;
    codes[1] = 1023;
    tensors.push_back(codes);
  }
  fail_unless(through_hevc(&stage, tensors) == tensors);
  stage.check_output_caps(caps);
}
GST_END_TEST;

static Suite *featurehevc_suite(void) {
  Suite *suite = suite_create("featurehevc");
  TCase *tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_add_loop_test(tests, test_lossless, 0, 2);
  return suite;
}

int main(int argc, char **argv) {
  gst_check_init(&argc, &argv);
  for (const char *name : kNeeded) {
    GstElementFactory *factory = gst_element_factory_find(name);
    if (factory == nullptr) {
      g_print("skipped: there is no element %s\n", name);
      return 77;
    }
    gst_object_unref(factory);
  }
  return gst_check_run_suite(featurehevc_suite(), "featurehevc", __FILE__);
}
