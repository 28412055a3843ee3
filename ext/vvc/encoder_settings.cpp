// SPDX-License-Identifier: LGPL-2.1-or-later

#include "ext/vvc/encoder_settings.h"

#include <algorithm>

namespace feat {

namespace {

constexpr double kMaxBpfp = 64;
constexpr double kMaxMse = 1023.0 * 1023.0;

constexpr int kMaxConfigInterval = 3600;
const EncoderSettings kDefaults;

GType picture_hash_type() {
  static const GEnumValue kValues[] = {
      {static_cast<gint>(PictureHash::kNone), "None", "none"},
      {static_cast<gint>(PictureHash::kCrc32), "CRC-32 in the description of the feature", "crc32"},
      {static_cast<gint>(PictureHash::kMd5), "MD5 in an SEI message of H.266", "md5"},
      {0, nullptr, nullptr},
  };
  static const GType type = g_enum_register_static("GstVvcFeatPictureHash", kValues);
  return type;
}

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
   * vvcfeatenc:effort:
   *
   * How much time the built-in codec spends to make units small, 0 (fastest) to 9. Takes effect
   * with the next frame.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_EFFORT,
      g_param_spec_int("effort", "Effort", "Time spent on small units, 0 (fastest) to 9", 0,
                       vvc::kMaxEffort, kDefaults.effort, live));
  /**
   * vvcfeatenc:lossless:
   *
   * Whether decoded pictures equal the frames bit for bit, whatever `qp` says. Takes effect with
   * the next frame.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_LOSSLESS,
      g_param_spec_boolean("lossless", "Lossless", "Code without loss, instead of at a QP",
                           kDefaults.lossless, live));
  /**
   * vvcfeatenc:target-bpfp:
   *
   * Size that each unit shall have, all of it, in bits per feature point, instead of coding at
   * `qp`; 0: none. Takes effect with the next frame.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_TARGET_BPFP,
      g_param_spec_double("target-bpfp", "Target BPFP",
                          "Bits per feature point of each unit, instead of a QP (0: none)", 0,
                          kMaxBpfp, kDefaults.target_bpfp, live));
  /**
   * vvcfeatenc:target-mse:
   *
   * Mean squared error that each picture shall have, in code values (the integers that were coded),
   * instead of coding at `qp`; 0: none. Takes effect with the next frame.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_TARGET_MSE,
      g_param_spec_double("target-mse", "Target MSE",
                          "Mean squared error in code values, instead of a QP (0: none)", 0,
                          kMaxMse, kDefaults.target_mse, live));
  /**
   * vvcfeatenc:picture-hash:
   *
   * By what a decoder notices that a picture is not what was coded: `crc32`, in the description of
   * the feature (2 bytes more), for vvcfeatdec; `md5`, in an SEI message (26 bytes) that any H.266
   * decoder can check; or `none`. With `crc32` the built-in codec sends the MD5 in units without a
   * description, VTM neither: without its description a unit is the one of VTM run by hand. Takes
   * effect with the next frame.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_PICTURE_HASH,
      g_param_spec_enum("picture-hash", "Picture hash",
                        "By what a decoder notices that a picture is not what was coded",
                        picture_hash_type(), static_cast<gint>(kDefaults.hash), live));
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
    case PROP_EFFORT:
      settings.effort = g_value_get_int(value);
      return true;
    case PROP_LOSSLESS:
      settings.lossless = g_value_get_boolean(value) != FALSE;
      return true;
    case PROP_TARGET_BPFP:
      settings.target_bpfp = g_value_get_double(value);
      return true;
    case PROP_TARGET_MSE:
      settings.target_mse = g_value_get_double(value);
      return true;
    case PROP_PICTURE_HASH:
      settings.hash = static_cast<PictureHash>(g_value_get_enum(value));
      return true;
    case PROP_CONFIG_INTERVAL:
      settings.config_interval = g_value_get_int(value);
      return true;
    default:
      return false;
  }
}

bool get_encoder_setting(const EncoderSettings &settings, guint id, GValue *value) {
  switch (id) {
    case PROP_QP:
      g_value_set_int(value, settings.qp);
      return true;
    case PROP_EFFORT:
      g_value_set_int(value, settings.effort);
      return true;
    case PROP_LOSSLESS:
      g_value_set_boolean(value, settings.lossless);
      return true;
    case PROP_TARGET_BPFP:
      g_value_set_double(value, settings.target_bpfp);
      return true;
    case PROP_TARGET_MSE:
      g_value_set_double(value, settings.target_mse);
      return true;
    case PROP_PICTURE_HASH:
      g_value_set_enum(value, static_cast<gint>(settings.hash));
      return true;
    case PROP_CONFIG_INTERVAL:
      g_value_set_int(value, settings.config_interval);
      return true;
    default:
      return false;
  }
}

vvc::Status encode_options(const EncoderSettings &settings, bool vtm, uint64_t points,
                           bool described, vvc::EncodeOptions &options) {
  using Code = vvc::Status::Code;
  const int goals = (settings.lossless ? 1 : 0) + (settings.target_bpfp > 0 ? 1 : 0) +
                    (settings.target_mse > 0 ? 1 : 0);
  if (goals > 0 && vtm) {
    return {Code::kInvalidArgument,
            "VTM codes at a QP alone; lossless, target-bpfp and target-mse are for the built-in "
            "codec."};
  }
  if (goals > 1) {
    return {Code::kInvalidArgument, "Of lossless, target-bpfp and target-mse " +
                                        std::to_string(goals) +
                                        " are set; they exclude each other."};
  }
  options.qp = settings.qp;
  options.effort = settings.effort;
  options.lossless = settings.lossless;
  options.target_mse = settings.target_mse;
  if (settings.target_bpfp > 0) {
    const double bytes = settings.target_bpfp * static_cast<double>(points) / 8;
    options.target_bytes = std::max<uint64_t>(1, static_cast<uint64_t>(bytes));
  }
  options.md5_sei = settings.hash == PictureHash::kMd5 ||
                    (settings.hash == PictureHash::kCrc32 && !described && !vtm);
  return {};
}

}  // namespace feat
