// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/bench/pipeline_stage.h"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/feature/gstfeature.h>

#include <chrono>
#include <cstring>

#include "gst/common/gstcpp.h"
#include "pipelines/bench/error.h"

namespace feat::bench {

namespace {

using Clock = std::chrono::steady_clock;

constexpr GstClockTime kGlance = 20 * GST_MSECOND;  // between looks for errors
// Behind a warning the buffer that it is about does not come.
constexpr auto kPatience = std::chrono::seconds(2);

// Whether an element gives one buffer for each that it gets, at once.
bool is_one_to_one(GstElement *element) {
  GstElementFactory *factory = gst_element_get_factory(element);
  if (factory == nullptr) return true;
  GstPlugin *plugin = gst_plugin_feature_get_plugin(GST_PLUGIN_FEATURE(factory));
  if (plugin == nullptr) return true;
  const std::string source = gst_plugin_get_source(plugin);
  gst_object_unref(plugin);
  return source == "gst-feature" || source == "gstreamer" ||
         g_str_has_prefix(GST_OBJECT_NAME(factory), "app") != FALSE;
}

bool all_one_to_one(GstElement *pipeline) {
  bool all = true;
  GstIterator *elements = gst_bin_iterate_recurse(GST_BIN(pipeline));
  const auto look = [](const GValue *value, gpointer data) {
    if (!is_one_to_one(GST_ELEMENT(g_value_get_object(value)))) *static_cast<bool *>(data) = false;
  };
  gst_iterator_foreach(elements, look, &all);
  gst_iterator_free(elements);
  return all;
}

}  // namespace

SamplePtr to_sample(const Array &tensor, uint64_t index, const std::string &task) {
  const InfoPtr info(gst_feature_info_new());
  GValue format = G_VALUE_INIT;
  g_value_init(&format, GST_TYPE_FEATURE_FORMAT);
  if (gst_value_deserialize(&format, tensor.format.c_str()) == FALSE)
    throw Error("a tensor cannot have the format " + tensor.format);
  gst_feature_info_set_format(info.get(), static_cast<GstFeatureFormat>(g_value_get_enum(&format)));
  g_value_unset(&format);
  ErrorSlot error;
  if (gst_feature_info_set_shape(info.get(), tensor.shape.data(),
                                 static_cast<guint>(tensor.shape.size())) == FALSE ||
      gst_feature_info_validate(info.get(), 0, error.out()) == FALSE)
    throw Error("a tensor of shape " + to_text(tensor.shape) + ": " + error.message());
  const CapsPtr caps(gst_feature_info_to_caps(info.get()));
  if (!task.empty()) gst_caps_set_simple(caps.get(), "task", G_TYPE_STRING, task.c_str(), nullptr);
  const BufferPtr buffer(gst_buffer_new_memdup(tensor.bytes.data(), tensor.bytes.size()));
  GST_BUFFER_PTS(buffer.get()) = index * GST_SECOND;
  GST_BUFFER_DURATION(buffer.get()) = GST_SECOND;
  GST_BUFFER_OFFSET(buffer.get()) = index;
  return SamplePtr(gst_sample_new(buffer.get(), caps.get(), nullptr, nullptr));
}

Array to_array(GstSample *sample) {
  ErrorSlot error;
  const InfoPtr info(gst_feature_info_from_caps(gst_sample_get_caps(sample), error.out()));
  if (info == nullptr) throw Error(std::string("what came out is no tensor: ") + error.message());
  Array array;
  guint n = 0;
  const gint *shape = gst_feature_info_get_shape(info.get(), &n);
  array.shape.assign(shape, shape + n);
  GValue format = G_VALUE_INIT;
  g_value_init(&format, GST_TYPE_FEATURE_FORMAT);
  g_value_set_enum(&format, gst_feature_info_get_format(info.get()));
  const CharPtr name(gst_value_serialize(&format));
  array.format = name.get();
  g_value_unset(&format);
  const MappedBuffer map(gst_sample_get_buffer(sample), GST_MAP_READ);
  if (!map.ok()) throw Error("a buffer cannot be read");
  array.bytes.assign(map.data(), map.data() + map.size());
  if (array.bytes.size() != array.points() * size_of_format(array.format))
    throw Error("a tensor of shape " + to_text(array.shape) + " came out with " +
                std::to_string(array.bytes.size()) + " bytes");
  return array;
}

uint64_t count_bytes(GstSample *sample) {
  uint64_t bytes = gst_buffer_get_size(gst_sample_get_buffer(sample));
  const GstStructure *structure = gst_caps_get_structure(gst_sample_get_caps(sample), 0);
  const GValue *data = gst_structure_get_value(structure, "codec_data");
  if (data != nullptr && GST_VALUE_HOLDS_BUFFER(data))
    bytes += gst_buffer_get_size(gst_value_get_buffer(data));
  return bytes;
}

ElementPtr make_pipeline(const std::string &description) {
  ErrorSlot error;
  GstElement *pipeline =
      gst_parse_launch_full(description.c_str(), nullptr, GST_PARSE_FLAG_FATAL_ERRORS, error.out());
  if (pipeline == nullptr) throw Error(std::string("\"") + description + "\": " + error.message());
  gst_object_ref_sink(pipeline);
  return ElementPtr(pipeline);
}

std::string text_of(GstMessage *message) {
  ErrorSlot error;
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR)
    gst_message_parse_error(message, error.out(), nullptr);
  else
    gst_message_parse_warning(message, error.out(), nullptr);
  const GstObject *source = GST_MESSAGE_SRC(message);
  GstElementFactory *factory =
      GST_IS_ELEMENT(source) ? gst_element_get_factory(GST_ELEMENT_CAST(source)) : nullptr;
  const std::string who = factory != nullptr ? GST_OBJECT_NAME(factory) + std::string(": ") : "";
  return who + error.message();
}

std::string check_bus(GstBus *bus) {
  std::string warning;
  constexpr auto kTypes = static_cast<GstMessageType>(GST_MESSAGE_ERROR | GST_MESSAGE_WARNING);
  while (const MessagePtr message{gst_bus_pop_filtered(bus, kTypes)}) {
    if (GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_ERROR) throw Error(text_of(message.get()));
    warning = text_of(message.get());
  }
  return warning;
}

void play(GstElement *pipeline) {
  if (gst_element_set_state(pipeline, GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE) return;
  const BusPtr bus(gst_element_get_bus(pipeline));
  check_bus(bus.get());
  throw Error("a pipeline does not start, and nothing says why");
}

PipelineStage::PipelineStage(const std::string &description)
    : description_("appsrc name=bench-in format=time ! " + description +
                   " ! appsink name=bench-out sync=false") {
  build();
}

PipelineStage::~PipelineStage() {
  gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
}

void PipelineStage::build() {
  pipeline_ = make_pipeline(description_);
  source_.reset(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "bench-in"));
  sink_.reset(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "bench-out"));
  bus_.reset(gst_element_get_bus(pipeline_.get()));
  kept_ = all_one_to_one(pipeline_.get());
  playing_ = false;
}

void PipelineStage::prepare() {
  if (!playing_ || kept_) return;
  gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
  build();
}

void PipelineStage::push(GstSample *sample) {
  // An end of the stream that an error caused is told by the bus.
  if (gst_app_src_push_sample(GST_APP_SRC(source_.get()), sample) == GST_FLOW_OK) return;
  check_bus(bus_.get());
  throw Error("a pipeline takes no more buffers, and nothing says why");
}

// Null at the end of the stream.
SamplePtr PipelineStage::pull() {
  std::string warning;
  Clock::time_point warned;
  for (;;) {
    SamplePtr sample(gst_app_sink_try_pull_sample(GST_APP_SINK(sink_.get()), kGlance));
    if (sample != nullptr) return sample;
    const std::string heard = check_bus(bus_.get());
    if (gst_app_sink_is_eos(GST_APP_SINK(sink_.get())) != FALSE) return nullptr;
    if (!heard.empty()) {
      warning = heard;
      warned = Clock::now();
    }
    if (!warning.empty() && Clock::now() - warned > kPatience) throw Error(warning);
  }
}

std::vector<SamplePtr> PipelineStage::run(const std::vector<SamplePtr> &input) {
  prepare();
  if (!playing_) play(pipeline_.get());
  playing_ = true;
  const auto begin = Clock::now();
  for (const SamplePtr &sample : input) push(sample.get());
  std::vector<SamplePtr> output;
  if (kept_) {
    output.push_back(pull());
  } else {
    gst_app_src_end_of_stream(GST_APP_SRC(source_.get()));
    while (SamplePtr sample = pull()) output.push_back(std::move(sample));
  }
  seconds_ = std::chrono::duration<double>(Clock::now() - begin).count();
  if (output.empty() || output.front() == nullptr) throw Error("nothing came out");
  return output;
}

}  // namespace feat::bench
