// SPDX-License-Identifier: LGPL-2.1-or-later

#include "ext/vvc/encoder_settings.h"

namespace feat {

namespace {

constexpr int kMaxConfigInterval = 3600;
const EncoderSettings kDefaults;

}  // namespace

void install_encoder_settings(GObjectClass *object_class) {
  const auto live = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                             GST_PARAM_MUTABLE_PLAYING);
  /**
   * vvcfeatenc:qp:
   *
   * Quantisation parameter of H.266: the step doubles every 6. Takes effect with the next frame.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_QP,
      g_param_spec_int("qp", "QP", "Quantisation parameter (the step doubles every 6)", vvc::kMinQp,
                       vvc::kMaxQp, kDefaults.qp, live));
  /**
   * vvcfeatenc:md5:
   *
   * Whether each picture is followed by an SEI message with its MD5 (26 bytes), by which a decoder
   * notices any damage. Unless it is set, the built-in codec sends it and VTM does not: the
   * latter's units have the size they have when VTM is run by hand.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_MD5,
      g_param_spec_boolean("md5", "MD5",
                           "Send the MD5 of each decoded picture in an SEI message (unless set, "
                           "false with backend=vtm)",
                           TRUE, live));
  /**
   * vvcfeatenc:config-interval:
   *
   * How often the feature description is sent in band, in seconds; -1: with every unit, 0: only
   * when it changes, at the start and after a flush.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_CONFIG_INTERVAL,
      g_param_spec_int(
          "config-interval", "Config interval",
          "Seconds between feature descriptions in band (-1: every unit, 0: on change)", -1,
          kMaxConfigInterval, kDefaults.config_interval, live));
}

bool set_encoder_setting(EncoderSettings &settings, guint id, const GValue *value) {
  switch (id) {
    case PROP_QP:
      settings.qp = g_value_get_int(value);
      return true;
    case PROP_MD5:
      settings.md5 = g_value_get_boolean(value) != FALSE;
      return true;
    case PROP_CONFIG_INTERVAL:
      settings.config_interval = g_value_get_int(value);
      return true;
    default:
      return false;
  }
}

bool get_encoder_setting(const EncoderSettings &settings, bool vtm, guint id, GValue *value) {
  switch (id) {
    case PROP_QP:
      g_value_set_int(value, settings.qp);
      return true;
    case PROP_MD5:
      g_value_set_boolean(value, settings.md5.value_or(!vtm));
      return true;
    case PROP_CONFIG_INTERVAL:
      g_value_set_int(value, settings.config_interval);
      return true;
    default:
      return false;
  }
}

vvc::EncodeOptions encode_options(const EncoderSettings &settings, bool vtm) {
  vvc::EncodeOptions options;
  options.qp = settings.qp;
  options.md5_sei = settings.md5.value_or(!vtm);
  return options;
}

}  // namespace feat
