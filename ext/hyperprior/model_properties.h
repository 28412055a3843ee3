// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Properties that hyperpriorenc and hyperpriordec share: which model, and where it runs.
#pragma once

#include <gst/feature/gstfeature.h>

#include <string>

namespace feat {

struct ModelSettings {
  std::string model;  // empty: the element's choice
  std::string device = "auto";
  int threads = 0;  // 0: as LibTorch sees fit
  guint64 max_points = GST_FEATURE_DEFAULT_MAX_POINTS;
};

// How many threads the entropy coder works with.
int coding_threads(const ModelSettings &settings);

// Property ids of the element begin after these.
enum { PROP_MODEL_0, PROP_MODEL, PROP_DEVICE, PROP_THREADS, PROP_MAX_POINTS, PROP_MODEL_END };

void install_model_properties(GObjectClass *object_class, const char *model_blurb);
// Object lock held. False if the property is another one.
bool set_model_property(ModelSettings &settings, guint id, const GValue *value);
bool get_model_property(const ModelSettings &settings, guint id, GValue *value);

}  // namespace feat
