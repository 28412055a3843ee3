// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ext/taskhead/model_properties.h"

#include <gst/feature/gstfeature.h>

namespace feat {

std::string string_of(const GValue *value) {
  const gchar *text = g_value_get_string(value);
  return text != nullptr ? text : "";
}

void set_string(GValue *value, const std::string &text) {
  g_value_set_string(value, text.empty() ? nullptr : text.c_str());
}

void install_string(GObjectClass *object_class, guint id, const char *name, const char *nick,
                    const char *blurb, const char *value) {
  g_object_class_install_property(object_class, id,
                                  g_param_spec_string(name, nick, blurb, value, kReadyFlags));
}

void install_task(GObjectClass *object_class, guint id, const char *blurb) {
  g_object_class_install_property(object_class, id,
                                  g_param_spec_enum("task", "Task", blurb, GST_TYPE_FEATURE_TASK,
                                                    GST_FEATURE_TASK_NONE, kReadyFlags));
}

void install_max_points(GObjectClass *object_class, guint id) {
  g_object_class_install_property(
      object_class, id,
      g_param_spec_uint64("max-points", "Maximum points",
                          "Most elements of a tensor, of what comes and of what the model gives", 1,
                          G_MAXUINT64, GST_FEATURE_DEFAULT_MAX_POINTS, kReadyFlags));
}

void install_model_properties(GObjectClass *object_class, guint first_id) {
  install_string(object_class, first_id + kModel, "model", "Model", "TorchScript file");
  install_string(object_class, first_id + kMethod, "method", "Method",
                 "Method of the model that is called", "forward");
  install_string(object_class, first_id + kDevice, "device", "Device",
                 "auto (CUDA where there is a device), cpu, cuda or cuda:N", "auto");
  g_object_class_install_property(
      object_class, first_id + kThreads,
      g_param_spec_int("threads", "Threads", "Threads of the CPU; 0: as many as LibTorch sees fit",
                       0, 1024, 0, kReadyFlags));
}

bool set_model_property(ModelSettings &settings, guint index, const GValue *value) {
  switch (index) {
    case kModel:
      settings.path = string_of(value);
      return true;
    case kMethod:
      settings.method = string_of(value);
      return true;
    case kDevice:
      settings.device = string_of(value);
      return true;
    case kThreads:
      settings.threads = g_value_get_int(value);
      return true;
    default:
      return false;
  }
}

bool get_model_property(const ModelSettings &settings, guint index, GValue *value) {
  switch (index) {
    case kModel:
      set_string(value, settings.path);
      return true;
    case kMethod:
      set_string(value, settings.method);
      return true;
    case kDevice:
      set_string(value, settings.device);
      return true;
    case kThreads:
      g_value_set_int(value, settings.threads);
      return true;
    default:
      return false;
  }
}

}  // namespace feat
