// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/check/taskhead_util.h"

using namespace test;

namespace {

std::string head(const std::string &task, const std::string &properties = "") {
  return "taskhead task=" + task + " " + tiny_model("head_" + task) + " " + properties;
}

std::string text_of(Stage &stage, const std::vector<float> &values) {
  const std::vector<guint8> bytes = stage.run<guint8>(values);
  return {bytes.begin(), bytes.end()};
}

void expect_text(const std::string &text, const char *wanted) {
  fail_unless_equals_string(text.c_str(), wanted);
}

}  // namespace

GST_START_TEST(test_class_names) {
  const TemporaryFolder folder;
  const std::string labels = folder.write("labels.txt", "zero\none\r\ntwo\nthree");
  Stage stage(head("cls", "labels=" + labels).c_str());
  stage.caps("application/x-feature-tensor, format=F32LE, shape=(int)<4>");
  // exp(2) / (exp(2) + 3) = 0.711.
  expect_text(text_of(stage, {0, 2, 0, 0}), "one 71 %");
  expect_text(text_of(stage, {0, 0, 0, 100}), "three 100 %");
  stage.check_output_caps("text/x-raw, format=utf8");
  Stage numbers(head("cls").c_str());
  numbers.caps("application/x-feature-tensor, format=F32LE, shape=(int)<4>");
  expect_text(text_of(numbers, {0, 0, 0, 0}), "class 0 25 %");
}
GST_END_TEST;

GST_START_TEST(test_tokens_and_choices) {
  const TemporaryFolder folder;
  const std::string labels = folder.write("labels.txt", "a\nb\nc\n");
  const std::string choices =
      folder.npy<gint32>("choices.npy", "<i4", "(2, 3)", {2, 0, -1, 1, 0, 2});
  const std::vector<float> values = {9, 9, 0, 1, 3, 2};  // the last token has 1, 3, 2
  Stage tokens(head("csr", "labels=" + labels).c_str());
  tokens.caps("application/x-feature-tensor, format=F32LE, shape=(int)<1,2,3>");
  expect_text(text_of(tokens, values), "b");
  Stage stage(head("csr", "labels=" + labels + " choices=" + choices).c_str());
  stage.caps("application/x-feature-tensor, format=F32LE, shape=(int)<1,2,3>");
  expect_text(text_of(stage, values), "A: c");
  expect_text(text_of(stage, values), "A: b");
  gst_harness_push_event(stage.harness(), gst_event_new_flush_start());
  gst_harness_push_event(stage.harness(), gst_event_new_flush_stop(TRUE));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_harness_push_event(stage.harness(), gst_event_new_segment(&segment));
  expect_text(text_of(stage, values), "A: c");
  expect_text(text_of(stage, values), "A: b");
  fail_unless_equals_int(stage.push(values), GST_FLOW_ERROR);
  stage.check_error("choices.npy has 2 samples");
}
GST_END_TEST;

// Three classes on 2x5 pixels; the colours are those of PASCAL VOC.
GST_START_TEST(test_masks) {
  std::vector<float> planes(30);
  const std::vector<int> labels = {0, 1, 2, 1, 0, 2, 2, 1, 0, 1};
  for (size_t i = 0; i < 10; ++i) planes[static_cast<size_t>(labels[i]) * 10 + i] = 1;
  Stage stage(head("seg").c_str());
  stage.caps("application/x-feature-tensor, format=F32LE, shape=(int)<1,3,2,5>, framerate=5/1");
  const std::vector<guint8> bytes = stage.run<guint8>(planes);
  stage.check_output_caps(
      "video/x-raw, format=RGB, width=5, height=2, framerate=5/1, pixel-aspect-ratio=1/1, "
      "interlace-mode=progressive, colorimetry=sRGB");
  fail_unless_equals_int(bytes.size(), 32);
  const guint8 colours[3][3] = {{0, 0, 0}, {128, 0, 0}, {0, 128, 0}};
  for (size_t i = 0; i < 10; ++i)
    for (size_t c = 0; c < 3; ++c)
      fail_unless_equals_int(bytes[i / 5 * 16 + i % 5 * 3 + c], colours[labels[i]][c]);
}
GST_END_TEST;

GST_START_TEST(test_depth) {
  Stage stage(head("dpt", "depth-range=<1.0,4.0>").c_str());
  stage.caps("application/x-feature-tensor, format=F32LE, shape=(int)<1,4>");
  // Near to far: white, orange to red, black; beyond the range as at its ends.
  const std::vector<guint8> bytes = stage.run<guint8>(std::vector<float>{0.5, 2, 3, 9});
  const std::vector<guint8> wanted = {255, 255, 255, 255, 255, 0, 255, 0, 0, 0, 0, 0};
  fail_unless(bytes == wanted);
}
GST_END_TEST;

GST_START_TEST(test_images) {
  Stage stage(head("tti").c_str());
  stage.caps("application/x-feature-tensor, format=F16LE, shape=(int)<1,3,1,2>");
  std::vector<guint16> values;
  for (const double value : {0.0, 1.0, 0.5, -3.0, 2.0, 0.25})
    values.push_back(feat::half_from_double(value));
  const std::vector<guint8> bytes = stage.run<guint8>(values);
  fail_unless(bytes == std::vector<guint8>({0, 128, 255, 255, 0, 64, 0, 0}));
}
GST_END_TEST;

// The task may come with the caps.
GST_START_TEST(test_task_of_the_caps) {
  Stage stage(("taskhead " + tiny_model("head_cls")).c_str());
  stage.caps("application/x-feature-tensor, format=F32LE, shape=(int)<4>, task=cls");
  expect_text(text_of(stage, {0, 0, 100, 0}), "class 2 100 %");
  check_bad_caps({("taskhead " + tiny_model("head_cls")).c_str(),
                  "application/x-feature-tensor, format=F32LE, shape=(int)<6>",
                  "The task is not known"});
}
GST_END_TEST;

GST_START_TEST(test_errors) {
  const TemporaryFolder folder;
  const std::string labels = folder.write("labels.txt", "only\ntwo\n");
  const std::vector<float> values = {0, 1, 2, 3};
  {
    Stage stage(head("cls", "labels=" + labels).c_str());
    stage.caps("application/x-feature-tensor, format=F32LE, shape=(int)<4>");
    fail_unless_equals_int(stage.push(values), GST_FLOW_ERROR);
    stage.check_error("Buffer 0: the head gives 4 values, but there are 2 labels.");
  }
  {
    Stage stage(("taskhead task=seg " + tiny_model("forward")).c_str());
    stage.caps("application/x-feature-tensor, format=F32LE, shape=(int)<2,2>");
    fail_unless_equals_int(stage.push(values), GST_FLOW_ERROR);
    stage.check_error("the head of seg gives the shape (2,2), not (1,classes,height,width).");
  }
  {
    Stage stage(("taskhead task=tti " + tiny_model("forward")).c_str());
    stage.caps("application/x-feature-tensor, format=F32LE, shape=(int)<4,1,1>");
    fail_unless_equals_int(stage.push(values), GST_FLOW_ERROR);
    stage.check_error("the head of tti gives the shape (4,1,1), not (1,3,height,width).");
  }
  {
    Stage stage(("taskhead task=dpt " + tiny_model("nan")).c_str());
    stage.caps("application/x-feature-tensor, format=F32LE, shape=(int)<2,2>");
    fail_unless_equals_int(stage.push(values), GST_FLOW_ERROR);
    stage.check_error("the head of dpt: 1 of 4 values are NaN or infinite, the first at index 1.");
  }
  expect_part(start_error(head("cls", "labels=/nonexistent.txt")), "/nonexistent.txt");
  expect_part(start_error(head("cls", "labels=" + folder.write("bad.txt", "\xff\xfe"))),
              "are not text in UTF-8");
  expect_part(start_error(head("csr", "choices=/nonexistent.npy")), "/nonexistent.npy");
  expect_part(start_error(head("dpt", "depth-range=<2.0,1.0>")), "depth-range needs two numbers");
}
GST_END_TEST;

static Suite *taskhead_suite() {
  Suite *suite = suite_create("taskhead");
  TCase *tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_set_timeout(tests, 120);
  tcase_add_test(tests, test_class_names);
  tcase_add_test(tests, test_tokens_and_choices);
  tcase_add_test(tests, test_masks);
  tcase_add_test(tests, test_depth);
  tcase_add_test(tests, test_images);
  tcase_add_test(tests, test_task_of_the_caps);
  tcase_add_test(tests, test_errors);
  return suite;
}

GST_CHECK_MAIN(taskhead)
