// SPDX-License-Identifier: LGPL-2.1-or-later
//
// The properties model, method, device and threads, which all elements here have.
#pragma once

#include <gst/gst.h>

#include "ext/taskhead/model.h"

namespace feat {

inline constexpr GParamFlags kReadyFlags =
    static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);

enum ModelProperty { kModel, kMethod, kDevice, kThreads, kModelProperties };

void install_model_properties(GObjectClass *object_class, guint first_id);
// `index` counts from first_id; false: it is none of these.
bool set_model_property(ModelSettings &settings, guint index, const GValue *value);
bool get_model_property(const ModelSettings &settings, guint index, GValue *value);

// Strings, of which null and "" are the same.
std::string string_of(const GValue *value);
void set_string(GValue *value, const std::string &text);

void install_string(GObjectClass *object_class, guint id, const char *name, const char *nick,
                    const char *blurb, const char *value = nullptr);
void install_task(GObjectClass *object_class, guint id, const char *blurb);
void install_max_points(GObjectClass *object_class, guint id);

}  // namespace feat
