// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ext/hyperprior/model_properties.h"

#include <algorithm>
#include <thread>

#include "codecs/hyperprior/hyperprior_codec.h"

namespace feat {

int coding_threads(const ModelSettings &settings) {
  if (settings.threads != 0) return settings.threads;
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1,
                    hyperprior::kMaxThreads);
}

void install_model_properties(GObjectClass *object_class, const char *model_blurb) {
  const auto flags = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                              GST_PARAM_MUTABLE_READY);
  g_object_class_install_property(
      object_class, PROP_MODEL, g_param_spec_string("model", "Model", model_blurb, nullptr, flags));
  g_object_class_install_property(
      object_class, PROP_DEVICE,
      g_param_spec_string("device", "Device",
                          "auto (CUDA where there is a device), cpu, cuda or cuda:N", "auto",
                          flags));
  g_object_class_install_property(
      object_class, PROP_THREADS,
      g_param_spec_int("threads", "Threads", "Threads of the CPU; 0: as many as LibTorch sees fit",
                       0, hyperprior::kMaxThreads, 0, flags));
  g_object_class_install_property(
      object_class, PROP_MAX_POINTS,
      g_param_spec_uint64("max-points", "Maximum points", "Largest frame in samples", 1,
                          G_MAXUINT64, GST_FEATURE_DEFAULT_MAX_POINTS, flags));
}

bool set_model_property(ModelSettings &settings, guint id, const GValue *value) {
  switch (id) {
    case PROP_MODEL: {
      const gchar *name = g_value_get_string(value);
      settings.model = name != nullptr ? name : "";
      return true;
    }
    case PROP_DEVICE: {
      const gchar *name = g_value_get_string(value);
      settings.device = name != nullptr && *name != '\0' ? name : "auto";
      return true;
    }
    case PROP_THREADS:
      settings.threads = g_value_get_int(value);
      return true;
    case PROP_MAX_POINTS:
      settings.max_points = g_value_get_uint64(value);
      return true;
    default:
      return false;
  }
}

bool get_model_property(const ModelSettings &settings, guint id, GValue *value) {
  switch (id) {
    case PROP_MODEL:
      g_value_set_string(value, settings.model.empty() ? nullptr : settings.model.c_str());
      return true;
    case PROP_DEVICE:
      g_value_set_string(value, settings.device.c_str());
      return true;
    case PROP_THREADS:
      g_value_set_int(value, settings.threads);
      return true;
    case PROP_MAX_POINTS:
      g_value_set_uint64(value, settings.max_points);
      return true;
    default:
      return false;
  }
}

}  // namespace feat
