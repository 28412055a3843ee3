// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/codec/encoder_settings.h"

#include <gst/feature/gstfeature.h>

namespace feat {

namespace {

constexpr double kMaxQuality = 100;
constexpr double kMaxBpfp = 64;
const EncoderSettings kDefaults;

GType layout_type() {
  static const GEnumValue kValues[] = {
      {static_cast<gint>(native::Layout::kAuto), "What the shape allows and is the smallest",
       "auto"},
      {static_cast<gint>(native::Layout::kTokens), "Rows of channels", "tokens"},
      {static_cast<gint>(native::Layout::kGrid), "Rows of channels, for the places of a grid",
       "grid"},
      {static_cast<gint>(native::Layout::kImage), "Channels of pictures", "image"},
      {0, nullptr, nullptr},
  };
  static const GType type = g_enum_register_static("GstFeatureEncLayout", kValues);
  return type;
}

GType non_finite_type() {
  static const GEnumValue kValues[] = {
      {0, "Stop with an error that names the tensor", "error"},
      {1, "NaN to 0, infinity to the largest finite value of its sign in the tensor", "clamp"},
      {0, nullptr, nullptr},
  };
  static const GType type = g_enum_register_static("GstFeatureEncNonFinite", kValues);
  return type;
}

}  // namespace

void install_encoder_settings(GObjectClass *object_class) {
  const auto live = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                             GST_PARAM_MUTABLE_PLAYING);
  const auto ready = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                              GST_PARAM_MUTABLE_READY);
  /**
   * featureenc:quality:
   *
   * Quality from 0 to 100, relative to the spread of the values: the quantisation step is halved
   * every 8. In force where `lossless`, `target-mse`, `target-bpfp` and `step` are not set. Takes
   * effect with the next tensor.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_QUALITY,
      g_param_spec_double("quality", "Quality",
                          "Quality relative to the spread of the values (the step is halved every "
                          "8)",
                          0, kMaxQuality, kDefaults.quality, live));
  /**
   * featureenc:step:
   *
   * Quantisation step in the units of the tensor, instead of `quality`; 0: none. Takes effect with
   * the next tensor.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_STEP,
      g_param_spec_double("step", "Step",
                          "Quantisation step in the units of the tensor, instead of a quality (0: "
                          "none)",
                          0, G_MAXDOUBLE, kDefaults.step, live));
  /**
   * featureenc:target-bpfp:
   *
   * Size that each unit shall have, all of it, in bits per feature point, instead of a quality or
   * step; 0: none. Takes effect with the next tensor.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_TARGET_BPFP,
      g_param_spec_double("target-bpfp", "Target BPFP",
                          "Bits per feature point of each unit, instead of a quality or step (0: "
                          "none)",
                          0, kMaxBpfp, kDefaults.target_bpfp, live));
  /**
   * featureenc:target-mse:
   *
   * Mean squared error that each tensor shall have, in its units, instead of a quality, step or
   * size; 0: none. Takes effect with the next tensor.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_TARGET_MSE,
      g_param_spec_double("target-mse", "Target MSE",
                          "Mean squared error in the units of the tensor, instead of a quality, "
                          "step or size (0: none)",
                          0, G_MAXDOUBLE, kDefaults.target_mse, live));
  /**
   * featureenc:lossless:
   *
   * Whether decoded tensors equal what went in bit for bit, whatever the other aims say; NaN and
   * infinity are kept. Takes effect with the next tensor.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_LOSSLESS,
      g_param_spec_boolean("lossless", "Lossless", "Code without loss, whatever the other aims",
                           kDefaults.lossless, live));
  /**
   * featureenc:effort:
   *
   * How much time is spent to make units small, 0 (fastest) to 4. Takes effect with the next
   * tensor.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_EFFORT,
      g_param_spec_int("effort", "Effort", "Time spent on small units, 0 (fastest) to 4", 0,
                       native::kMaxEffort, kDefaults.effort, live));
  /**
   * featureenc:layout:
   *
   * How a tensor is taken apart. Takes effect with the next tensor.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_LAYOUT,
      g_param_spec_enum("layout", "Layout", "How a tensor is taken apart", layout_type(),
                        static_cast<gint>(kDefaults.layout), live));
  /**
   * featureenc:non-finite:
   *
   * What to do with NaN and infinity in a tensor, unless it is coded without loss.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_NON_FINITE,
      g_param_spec_enum("non-finite", "Non-finite values",
                        "What to do with NaN and infinity in a tensor", non_finite_type(),
                        kDefaults.clamp_non_finite ? 1 : 0, live));
  /**
   * featureenc:max-points:
   *
   * Largest number of elements of a tensor; a larger one is an error.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_MAX_POINTS,
      g_param_spec_uint64("max-points", "Maximum points",
                          "Largest number of elements of a tensor; a larger one is an error", 1,
                          G_MAXUINT64, GST_FEATURE_DEFAULT_MAX_POINTS, live));
  /**
   * featureenc:profile:
   *
   * A profile that fits the features: its file, or its name in the search path. Read when the
   * element starts.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_PROFILE,
      g_param_spec_string("profile", "Profile",
                          "File of a profile, or its name in the search path (null: none)", nullptr,
                          ready));
  /**
   * featureenc:threads:
   *
   * How many threads code; 0: as many as there are cores. As many tensors are in work at a time;
   * those of a live source one at a time, with all threads. The stream is the same for any number.
   *
   * Since: 0.1
   */
  g_object_class_install_property(
      object_class, PROP_THREADS,
      g_param_spec_int("threads", "Threads", "Threads that code (0: as many as cores)", 0,
                       native::kMaxThreads, kDefaults.threads, ready));
  gst_type_mark_as_plugin_api(layout_type(), static_cast<GstPluginAPIFlags>(0));
  gst_type_mark_as_plugin_api(non_finite_type(), static_cast<GstPluginAPIFlags>(0));
}

bool set_encoder_setting(EncoderSettings &settings, guint id, const GValue *value) {
  switch (id) {
    case PROP_QUALITY:
      settings.quality = g_value_get_double(value);
      return true;
    case PROP_STEP:
      settings.step = g_value_get_double(value);
      return true;
    case PROP_TARGET_BPFP:
      settings.target_bpfp = g_value_get_double(value);
      return true;
    case PROP_TARGET_MSE:
      settings.target_mse = g_value_get_double(value);
      return true;
    case PROP_LOSSLESS:
      settings.lossless = g_value_get_boolean(value) != FALSE;
      return true;
    case PROP_EFFORT:
      settings.effort = g_value_get_int(value);
      return true;
    case PROP_LAYOUT:
      settings.layout = static_cast<native::Layout>(g_value_get_enum(value));
      return true;
    case PROP_NON_FINITE:
      settings.clamp_non_finite = g_value_get_enum(value) != 0;
      return true;
    case PROP_MAX_POINTS:
      settings.max_points = g_value_get_uint64(value);
      return true;
    case PROP_PROFILE: {
      const gchar *profile = g_value_get_string(value);
      settings.profile = profile != nullptr ? profile : "";
      return true;
    }
    case PROP_THREADS:
      settings.threads = g_value_get_int(value);
      return true;
    default:
      return false;
  }
}

bool get_encoder_setting(const EncoderSettings &settings, guint id, GValue *value) {
  switch (id) {
    case PROP_QUALITY:
      g_value_set_double(value, settings.quality);
      return true;
    case PROP_STEP:
      g_value_set_double(value, settings.step);
      return true;
    case PROP_TARGET_BPFP:
      g_value_set_double(value, settings.target_bpfp);
      return true;
    case PROP_TARGET_MSE:
      g_value_set_double(value, settings.target_mse);
      return true;
    case PROP_LOSSLESS:
      g_value_set_boolean(value, settings.lossless);
      return true;
    case PROP_EFFORT:
      g_value_set_int(value, settings.effort);
      return true;
    case PROP_LAYOUT:
      g_value_set_enum(value, static_cast<gint>(settings.layout));
      return true;
    case PROP_NON_FINITE:
      g_value_set_enum(value, settings.clamp_non_finite ? 1 : 0);
      return true;
    case PROP_MAX_POINTS:
      g_value_set_uint64(value, settings.max_points);
      return true;
    case PROP_PROFILE:
      g_value_set_string(value, settings.profile.empty() ? nullptr : settings.profile.c_str());
      return true;
    case PROP_THREADS:
      g_value_set_int(value, settings.threads);
      return true;
    default:
      return false;
  }
}

native::EncodeOptions encode_options(const EncoderSettings &settings) {
  native::EncodeOptions options;
  const auto aim = [&options](native::Target target, double value) {
    options.target = target;
    options.value = value;
  };
  if (settings.lossless) {
    aim(native::Target::kLossless, 0);
  } else if (settings.target_mse > 0) {
    aim(native::Target::kMse, settings.target_mse);
  } else if (settings.target_bpfp > 0) {
    aim(native::Target::kBpfp, settings.target_bpfp);
  } else if (settings.step > 0) {
    aim(native::Target::kStep, settings.step);
  } else {
    aim(native::Target::kQuality, settings.quality);
  }
  options.effort = settings.effort;
  options.layout = settings.layout;
  options.clamp_non_finite = settings.clamp_non_finite;
  return options;
}

}  // namespace feat
