// SPDX-License-Identifier: LGPL-2.1-or-later
// Every element of the project, as the registry has it, and a small running pipeline around each.
#pragma once

#include <gst/check/gstcheck.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <string>
#include <vector>

struct Surroundings {
  const char *element;
  const char *pipeline;  // a source named src, the element named e, a fakesink named sink
};

// In front of two sinks: the full queue of the one that has prerolled must not keep the other from
// doing so.
#define LEAKY "queue leaky=downstream"
#define TENSORS "featuretestsrc name=src shape=<1,1,8,32> format=F32LE ! "
#define RANGE "range-min=<-20.0> range-max=<20.0>"  // one without the other is an error
#define MODEL "model=$DATA/taskhead/tiny.pt"
#define SINK " ! fakesink name=sink signal-handoffs=true"

inline const Surroundings kSurroundings[] = {
    {"featuretestsrc", "featuretestsrc name=e shape=<1,1,8,32>" SINK},
    {"featuretrunc", TENSORS "featuretrunc name=e " RANGE SINK},
    {"featurequant", TENSORS "featurequant name=e " RANGE SINK},
    {"featuredequant", TENSORS "featurequant ! featuredequant name=e " RANGE SINK},
    {"featurepack", TENSORS "featurequant ! featurepack name=e" SINK},
    {"featureunpack", TENSORS "featurequant ! featurepack ! featureunpack name=e " RANGE SINK},
    {"npyenc", TENSORS "npyenc name=e" SINK},
    {"npydec", TENSORS "npyenc ! npydec name=e" SINK},
    {"featuremetric",
     TENSORS "tee name=t ! queue ! e.ref t. ! queue ! e.test featuremetric name=e" SINK},
    {"featurebitcount", TENSORS "featurebitcount name=e" SINK},
    {"featureenc", TENSORS "featureenc name=e" SINK},
    {"featureprofilesink", TENSORS
     "tee name=t ! " LEAKY " ! featureprofilesink name=e location=/dev/null t. ! " LEAKY SINK},
    {"featuredec", TENSORS "featureenc ! featuredec name=e" SINK},
    {"featureextract", TENSORS "featureextract name=e " MODEL SINK},
    {"taskhead", TENSORS "taskhead name=e task=dpt " MODEL SINK},
    {"taskheadsink",
     TENSORS "tee name=t ! " LEAKY " ! taskheadsink name=e task=tti method=image " MODEL
             " t. ! " LEAKY SINK},
    {"vvcfeatenc", TENSORS "featurequant ! featurepack ! vvcfeatenc name=e" SINK},
    {"vvcfeatdec", TENSORS "featurequant ! featurepack ! vvcfeatenc ! vvcfeatdec name=e" SINK},
    {"hyperpriorenc", TENSORS "featurequant ! featurepack ! hyperpriorenc name=e" SINK},
    {"hyperpriordec",
     TENSORS "featurequant ! featurepack ! hyperpriorenc ! hyperpriordec name=e" SINK},
    {"rtpfeaturepay", TENSORS "rtpfeaturepay name=e" SINK},
    {"rtpfeaturedepay", TENSORS "rtpfeaturepay ! rtpfeaturedepay name=e" SINK},
    {"rtpvvcfeatpay",
     TENSORS "featurequant ! featurepack ! vvcfeatenc ! rtpvvcfeatpay name=e" SINK},
    {"rtpvvcfeatdepay", TENSORS
     "featurequant ! featurepack ! vvcfeatenc ! rtpvvcfeatpay ! rtpvvcfeatdepay name=e" SINK},
};

#undef TENSORS
#undef LEAKY
#undef RANGE
#undef MODEL
#undef SINK

// The elements of all plugins of this project in the registry, sorted.
inline std::vector<std::string> own_elements() {
  std::vector<std::string> names;
  GstRegistry *registry = gst_registry_get();
  GList *plugins = gst_registry_get_plugin_list(registry);
  for (GList *p = plugins; p != nullptr; p = p->next) {
    auto *plugin = GST_PLUGIN(p->data);
    if (g_strcmp0(gst_plugin_get_package(plugin), GST_PACKAGE_NAME) != 0) continue;
    GList *features =
        gst_registry_get_feature_list_by_plugin(registry, gst_plugin_get_name(plugin));
    for (GList *f = features; f != nullptr; f = f->next)
      if (GST_IS_ELEMENT_FACTORY(f->data)) names.emplace_back(GST_OBJECT_NAME(f->data));
    gst_plugin_feature_list_free(features);
  }
  gst_plugin_list_free(plugins);
  std::sort(names.begin(), names.end());
  return names;
}

// A pipeline around an element; counts the buffers that come out.
class Run {
 public:
  explicit Run(const std::string &element) : name_(element) {
    const auto *row = std::find_if(
        std::begin(kSurroundings), std::end(kSurroundings),
        [&](const Surroundings &surroundings) { return element == surroundings.element; });
    fail_if(row == std::end(kSurroundings),
            "%s has no pipeline: give it a row in kSurroundings of elements_util.h",
            element.c_str());
    std::string pipeline = row->pipeline;
    const std::string data = "$DATA";  // the folder tests/data
    if (const size_t at = pipeline.find(data); at != std::string::npos)
      pipeline.replace(at, data.size(), g_getenv("FEATURE_TEST_DATA"));
    GError *error = nullptr;
    pipeline_ = gst_parse_launch(pipeline.c_str(), &error);
    fail_if(error != nullptr, "%s: %s", row->pipeline, error != nullptr ? error->message : "");
    bus_ = gst_element_get_bus(pipeline_);
    element_ = gst_bin_get_by_name(GST_BIN(pipeline_), "e");
    GstElement *sink = gst_bin_get_by_name(GST_BIN(pipeline_), "sink");
    g_signal_connect(sink, "handoff", G_CALLBACK(on_buffer), this);
    gst_object_unref(sink);
  }
  ~Run() {
    gst_element_set_state(pipeline_, GST_STATE_NULL);
    gst_object_unref(element_);
    gst_object_unref(bus_);
    gst_object_unref(pipeline_);
  }
  Run(const Run &) = delete;
  Run &operator=(const Run &) = delete;

  GstElement *element() const { return element_; }

  void limit(int buffers) {  // of the source; -1: it goes on and on
    GstElement *source = gst_bin_get_by_name(GST_BIN(pipeline_), "src");
    g_object_set(source != nullptr ? source : element_, "num-buffers", buffers, nullptr);
    gst_clear_object(&source);
  }

  void state(GstState wanted) {
    const GstStateChangeReturn change = gst_element_set_state(pipeline_, wanted);
    fail_if(change == GST_STATE_CHANGE_FAILURE, "%s: %s", name_.c_str(), problem().c_str());
    if (gst_element_get_state(pipeline_, nullptr, nullptr, kPatience) != GST_STATE_CHANGE_SUCCESS)
      fail("%s does not get to %s: %s", name_.c_str(), gst_element_state_get_name(wanted),
           problem().c_str());
  }

  // Waits for so many more buffers, or the end of the stream. False: there was an error.
  bool flows(guint more) {
    const guint before = count_;
    for (gint64 until = g_get_monotonic_time() + kPatience / 1000; count_ - before < more;) {
      fail_if(g_get_monotonic_time() > until, "%s: no buffers come", name_.c_str());
      if (GstMessage *message = gst_bus_timed_pop_filtered(
              bus_, GST_MSECOND,
              static_cast<GstMessageType>(GST_MESSAGE_ERROR | GST_MESSAGE_EOS))) {
        const bool end = GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS;
        gst_message_unref(message);
        return end;
      }
    }
    return true;
  }

  void wait_for_end() {
    GstMessage *message = gst_bus_timed_pop_filtered(
        bus_, kPatience, static_cast<GstMessageType>(GST_MESSAGE_ERROR | GST_MESSAGE_EOS));
    fail_if(message == nullptr, "%s: no end", name_.c_str());
    const bool end = GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS;
    if (!end) fail("%s: %s", name_.c_str(), text_of(message).c_str());
    gst_message_unref(message);
  }

  // The error on the bus, "" for none.
  std::string problem() {
    GstMessage *message = gst_bus_pop_filtered(bus_, GST_MESSAGE_ERROR);
    if (message == nullptr) return "";
    const std::string text = text_of(message);
    gst_message_unref(message);
    return text;
  }

 private:
  // Sanitizers need a while to load LibTorch.
  static constexpr GstClockTime kPatience = 150 * GST_SECOND;

  static void on_buffer(GstElement *, GstBuffer *, GstPad *, gpointer self) {
    ++static_cast<Run *>(self)->count_;
  }
  static std::string text_of(GstMessage *message) {
    GError *error = nullptr;
    gst_message_parse_error(message, &error, nullptr);
    std::string text = error->message;
    g_error_free(error);
    return text;
  }

  std::string name_;
  GstElement *pipeline_ = nullptr;
  GstElement *element_ = nullptr;
  GstBus *bus_ = nullptr;
  std::atomic<guint> count_ = 0;
};
