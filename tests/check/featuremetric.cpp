// SPDX-License-Identifier: LGPL-2.1-or-later
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "featureproc-util.h"

#define TENSOR "application/x-feature-tensor, "

namespace {

// featuremetric with a harness on each sink pad.
class Pair {
 public:
  explicit Pair(const char *settings = "") {
    element_ = gst_element_factory_make("featuremetric", nullptr);
    fail_unless(element_ != nullptr);
    gst_object_ref_sink(element_);
    bus_ = gst_bus_new();
    gst_element_set_bus(element_, bus_);
    for (const auto &[name, value] : parse(settings))
      gst_util_set_object_arg(G_OBJECT(element_), name.c_str(), value.c_str());
    ref_ = gst_harness_new_with_element(element_, "ref", "src");
    test_ = gst_harness_new_with_element(element_, "test", nullptr);
  }
  ~Pair() {
    gst_element_set_bus(element_, nullptr);
    gst_harness_teardown(test_);
    gst_harness_teardown(ref_);
    gst_object_unref(bus_);
    gst_object_unref(element_);
  }
  Pair(const Pair &) = delete;
  Pair &operator=(const Pair &) = delete;

  void caps(const char *ref, const char *test) {
    gst_harness_set_src_caps_str(ref_, ref);
    gst_harness_set_src_caps_str(test_, test);
  }
  template <class T>
  static void push(GstHarness *h, const std::vector<T> &values, GstClockTime pts = 0) {
    GstBuffer *buffer = gst_buffer_new_allocate(nullptr, values.size() * sizeof(T), nullptr);
    if (!values.empty()) gst_buffer_fill(buffer, 0, values.data(), values.size() * sizeof(T));
    GST_BUFFER_PTS(buffer) = pts;
    gst_harness_push(h, buffer);
  }
  template <class A, class B>
  void push(const std::vector<A> &a, const std::vector<B> &b) {
    push(ref_, a);
    push(test_, b);
  }
  void eos() {
    gst_harness_push_event(ref_, gst_event_new_eos());
    gst_harness_push_event(test_, gst_event_new_eos());
  }
  void wait_eos() {
    GstEvent *event = nullptr;
    do {
      gst_clear_event(&event);
      event = gst_harness_pull_event(ref_);
      fail_unless(event != nullptr, "no EOS");
    } while (GST_EVENT_TYPE(event) != GST_EVENT_EOS);
    gst_event_unref(event);
  }
  GstBuffer *pull() { return gst_harness_pull(ref_); }
  void drop() {
    GstBuffer *buffer = pull();
    fail_unless(buffer != nullptr);
    gst_buffer_unref(buffer);
  }
  // The next message of a type; its structure is read by number().
  void wait(GstMessageType type) {
    gst_clear_message(&message_);
    message_ = gst_bus_timed_pop_filtered(bus_, 60 * GST_SECOND, type);
    fail_unless(message_ != nullptr, "no message %s", gst_message_type_get_name(type));
  }
  std::string wait_text(GstMessageType type) {
    wait(type);
    GError *error = nullptr;
    if (type == GST_MESSAGE_ERROR)
      gst_message_parse_error(message_, &error, nullptr);
    else
      gst_message_parse_warning(message_, &error, nullptr);
    const std::string text = error->message;
    g_error_free(error);
    gst_clear_message(&message_);
    return text;
  }
  std::vector<double> figures() {
    wait(GST_MESSAGE_ELEMENT);
    const std::vector<double> result = read(gst_message_get_structure(message_));
    gst_clear_message(&message_);
    return result;
  }
  std::vector<double> stats() {
    GstStructure *s = nullptr;
    g_object_get(element_, "stats", &s, nullptr);
    const std::vector<double> result = read(s);
    gst_structure_free(s);
    return result;
  }
  GstHarness *ref() { return ref_; }
  GstHarness *test() { return test_; }

 private:
  // Mean squared error, PSNR, peak, largest error, cosine, points, left out.
  static std::vector<double> read(const GstStructure *s) {
    fail_unless(gst_structure_has_name(s, "featuremetric"));
    std::vector<double> result;
    for (const char *name : {"mse", "psnr", "peak", "max-error", "cosine"}) {
      gdouble value = 0;
      fail_unless(gst_structure_get_double(s, name, &value), "%s", name);
      result.push_back(value);
    }
    for (const char *name : {"points", "non-finite"}) {
      guint64 value = 0;
      fail_unless(gst_structure_get_uint64(s, name, &value), "%s", name);
      result.push_back(static_cast<double>(value));
    }
    return result;
  }
  static std::vector<std::pair<std::string, std::string>> parse(const char *settings) {
    std::vector<std::pair<std::string, std::string>> result;
    gchar **items = g_strsplit(settings, " ", -1);
    for (gchar **item = items; *item != nullptr; item++) {
      const std::string text = *item;
      const gsize equal = text.find('=');
      if (equal != text.npos) result.push_back({text.substr(0, equal), text.substr(equal + 1)});
    }
    g_strfreev(items);
    return result;
  }

  GstElement *element_;
  GstBus *bus_;
  GstHarness *ref_;
  GstHarness *test_;
  GstMessage *message_ = nullptr;
};

void check(const std::vector<double> &actual, const std::vector<double> &expected) {
  static const char *const kNames[] = {"mse",    "psnr",   "peak",      "max-error",
                                       "cosine", "points", "non-finite"};
  fail_unless_equals_int(actual.size(), expected.size());
  for (gsize i = 0; i < actual.size(); i++)
    fail_unless(actual[i] == expected[i] ||
                    std::abs(actual[i] - expected[i]) <= 1e-12 * std::abs(expected[i]),
                "%s is %.17g instead of %.17g", kNames[i], actual[i], expected[i]);
}

const double kInfinity = std::numeric_limits<double>::infinity();
#define F32X4 TENSOR "format=F32LE, shape=(int)<2,2>, framerate=10/1"

}  // namespace

GST_START_TEST(test_figures) {
  Pair pair;
  pair.caps(F32X4, F32X4);
  pair.push(std::vector<float>{0, 3, -1, 0}, std::vector<float>{0, 4, -1, -2});
  const double cosine = 13 / (std::sqrt(10.0) * std::sqrt(21.0));
  check(pair.figures(), {1.25, 20 * std::log10(4) - 10 * std::log10(1.25), 4, 2, cosine, 4, 0});
  GstBuffer *buffer = pair.pull();
  float out[4];
  fail_unless_equals_int(gst_buffer_extract(buffer, 0, out, 16), 16);
  fail_unless(out[1] == 4 && out[3] == -2);  // the test tensor goes through
  gst_buffer_unref(buffer);

  pair.push(std::vector<float>{5, 0, 0, 0}, std::vector<float>{5, 0, 0, 0});
  check(pair.figures(), {0, kInfinity, 5, 0, 1, 4, 0});
  pair.drop();
  // Over both: 5 of squared error, range -1 to 5.
  check(pair.stats(), {0.625, 20 * std::log10(6) - 10 * std::log10(0.625), 6, 2,
                       38 / (std::sqrt(35.0) * std::sqrt(46.0)), 8, 0});
  pair.eos();
  pair.wait_eos();
}
GST_END_TEST;

GST_START_TEST(test_peak_property) {
  Pair pair("peak=255");
  pair.caps(F32X4, F32X4);
  pair.push(std::vector<float>{1, 2, 3, 4}, std::vector<float>{2, 3, 4, 5});
  check(pair.figures(), {1, 20 * std::log10(255), 255, 1, 40 / std::sqrt(30.0 * 54), 4, 0});
}
GST_END_TEST;

GST_START_TEST(test_zero_vectors) {
  Pair pair;
  pair.caps(F32X4, F32X4);
  pair.push(std::vector<float>(4), std::vector<float>(4));
  check(pair.figures(), {0, kInfinity, 0, 0, 1, 4, 0});
  pair.push(std::vector<float>(4), std::vector<float>{1, 0, 0, 0});
  check(pair.figures(), {0.25, -kInfinity, 0, 1, 0, 4, 0});
}
GST_END_TEST;

// float16 against float32, integers of two widths, codes of quantised tensors.
GST_START_TEST(test_formats) {
  const std::vector<float> single = {0.1F, 2, -3, 4};
  Pair floats;
  floats.caps(F32X4, TENSOR "format=F16LE, shape=(int)<2,2>, framerate=10/1");
  floats.push(single, to_halves(single));
  const double error = half(0.1F) - static_cast<double>(0.1F);
  const auto figures = floats.figures();
  fail_unless(figures[0] == error * error / 4 && figures[3] == std::abs(error));

  Pair integers;
  integers.caps(TENSOR "format=S16LE, shape=(int)<3>", TENSOR "format=S64LE, shape=(int)<3>");
  integers.push(std::vector<gint16>{-300, 0, 300}, std::vector<gint64>{-300, 0, 303});
  check(integers.figures(), {3, 20 * std::log10(600) - 10 * std::log10(3.0), 600, 3,
                             180900 / (std::sqrt(180000.0) * std::sqrt(181809.0)), 3, 0});

  Pair codes;
#define QUANTISED                                                          \
  TENSOR                                                                   \
  "format=U16LE, shape=(int)<2>, bit-depth=10, range-min=(double)<-1.0>, " \
  "range-max=(double)<1.0>, rounding=nearest, source-format=F32LE"
  codes.caps(QUANTISED, QUANTISED);
  codes.push(std::vector<guint16>{0, 1023}, std::vector<guint16>{1, 1023});
  const auto code_figures = codes.figures();
  fail_unless(code_figures[0] == 0.5 && code_figures[2] == 1023);
}
GST_END_TEST;

// Long tensors, whose sums go by blocks, and shapes that change on the way.
GST_START_TEST(test_shapes) {
  Pair pair;
  pair.caps(TENSOR "format=U8, shape=(int)<5000>", TENSOR "format=U8, shape=(int)<5000>");
  std::vector<guint8> a(5000), b(5000);
  for (gsize i = 0; i < 5000; i++) {
    a[i] = static_cast<guint8>(i);
    b[i] = static_cast<guint8>(i ^ 1);
  }
  pair.push(a, b);
  const auto figures = pair.figures();
  fail_unless(figures[0] == 1 && figures[3] == 1 && figures[2] == 255 && figures[5] == 5000);
  pair.drop();
  for (const char *caps : {TENSOR "format=U8, shape=(int)<>", TENSOR "format=U8, shape=(int)<1>"}) {
    pair.caps(caps, caps);
    pair.push(std::vector<guint8>{3}, std::vector<guint8>{3});
    check(pair.figures(), {0, kInfinity, 0, 0, 1, 1, 0});
    pair.drop();
  }
  pair.caps(TENSOR "format=U8, shape=(int)<0,4>", TENSOR "format=U8, shape=(int)<0,4>");
  pair.push(std::vector<guint8>{}, std::vector<guint8>{});
  check(pair.figures(), {0, kInfinity, 0, 0, 1, 0, 0});
  pair.drop();
  fail_unless(pair.stats()[5] == 5002);
}
GST_END_TEST;

GST_START_TEST(test_mismatch) {
  const struct {
    const char *ref;
    const char *test;
    const char *message;
  } kCases[] = {
      {F32X4, TENSOR "format=F32LE, shape=(int)<4>", "ref has shape (2,2) and test (4)"},
      {F32X4, TENSOR "format=F32LE, shape=(int)<2,3>", "ref has shape (2,2) and test (2,3)"},
      {F32X4, TENSOR "format=U8, shape=(int)<2,2>", "ref has format F32LE and test U8"},
      {TENSOR "format=U16LE, shape=(int)<2>", QUANTISED, "only test is quantised"},
      {QUANTISED,
       TENSOR "format=U16LE, shape=(int)<2>, bit-depth=12, range-min=(double)<-1.0>, "
              "range-max=(double)<1.0>, rounding=nearest, source-format=F32LE",
       "ref has 10 bits and test 12"},
  };
  for (const auto &c : kCases) {
    Pair pair;
    pair.caps(c.ref, c.test);
    pair.push(std::vector<guint8>(16), std::vector<guint8>(16));
    const std::string text = pair.wait_text(GST_MESSAGE_ERROR);
    fail_unless(text == std::string("buffer 0: ") + c.message, "%s", text.c_str());
  }
  Pair size;
  size.caps(F32X4, F32X4);
  size.push(std::vector<guint8>(15), std::vector<guint8>(16));
  fail_unless(size.wait_text(GST_MESSAGE_ERROR) ==
              "buffer 0: ref has 15 of 16 bytes and test 16 of 16");
}
GST_END_TEST;

GST_START_TEST(test_non_finite) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float inf = std::numeric_limits<float>::infinity();
  Pair strict;
  strict.caps(F32X4, F32X4);
  strict.push(std::vector<float>{1, 1, nan, 1}, std::vector<float>{1, inf, 1, 1});
  fail_unless(strict.wait_text(GST_MESSAGE_ERROR) ==
              "buffer 0: 2 pairs have NaN or infinity, the first at index 1; non-finite=skip "
              "leaves them out");
  Pair lax("non-finite=skip");
  lax.caps(F32X4, F32X4);
  lax.push(std::vector<float>{1, 1, nan, 0}, std::vector<float>{1, inf, 1, 1});
  check(lax.figures(), {0.5, -10 * std::log10(0.5), 1, 1, 1 / std::sqrt(2.0), 2, 2});
}
GST_END_TEST;

GST_START_TEST(test_unequal_ends) {
  for (const bool ref_longer : {true, false}) {
    Pair pair;
    pair.caps(F32X4, F32X4);
    pair.push(std::vector<float>(4), std::vector<float>(4));
    pair.drop();
    GstHarness *longer = ref_longer ? pair.ref() : pair.test();
    GstHarness *shorter = ref_longer ? pair.test() : pair.ref();
    gst_harness_push_event(shorter, gst_event_new_eos());
    Pair::push(longer, std::vector<float>(4));
    Pair::push(longer, std::vector<float>(4));
    gst_harness_push_event(longer, gst_event_new_eos());
    const std::string text = pair.wait_text(GST_MESSAGE_WARNING);
    fail_unless(
        text == (ref_longer ? "ref had 3 buffers and test 1; only the first 1 were compared"
                            : "ref had 1 buffers and test 3; only the first 1 were compared"),
        "%s", text.c_str());
    pair.wait_eos();
    fail_unless_equals_int(gst_harness_buffers_in_queue(pair.ref()), ref_longer ? 0 : 2);
    fail_unless(pair.stats()[5] == 4);
  }
}
GST_END_TEST;

GST_START_TEST(test_flush) {
  Pair pair;
  pair.caps(F32X4, F32X4);
  pair.push(std::vector<float>(4), std::vector<float>(4, 1));
  pair.drop();
  fail_unless(pair.stats()[0] == 1);
  for (GstHarness *h : {pair.ref(), pair.test()})
    gst_harness_push_event(h, gst_event_new_flush_start());
  for (GstHarness *h : {pair.ref(), pair.test()})
    gst_harness_push_event(h, gst_event_new_flush_stop(TRUE));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  for (GstHarness *h : {pair.ref(), pair.test()})
    gst_harness_push_event(h, gst_event_new_segment(&segment));
  pair.push(std::vector<float>(4), std::vector<float>(4, 2));
  pair.drop();
  const auto stats = pair.stats();
  fail_unless(stats[0] == 4 && stats[5] == 4, "mse %g, %g points", stats[0], stats[5]);
}
GST_END_TEST;

GST_START_TEST(test_report) {
  gchar *name = nullptr;
  const gint fd = g_file_open_tmp("featuremetric-XXXXXX", &name, nullptr);
  fail_unless(fd >= 0);
  g_close(fd, nullptr);
  {
    Pair pair((std::string("print=true location=") + name).c_str());
    pair.caps(F32X4, F32X4);
    pair.push(std::vector<float>(4), std::vector<float>(4));
    pair.drop();
    pair.eos();
    pair.wait_eos();
  }
  gchar *json = nullptr;
  fail_unless(g_file_get_contents(name, &json, nullptr, nullptr));
  fail_unless_equals_string(
      json,
      "{\"buffers\": 1, \"ref-buffers\": 1, \"test-buffers\": 1, \"points\": 4, \"mse\": 0, "
      "\"psnr\": null, \"peak\": 0, \"max-error\": 0, \"cosine\": 1, \"non-finite\": 0}\n");
  g_free(json);
  g_remove(name);
  g_free(name);
  Pair bad("location=/dev/null/nowhere");
  bad.caps(F32X4, F32X4);
  bad.eos();
  fail_unless(bad.wait_text(GST_MESSAGE_ERROR).find("/dev/null/nowhere") != std::string::npos);
}
GST_END_TEST;

// A pipe, as a device, is written to and not replaced by a file.
GST_START_TEST(test_report_to_pipe) {
  gchar *folder = g_dir_make_tmp("featuremetric-XXXXXX", nullptr);
  fail_unless(folder != nullptr);
  const std::string name = std::string(folder) + "/pipe";
  fail_unless(mkfifo(name.c_str(), 0600) == 0);
  const int pipe = open(name.c_str(), O_RDONLY | O_NONBLOCK);
  fail_unless(pipe >= 0);
  {
    Pair pair(("location=" + name).c_str());
    pair.caps(F32X4, F32X4);
    pair.push(std::vector<float>(4), std::vector<float>(4));
    pair.drop();
    pair.eos();
    pair.wait_eos();
  }
  char text[400] = {};
  fail_unless(read(pipe, text, sizeof(text) - 1) > 0);
  fail_unless(g_str_has_prefix(text, "{\"buffers\": 1,"), "%s", text);
  fail_if(g_file_test(name.c_str(), G_FILE_TEST_IS_REGULAR));
  close(pipe);
  g_remove(name.c_str());
  g_rmdir(folder);
  g_free(folder);
}
GST_END_TEST;

static Suite *featuremetric_suite(void) {
  Suite *suite = suite_create("featuremetric");
  TCase *tc = tcase_create("general");
  suite_add_tcase(suite, tc);
  tcase_add_test(tc, test_figures);
  tcase_add_test(tc, test_peak_property);
  tcase_add_test(tc, test_zero_vectors);
  tcase_add_test(tc, test_formats);
  tcase_add_test(tc, test_shapes);
  tcase_add_test(tc, test_mismatch);
  tcase_add_test(tc, test_non_finite);
  tcase_add_test(tc, test_unequal_ends);
  tcase_add_test(tc, test_flush);
  tcase_add_test(tc, test_report);
  tcase_add_test(tc, test_report_to_pipe);
  return suite;
}

GST_CHECK_MAIN(featuremetric);
