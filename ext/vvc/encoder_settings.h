// SPDX-License-Identifier: LGPL-2.1-or-later
//
// Properties of vvcfeatenc that say how each picture is coded; all may change while playing.
#pragma once

#include <gst/gst.h>

#include <optional>
#include <string>

#include "codecs/vvc/vvc.h"
#include "ext/vvc/coding_properties.h"

namespace feat {

struct EncoderSettings {
  int qp = 32;
  std::optional<bool> md5;   // as set; else with the built-in codec alone
  int config_interval = -1;  // s
};

enum { PROP_QP = PROP_CODING_END, PROP_MD5, PROP_CONFIG_INTERVAL, PROP_SETTINGS_END };

void install_encoder_settings(GObjectClass *object_class);
// Object lock held. False if the property is another one.
bool set_encoder_setting(EncoderSettings &settings, guint id, const GValue *value);
bool get_encoder_setting(const EncoderSettings &settings, bool vtm, guint id, GValue *value);

// What the settings ask for. VTM's files shall be as large as when it is run by hand, so that it
// adds the MD5 only if told so.
vvc::EncodeOptions encode_options(const EncoderSettings &settings, bool vtm);

}  // namespace feat
