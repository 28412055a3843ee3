// SPDX-License-Identifier: LGPL-2.1-or-later

#include "ext/vvc/coding_properties.h"

#include <algorithm>
#include <thread>

#include "codecs/vvc/vvc.h"

namespace feat {

namespace {

GType backend_type() {
  static const GEnumValue kValues[] = {
      {static_cast<gint>(Backend::kAuto), "The built-in codec", "auto"},
      {static_cast<gint>(Backend::kBuiltin), "The built-in codec", "builtin"},
      {static_cast<gint>(Backend::kVtm), "The reference software VTM, in child processes", "vtm"},
      {0, nullptr, nullptr},
  };
  static const GType type = g_enum_register_static("GstVvcFeatBackend", kValues);
  return type;
}

bool is_live(GstPad *sink_pad) {
  GstQuery *query = gst_query_new_latency();
  gboolean live = FALSE;
  if (gst_pad_peer_query(sink_pad, query) != FALSE) {
    gst_query_parse_latency(query, &live, nullptr, nullptr);
  }
  gst_query_unref(query);
  return live != FALSE;
}

}  // namespace

void install_coding_properties(GObjectClass *object_class) {
  const auto flags = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                              GST_PARAM_MUTABLE_READY);
  g_object_class_install_property(
      object_class, PROP_BACKEND,
      g_param_spec_enum("backend", "Backend", "Who codes: the built-in codec or VTM",
                        backend_type(), static_cast<gint>(Backend::kAuto), flags));
  g_object_class_install_property(
      object_class, PROP_VTM_PATH,
      g_param_spec_string("vtm-path", "VTM path",
                          "VTM's program, or the folder with it (null: search PATH)", nullptr,
                          flags));
  g_object_class_install_property(
      object_class, PROP_THREADS,
      g_param_spec_int("threads", "Threads",
                       "Threads, or VTM processes, at a time (0: as many as cores)", 0,
                       vvc::kMaxThreads, 0, flags));
}

bool set_coding_property(CodingProperties &properties, guint id, const GValue *value) {
  switch (id) {
    case PROP_BACKEND:
      properties.backend = static_cast<Backend>(g_value_get_enum(value));
      return true;
    case PROP_VTM_PATH: {
      const gchar *path = g_value_get_string(value);
      properties.vtm_path = path != nullptr ? path : "";
      return true;
    }
    case PROP_THREADS:
      properties.threads = g_value_get_int(value);
      return true;
    default:
      return false;
  }
}

bool get_coding_property(const CodingProperties &properties, guint id, GValue *value) {
  switch (id) {
    case PROP_BACKEND:
      g_value_set_enum(value, static_cast<gint>(properties.backend));
      return true;
    case PROP_VTM_PATH:
      g_value_set_string(value,
                         properties.vtm_path.empty() ? nullptr : properties.vtm_path.c_str());
      return true;
    case PROP_THREADS:
      g_value_set_int(value, properties.threads);
      return true;
    default:
      return false;
  }
}

Parallelism plan_parallelism(const CodingProperties &properties, GstPad *sink_pad) {
  Parallelism plan;
  plan.threads = properties.threads;
  if (plan.threads == 0) {
    plan.threads =
        std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, vvc::kMaxThreads);
  }
  plan.jobs = !properties.uses_vtm() && is_live(sink_pad) ? 1 : plan.threads;
  return plan;
}

GstClockTime frames_duration(int frames, int fps_n, int fps_d) {
  if (fps_n <= 0 || fps_d <= 0) return 0;
  return gst_util_uint64_scale(static_cast<guint64>(frames) * GST_SECOND,
                               static_cast<guint64>(fps_d), static_cast<guint64>(fps_n));
}

}  // namespace feat
