// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What featureextract and taskhead have in common: one buffer in, a model, one buffer out, whose
// caps follow from what the model gives.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "ext/taskhead/late_caps_pad.h"
#include "ext/taskhead/model.h"
#include "ext/taskhead/model_properties.h"
#include "ext/taskhead/tensors.h"
#include "gst/common/gstcpp.h"
#include "gst/common/refusal.h"

G_BEGIN_DECLS

#define GST_TYPE_MODEL_FILTER (gst_model_filter_get_type())
G_DECLARE_DERIVABLE_TYPE(GstModelFilter, gst_model_filter, GST, MODEL_FILTER, GstElement)

// All are called by the streaming thread, start by the one that changes states; errors are
// sentences.
struct _GstModelFilterClass {
  GstElementClass parent_class;
  const char *name;  // of the element and its statistics
  // Before the model is loaded. Empty: all is well.
  std::string (*start)(GstModelFilter *self);
  std::string (*set_caps)(GstModelFilter *self, const GstCaps *caps);
  // Makes the input of the model of a buffer, and what goes on of the model's output for the buffer
  // of this number since the start, a flush or a new stream. Without a full stop: the element tells
  // which buffer.
  std::string (*read)(GstModelFilter *self, GstBuffer *buffer, feat::TorchTensor &input);
  std::string (*make)(GstModelFilter *self, guint64 number, const feat::TorchTensor &output,
                      feat::CapsPtr &caps, feat::BufferPtr &buffer);
};

G_END_DECLS

namespace feat {

enum FilterProperty {
  kFilterTask = 1,
  kFilterMaxPoints,
  kFilterStats,
  kFilterModel,
  kFilterProperties = kFilterModel + kModelProperties
};

struct FilterSettings {
  ModelSettings model;
  GstFeatureTask task = GST_FEATURE_TASK_NONE;
  guint64 max_points = GST_FEATURE_DEFAULT_MAX_POINTS;
};

// For the class that derives, whose own properties count from kFilterProperties.
void set_filter_property(GObject *object, guint id, const GValue *value, GParamSpec *pspec);
void get_filter_property(GObject *object, guint id, GValue *value, GParamSpec *pspec);
void install_filter_properties(GObjectClass *object_class, const char *task);
// A copy of what the properties say.
FilterSettings settings_of(GstModelFilter *self);

}  // namespace feat
