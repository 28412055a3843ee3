// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The stream through GStreamer's own H.266 parser and FFmpeg's decoder (GStreamer 1.26 and later):
// they see the same picture as vvcfeatdec.

#include "codecs/vvc/vvc.h"
#include "tests/check/vvcfeat_util.h"

using namespace test;

namespace {

constexpr int kWidth = 72;
constexpr int kHeight = 40;
constexpr int kFrames = 3;

const char *const kNeeded[] = {"h266parse", "avdec_h266"};

std::vector<guint16> decoded(const std::vector<guint8> &unit) {
  feat::vvc::Picture picture;
  const auto status = feat::vvc::Decoder::create({})->decode(unit, picture);
  fail_unless(status.ok(), "%s", status.message.c_str());
  return {picture.samples.begin(), picture.samples.end()};
}

}  // namespace

GST_START_TEST(test_other_decoder) {
  const auto units = encode(kWidth, kHeight, kFrames, 27, make_info(kHeight, kWidth).get());
  GstHarness *h = gst_harness_new_parse("h266parse ! avdec_h266");
  gst_harness_set_src_caps_str(h, "video/x-h266, stream-format=byte-stream, alignment=au");
  for (const auto &unit : units) gst_harness_push(h, buffer_of(unit));
  gst_harness_push_event(h, gst_event_new_eos());
  for (const auto &unit : units) {
    GstBuffer *out = gst_harness_pull(h);
    // GRAY10_LE16: right-justified, in rows like those of GRAY16_LE.
    fail_unless(samples_of(out, kWidth, kHeight, 16) == decoded(unit));
    gst_buffer_unref(out);
  }
  gst_harness_teardown(h);
}
GST_END_TEST

GST_START_TEST(test_after_parser) {
  const auto units = encode(kWidth, kHeight, kFrames, 27, make_info(kHeight, kWidth).get());
  GstHarness *h = gst_harness_new_parse("h266parse ! vvcfeatdec");
  gst_harness_set_src_caps_str(h, "video/x-h266, stream-format=byte-stream");
  for (const auto &unit : units) gst_harness_push(h, buffer_of(unit));
  gst_harness_push_event(h, gst_event_new_eos());
  for (const auto &unit : units) {
    GstBuffer *out = gst_harness_pull(h);
    fail_unless(samples_of(out, kWidth, kHeight, 10) == decoded(unit));
    gst_buffer_unref(out);
  }
  gst_harness_teardown(h);
}
GST_END_TEST

static Suite *vvcfeatinterop_suite() {
  Suite *s = suite_create("vvcfeatinterop");
  TCase *tc = tcase_create("general");
  suite_add_tcase(s, tc);
  tcase_add_test(tc, test_other_decoder);
  tcase_add_test(tc, test_after_parser);
  return s;
}

int main(int argc, char **argv) {
  gst_check_init(&argc, &argv);
  for (const char *name : kNeeded) {
    GstElementFactory *factory = gst_element_factory_find(name);
    if (factory == nullptr) {
      g_print("skipped: there is no element %s (GStreamer 1.26 has it)\n", name);
      return 77;
    }
    gst_object_unref(factory);
  }
  return gst_check_run_suite(vvcfeatinterop_suite(), "vvcfeatinterop", __FILE__);
}
