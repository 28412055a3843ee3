// SPDX-License-Identifier: LGPL-2.1-or-later
// The metrics themselves are tested in tests/unit/taskmetrics_test.cpp; here, that the right
// numbers get there and come out.
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "tests/check/taskhead_util.h"

using namespace test;

namespace {

constexpr GstMessageType kMessages =
    static_cast<GstMessageType>(GST_MESSAGE_ELEMENT | GST_MESSAGE_ERROR | GST_MESSAGE_WARNING);

// A sink in a harness, and what it says on the bus.
class Sink {
 public:
  explicit Sink(const std::string &description)
      : harness_(gst_harness_new_parse(("taskheadsink name=e " + description).c_str())),
        bus_(gst_bus_new()) {
    gst_element_set_bus(harness_->element, bus_);
    element_ = gst_bin_get_by_name(GST_BIN(harness_->element), "e");
  }
  ~Sink() {
    gst_element_set_bus(harness_->element, nullptr);
    gst_bus_set_flushing(bus_, TRUE);
    gst_object_unref(bus_);
    gst_object_unref(element_);
    gst_harness_teardown(harness_);
  }
  Sink(const Sink &) = delete;
  Sink &operator=(const Sink &) = delete;

  GstHarness *harness() { return harness_; }
  void caps(const char *text) { gst_harness_set_src_caps_str(harness_, text); }
  GstFlowReturn push(const std::vector<float> &values, guint64 offset = GST_BUFFER_OFFSET_NONE,
                     GstClockTime pts = GST_CLOCK_TIME_NONE) {
    GstBuffer *buffer = gst_buffer_new_memdup(values.data(), values.size() * sizeof(float));
    GST_BUFFER_OFFSET(buffer) = offset;
    GST_BUFFER_PTS(buffer) = pts;
    return gst_harness_push(harness_, buffer);
  }
  void end() { gst_harness_push_event(harness_, gst_event_new_eos()); }

  // The next message of those kinds, as text.
  std::string next() {
    GstMessage *message = gst_bus_pop_filtered(bus_, kMessages);
    if (message == nullptr) return {};
    std::string text;
    GError *error = nullptr;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ELEMENT) {
      const feat::CharPtr fields(gst_structure_to_string(gst_message_get_structure(message)));
      text = fields.get();
    } else {
      if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR)
        gst_message_parse_error(message, &error, nullptr);
      else
        gst_message_parse_warning(message, &error, nullptr);
      text = std::string(GST_MESSAGE_TYPE_NAME(message)) + ": " + error->message;
      g_error_free(error);
    }
    gst_message_unref(message);
    return text;
  }
  double metric() {
    gdouble metric = 0;
    g_object_get(element_, "metric", &metric, nullptr);
    return metric;
  }
  guint64 samples() {
    guint64 samples = 0;
    g_object_get(element_, "samples", &samples, nullptr);
    return samples;
  }

 private:
  GstHarness *harness_;
  GstBus *bus_;
  GstElement *element_;
};

void expect_text(const std::string &text, const char *wanted) {
  fail_unless_equals_string(text.c_str(), wanted);
}

std::string head(const std::string &task) {
  return "task=" + task + " " + tiny_model("head_" + task) + " ";
}

// The error of a stream with one tensor.
std::string error_of(const std::string &description, const char *caps,
                     const std::vector<float> &values) {
  Sink sink(description);
  sink.caps(caps);
  fail_if(sink.push(values) == GST_FLOW_OK, "%s", description.c_str());
  return sink.next();
}

}  // namespace

#define TENSOR "application/x-feature-tensor, format=F32LE, "

GST_START_TEST(test_cls) {
  const TemporaryFolder folder;
  const std::string json = folder.file("result.json");
  Sink sink(head("cls") + "classes=4 json=" + json +
            " truth=" + folder.npy<guint8>("t.npy", "|u1", "(3,)", {2, 1, 3}));
  fail_unless(std::isnan(sink.metric()));
  sink.caps(TENSOR "shape=(int)<4>");
  fail_unless_equals_int(sink.push({0, 1, 2, 0}), GST_FLOW_OK);
  expect_text(sink.next(),
              "taskheadsink-sample, sample=(guint64)0, task=(string)cls, "
              "predicted=(int)2, target=(int)2, correct=(boolean)true;");
  fail_unless(sink.metric() == 100);
  sink.push({5, 1, 2, 0});
  expect_text(sink.next(),
              "taskheadsink-sample, sample=(guint64)1, task=(string)cls, "
              "predicted=(int)0, target=(int)1, correct=(boolean)false;");
  fail_unless(sink.metric() == 50);
  sink.push({0, 0, 0, 9});
  sink.next();
  fail_unless_equals_int(sink.push({0, 0, 0, 9}), GST_FLOW_OK);
  expect_part(sink.next(), "warning: Sample 3 is left out: ");
  fail_unless_equals_uint64(sink.samples(), 3);
  sink.end();
  const std::string result = sink.next();
  expect_part(result,
              "taskheadsink-result, task=(string)cls, metric-name=(string)\"top-1\\ accuracy\", "
              "metric=(double)66.666666");
  expect_part(result, "samples=(guint64)3, skipped=(guint64)1;");

  const auto report = nlohmann::json::parse(read_file(json));
  fail_unless(report["task"] == "cls" && report["metric-name"] == "top-1 accuracy");
  fail_unless(std::abs(report["metric"].get<double>() - 200.0 / 3) < 1e-12);
  fail_unless(report["samples"] == 3 && report["skipped"] == 1 && report["complete"] == true);
  fail_unless(report["records"].size() == 3);
  fail_unless(report["records"][1]["sample"] == 1 && report["records"][1]["correct"] == false);
}
GST_END_TEST;

GST_START_TEST(test_seg) {
  const TemporaryFolder folder;
  // Two images of 1x4 with three classes; the second's last pixel does not count.
  const std::string truth =
      folder.npy<guint8>("t.npy", "|u1", "(2, 1, 4)", {0, 0, 1, 1, 1, 1, 2, 255});
  Sink sink(head("seg") + "truth=" + truth);
  sink.caps(TENSOR "shape=(int)<3,1,4>");
  sink.push({1, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0});  // 0 0 0 1
  expect_part(sink.next(),
              "intersections=(guint64)< 2, 1, 0 >, unions=(guint64)< 3, 2, 0 >, "
              "miou=(double)58.333333");
  sink.push({0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0});  // 1 0 2 1
  expect_part(sink.next(), "intersections=(guint64)< 0, 1, 1 >, unions=(guint64)< 1, 2, 1 >");
  // 2/4, 2/4, 1/1 over both images.
  fail_unless(std::abs(sink.metric() - 100 * (0.5 + 0.5 + 1) / 3) < 1e-9);
  sink.end();
  expect_part(sink.next(), "metric-name=(string)mIoU, metric=(double)66.666666");
}
GST_END_TEST;

GST_START_TEST(test_dpt) {
  const TemporaryFolder folder;
  std::vector<guint16> truth;
  for (const double depth : {1.0, 2.0, 0.0, 4.0, 3.0, 3.0, 3.0, 3.0, 0.0, 0.0, 0.0, 0.0})
    truth.push_back(feat::half_from_double(depth));
  const std::string file = folder.npy("t.npy", "<f2", "(3, 2, 2)", truth);
  Sink sink(head("dpt") + "truth=" + file);
  sink.caps(TENSOR "shape=(int)<1,2,2>");
  sink.push({2, 4, 7, 6});  // errors 1, 2, -, 2
  expect_part(sink.next(), "rmse=(double)1.73205080");
  sink.push({3, 3, 3, 4});
  expect_part(sink.next(), "rmse=(double)0.5");
  fail_unless(std::abs(sink.metric() - (std::sqrt(3.0) + 0.5) / 2) < 1e-9);
  fail_unless_equals_int(sink.push({3, 3, 3, 4}), GST_FLOW_OK);
  expect_part(sink.next(), "Sample 2 is left out: its truth has no depth between near and far.");

  Sink cropped(head("dpt") + "crop=<0,2,0,1> depth-range=<0.5,1.5> truth=" + file);
  cropped.caps(TENSOR "shape=(int)<1,2,2>");
  cropped.push({9, 4, 7, 6});  // clamped to 1.5
  expect_part(cropped.next(), "rmse=(double)0.5");
}
GST_END_TEST;

GST_START_TEST(test_csr) {
  const TemporaryFolder folder;
  const std::string truth = folder.npy<gint64>("t.npy", "<i8", "(3,)", {1, 0, 0});
  const std::string choices =
      folder.npy<gint32>("c.npy", "<i4", "(3, 3)", {2, 1, -1, 0, 1, 2, 1, 2, 0});
  Sink sink(head("csr") + "truth=" + truth + " choices=" + choices);
  sink.caps(TENSOR "shape=(int)<1,4>");
  sink.push({0, 2, 1, 9});
  expect_part(sink.next(),
              "choice=(int)1, target=(int)1, correct=(boolean)true, "
              "greedy-correct=(boolean)false;");
  sink.push({5, 2, 1, 0});
  expect_part(sink.next(),
              "choice=(int)0, target=(int)0, correct=(boolean)true, greedy-correct=(boolean)true;");
  sink.push({5, 2, 1, 0});
  expect_part(sink.next(), "choice=(int)2, target=(int)0, correct=(boolean)false");
  sink.end();
  expect_part(sink.next(), "metric-name=(string)accuracy, metric=(double)66.666666");
}
GST_END_TEST;

// Images of one colour: their activations are its three channels, and red once more.
GST_START_TEST(test_tti) {
  const TemporaryFolder folder;
  const std::string fid = head("tti") + "fid-model=" + tiny_model("x").substr(6);
  const std::string network = fid.substr(0, fid.find(" method=x")) + " fid-method=fid ";
  const std::string reference =
      folder.npy<float>("r.npy", "<f4", "(3, 4)", {0, 0, 0, 0, 1, 0, 0, 1, 0.5, 0, 0, 0.5});
  Sink sink(network + "fid-reference=" + reference);
  sink.caps(TENSOR "shape=(int)<3,1,2>");
  sink.push({0.5, 0.5, 0, 0, 1, 1});
  // 0.5 is 128 of 255, as a picture has it.
  expect_part(sink.next(), "activations=(float)< 0.50196");
  sink.push({1, 1, 0, 0, 1, 1});
  sink.next();
  fail_unless(std::isnan(sink.metric()));
  sink.end();
  expect_part(sink.next(), "warning: FID is of 2 images with 4 activations each");
  expect_part(sink.next(), "metric-name=(string)FID, metric=(double)");
  // Red's mean differs by 0.25098 twice, blue's by 1; variances are 0.25 and 0.124.
  const double red = 128.0 / 255;
  const double variance = (1 - red) * (1 - red) / 2;
  const double shift = (1 + red) / 2 - 0.5;
  const double wanted = 2 * shift * shift + 1 + 2 * std::pow(0.5 - std::sqrt(variance), 2);
  fail_unless(std::abs(sink.metric() - wanted) < 1e-6, "%.9g, not %.9g", sink.metric(), wanted);

  // While it runs: at four images, as many as activations, but not at five.
  Sink running(network + "fid-reference=" + reference);
  running.caps(TENSOR "shape=(int)<3,1,2>");
  std::vector<double> metrics;
  for (const float level : {0.0F, 0.25F, 0.5F, 1.0F, 1.0F}) {
    running.push({level, level, 1, 1, 0.5, 0.5});
    metrics.push_back(running.metric());
  }
  fail_unless(std::isnan(metrics[2]) && std::isfinite(metrics[3]) && metrics[4] == metrics[3]);
  Sink four(network + "fid-reference=" + reference);
  four.caps(TENSOR "shape=(int)<3,1,2>");
  for (const float level : {0.0F, 0.25F, 0.5F, 1.0F}) four.push({level, level, 1, 1, 0.5, 0.5});
  four.end();
  fail_unless(four.metric() == metrics[3]);

  Sink bare(head("tti"));
  bare.caps(TENSOR "shape=(int)<3,1,2>");
  bare.push({0.5, 0.5, 0, 0, 1, 1});
  expect_text(bare.next(), "taskheadsink-sample, sample=(guint64)0, task=(string)tti;");
  bare.end();
  expect_part(bare.next(), "metric=(double)nan, samples=(guint64)1");
}
GST_END_TEST;

GST_START_TEST(test_which_sample) {
  const TemporaryFolder folder;
  folder.npy<gint32>("00002.npy", "<i4", "()", {3});
  folder.npy<gint32>("00007.npy", "<i4", "(1,)", {0});
  const std::string properties = head("cls") + "truth=" + folder.file("%05d.npy");
  const std::vector<float> values = {0, 0, 0, 1};
  Sink offsets(properties + " sample-from=offset");
  offsets.caps(TENSOR "shape=(int)<4>");
  offsets.push(values, 2);
  expect_part(offsets.next(), "sample=(guint64)2, task=(string)cls, predicted=(int)3");
  offsets.push(values, 7);
  expect_part(offsets.next(), "correct=(boolean)false");
  offsets.push(values, 3);
  expect_part(offsets.next(), "Sample 3 is left out: there is no file ");
  fail_unless_equals_int(offsets.push(values), GST_FLOW_ERROR);
  expect_part(offsets.next(), "no offset");

  Sink times(properties + " sample-from=timestamp");
  times.caps(TENSOR "shape=(int)<4>, framerate=3/1");
  times.push(values, GST_BUFFER_OFFSET_NONE, 2 * GST_SECOND / 3);
  expect_part(times.next(), "sample=(guint64)2");
  fail_unless_equals_int(times.push(values), GST_FLOW_ERROR);
  expect_part(times.next(), "no time stamp");
  expect_part(error_of(properties + " sample-from=timestamp", TENSOR "shape=(int)<4>", values),
              "sample-from=timestamp needs caps with a frame rate.");
}
GST_END_TEST;

// A flush begins anew; a stream that is stopped leaves a report that says so.
GST_START_TEST(test_flush_and_stop) {
  const TemporaryFolder folder;
  const std::string json = folder.file("result.json");
  {
    Sink sink(head("cls") + "json=" + json +
              " truth=" + folder.npy<gint32>("t.npy", "<i4", "(2,)", {3, 0}));
    sink.caps(TENSOR "shape=(int)<4>");
    sink.push({0, 0, 0, 1});
    gst_harness_push_event(sink.harness(), gst_event_new_flush_start());
    gst_harness_push_event(sink.harness(), gst_event_new_flush_stop(TRUE));
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_harness_push_event(sink.harness(), gst_event_new_segment(&segment));
    fail_unless_equals_uint64(sink.samples(), 0);
    fail_unless_equals_int(sink.push({0, 0, 0, 1}), GST_FLOW_OK);
    fail_unless(sink.metric() == 100);
    fail_if(std::filesystem::exists(json));
  }
  const auto report = nlohmann::json::parse(read_file(json));
  fail_unless(report["complete"] == false && report["samples"] == 1);
}
GST_END_TEST;

GST_START_TEST(test_errors) {
  const TemporaryFolder folder;
  const char *four = TENSOR "shape=(int)<4>";
  const char *square = TENSOR "shape=(int)<1,2,2>";
  const std::vector<float> values = {0, 1, 2, 3};
  const auto truth = [&](const char *descr, const char *shape, const std::vector<gint32> &numbers) {
    return " truth=" + folder.npy("t.npy", descr, shape, numbers);
  };
  const std::string right = " truth=" + folder.npy<gint32>("right.npy", "<i4", "(1,)", {3});
  const auto expect = [&](const std::string &description, const char *caps, const char *part) {
    expect_part(error_of(description, caps, values), part);
  };
  expect(tiny_model("head_cls"), four, "The task is not known");
  expect(head("cls"), four, "the property truth is not set.");
  expect(head("cls") + "truth=/nonexistent.npy", four, "/nonexistent.npy");
  expect(head("cls") + "truth=/tmp/%s.npy", four, "/tmp/%s.npy is no pattern for files");
  expect(head("csr") + right, four, "the property choices is not set.");
  expect(head("cls") + "classes=5" + right, four,
         "Sample 0: the head gives 4 classes; the property classes says 5.");
  expect(head("cls") + truth("<i4", "(1,)", {4}), four,
         "Sample 0: its class 4 is none of the 4 of the head.");
  expect(head("cls") + truth("<f4", "(1,)", {4}), four, "has real numbers where integers belong.");
  expect(head("cls") + truth("<i4", "(1, 2)", {1, 2}), four, "its truth has 2 numbers, not one.");
  expect(head("cls") + truth("<i4", "()", {1}), four, "holds a single number");
  expect(head("cls") + truth("<i4", "(9,)", {1}), four, "the file has ");
  expect(head("cls") + "truth=" + folder.write("short.npy", "\x93NUM"), four,
         "the file ends within its header");
  expect(head("seg") + truth("<i4", "(1, 3, 2)", {1, 1, 1, 1, 1, 1}), square,
         "Sample 0: its truth has the shape (3,2), the head gives (2,2).");
  expect(head("seg") + truth("<i4", "(1, 2, 2)", {0, 0, 0, 7}), square,
         "Sample 0: the label 7 of its truth is none of 1 classes.");
  expect(head("dpt") + "crop=<0,3,0,1>" + truth("<i4", "(1, 2, 2)", {1, 1, 1, 1}), square,
         "Sample 0: the crop ends at row 3 and column 1, the head gives (2,2).");
  expect(head("dpt") + "crop=<0,3>" + right, square, "crop needs four numbers");
  expect(head("dpt") + "depth-range=<3.0>" + right, square, "depth-range needs two numbers");
  expect("task=cls " + tiny_model("nan") + right, four, "1 of 4 values are NaN");
  expect("task=cls " + tiny_model("throws") + right, four, "this model likes nothing");
  const std::string tti = "task=tti " + tiny_model("head_tti");
  expect(tti + " fid-reference=" + folder.npy<float>("r.npy", "<f4", "(1, 1)", {1}), four,
         "fid-model is not set.");
  expect(tti + " fid-reference=" + folder.npy<float>("r1.npy", "<f4", "(1,)", {1}), four,
         "have the shape (1), not (images,activations).");
  expect(tti + " fid-model=/nonexistent.pt", four, "/nonexistent.pt cannot be read");
  const std::string token = " choices=" + folder.npy<gint32>("c.npy", "<i4", "(1, 2)", {1, 4});
  expect(head("csr") + token + truth("<i4", "(1,)", {1}), four,
         "the token 4 of a choice is none of the vocabulary of 4.");
}
GST_END_TEST;

#undef TENSOR

static Suite *taskheadsink_suite() {
  Suite *suite = suite_create("taskheadsink");
  TCase *tests = tcase_create("general");
  suite_add_tcase(suite, tests);
  tcase_set_timeout(tests, 120);
  tcase_add_test(tests, test_cls);
  tcase_add_test(tests, test_seg);
  tcase_add_test(tests, test_dpt);
  tcase_add_test(tests, test_csr);
  tcase_add_test(tests, test_tti);
  tcase_add_test(tests, test_which_sample);
  tcase_add_test(tests, test_flush_and_stop);
  tcase_add_test(tests, test_errors);
  return suite;
}

GST_CHECK_MAIN(taskheadsink)
