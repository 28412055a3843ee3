// SPDX-License-Identifier: LGPL-2.1-or-later
//
// How featureenc codes, as its properties say it.
#pragma once

#include <gst/gst.h>

#include <string>

#include "codecs/feature/feature_codec.h"

namespace feat {

struct EncoderSettings {
  double quality = 50;
  double step = 0;         // 0: none
  double target_bpfp = 0;  // 0: none
  double target_mse = 0;   // 0: none
  bool lossless = false;
  int effort = native::kDefaultEffort;
  native::Layout layout = native::Layout::kAuto;
  bool clamp_non_finite = false;
  guint64 max_points = native::kDefaultMaxPoints;
  std::string profile;  // empty: none
  int threads = 0;      // 0: as many as there are cores
};

// Property ids of the element begin after these.
enum {
  PROP_SETTINGS_0,
  PROP_QUALITY,
  PROP_STEP,
  PROP_TARGET_BPFP,
  PROP_TARGET_MSE,
  PROP_LOSSLESS,
  PROP_EFFORT,
  PROP_LAYOUT,
  PROP_NON_FINITE,
  PROP_MAX_POINTS,
  PROP_PROFILE,
  PROP_THREADS,
  PROP_SETTINGS_END
};

void install_encoder_settings(GObjectClass *object_class);
// Object lock held. False if the property is another one.
bool set_encoder_setting(EncoderSettings &settings, guint id, const GValue *value);
bool get_encoder_setting(const EncoderSettings &settings, guint id, GValue *value);

// One aim is in force: lossless, else target-mse, target-bpfp, step, quality.
native::EncodeOptions encode_options(const EncoderSettings &settings);

}  // namespace feat
