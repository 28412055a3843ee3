// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipelines/bench/task_head.h"

#include <gst/app/gstappsrc.h>

#include "pipelines/bench/error.h"

namespace feat::bench {

namespace {

using Json = nlohmann::json;

Json to_json(const GValue *value) {
  if (GST_VALUE_HOLDS_ARRAY(value)) {
    Json list = Json::array();
    for (guint i = 0; i < gst_value_array_get_size(value); ++i)
      list.push_back(to_json(gst_value_array_get_value(value, i)));
    return list;
  }
  if (G_VALUE_HOLDS_BOOLEAN(value)) return g_value_get_boolean(value) != FALSE;
  if (G_VALUE_HOLDS_INT(value)) return g_value_get_int(value);
  if (G_VALUE_HOLDS_UINT(value)) return g_value_get_uint(value);
  if (G_VALUE_HOLDS_INT64(value)) return g_value_get_int64(value);
  if (G_VALUE_HOLDS_UINT64(value)) return g_value_get_uint64(value);
  if (G_VALUE_HOLDS_FLOAT(value)) return g_value_get_float(value);
  if (G_VALUE_HOLDS_DOUBLE(value)) return g_value_get_double(value);
  if (G_VALUE_HOLDS_STRING(value)) return g_value_get_string(value);
  return nullptr;
}

Json to_json(const GstStructure *structure) {
  Json json = Json::object();
  for (gint i = 0; i < gst_structure_n_fields(structure); ++i) {
    const gchar *name = gst_structure_nth_field_name(structure, static_cast<guint>(i));
    json[name] = to_json(gst_structure_get_value(structure, name));
  }
  return json;
}

template <class T>
std::string list(const std::vector<T> &values) {
  std::string text;
  for (const T value : values) {
    text += text.empty() ? "" : ",";
    text += Json(value).dump();
  }
  return "<" + text + ">";
}

void set(GstElement *element, const char *property, const std::string &value) {
  if (value.empty()) return;
  if (g_object_class_find_property(G_OBJECT_GET_CLASS(element), property) == nullptr)
    throw Error(std::string("taskheadsink has no property ") + property);
  gst_util_set_object_arg(G_OBJECT(element), property, value.c_str());
}

void set_text(GstElement *element, const char *property, const std::string &value) {
  if (!value.empty()) g_object_set(element, property, value.c_str(), nullptr);
}

}  // namespace

TaskHead::TaskHead(const Task &task)
    : pipeline_(make_pipeline(
          "appsrc name=bench-in format=time ! taskheadsink name=head sample-from=offset")) {
  const ElementPtr head(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "head"));
  set(head.get(), "task", task.task);
  set_text(head.get(), "model", task.head.path);
  set_text(head.get(), "method", task.head.method);
  set_text(head.get(), "truth", task.truth);
  set_text(head.get(), "choices", task.choices);
  if (task.classes > 0) set(head.get(), "classes", std::to_string(task.classes));
  if (!task.crop.empty()) set(head.get(), "crop", list(task.crop));
  if (!task.depth_range.empty()) set(head.get(), "depth-range", list(task.depth_range));
  if (!task.fid.path.empty()) {
    set_text(head.get(), "fid-model", task.fid.path);
    set_text(head.get(), "fid-method", task.fid.method);
  }
  set(head.get(), "threads", "1");  // the cores have workers of their own
  source_.reset(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "bench-in"));
  bus_.reset(gst_element_get_bus(pipeline_.get()));
  play(pipeline_.get());
}

TaskHead::~TaskHead() {
  gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
}

Json TaskHead::judge(GstSample *feature, uint64_t index) {
  gst_app_src_push_sample(GST_APP_SRC(source_.get()), feature);
  constexpr auto kTypes =
      static_cast<GstMessageType>(GST_MESSAGE_ELEMENT | GST_MESSAGE_ERROR | GST_MESSAGE_WARNING);
  for (;;) {
    const MessagePtr message(gst_bus_timed_pop_filtered(bus_.get(), GST_CLOCK_TIME_NONE, kTypes));
    if (GST_MESSAGE_TYPE(message.get()) != GST_MESSAGE_ELEMENT) {
      // Without truth the sample is skipped: there will be no result.
      throw Error(text_of(message.get()));
    }
    const GstStructure *structure = gst_message_get_structure(message.get());
    guint64 sample = 0;
    if (gst_structure_has_name(structure, "taskheadsink-sample") != FALSE &&
        gst_structure_get_uint64(structure, "sample", &sample) != FALSE && sample == index)
      return to_json(structure);
  }
}

}  // namespace feat::bench
