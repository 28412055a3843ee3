// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

namespace feat {

// Adds what the property `stats` of the class above says (sequence number, timestamp and the like:
// RTSP servers read them there) to the totals of an element that has a property of that name.
inline void add_base_stats(gpointer object, gpointer parent_class, GstStructure *stats) {
  GParamSpec *pspec = g_object_class_find_property(G_OBJECT_CLASS(parent_class), "stats");
  if (pspec == nullptr) return;
  GValue value = G_VALUE_INIT;
  g_value_init(&value, GST_TYPE_STRUCTURE);
  G_OBJECT_CLASS(parent_class)->get_property(G_OBJECT(object), pspec->param_id, &value, pspec);
  if (const GstStructure *base = gst_value_get_structure(&value)) {
    gst_structure_foreach(
        base,
        [](GQuark field, const GValue *v, gpointer out) -> gboolean {
          gst_structure_id_set_value(static_cast<GstStructure *>(out), field, v);
          return TRUE;
        },
        stats);
  }
  g_value_unset(&value);
}

}  // namespace feat
