// SPDX-License-Identifier: LGPL-2.1-or-later
//
// hyperpriorenc and hyperpriordec among other elements.
#include "tests/check/hyperprior_util.h"

using namespace test;

namespace {

const std::string kSource = "featuretestsrc shape=<1,1,40,96> format=F32LE num-buffers=3";
constexpr char kChain[] =
    "featuretrunc range-min=<-20.0> range-max=<20.0> ! "
    "featurequant range-min=<-20.0> range-max=<20.0> ! featurepack";
constexpr char kUnchain[] = "featureunpack ! featuredequant";

// A pipeline that runs to its end.
class Pipeline {
 public:
  explicit Pipeline(const std::string &description) {
    GError *error = nullptr;
    pipeline_ = gst_parse_launch(description.c_str(), &error);
    fail_if(error != nullptr, "%s: %s", description.c_str(), error ? error->message : "");
    bus_ = gst_element_get_bus(pipeline_);
  }
  ~Pipeline() {
    gst_element_set_state(pipeline_, GST_STATE_NULL);
    gst_object_unref(bus_);
    gst_object_unref(pipeline_);
  }
  Pipeline(const Pipeline &) = delete;
  Pipeline &operator=(const Pipeline &) = delete;

  void start() { gst_element_set_state(pipeline_, GST_STATE_PLAYING); }
  void pause() {
    gst_element_set_state(pipeline_, GST_STATE_PAUSED);
    fail_unless_equals_int(gst_element_get_state(pipeline_, nullptr, nullptr, kPatience),
                           GST_STATE_CHANGE_SUCCESS);
  }
  void wait() {
    GstMessage *message = gst_bus_timed_pop_filtered(
        bus_, kPatience, static_cast<GstMessageType>(GST_MESSAGE_ERROR | GST_MESSAGE_EOS));
    fail_unless(message != nullptr, "no end");
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
      GError *error = nullptr;
      gst_message_parse_error(message, &error, nullptr);
      fail("%s", error->message);
    }
    gst_message_unref(message);
  }
  void run() {
    start();
    wait();
  }

  GstElement *pipeline() const { return pipeline_; }
  // Of the element of that name.
  double stat(const char *element, const char *name) const {
    GstElement *found = gst_bin_get_by_name(GST_BIN(pipeline_), element);
    fail_unless(found != nullptr);
    GstStructure *stats = nullptr;
    g_object_get(found, "stats", &stats, nullptr);
    GValue number = G_VALUE_INIT;
    g_value_init(&number, G_TYPE_DOUBLE);
    const GValue *value = gst_structure_get_value(stats, name);
    fail_unless(value != nullptr && g_value_transform(value, &number), "no %s in stats", name);
    gst_structure_free(stats);
    gst_object_unref(found);
    return g_value_get_double(&number);
  }

 private:
  static constexpr GstClockTime kPatience = 60 * GST_SECOND;
  GstElement *pipeline_ = nullptr;
  GstBus *bus_ = nullptr;
};

// The mean squared error of two files of tensors.
double difference(const std::string &a, const std::string &b) {
  Pipeline pipeline("featuremetric name=m ! fakesink filesrc location=" + a +
                    " ! npydec ! m.ref filesrc location=" + b + " ! npydec ! m.test");
  pipeline.run();
  return pipeline.stat("m", "mse");
}

}  // namespace

// Coding between two files does to a tensor what quantising does, and a little more.
GST_START_TEST(test_files) {
  const Folder folder;
  const std::string in = folder.path() + "/in.npy";
  const std::string units = folder.path() + "/units.hyp";
  const std::string out = folder.path() + "/out.npy";
  const std::string quantised = folder.path() + "/quantised.npy";
  Pipeline(
      "featuretestsrc shape=<1,1,40,96> format=F32LE num-buffers=1 ! npyenc ! filesink "
      "location=" +
      in)
      .run();
  const std::string source = "filesrc location=" + in + " ! npydec ! " + kChain;
  Pipeline(source + " ! " + kUnchain + " ! npyenc ! filesink location=" + quantised).run();
  const auto code = [&](double quality) {
    Pipeline encoder(source + " ! hyperpriorenc name=e quality=" + std::to_string(quality) +
                     " ! featurebitcount name=c ! filesink location=" + units);
    encoder.run();
    fail_unless_equals_float(encoder.stat("e", "bpfp"), encoder.stat("c", "bpfp"));
    Pipeline("filesrc location=" + units + " ! hyperpriordec ! " + kUnchain +
             " ! npyenc ! filesink location=" + out)
        .run();
    return encoder.stat("e", "bpfp");
  };
  const double step = 40.0 / 1023;
  const double most = code(1);
  fail_unless(difference(quantised, out) < step * step);
  fail_unless(difference(in, out) < 2 * step * step);
  const double less = code(0.25);
  fail_unless(less < most && difference(quantised, out) > step * step);
}
GST_END_TEST

// The typefinder knows a file of units, whatever it is called.
GST_START_TEST(test_typefind) {
  const Folder folder;
  const std::string units = folder.path() + "/units";
  Pipeline(kSource + " ! " + kChain + " ! hyperpriorenc ! filesink location=" + units).run();
  Pipeline pipeline("filesrc location=" + units +
                    " ! decodebin ! video/x-raw ! featureunpack ! fakesink name=s");
  pipeline.run();
  fail_unless_equals_float(pipeline.stat("s", "rendered"), 3);
}
GST_END_TEST

GST_START_TEST(test_rtp) {
  const Folder folder;
  const std::string in = folder.path() + "/in.npy";
  const std::string direct = folder.path() + "/direct.npy";
  const std::string over_rtp = folder.path() + "/rtp.npy";
  const std::string source = "featuretestsrc shape=<1,1,40,96> format=F32LE num-buffers=1 ! ";
  Pipeline(source + "npyenc ! filesink location=" + in).run();
  const std::string encoder =
      "filesrc location=" + in + " ! npydec ! " + kChain + " ! hyperpriorenc ! ";
  const std::string decoder =
      std::string("hyperpriordec name=d ! ") + kUnchain + " ! npyenc ! filesink location=";
  Pipeline(encoder + decoder + direct).run();
  Pipeline rtp(encoder + "rtpfeaturepay mtu=400 ! rtpfeaturedepay ! " + decoder + over_rtp);
  rtp.run();
  fail_unless_equals_float(rtp.stat("d", "units"), 1);
  fail_unless_equals_float(difference(direct, over_rtp), 0);
}
GST_END_TEST

// Elements in several pipelines, with and without their own threads.
GST_START_TEST(test_at_the_same_time) {
  const std::string both = " ! hyperpriorenc quality=1 ! queue ! hyperpriordec name=d ! ";
  Pipeline a(kSource + " ! " + kChain + both + kUnchain + " ! fakesink");
  Pipeline b(kSource + " ! " + kChain + " ! queue" + both + kUnchain + " ! fakesink");
  a.start();
  b.start();
  a.wait();
  b.wait();
  for (const Pipeline *pipeline : {&a, &b}) {
    fail_unless_equals_float(pipeline->stat("d", "units"), 3);
    fail_unless_equals_float(pipeline->stat("d", "damaged"), 0);
  }
}
GST_END_TEST

// From 2 s to 3 s of ten frames a second.
GST_START_TEST(test_seek) {
  Pipeline pipeline(
      "videotestsrc num-buffers=100 ! video/x-raw,format=GRAY8,width=32,height=16,framerate=10/1 ! "
      "hyperpriorenc ! hyperpriordec name=d ! fakesink name=s");
  pipeline.pause();
  const double before = pipeline.stat("d", "units");
  fail_unless(
      gst_element_seek(pipeline.pipeline(), 1.0, GST_FORMAT_TIME,
                       static_cast<GstSeekFlags>(GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_ACCURATE),
                       GST_SEEK_TYPE_SET, 2 * GST_SECOND, GST_SEEK_TYPE_SET, 3 * GST_SECOND));
  pipeline.run();
  fail_unless_equals_float(pipeline.stat("d", "damaged"), 0);
  fail_unless(pipeline.stat("d", "units") >= before + 10);
  fail_unless_equals_float(pipeline.stat("s", "rendered"), 10);
}
GST_END_TEST

static Suite *hyperpriorpipeline_suite(void) {
  Suite *s = suite_create("hyperpriorpipeline");
  TCase *tc = tcase_create("general");
  suite_add_tcase(s, tc);
  tcase_add_test(tc, test_files);
  tcase_add_test(tc, test_typefind);
  if (gst_registry_check_feature_version(gst_registry_get(), "rtpfeaturepay", 0, 0, 0))
    tcase_add_test(tc, test_rtp);
  tcase_add_test(tc, test_at_the_same_time);
  if (gst_registry_check_feature_version(gst_registry_get(), "videotestsrc", 1, 0, 0))
    tcase_add_test(tc, test_seek);
  return s;
}

GST_CHECK_MAIN(hyperpriorpipeline)
