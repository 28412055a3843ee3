// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Properties of vvcfeatenc that say how each picture is coded; all may change while playing.
#pragma once

#include <gst/gst.h>

#include <string>

#include "codecs/vvc/vvc.h"
#include "ext/vvc/coding_properties.h"

namespace feat {

// By what a receiver notices that a picture is not what was coded.
enum class PictureHash {
  kNone,
  kCrc32,  // in the description of its feature
  kMd5,    // in an SEI message of H.266
};

struct EncoderSettings {
  int qp = 32;
  int effort = vvc::kDefaultEffort;
  bool lossless = false;
  double target_bpfp = 0;  // 0: none
  double target_mse = 0;   // 0: none
  PictureHash hash = PictureHash::kCrc32;
  int config_interval = -1;  // s
};

enum {
  PROP_QP = PROP_CODING_END,
  PROP_EFFORT,
  PROP_LOSSLESS,
  PROP_TARGET_BPFP,
  PROP_TARGET_MSE,
  PROP_PICTURE_HASH,
  PROP_CONFIG_INTERVAL,
  PROP_SETTINGS_END
};

void install_encoder_settings(GObjectClass *object_class);
// Object lock held. False if the property is another one.
bool set_encoder_setting(EncoderSettings &settings, guint id, const GValue *value);
bool get_encoder_setting(const EncoderSettings &settings, guint id, GValue *value);

// What the settings ask for, of a frame of so many feature points; kInvalidArgument if they
// contradict each other. A unit that is not `described` has no room for a CRC-32: the built-in
// codec then sends the MD5. VTM's files shall be as large as when it is run by hand, so that it
// sends it only if told so.
vvc::Status encode_options(const EncoderSettings &settings, bool vtm, uint64_t points,
                           bool described, vvc::EncodeOptions &options);

}  // namespace feat
