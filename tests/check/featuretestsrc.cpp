// SPDX-License-Identifier: LGPL-2.1-or-later
#include "featureproc-util.h"

#define TENSOR "application/x-feature-tensor, "

namespace {

// A source in a harness, with a bus that keeps its errors.
class Source {
 public:
  explicit Source(const char *description, const char *downstream = nullptr)
      : harness_(gst_harness_new_parse(description)), bus_(gst_bus_new()) {
    gst_element_set_bus(harness_->element, bus_);
    if (downstream != nullptr) gst_harness_set_sink_caps_str(harness_, downstream);
    gst_harness_use_systemclock(harness_);
    gst_harness_play(harness_);
  }
  ~Source() {
    gst_element_set_bus(harness_->element, nullptr);
    gst_object_unref(bus_);
    gst_harness_teardown(harness_);
  }
  Source(const Source &) = delete;
  Source &operator=(const Source &) = delete;

  GstHarness *harness() { return harness_; }
  GstBuffer *pull() {
    GstBuffer *buffer = gst_harness_pull(harness_);
    fail_unless(buffer != nullptr);
    return buffer;
  }
  template <class T>
  std::vector<T> values() {
    GstBuffer *buffer = pull();
    std::vector<T> result(gst_buffer_get_size(buffer) / sizeof(T));
    if (!result.empty()) gst_buffer_extract(buffer, 0, result.data(), result.size() * sizeof(T));
    gst_buffer_unref(buffer);
    return result;
  }
  void check_caps(const char *text) {
    GstCaps *expected = gst_caps_from_string(text);
    GstCaps *actual = gst_pad_get_current_caps(harness_->sinkpad);
    gchar *actual_text = gst_caps_to_string(actual);
    fail_unless(gst_caps_is_strictly_equal(actual, expected), "%s\n  instead of\n%s", actual_text,
                text);
    g_free(actual_text);
    gst_caps_unref(actual);
    gst_caps_unref(expected);
  }
  std::string wait_error() {
    GstMessage *message = gst_bus_timed_pop_filtered(bus_, 60 * GST_SECOND, GST_MESSAGE_ERROR);
    fail_unless(message != nullptr, "no error");
    GError *error = nullptr;
    gst_message_parse_error(message, &error, nullptr);
    const std::string text = error->message;
    g_error_free(error);
    gst_message_unref(message);
    return text;
  }

 private:
  GstHarness *harness_;
  GstBus *bus_;
};

}  // namespace

GST_START_TEST(test_plain_patterns) {
  Source ramp("featuretestsrc num-buffers=2 pattern=ramp shape=\"<1,2,3>\" format=U8");
  fail_unless(ramp.values<guint8>() == (std::vector<guint8>{0, 1, 2, 3, 4, 5}));
  fail_unless(ramp.values<guint8>() == (std::vector<guint8>{1, 2, 3, 4, 5, 6}));
  ramp.check_caps(TENSOR "format=U8, shape=(int)<1,2,3>, framerate=(fraction)30/1");

  Source gradient("featuretestsrc num-buffers=1 pattern=gradient shape=\"<2,3,3>\"");
  fail_unless(gradient.values<float>() ==
              (std::vector<float>{-1, -0.5, 0, -0.5, 0, 0.5, 0, 0.5, 1,  //
                                  -1, -0.5, 0, -0.5, 0, 0.5, 0, 0.5, 1}));
  Source gradient8("featuretestsrc num-buffers=1 pattern=gradient shape=\"<1,6>\" format=S8");
  fail_unless(gradient8.values<gint8>() == (std::vector<gint8>{-128, -77, -26, 25, 76, 127}));

  Source zero("featuretestsrc num-buffers=1 pattern=zero shape=\"<7>\" format=S16LE");
  fail_unless(zero.values<gint16>() == std::vector<gint16>(7, 0));
}
GST_END_TEST;

GST_START_TEST(test_noise) {
  Source real("featuretestsrc num-buffers=2 shape=\"<100,1000>\" seed=5");
  Source again("featuretestsrc num-buffers=1 shape=\"<100,1000>\" seed=5");
  Source other("featuretestsrc num-buffers=1 shape=\"<100,1000>\" seed=6");
  const auto x = real.values<float>();
  fail_unless(x == again.values<float>());
  fail_unless(x != other.values<float>());
  fail_unless(x != real.values<float>());
  double sum = 0, squares = 0;
  for (const float v : x) {
    fail_unless(v >= -1 && v <= 1);
    sum += v;
    squares += static_cast<double>(v) * v;
  }
  fail_unless(std::abs(sum / 1e5) < 0.01);                // uniform: mean 0,
  fail_unless(std::abs(squares / 1e5 - 1.0 / 3) < 0.01);  // variance 1/3
  Source bytes("featuretestsrc num-buffers=1 shape=\"<256000>\" format=S8");
  std::vector<int> counts(256);
  for (const gint8 v : bytes.values<gint8>()) counts[static_cast<gsize>(v + 128)]++;
  for (const int count : counts) fail_unless(count > 800 && count < 1200, "%d", count);
  Source codes("featuretestsrc num-buffers=1 shape=\"<4096>\"", TENSOR
               "format=U16LE, bit-depth=10, range-min=(double)<-1.0>, "
               "range-max=(double)<1.0>, rounding=nearest, source-format=F32LE");
  const auto code_values = codes.values<guint16>();
  fail_unless_equals_int(code_values.size(), 4096);
  fail_unless(*std::max_element(code_values.begin(), code_values.end()) <= 1023);
  fail_unless(*std::max_element(code_values.begin(), code_values.end()) > 1000);
}
GST_END_TEST;

// Without properties and filters each pattern has the paper's shape and format.
GST_START_TEST(test_defaults) {
  const struct {
    const char *pattern;
    const char *caps;
  } kCases[] = {
      {"noise", "format=F32LE, shape=(int)<1,1,64,256>"},
      {"cls", "format=F32LE, shape=(int)<1,1,257,1536>, task=cls"},
      {"csr", "format=F32LE, shape=(int)<1,1,64,4096>, task=csr"},
      {"tti", "format=F16LE, shape=(int)<1,16,128,128>, task=tti"},
      {"seg", "format=F32LE, shape=(int)<2,1,1370,1536>, task=seg"},
      {"dpt", "format=F32LE, shape=(int)<2,4,1611,1536>, task=dpt"},
  };
  for (const auto &c : kCases) {
    Source source((std::string("featuretestsrc num-buffers=1 pattern=") + c.pattern).c_str());
    gst_buffer_unref(source.pull());
    source.check_caps((std::string(TENSOR) + c.caps + ", framerate=(fraction)30/1").c_str());
  }
}
GST_END_TEST;

// The element hands on what the generator (tests/unit/synth.cpp) makes, rounded to the format.
GST_START_TEST(test_formats) {
  for (const char *pattern : {"noise", "gradient", "cls"}) {
    const std::string base =
        std::string("featuretestsrc num-buffers=1 shape=\"<1,1,9,64>\" pattern=") + pattern;
    Source wide((base + " format=F64LE").c_str());
    Source single((base + " format=F32LE").c_str());
    Source half_source((base + " format=F16LE").c_str());
    Source brain((base + " format=BF16LE").c_str());
    const auto x = wide.values<double>();
    const auto f32 = single.values<float>();
    const auto f16 = half_source.values<guint16>();
    const auto bf16 = brain.values<guint16>();
    fail_unless(x.size() == 576 && f32.size() == 576 && f16.size() == 576 && bf16.size() == 576);
    for (gsize i = 0; i < x.size(); i++) {
      fail_unless(f32[i] == static_cast<float>(x[i]));
      fail_unless(f16[i] == feat::half_from_double(x[i]));
      fail_unless(bf16[i] == feat::bfloat16_from_double(x[i]));
    }
  }
}
GST_END_TEST;

GST_START_TEST(test_negotiation) {
  Source filter("featuretestsrc num-buffers=1 pattern=cls",
                TENSOR "format={U8, F16LE}, shape=(int)<4,4>, framerate=(fraction)[1/1, 10/1]");
  gst_buffer_unref(filter.pull());
  filter.check_caps(TENSOR "format=F16LE, shape=(int)<4,4>, framerate=(fraction)10/1, task=cls");
  Source clash("featuretestsrc num-buffers=1 shape=\"<2>\"", TENSOR "shape=(int)<3>");
  fail_unless(clash.wait_error() == "Internal data stream error.");
  Source quantised("featuretestsrc num-buffers=1 pattern=seg shape=\"<2,2>\"", TENSOR
                   "format=U8, bit-depth=8, range-min=(double)<-1.0>, "
                   "range-max=(double)<1.0>, rounding=nearest, source-format=F32LE");
  fail_unless(quantised.wait_error() ==
              "pattern seg makes no quantised tensors of 8 bits; featurequant does");
  Source large("featuretestsrc num-buffers=1 shape=\"<65536,65536>\"");
  const std::string text = large.wait_error();
  fail_unless(
      text.find("4294967296") != std::string::npos && text.find("268435456") != std::string::npos,
      "%s", text.c_str());
  // Next to an element that would also take quantised tensors, it makes plain ones.
  Source choice("featuretestsrc num-buffers=1 shape=\"<4,4>\" ! featurequant");
  fail_unless_equals_int(choice.values<guint16>().size(), 16);
}
GST_END_TEST;

GST_START_TEST(test_odd_shapes) {
  for (const char *pattern :
       {"noise", "gradient", "zero", "ramp", "cls", "seg", "dpt", "csr", "tti"}) {
    const struct {
      const char *shape;
      gsize points;
    } kCases[] = {{"<>", 1}, {"<0>", 0}, {"<3,0,2>", 0}, {"<1>", 1}, {"<1,1,1,1,1,1,1,2>", 2}};
    for (const auto &c : kCases) {
      Source source((std::string("featuretestsrc num-buffers=1 format=F32LE pattern=") + pattern +
                     " shape=\"" + c.shape + "\"")
                        .c_str());
      fail_unless_equals_int(source.values<float>().size(), c.points);
    }
  }
}
GST_END_TEST;

GST_START_TEST(test_timestamps_and_eos) {
  Source source("featuretestsrc num-buffers=3 shape=\"<2>\" framerate=30000/1001");
  for (guint64 i = 0; i < 3; i++) {
    GstBuffer *buffer = source.pull();
    const GstClockTime pts = gst_util_uint64_scale(i, 1001 * GST_SECOND, 30000);
    fail_unless_equals_uint64(GST_BUFFER_PTS(buffer), pts);
    fail_unless_equals_uint64(GST_BUFFER_DURATION(buffer),
                              gst_util_uint64_scale(i + 1, 1001 * GST_SECOND, 30000) - pts);
    fail_unless_equals_uint64(GST_BUFFER_OFFSET(buffer), i);
    gst_buffer_unref(buffer);
  }
  GstEvent *event = nullptr;
  do {
    gst_clear_event(&event);
    event = gst_harness_pull_event(source.harness());
    fail_unless(event != nullptr);
  } while (GST_EVENT_TYPE(event) != GST_EVENT_EOS);
  gst_event_unref(event);

  Source still("featuretestsrc num-buffers=1 shape=\"<2>\" framerate=0/1");
  GstBuffer *buffer = still.pull();
  fail_unless(!GST_BUFFER_PTS_IS_VALID(buffer) && !GST_BUFFER_DURATION_IS_VALID(buffer));
  gst_buffer_unref(buffer);
}
GST_END_TEST;

// Tensors of a live source come at their time, here by a clock that the test moves.
GST_START_TEST(test_live) {
  GstHarness *h = gst_harness_new_parse("featuretestsrc is-live=true shape=\"<2>\" framerate=10/1");
  gst_harness_use_testclock(h);
  gst_harness_play(h);
  for (guint64 i = 0; i < 3; i++) {
    fail_unless(gst_harness_wait_for_clock_id_waits(h, 1, 60));
    fail_unless_equals_int(gst_harness_buffers_in_queue(h), 0);
    fail_unless(gst_harness_crank_single_clock_wait(h));
    GstBuffer *buffer = gst_harness_pull(h);
    fail_unless_equals_uint64(GST_BUFFER_PTS(buffer), i * 100 * GST_MSECOND);
    gst_buffer_unref(buffer);
  }
  fail_unless_equals_uint64(gst_harness_query_latency(h), 100 * GST_MSECOND);
  gst_harness_teardown(h);
}
GST_END_TEST;

static Suite *featuretestsrc_suite(void) {
  Suite *suite = suite_create("featuretestsrc");
  TCase *tc = tcase_create("general");
  suite_add_tcase(suite, tc);
  tcase_add_test(tc, test_plain_patterns);
  tcase_add_test(tc, test_noise);
  tcase_add_test(tc, test_defaults);
  tcase_add_test(tc, test_formats);
  tcase_add_test(tc, test_negotiation);
  tcase_add_test(tc, test_odd_shapes);
  tcase_add_test(tc, test_timestamps_and_eos);
  tcase_add_test(tc, test_live);
  return suite;
}

GST_CHECK_MAIN(featuretestsrc);
