// SPDX-License-Identifier: LGPL-2.1-or-later
#include "feature_link.h"

#include <glib-unix.h>

#include <stdexcept>
#include <utility>

namespace {

constexpr const char *kPipeline =
    "appsrc name=source block=true max-bytes=0 max-buffers=4 ! featurequant name=quantiser ! "
    "featurepack ! vvcfeatenc name=coder ! queue ! "
    "vvcfeatdec ! featureunpack ! featuredequant ! appsink name=sink sync=false";

std::string take_message(GError *error) {
  std::string text = error != nullptr ? error->message : "unknown error";
  g_clear_error(&error);
  return text;
}

// What the source promises: the description of a tensor becomes caps.
GstCaps *make_caps(const LinkSettings &settings, gsize *points) {
  g_autoptr(GstFeatureInfo) info = gst_feature_info_new();
  GError *error = nullptr;
  gst_feature_info_set_format(info, GST_FEATURE_FORMAT_F32LE);
  if (!gst_feature_info_set_shape(info, settings.shape.data(), settings.shape.size()))
    throw std::runtime_error(
        "A shape has at most " G_STRINGIFY(GST_FEATURE_MAX_DIMS) " dimensions, each 0 or more.");
  if (!gst_feature_info_validate(info, GST_FEATURE_DEFAULT_MAX_POINTS, &error))
    throw std::runtime_error(take_message(error));
  *points = gst_feature_info_get_n_points(info);
  return gst_feature_info_to_caps(info);
}

// Ranges are arrays, since every channel may have its own; here one serves all.
void set_range(GstElement *element, const char *property, double number) {
  GValue array = G_VALUE_INIT, value = G_VALUE_INIT;
  gst_value_array_init(&array, 1);
  g_value_init(&value, G_TYPE_DOUBLE);
  g_value_set_double(&value, number);
  gst_value_array_append_and_take_value(&array, &value);
  g_object_set_property(G_OBJECT(element), property, &array);
  g_value_unset(&array);
}

}  // namespace

FeatureLink::FeatureLink(const LinkSettings &settings, OnTensor on_tensor)
    : on_tensor_(std::move(on_tensor)) {
  g_autoptr(GstCaps) caps = make_caps(settings, &points_);
  GError *error = nullptr;
  pipeline_.reset(GST_ELEMENT(gst_object_ref_sink(gst_parse_launch(kPipeline, &error))));
  if (error != nullptr) throw std::runtime_error(take_message(error));
  const auto get = [&](const char *name) {
    return Owned<GstElement>(gst_bin_get_by_name(GST_BIN(pipeline_.get()), name));
  };
  const Owned<GstElement> quantiser = get("quantiser");
  set_range(quantiser.get(), "range-min", settings.min);
  set_range(quantiser.get(), "range-max", settings.max);
  const Owned<GstElement> coder = get("coder");
  if (settings.qp < 0)
    g_object_set(coder.get(), "lossless", TRUE, nullptr);
  else
    g_object_set(coder.get(), "qp", settings.qp, nullptr);
  source_.reset(GST_APP_SRC(get("source").release()));
  gst_app_src_set_caps(source_.get(), caps);
  const Owned<GstElement> sink = get("sink");
  GstAppSinkCallbacks callbacks = {};
  callbacks.new_sample = on_sample;
  gst_app_sink_set_callbacks(GST_APP_SINK(sink.get()), &callbacks, this, nullptr);
  loop_ = g_main_loop_new(nullptr, FALSE);
  // From here on tensors are taken. What fails now is a message that run() finds.
  gst_element_set_state(pipeline_.get(), GST_STATE_PAUSED);
}

FeatureLink::~FeatureLink() {
  for (const guint signal : signals_) g_source_remove(signal);
  if (pipeline_) gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
  if (loop_ != nullptr) g_main_loop_unref(loop_);
}

bool FeatureLink::push(const std::vector<float> &tensor) {
  GstBuffer *buffer = gst_buffer_new_memdup(tensor.data(), tensor.size() * sizeof(float));
  return gst_app_src_push_buffer(source_.get(), buffer) == GST_FLOW_OK;
}

void FeatureLink::end() {
  gst_app_src_end_of_stream(source_.get());
}

void FeatureLink::fail(const std::string &sentence) {
  GError *error = g_error_new_literal(GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_FAILED,  //
                                      sentence.c_str());
  gst_element_post_message(pipeline_.get(),
                           gst_message_new_error(GST_OBJECT(pipeline_.get()), error, nullptr));
  g_error_free(error);
}

// The caps of each sample say what it is. They are the description that was coded with it.
GstFlowReturn FeatureLink::on_sample(GstAppSink *sink, gpointer data) {
  auto *self = static_cast<FeatureLink *>(data);
  g_autoptr(GstSample) sample = gst_app_sink_pull_sample(sink);
  if (sample == nullptr) return GST_FLOW_EOS;
  GError *error = nullptr;
  g_autoptr(GstFeatureInfo) info = gst_feature_info_from_caps(gst_sample_get_caps(sample), &error);
  if (info == nullptr) {
    self->fail(take_message(error));
    return GST_FLOW_ERROR;
  }
  GstMapInfo map;
  GstBuffer *buffer = gst_sample_get_buffer(sample);
  if (gst_feature_info_get_format(info) != GST_FEATURE_FORMAT_F32LE ||
      gst_feature_info_get_size(info) != gst_buffer_get_size(buffer) ||
      !gst_buffer_map(buffer, &map, GST_MAP_READ)) {
    self->fail("A tensor came out that is not one of 32-bit floats.");
    return GST_FLOW_ERROR;
  }
  self->on_tensor_({reinterpret_cast<const float *>(map.data), map.size / sizeof(float)});
  gst_buffer_unmap(buffer, &map);
  return GST_FLOW_OK;
}

// In the thread of the main loop.
gboolean FeatureLink::on_message(GstBus *, GstMessage *message, gpointer data) {
  auto *self = static_cast<FeatureLink *>(data);
  GError *error = nullptr;
  switch (GST_MESSAGE_TYPE(message)) {
    case GST_MESSAGE_EOS:
      g_main_loop_quit(self->loop_);
      break;
    case GST_MESSAGE_ERROR:  // the first one counts, others follow from it
      gst_message_parse_error(message, &error, nullptr);
      if (const std::string text = take_message(error); self->error_.empty()) self->error_ = text;
      g_main_loop_quit(self->loop_);
      break;
    case GST_MESSAGE_WARNING:
      gst_message_parse_warning(message, &error, nullptr);
      g_printerr("embedding: %s\n", take_message(error).c_str());
      break;
    case GST_MESSAGE_LATENCY:
      gst_bin_recalculate_latency(GST_BIN(self->pipeline_.get()));
      break;
    case GST_MESSAGE_ELEMENT:  // what the coder did in all comes just before the end
      if (gst_message_has_name(message, "vvcfeatenc-stats"))
        gst_structure_get_uint64(gst_message_get_structure(message), "bytes", &self->bytes_);
      break;
    default:
      break;
  }
  return G_SOURCE_CONTINUE;
}

// The first Ctrl-C ends the stream, so that what is inside still comes out; a second one leaves.
gboolean FeatureLink::on_interrupt(gpointer data) {
  auto *self = static_cast<FeatureLink *>(data);
  if (std::exchange(self->interrupted_, true))
    g_main_loop_quit(self->loop_);
  else
    self->end();
  return G_SOURCE_CONTINUE;
}

std::string FeatureLink::run() {
  const Owned<GstBus> bus(gst_element_get_bus(pipeline_.get()));
  gst_bus_add_watch(bus.get(), on_message, this);
  signals_ = {g_unix_signal_add(SIGINT, on_interrupt, this),
              g_unix_signal_add(SIGTERM, on_interrupt, this)};
  gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
  g_main_loop_run(loop_);
  gst_element_set_state(pipeline_.get(), GST_STATE_NULL);  // frees whoever waits in push()
  gst_bus_remove_watch(bus.get());
  return error_;
}
